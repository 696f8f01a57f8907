// Gradient-boosted trees for a probability: logistic loss, histogram trees, by seed.
import { sigmoid } from '../core/prediction/model/calibration.ts';
import type { Tree, TreePart } from '../core/prediction/model/format.ts';
import { binRows } from './bins.ts';
import { addTree, type Growth, growTree } from './grow-tree.ts';
import { logLoss } from './metrics.ts';
import { drawDistinct, randomOf } from './random.ts';
import { beginningOf, checkRows, type Rows, weightsOf } from './rows.ts';

export interface BoostingOptions extends Pick<Growth, 'rate' | 'maxLeaves' | 'maxDepth' | 'lambda' | 'minChildWeight' | 'minChildRows' | 'minGain'> {
  readonly trees: number;
  /** shares of rows and of features that each tree is grown on */
  readonly rowShare: number;
  readonly featureShare: number;
  readonly bins: number;
  /** stop when the validation loss has not improved for so many trees */
  readonly patience: number;
  /** per feature: 1 the probability may only rise with it, -1 only fall, 0 either */
  readonly monotone?: Int8Array;
}

export const boostingDefaults: BoostingOptions = {
  trees: 100,
  rate: 0.08,
  maxLeaves: 16,
  maxDepth: 6,
  lambda: 1,
  minChildWeight: 1,
  minChildRows: 20,
  minGain: 1e-6,
  rowShare: 0.7,
  featureShare: 0.7,
  bins: 255,
  patience: 30,
};

export interface Boosted {
  readonly part: TreePart;
  /** weighted log loss of the validation rows after each tree; empty without such rows */
  readonly validationLoss: readonly number[];
}

/**
 * Friedman 2001, "Greedy function approximation", with Newton steps. `validation`: rows that choose the number of trees (the best is kept).
 * Labels of a single class give a part without trees. Throws `TrainingError`.
 */
export function trainBoosting(rows: Rows, options: Partial<BoostingOptions>, seed: number, validation?: Rows): Boosted {
  checkRows(rows);
  if (validation !== undefined) checkRows(validation);
  const chosen: BoostingOptions = { ...boostingDefaults, ...options };
  const { labels, weights, count, width, base } = beginningOf(rows);
  const trees: Tree[] = [];
  const validationLoss: number[] = [];
  if (labels.every((label) => label === labels[0])) return { part: { kind: 'gradient-boosting', weight: 1, base, trees }, validationLoss };

  const random = randomOf(seed);
  const bins = binRows(rows.values, width, chosen.bins);
  const sums = new Float64Array(count).fill(base);
  const held =
    validation === undefined
      ? undefined
      : { bins: binRows(validation.values, width, chosen.bins, bins.edges), rows: validation, weights: weightsOf(validation) };
  const heldSums = new Float64Array(held?.bins.rows ?? 0).fill(base);
  const first = new Float64Array(count);
  const second = new Float64Array(count);
  const everyFeature = Int32Array.from({ length: width }, (_, index) => index);
  const drawnFeatures = Math.max(1, Math.round(width * chosen.featureShare));
  let best = { trees: 0, loss: Number.POSITIVE_INFINITY };
  for (let round = 0; round < chosen.trees; round++) {
    for (let row = 0; row < count; row++) {
      const probability = sigmoid(sums[row] as number);
      const weight = weights[row] as number;
      first[row] = weight * (probability - (labels[row] as number));
      second[row] = weight * Math.max(1e-12, probability * (1 - probability));
    }
    const features = drawnFeatures < width ? drawDistinct(width, drawnFeatures, random).sort() : everyFeature;
    const drawn: number[] = [];
    for (let row = 0; row < count; row++) if (chosen.rowShare >= 1 || random() < chosen.rowShare) drawn.push(row);
    if (drawn.length === 0) continue;
    const tree = growTree(bins, { rows: Int32Array.from(drawn), first, second }, features, chosen, random);
    trees.push(tree);
    addTree(tree, bins, sums);
    if (held === undefined) continue;
    addTree(tree, held.bins, heldSums);
    const loss = logLoss(Float64Array.from(heldSums, sigmoid), held.rows.labels, held.weights);
    validationLoss.push(loss);
    if (loss < best.loss) best = { trees: trees.length, loss };
    else if (trees.length - best.trees >= chosen.patience) break;
  }
  return { part: { kind: 'gradient-boosting', weight: 1, base, trees: held === undefined ? trees : trees.slice(0, best.trees) }, validationLoss };
}
