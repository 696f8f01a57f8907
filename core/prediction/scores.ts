// From evidence to a score: every constant that decides how soon 30, 70 and 85 are reached.
import { interpolate } from './numbers.ts';

/** Accumulated evidence of degradation, in doublings of latency or their like. Full at 1.6, critical at 2.15: see `pointEvidence`. */
export const evidenceLimit = 3.2;
export const degradationScore = (evidence: number): number =>
  interpolate(
    [
      [0, 1],
      [0.3, 15],
      [0.6, 28],
      [0.9, 42],
      [1.35, 62],
      [1.6, 70],
      [2.15, 85],
      [evidenceLimit, 97],
    ],
    evidence,
  );

/** CPU that load does not explain is worth preparing for, not moving for. */
export const cpuScore = (evidence: number): number => Math.min(60, degradationScore(evidence));

/** Consecutive failed status checks. */
export const statusScore = (failing: number): number => (failing === 0 ? 1 : failing === 1 ? 35 : failing === 2 ? 80 : 92);

/**
 * Evidence of one latency point: doublings above usual beyond what is tolerated, at most `most`, so that a blip of three
 * minutes (which four points of a minute see) stays below critical whatever its height. A usual point takes evidence away.
 */
export const pointEvidence = { tolerated: 0.58, most: 0.5, mostTogether: 0.53, relief: 0.4 } as const;
