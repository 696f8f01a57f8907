// Fits the map from raw score to probability on rows that the trees have not seen.
import { logOddsOf, sigmoid } from '../core/prediction/model/calibration.ts';
import type { Calibration } from '../core/prediction/model/format.ts';
import { baseRate } from './rows.ts';

const ones = (labels: Uint8Array) => new Float64Array(labels.length).fill(1);

export interface Block {
  /** weighted mean score of the rows in it, their scores' range, weight, and share of positives */
  readonly x: number;
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  readonly y: number;
}

/** Pool adjacent violators (Ayer et al. 1955): the rising step function nearest to the labels. Blocks by rising score; rows of equal score are in one. */
export function poolAdjacentViolators(scores: Float64Array, labels: Uint8Array, weights: Float64Array = ones(labels)): Block[] {
  const order = Int32Array.from(scores, (_, index) => index).sort((a, b) => (scores[a] as number) - (scores[b] as number));
  const blocks: { x: number; from: number; to: number; weight: number; y: number }[] = [];
  for (const row of order) {
    const [score, weight] = [scores[row] as number, weights[row] as number];
    let block = { x: score, from: score, to: score, weight, y: labels[row] as number };
    for (
      let before = blocks[blocks.length - 1];
      before !== undefined && (before.y >= block.y || before.to === block.from);
      before = blocks[blocks.length - 1]
    ) {
      blocks.pop();
      const all = before.weight + block.weight;
      block = {
        x: before.x + (block.x - before.x) * (block.weight / all),
        from: before.from,
        to: block.to,
        weight: all,
        y: before.y + (block.y - before.y) * (block.weight / all),
      };
    }
    blocks.push(block);
  }
  return blocks;
}

const rounded = (value: number) => Number(value.toPrecision(6));

/**
 * Isotonic calibration (Zadrozny and Elkan 2002), a line through the middles of the blocks. `smallest`: blocks with less weight than this are joined
 * with a neighbour, so that no probability rests on a handful of rows. `points` at most, for the file. Throws RangeError without rows.
 */
export function fitIsotonic(scores: Float64Array, labels: Uint8Array, weights: Float64Array = ones(labels), { smallest = 0, points = 60 } = {}): Calibration {
  if (scores.length === 0) throw new RangeError('no rows to calibrate on');
  let blocks = poolAdjacentViolators(scores, labels, weights);
  const joined = (a: Block, b: Block): Block => {
    const weight = a.weight + b.weight;
    return { from: a.from, to: b.to, weight, x: a.x + (b.x - a.x) * (b.weight / weight), y: a.y + (b.y - a.y) * (b.weight / weight) };
  };
  const join = (at: number) => {
    const [left, right] = [blocks[at], blocks[at + 1]];
    if (left !== undefined && right !== undefined) blocks = [...blocks.slice(0, at), joined(left, right), ...blocks.slice(at + 2)];
  };
  for (let at = 0; at < blocks.length && blocks.length > 1; ) {
    if ((blocks[at]?.weight ?? smallest) >= smallest) at++;
    else {
      const [before, after] = [blocks[at - 1]?.y, blocks[at + 1]?.y];
      const own = blocks[at]?.y ?? 0;
      const left = before !== undefined && (after === undefined || own - before <= after - own);
      join(left ? at - 1 : at);
      at = Math.max(0, left ? at - 1 : at);
    }
  }
  while (blocks.length > points) {
    let nearest = 0;
    for (let at = 1; at + 1 < blocks.length; at++) {
      const gap = (index: number) => (blocks[index + 1]?.y ?? 1) - (blocks[index]?.y ?? 0);
      if (gap(at) < gap(nearest)) nearest = at;
    }
    join(nearest);
  }
  const x: number[] = [];
  const y: number[] = [];
  for (const block of blocks) {
    const [at, value] = [rounded(block.x), Math.min(1, rounded(block.y))];
    // Rounding may have made two of them one.
    if (x.length > 0 && at <= (x[x.length - 1] ?? at)) y[y.length - 1] = value;
    else {
      x.push(at);
      y.push(value);
    }
  }
  return { method: 'isotonic', x, y };
}

/**
 * Platt scaling (Platt 1999), by Newton's method with step halving (Lin, Lin and Weng 2007), on Platt's smoothed targets. The slope is never negative:
 * scores that rank the wrong way round give the base rate. Throws RangeError without rows.
 */
export function fitPlatt(scores: Float64Array, labels: Uint8Array, weights: Float64Array = ones(labels)): Calibration {
  if (scores.length === 0) throw new RangeError('no rows to calibrate on');
  let [positive, negative] = [0, 0];
  labels.forEach((label, row) => {
    if (label === 1) positive += weights[row] as number;
    else negative += weights[row] as number;
  });
  const [high, low] = [(positive + 1) / (positive + 2), 1 / (negative + 2)];
  const flat: Calibration = { method: 'platt', slope: 0, intercept: rounded(logOddsOf((positive + 1) / (positive + negative + 2), 1e-9)) };
  if (positive === 0 || negative === 0) return flat;
  const loss = (slope: number, intercept: number) => {
    let sum = 0;
    scores.forEach((score, row) => {
      const at = slope * score + intercept;
      const target = labels[row] === 1 ? high : low;
      // log(1 + e^at) - target at, without overflow
      sum += (weights[row] as number) * (Math.max(at, 0) + Math.log1p(Math.exp(-Math.abs(at))) - target * at);
    });
    return sum;
  };
  let [slope, intercept] = [0, logOddsOf(baseRate(labels, weights))];
  let now = loss(slope, intercept);
  for (let step = 0; step < 100; step++) {
    let [g1, g0, h11, h10, h00] = [0, 0, 1e-12, 0, 1e-12];
    scores.forEach((score, row) => {
      const probability = sigmoid(slope * score + intercept);
      const weight = weights[row] as number;
      const difference = weight * (probability - (labels[row] === 1 ? high : low));
      const curvature = weight * probability * (1 - probability);
      g1 += difference * score;
      g0 += difference;
      h11 += curvature * score * score;
      h10 += curvature * score;
      h00 += curvature;
    });
    const determinant = h11 * h00 - h10 * h10;
    if (Math.hypot(g1, g0) < 1e-7 * (positive + negative) || !(determinant > 0)) break;
    const [d1, d0] = [-(h00 * g1 - h10 * g0) / determinant, -(h11 * g0 - h10 * g1) / determinant];
    let length = 1;
    for (; length > 1e-10; length /= 2) {
      const next = loss(slope + length * d1, intercept + length * d0);
      if (next < now) {
        now = next;
        slope += length * d1;
        intercept += length * d0;
        break;
      }
    }
    if (length <= 1e-10) break;
  }
  return slope <= 0 || !Number.isFinite(slope + intercept) ? flat : { method: 'platt', slope: rounded(slope), intercept: rounded(intercept) };
}

export const fitCalibration = (method: Calibration['method'], scores: Float64Array, labels: Uint8Array, weights: Float64Array = ones(labels)): Calibration =>
  method === 'platt' ? fitPlatt(scores, labels, weights) : fitIsotonic(scores, labels, weights);
