// Errors counted against requests: are there more than usual, and more than the objective tolerates?
import { clamp } from './numbers.ts';
import { pointEvidence } from './scores.ts';

const mostGain = pointEvidence.mostTogether;

/** Failed requests that are always thinkable, as a share: keeps the test defined for a service that never failed. */
const leastRate = 1e-5;

/**
 * -log10 of the probability of at least `errors` failures when `expected` are usual (Chernoff's bound for a Poisson count).
 * 0 when there are not more than expected.
 */
export function countSurprise(errors: number, expected: number): number {
  if (errors <= expected) return 0;
  return (errors * Math.log(errors / expected) - (errors - expected)) / Math.LN10;
}

export interface ErrorEvidence {
  /** share of failed requests */
  readonly rate: number;
  readonly usualRate: number;
  /** how unlikely so many are, -log10 */
  readonly surprise: number;
  /** evidence of a failure that one point adds, 0-0.53; undefined when the point is usual */
  readonly gain: number | undefined;
  /** more than the objective tolerates: such evidence adds up without bound, other only to a warning */
  readonly intolerable: boolean;
}

/** Judges one point. `usualRate`: share that usually fails; `tolerated`: the objective's error rate. */
export function judgeErrors(errors: number, requests: number, usualRate: number, tolerated: number): ErrorEvidence {
  const served = Math.max(requests, errors, 1);
  const rate = clamp(errors / served, 0, 1);
  const surprise = countSurprise(errors, served * Math.max(1.5 * usualRate, leastRate));
  if (surprise < 4 || errors < 3) return { rate, usualRate, surprise, gain: undefined, intolerable: false };
  // Two standard deviations less than counted, so that few errors among few requests are not over-read.
  const sure = Math.max(0, errors - 2 * Math.sqrt(errors)) / served;
  const excess = sure / Math.max(tolerated, 2 * usualRate);
  const gain = excess >= 1 ? clamp(0.25 + 0.15 * Math.log2(excess), 0.25, mostGain) : 0.1;
  return { rate, usualRate, surprise, gain, intolerable: excess >= 1 };
}
