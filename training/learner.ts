// The kinds of models that can be trained, and scores of whole sets of rows.
import type { FailureModel, Part } from '../core/prediction/model/format.ts';
import { prepare, rawScore } from '../core/prediction/model/trees.ts';
import { type BoostingOptions, trainBoosting } from './gradient-boosting.ts';
import { type ForestOptions, trainForest } from './random-forest.ts';
import { type Rows, rowCount } from './rows.ts';

export interface LearnerOptions {
  readonly kind: FailureModel['kind'];
  readonly boosting?: Partial<BoostingOptions>;
  readonly forest?: Partial<ForestOptions>;
  /** boosted models of different seeds that are averaged; 1 when absent */
  readonly seeds?: number;
}

/** Parts of a model, trained on these rows. Throws `TrainingError`. */
export function learn(rows: Rows, { kind, boosting = {}, forest = {}, seeds = 1 }: LearnerOptions, seed: number): Part[] {
  const parts: Part[] = [];
  if (kind !== 'random-forest')
    for (let copy = 0; copy < seeds; copy++) parts.push({ ...trainBoosting(rows, boosting, seed + 7919 * copy).part, weight: 1 / seeds });
  if (kind !== 'gradient-boosting') parts.push(trainForest(rows, forest, seed + 104_729));
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
