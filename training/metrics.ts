// How good probabilities are: ranking (ROC, precision and recall), Brier score, calibration error, reliability.
import { rocAuc } from '../core/prediction/evaluation/ranking.ts';
import type { HeldOut } from '../core/prediction/model/format.ts';
import { baseRate } from './rows.ts';

const ones = (labels: Uint8Array) => new Float64Array(labels.length).fill(1);
const byScore = (scores: Float64Array) => Int32Array.from(scores, (_, index) => index).sort((a, b) => (scores[b] as number) - (scores[a] as number));

/** Weights of positive and negative rows by falling score; rows of equal score are one step. */
function* steps(scores: Float64Array, labels: Uint8Array, weights: Float64Array): Generator<{ positive: number; negative: number }> {
  const order = byScore(scores);
  for (let at = 0; at < order.length; ) {
    const score = scores[order[at] as number] as number;
    let [positive, negative] = [0, 0];
    for (; at < order.length && scores[order[at] as number] === score; at++) {
      const row = order[at] as number;
      if (labels[row] === 1) positive += weights[row] as number;
      else negative += weights[row] as number;
    }
    yield { positive, negative };
  }
}

/** Average precision: precision at each step of recall, without interpolation. null without positive rows. Scores are finite. */
export function prAuc(scores: Float64Array, labels: Uint8Array, weights: Float64Array = ones(labels)): number | null {
  let [sum, found, all] = [0, 0, 0];
  for (const { positive, negative } of steps(scores, labels, weights)) {
    found += positive;
    all += positive + negative;
    sum += positive === 0 ? 0 : positive * (found / all);
  }
  return found === 0 ? null : sum / found;
}

/** Mean squared difference of probability and label. null without rows. */
export function brier(probabilities: Float64Array, labels: Uint8Array, weights: Float64Array = ones(labels)): number | null {
  let [sum, all] = [0, 0];
  probabilities.forEach((probability, row) => {
    const weight = weights[row] as number;
    sum += weight * (probability - (labels[row] as number)) ** 2;
    all += weight;
  });
  return all === 0 ? null : sum / all;
}

/** Brier score of always saying the share of positives. */
export function baseRateBrier(labels: Uint8Array, weights: Float64Array = ones(labels)): number | null {
  if (labels.length === 0) return null;
  const share = baseRate(labels, weights);
  return share * (1 - share);
}

/** Mean negative logarithm of the probability given to what happened; probabilities are kept off 0 and 1 by 1e-12. */
export function logLoss(probabilities: Float64Array, labels: Uint8Array, weights: Float64Array = ones(labels)): number {
  let [sum, all] = [0, 0];
  probabilities.forEach((probability, row) => {
    const said = labels[row] === 1 ? probability : 1 - probability;
    sum -= (weights[row] as number) * Math.log(Math.max(1e-12, said));
    all += weights[row] as number;
  });
  return all === 0 ? 0 : sum / all;
}

/** One bin of a reliability table. */
export interface Reliability {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly weight: number;
  /** mean probability said, and share of failures among these rows */
  readonly said: number;
  readonly happened: number;
}

export type Binning = 'equal-width' | 'equal-mass';

/** Bins without rows are left out. `equal-mass` bins have equal numbers of rows; rows of equal probability stay together. */
export function reliability(probabilities: Float64Array, labels: Uint8Array, binning: Binning, bins = 15, weights: Float64Array = ones(labels)): Reliability[] {
  const order = byScore(probabilities).reverse();
  const cells: { from: number; to: number; rows: number; weight: number; said: number; happened: number }[] = [];
  let current = -1;
  order.forEach((row, rank) => {
    const probability = probabilities[row] as number;
    const last = cells[cells.length - 1];
    const index = binning === 'equal-width' ? Math.min(bins - 1, Math.floor(probability * bins)) : Math.floor((rank * bins) / order.length);
    const same = last !== undefined && binning === 'equal-mass' && last.to === probability;
    let cell = last;
    if (cell === undefined || (index !== current && !same)) {
      const [from, to] = binning === 'equal-width' ? [index / bins, (index + 1) / bins] : [probability, probability];
      cell = { from, to, rows: 0, weight: 0, said: 0, happened: 0 };
      cells.push(cell);
      current = index;
    }
    const weight = weights[row] as number;
    cell.rows += 1;
    cell.weight += weight;
    cell.said += weight * probability;
    cell.happened += weight * (labels[row] as number);
    if (binning === 'equal-mass') cell.to = probability;
  });
  return cells.map((cell) => ({ ...cell, said: cell.said / cell.weight, happened: cell.happened / cell.weight }));
}

/** Expected calibration error (Naeini, Cooper and Hauskrecht 2015): mean difference of said and happened over the bins, by weight. null without rows. */
export function calibrationError(
  probabilities: Float64Array,
  labels: Uint8Array,
  binning: Binning,
  bins = 15,
  weights: Float64Array = ones(labels),
): number | null {
  const table = reliability(probabilities, labels, binning, bins, weights);
  const all = table.reduce((sum, { weight }) => sum + weight, 0);
  return all === 0 ? null : table.reduce((sum, { weight, said, happened }) => sum + weight * Math.abs(said - happened), 0) / all;
}

/** All of them, as a model file has them. ECE with 15 bins. */
export function heldOutMetrics(probabilities: Float64Array, labels: Uint8Array, weights: Float64Array = ones(labels)): HeldOut {
  return {
    rows: labels.length,
    positives: labels.reduce((sum, label) => sum + label, 0),
    rocAuc: rocAuc(probabilities, labels, weights),
    prAuc: prAuc(probabilities, labels, weights),
    brier: brier(probabilities, labels, weights),
    baseRateBrier: baseRateBrier(labels, weights),
    eceEqualWidth: calibrationError(probabilities, labels, 'equal-width', 15, weights),
    eceEqualMass: calibrationError(probabilities, labels, 'equal-mass', 15, weights),
  };
}

/** A Brier score that is nearer than this share to that of the base rate differs from it by chance. */
const worthTelling = 0.01;

/** A probability is worth showing when it beats the base rate, by more than chance does. */
export const hasSkill = ({ brier: own, baseRateBrier: base }: HeldOut): boolean => own !== null && base !== null && own < base * (1 - worthTelling);
