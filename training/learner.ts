// The kinds of models that can be trained, and scores of whole sets of rows.
import type { FailureModel, Part } from '../core/prediction/model/format.ts';
import { prepare, rawScore } from '../core/prediction/model/trees.ts';
import { type BoostingOptions, trainBoosting } from './gradient-boosting.ts';
import { type LinearOptions, trainLinear } from './linear.ts';
import { type ForestOptions, trainForest } from './random-forest.ts';
import { type Rows, rowCount } from './rows.ts';

export interface LearnerOptions {
  readonly kind: FailureModel['kind'];
  readonly boosting?: Partial<BoostingOptions>;
  readonly forest?: Partial<ForestOptions>;
  readonly linear?: Partial<LinearOptions>;
  /** boosted models of different seeds that are averaged; 1 when absent */
  readonly seeds?: number;
  /** of `mean`: how much each kind counts; boosting and forest 1, linear 0 when absent. 0: not trained */
  readonly weights?: { readonly boosting?: number; readonly forest?: number; readonly linear?: number };
}

const alone = {
  'gradient-boosting': { boosting: 1, forest: 0, linear: 0 },
  'random-forest': { boosting: 0, forest: 1, linear: 0 },
  linear: { boosting: 0, forest: 0, linear: 1 },
};

/** Weights of the kinds, as `learn` uses them. */
export const weightsOfKinds = ({ kind, weights }: LearnerOptions): { boosting: number; forest: number; linear: number } =>
  kind === 'mean' ? { boosting: 1, forest: 1, linear: 0, ...weights } : alone[kind];

/** Parts of a model, trained on these rows. Throws `TrainingError`. */
export function learn(rows: Rows, options: LearnerOptions, seed: number): Part[] {
  const { boosting = {}, forest = {}, linear = {}, seeds = 1 } = options;
  const weights = weightsOfKinds(options);
  const parts: Part[] = [];
  if (weights.linear > 0) parts.push({ ...trainLinear(rows, linear), weight: weights.linear });
  if (weights.boosting > 0)
    for (let copy = 0; copy < seeds; copy++) parts.push({ ...trainBoosting(rows, boosting, seed + 7919 * copy).part, weight: weights.boosting / seeds });
  if (weights.forest > 0) parts.push({ ...trainForest(rows, forest, seed + 104_729), weight: weights.forest });
  return parts;
}

/** Raw scores (log-odds) of all rows. */
export function scoreRows(parts: readonly Part[], rows: Rows): Float64Array {
  const width = rows.features.length;
  const scorer = prepare(parts, width);
  const row = new Float64Array(width);
  return Float64Array.from({ length: rowCount(rows) }, (_, index) => {
    row.set(rows.values.subarray(index * width, (index + 1) * width));
    return rawScore(scorer, row);
  });
}
