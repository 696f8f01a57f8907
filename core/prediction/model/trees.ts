// Scores features with a model, in microseconds, and says which features made the score.
import { logOddsOf } from './calibration.ts';
import type { FailureModel, LinearPart, Part, Tree, TreePart } from './format.ts';

/** All trees of a part in flat arrays: one look-up each, and no object per node. Child indices are absolute. */
interface FlatTrees {
  readonly kind: TreePart['kind'];
  /** share of this part in the weighted mean */
  readonly share: number;
  readonly base: number;
  readonly roots: Int32Array;
  readonly feature: Int16Array;
  readonly threshold: Float64Array;
  readonly right: Int32Array;
  /** 1 where a missing value goes left */
  readonly missingLeft: Uint8Array;
  readonly value: Float64Array;
}

interface FlatLinear {
  readonly kind: LinearPart['kind'];
  readonly share: number;
  readonly base: number;
  readonly coefficients: Float64Array;
  readonly centres: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

type FlatPart = FlatTrees | FlatLinear;

/** A model made ready for scoring. */
export interface Scorer {
  readonly features: number;
  readonly parts: readonly FlatPart[];
}

function flatten(part: Part, share: number): FlatPart {
  if (part.kind !== 'linear') return flattenTrees(part, share);
  const { kind, base } = part;
  const [coefficients, centres, low, high] = [part.coefficients, part.centres, part.low, part.high].map((values) => Float64Array.from(values)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return { kind, share, base, coefficients, centres, low, high };
}

function flattenTrees(part: TreePart, share: number): FlatTrees {
  const nodes = part.trees.reduce((sum, tree) => sum + tree.feature.length, 0);
  const flat = {
    kind: part.kind,
    share,
    base: part.base,
    roots: new Int32Array(part.trees.length),
    feature: new Int16Array(nodes),
    threshold: new Float64Array(nodes),
    right: new Int32Array(nodes),
    missingLeft: new Uint8Array(nodes),
    value: new Float64Array(nodes),
  };
  let offset = 0;
  part.trees.forEach((tree: Tree, index) => {
    flat.roots[index] = offset;
    flat.feature.set(tree.feature, offset);
    flat.threshold.set(tree.threshold, offset);
    flat.value.set(tree.value, offset);
    tree.right.forEach((child, node) => {
      flat.right[offset + node] = offset + Math.abs(child);
      flat.missingLeft[offset + node] = child < 0 ? 1 : 0;
    });
    offset += tree.feature.length;
  });
  return flat;
}

/** Parts of a model that is being made; a finished one is prepared by `scorerOf`. `features`: how many a row has. */
export function prepare(parts: readonly Part[], features: number): Scorer {
  const weights = parts.reduce((sum, { weight }) => sum + weight, 0);
  return { features, parts: parts.map((part) => flatten(part, part.weight / weights)) };
}

const known = new WeakMap<FailureModel, Scorer>();

/** `model` as `parseModel` or the trainer gave it. The same object is prepared once. */
export function scorerOf(model: FailureModel): Scorer {
  const before = known.get(model);
  if (before !== undefined) return before;
  const scorer = prepare(model.parts, model.features.length);
  known.set(model, scorer);
  return scorer;
}

// Indices below are within the arrays by construction: `parseModel` checked the trees.
function leafOf(part: FlatTrees, root: number, row: Float64Array): number {
  const { feature, threshold, right, missingLeft } = part;
  let node = root;
  for (let index = feature[node] as number; index >= 0; index = feature[node] as number) {
    const value = row[index] as number;
    // `value !== value` is the missing value, NaN.
    const left = Number.isNaN(value) ? missingLeft[node] === 1 : value <= (threshold[node] as number);
    node = left ? node + 1 : (right[node] as number);
  }
  return node;
}

/** What a feature adds to the log-odds. */
function linearTerm({ coefficients, centres, low, high }: FlatLinear, row: Float64Array, feature: number): number {
  const value = row[feature] as number;
  if (Number.isNaN(value)) return 0;
  const cut = Math.min(high[feature] as number, Math.max(low[feature] as number, value));
  return (coefficients[feature] as number) * (cut - (centres[feature] as number));
}

function partScore(part: FlatPart, row: Float64Array): number {
  if (part.kind === 'linear') {
    let sum = part.base;
    for (let feature = 0; feature < row.length; feature++) sum += linearTerm(part, row, feature);
    return sum;
  }
  const { roots, value } = part;
  let sum = 0;
  for (let tree = 0; tree < roots.length; tree++) sum += value[leafOf(part, roots[tree] as number, row)] as number;
  if (part.kind === 'gradient-boosting') return part.base + sum;
  return roots.length === 0 ? part.base : logOddsOf(sum / roots.length);
}

const checkRow = (scorer: Scorer, row: Float64Array): void => {
  if (row.length !== scorer.features)
    throw new RangeError(`a row has ${row.length} features, the model knows ${scorer.features}; give them in the model's order`);
};

/** Log-odds before calibration: finite for every row. NaN is a missing value. Throws RangeError when the row has another length. */
export function rawScore(scorer: Scorer, row: Float64Array): number {
  checkRow(scorer, row);
  let sum = 0;
  for (const part of scorer.parts) sum += part.share * partScore(part, row);
  return sum;
}

export interface Contributions {
  /** what the model says of a row it knows nothing of */
  readonly base: number;
  /** by feature: by how much it moved the log-odds. base + their sum is the raw score. */
  readonly byFeature: Float64Array;
}

/**
 * Splits a raw score over the features: each step of a path counts for the feature that it asked (Saabas 2014, "Interpreting random forests").
 * For a forest the steps, which are of probabilities, are scaled to add up in log-odds.
 */
export function contributions(scorer: Scorer, row: Float64Array): Contributions {
  checkRow(scorer, row);
  const byFeature = new Float64Array(scorer.features);
  let base = 0;
  for (const part of scorer.parts) {
    if (part.kind === 'linear') {
      base += part.share * part.base;
      for (let index = 0; index < byFeature.length; index++) byFeature[index] = (byFeature[index] as number) + part.share * linearTerm(part, row, index);
      continue;
    }
    const { roots, feature, value } = part;
    const forest = part.kind === 'random-forest';
    let before = 0;
    let after = 0;
    for (const root of roots) {
      before += value[root] as number;
      after += value[leafOf(part, root, row)] as number;
    }
    const start = !forest ? part.base + before : roots.length === 0 ? part.base : logOddsOf(before / roots.length);
    base += part.share * start;
    const moved = after - before;
    const unit = !forest ? part.share : moved === 0 ? 0 : (part.share * (logOddsOf(after / roots.length) - start)) / moved;
    if (unit === 0) continue;
    for (const root of roots) {
      const leaf = leafOf(part, root, row);
      for (let node = root; node !== leaf; ) {
        const index = feature[node] as number;
        // In pre-order the leaf is on the left exactly when it comes before the right child.
        const next = leaf < (part.right[node] as number) ? node + 1 : (part.right[node] as number);
        byFeature[index] = (byFeature[index] as number) + unit * ((value[next] as number) - (value[node] as number));
        node = next;
      }
    }
  }
  return { base, byFeature };
}
