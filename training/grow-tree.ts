// Grows one tree, best leaf first, on histograms of first and second derivatives.
import type { Tree } from '../core/prediction/model/format.ts';
import { type Bins, binOf } from './bins.ts';
import { drawDistinct, type Random } from './random.ts';

export interface Growth {
  readonly maxLeaves: number;
  readonly maxDepth: number;
  /** L2 penalty on leaf values */
  readonly lambda: number;
  /** sum of second derivatives (of weights, in a forest) that each side of a split needs */
  readonly minChildWeight: number;
  readonly minChildRows: number;
  readonly minGain: number;
  /** leaf values are multiplied by it */
  readonly rate: number;
  /** features that each node draws anew, of those given; absent: all */
  readonly featuresPerNode?: number;
  /** per feature: 1 the answer may only rise with it, -1 only fall, 0 either */
  readonly monotone?: Int8Array;
}

/** What the tree is grown on. `rows` may name a row several times; first and second derivatives of the loss by row. */
export interface Derivatives {
  readonly rows: Int32Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

interface Split {
  readonly gain: number;
  readonly feature: number;
  readonly bin: number;
  readonly missingLeft: boolean;
}

interface Node {
  readonly begin: number;
  readonly end: number;
  readonly depth: number;
  readonly first: number;
  readonly second: number;
  /** bounds of the value, from monotone splits above */
  readonly low: number;
  readonly high: number;
  histogram: Float64Array | undefined;
  split: Split | undefined;
  left?: Node;
  right?: Node;
}

/** A threshold that every value is below: only a missing one goes right. */
const aboveAll = 1e308;
const binsPerFeature = 256;
const perFeature = binsPerFeature * 3;

/** Enough digits that rounding costs nothing, and few enough that the file stays small. */
const short = (value: number): number => Number(value.toPrecision(5));

/**
 * Second-order gain and histogram subtraction as in XGBoost (Chen and Guestrin 2016) and LightGBM (Ke et al. 2017). With the weighted label as
 * negative first derivative, the weight as second, and no penalty, values are weighted means and the gain is that of the Gini index: a forest's tree.
 * `features`: those that may be asked. `random` is needed with `featuresPerNode`.
 */
export function growTree(bins: Bins, { rows, first, second }: Derivatives, features: Int32Array, growth: Growth, random: Random): Tree {
  const order = rows.slice();
  const spare = new Int32Array(order.length);
  const orderedFirst = new Float64Array(order.length);
  const orderedSecond = new Float64Array(order.length);
  const perNode = growth.featuresPerNode !== undefined && growth.featuresPerNode < features.length ? growth.featuresPerNode : undefined;
  const pool: Float64Array[] = [];
  const { lambda, minChildWeight, minChildRows } = growth;

  function fill(histogram: Float64Array, node: Node, asked: Int32Array): void {
    const { begin, end } = node;
    for (let at = begin; at < end; at++) {
      const row = order[at] as number;
      orderedFirst[at] = first[row] as number;
      orderedSecond[at] = second[row] as number;
    }
    asked.forEach((feature, index) => {
      const column = bins.columns[feature] as Uint8Array;
      const offset = index * perFeature;
      for (let at = begin; at < end; at++) {
        const cell = offset + (column[order[at] as number] as number) * 3;
        histogram[cell] = (histogram[cell] as number) + (orderedFirst[at] as number);
        histogram[cell + 1] = (histogram[cell + 1] as number) + (orderedSecond[at] as number);
        histogram[cell + 2] = (histogram[cell + 2] as number) + 1;
      }
    });
  }

  const answerOf = (g: number, h: number, node: Node) => Math.min(node.high, Math.max(node.low, h + lambda <= 0 ? 0 : -g / (h + lambda)));
  const gainOf = (g: number, h: number) => (h + lambda <= 0 ? 0 : (g * g) / (h + lambda));

  function bestSplit(histogram: Float64Array, node: Node, asked: Int32Array): Split | undefined {
    const total = gainOf(node.first, node.second);
    const rowsHere = node.end - node.begin;
    let best: Split | undefined;
    let bestGain = growth.minGain;
    asked.forEach((feature, index) => {
      const offset = index * perFeature;
      const edges = bins.edges[feature]?.length ?? 0;
      const missing = [histogram[offset] as number, histogram[offset + 1] as number, histogram[offset + 2] as number] as const;
      const direction = growth.monotone?.[feature] ?? 0;
      const consider = (bin: number, g: number, h: number, count: number, missingLeft: boolean) => {
        const [otherG, otherH, otherCount] = [node.first - g, node.second - h, rowsHere - count];
        if (count < minChildRows || otherCount < minChildRows || h < minChildWeight || otherH < minChildWeight) return;
        const gain = gainOf(g, h) + gainOf(otherG, otherH) - total;
        if (!(gain > bestGain)) return;
        if (direction !== 0 && direction * (answerOf(otherG, otherH, node) - answerOf(g, h, node)) < 0) return;
        bestGain = gain;
        best = { gain, feature, bin, missingLeft };
      };
      let [g, h, count] = [0, 0, 0];
      for (let bin = 1; bin <= edges; bin++) {
        const cell = offset + bin * 3;
        g += histogram[cell] as number;
        h += histogram[cell + 1] as number;
        count += histogram[cell + 2] as number;
        if (missing[2] > 0) {
          consider(bin, g, h, count, false);
          consider(bin, g + missing[0], h + missing[1], count + missing[2], true);
        } // Where nothing was missing in training, a missing value goes the way of most.
        else consider(bin, g, h, count, count * 2 >= rowsHere);
      }
      // Missing against all the others.
      if (missing[2] > 0) consider(edges + 1, node.first - missing[0], node.second - missing[1], rowsHere - missing[2], false);
    });
    return best;
  }

  const splittable = (node: Node) => node.depth < growth.maxDepth && node.end - node.begin >= 2 * minChildRows;

  function search(node: Node, histogram: Float64Array | undefined): void {
    if (!splittable(node)) {
      if (histogram !== undefined) pool.push(histogram);
      return;
    }
    if (perNode !== undefined) {
      const asked = drawDistinct(features.length, perNode, random).map((index) => features[index] as number);
      const own = pool.pop() ?? new Float64Array(perNode * perFeature);
      own.fill(0);
      fill(own, node, asked);
      node.split = bestSplit(own, node, asked);
      pool.push(own);
      return;
    }
    let own = histogram;
    if (own === undefined) {
      own = pool.pop() ?? new Float64Array(features.length * perFeature);
      own.fill(0);
      fill(own, node, features);
    }
    node.split = bestSplit(own, node, features);
    if (node.split === undefined) pool.push(own);
    else node.histogram = own;
  }

  /** Moves the rows of the left side to the front; gives where the right side begins. Keeps the order within each side. */
  function partition(node: Node, { feature, bin, missingLeft }: Split): number {
    const column = bins.columns[feature] as Uint8Array;
    let [left, right] = [node.begin, 0];
    for (let at = node.begin; at < node.end; at++) {
      const row = order[at] as number;
      const own = column[row] as number;
      if (own === 0 ? missingLeft : own <= bin) order[left++] = row;
      else spare[right++] = row;
    }
    order.set(spare.subarray(0, right), left);
    return left;
  }

  function makeNode(begin: number, end: number, depth: number, low: number, high: number): Node {
    let [g, h] = [0, 0];
    for (let at = begin; at < end; at++) {
      g += first[order[at] as number] as number;
      h += second[order[at] as number] as number;
    }
    return { begin, end, depth, first: g, second: h, low, high, histogram: undefined, split: undefined };
  }

  const root = makeNode(0, order.length, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  search(root, undefined);
  const open = root.split === undefined ? [] : [root];
  for (let leaves = 1; leaves < growth.maxLeaves && open.length > 0; leaves++) {
    let at = 0;
    for (let index = 1; index < open.length; index++) if ((open[index]?.split?.gain ?? 0) > (open[at]?.split?.gain ?? 0)) at = index;
    const [node] = open.splice(at, 1);
    const split = node?.split;
    if (node === undefined || split === undefined) break;
    const middle = partition(node, split);
    let [left, right] = [makeNode(node.begin, middle, node.depth + 1, node.low, node.high), makeNode(middle, node.end, node.depth + 1, node.low, node.high)];
    const direction = growth.monotone?.[split.feature] ?? 0;
    if (direction !== 0) {
      const bound = (answerOf(left.first, left.second, left) + answerOf(right.first, right.second, right)) / 2;
      const [lower, upper] = [{ high: bound }, { low: bound }];
      [left, right] =
        direction > 0
          ? [
              { ...left, ...lower },
              { ...right, ...upper },
            ]
          : [
              { ...left, ...upper },
              { ...right, ...lower },
            ];
    }
    node.left = left;
    node.right = right;
    const histogram = node.histogram;
    node.histogram = undefined;
    if (histogram === undefined) {
      search(left, undefined);
      search(right, undefined);
    } else {
      // The smaller side is counted, the other is what remains.
      const [small, large] = left.end - left.begin <= right.end - right.begin ? [left, right] : [right, left];
      if (splittable(large)) {
        const counted = pool.pop() ?? new Float64Array(features.length * perFeature);
        counted.fill(0);
        fill(counted, small, features);
        for (let cell = 0; cell < histogram.length; cell++) histogram[cell] = (histogram[cell] as number) - (counted[cell] as number);
        search(small, counted);
        search(large, histogram);
      } else {
        pool.push(histogram);
        search(small, undefined);
      }
    }
    for (const child of [left, right]) if (child.split !== undefined) open.push(child);
  }

  const tree: Tree = { feature: [], threshold: [], right: [], value: [] };
  const write = (node: Node): void => {
    const index = tree.feature.length;
    tree.value.push(short(answerOf(node.first, node.second, node) * growth.rate));
    tree.right.push(0);
    const { split, left, right } = node;
    if (split === undefined || left === undefined || right === undefined) {
      tree.feature.push(-1);
      tree.threshold.push(0);
      return;
    }
    tree.feature.push(split.feature);
    tree.threshold.push(bins.edges[split.feature]?.[split.bin - 1] ?? aboveAll);
    write(left);
    tree.right[index] = split.missingLeft ? -tree.feature.length : tree.feature.length;
    write(right);
  };
  write(root);
  return tree;
}

/** Adds the tree's answer to `sums`, for every row of the bins. */
export function addTree(tree: Tree, bins: Bins, sums: Float64Array): void {
  const nodes = tree.feature.length;
  const splitBins = new Uint8Array(nodes);
  const columns: (Uint8Array | undefined)[] = [];
  for (let node = 0; node < nodes; node++) {
    const feature = tree.feature[node] as number;
    columns.push(feature < 0 ? undefined : bins.columns[feature]);
    if (feature >= 0) splitBins[node] = binOf(bins.edges[feature] ?? new Float64Array(0), tree.threshold[node] as number);
  }
  const { right, value } = tree;
  for (let row = 0; row < bins.rows; row++) {
    let node = 0;
    for (let column = columns[node]; column !== undefined; column = columns[node]) {
      const bin = column[row] as number;
      const child = right[node] as number;
      const left = bin === 0 ? child < 0 : bin <= (splitBins[node] as number);
      node = left ? node + 1 : Math.abs(child);
    }
    sums[row] = (sums[row] as number) + (value[node] as number);
  }
}
