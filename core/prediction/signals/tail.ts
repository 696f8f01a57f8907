// How improbable the size of a signal is: a running quantile, and a Pareto tail above it.
import { clamp } from '../numbers.ts';
import { half, tailSlot } from './memory.ts';

/** Share of points above the threshold of the tail. */
const share = 0.005;
const shareSurprise = -Math.log10(share);
/** The threshold moves by a tenth of this share of itself per point of its memory, and so much more upwards. */
const pace = 0.1;
const upward = (pace * (1 - share)) / share;
const memoryPoints = 10_000;
const thresholdOfMean = 3;
const initialExcess = 0.5;
const leastExcess = 0.08;
const mostExcess = 3;
const priorExceedances = 5;
const mostExceedances = 127;
const leastThreshold = 1e-30;
/** What was so many times the threshold shows that the threshold was not worth much: it follows at once. */
const mostTimes = 50;

/** The mean excess is kept as a whole number from 0 to 255: so many for each doubling of the least. */
const perDoubling = 40;
const codeOf = (excess: number, seed: number): number => {
  const exact = perDoubling * Math.log2(excess / leastExcess);
  return clamp(Math.floor(exact + (Math.imul(seed, 0x9e3779b1) >>> 0) / 2 ** 32), 0, 255);
};
const excessOf = (code: number): number => leastExcess * 2 ** (code / perDoubling);
const initialCode = Math.round(perDoubling * Math.log2(initialExcess / leastExcess));

/**
 * Judges one signal and learns it, in place: -log10 of the probability of its size, at least 0. Below `warm` points it only learns.
 * Above a running quantile the logarithm of the size is taken as exponential (a Pareto tail, its index by Hill's estimator, learned
 * from one exceedance after the other); below, surprise grows evenly from 0.
 * @param points how many were learned before
 * @param least what the threshold is at least: a smaller signal is nothing, however steady the metric was
 */
export function judge(memory: number[], index: number, size: number, points: number, warm: number, least = 0): number {
  const at = tailSlot(index);
  const seed = points * 31 + at;
  let threshold = memory[at] ?? 0;
  if (points < warm) {
    // Until then the place of the threshold holds the mean size.
    const mean = threshold + (size - threshold) / (points + 1);
    memory[at] = half(points + 1 === warm ? Math.max(leastThreshold, thresholdOfMean * mean) : mean, seed);
    memory[at + 1] = initialCode;
    memory[at + 2] = priorExceedances;
    return 0;
  }
  threshold = Math.max(leastThreshold, threshold, least);
  const rate = Math.max(1 / (points + 1), 1 / memoryPoints);
  if (size <= threshold) {
    memory[at] = half(Math.max(leastThreshold, threshold * (1 - rate * pace)), seed);
    return (shareSurprise * size) / threshold;
  }
  let excess = excessOf(memory[at + 1] ?? initialCode);
  const beyond = Math.log(size / threshold);
  const surprise = shareSurprise + beyond / excess / Math.LN10;
  const count = Math.min(mostExceedances, (memory[at + 2] ?? 0) + 1);
  excess = Math.max(leastExcess, excess + (Math.min(beyond, mostExcess) - excess) / count);
  threshold = Math.max(threshold * (1 + Math.min(0.35, rate * upward)), size / mostTimes);
  memory[at] = half(threshold, seed);
  memory[at + 1] = codeOf(excess, seed + 1);
  memory[at + 2] = count;
  return surprise;
}
