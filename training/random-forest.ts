// A random forest for a probability, on the same histograms as the boosted trees, by seed.
import type { Tree, TreePart } from '../core/prediction/model/format.ts';
import { binRows } from './bins.ts';
import { growTree } from './grow-tree.ts';
import { randomOf } from './random.ts';
import { beginningOf, checkRows, type Rows } from './rows.ts';

export interface ForestOptions {
  readonly trees: number;
  readonly maxLeaves: number;
  readonly maxDepth: number;
  readonly minChildRows: number;
  /** features that each node draws; 0: the square root of all */
  readonly featuresPerNode: number;
  /** rows drawn with replacement for each tree, as a share of all */
  readonly rowShare: number;
  readonly bins: number;
}

export const forestDefaults: ForestOptions = {
  trees: 60,
  maxLeaves: 64,
  maxDepth: 12,
  minChildRows: 10,
  featuresPerNode: 0,
  rowShare: 0.5,
  bins: 255,
};

/** Breiman 2001, "Random forests", with probabilities averaged instead of votes. Throws `TrainingError`. */
export function trainForest(rows: Rows, options: Partial<ForestOptions>, seed: number): TreePart {
  checkRows(rows);
  const chosen: ForestOptions = { ...forestDefaults, ...options };
  const { labels, weights, count, width, base } = beginningOf(rows);
  const trees: Tree[] = [];
  const part: TreePart = { kind: 'random-forest', weight: 1, base, trees };
  if (labels.every((label) => label === labels[0])) return part;

  const random = randomOf(seed);
  const bins = binRows(rows.values, width, chosen.bins);
  const first = Float64Array.from(labels, (label, index) => -label * (weights[index] ?? 1));
  const features = Int32Array.from({ length: width }, (_, index) => index);
  const growth = {
    ...chosen,
    lambda: 0,
    minChildWeight: 0,
    minGain: 1e-9,
    rate: 1,
    featuresPerNode: chosen.featuresPerNode > 0 ? chosen.featuresPerNode : Math.max(1, Math.round(Math.sqrt(width))),
  };
  const drawn = Math.max(1, Math.round(count * chosen.rowShare));
  for (let tree = 0; tree < chosen.trees; tree++) {
    const bag = Int32Array.from({ length: drawn }, () => Math.floor(random() * count)).sort();
    trees.push(growTree(bins, { rows: bag, first, second: weights }, features, growth, random));
  }
  return part;
}
