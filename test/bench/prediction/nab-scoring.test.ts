// The benchmark's scoring: its fixed points, known values of its curve, and what must not change a score.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bestThreshold,
  candidateThresholds,
  countNab,
  type NabSeries,
  nabProfiles,
  nabScore,
  nabSigmoid,
  probationOf,
} from '../../../bench/prediction/nab-scoring.ts';

const { standard, lowMisses, lowFalseAlarms } = nabProfiles;
const rows = 1000;
function series(alarms: readonly number[], windows: NabSeries['windows'] = [[400, 499]]): NabSeries {
  const scores = new Float64Array(rows);
  for (const row of alarms) scores[row] = 1;
  return { name: 'made', scores, windows };
}

describe('the scoring of the Numenta benchmark', () => {
  test('no alarm gives 0, one at the start of every window 100, in every profile', () => {
    const windows: NabSeries['windows'] = [
      [200, 249],
      [400, 499],
      [800, 999],
    ];
    for (const profile of Object.values(nabProfiles)) {
      expect(nabScore([series([], windows), series([])], 0.5, profile)).toBe(0);
      expect(nabScore([series([200, 400, 800], windows), series([400])], 0.5, profile)).toBeCloseTo(100, 10);
    }
  });
  test('the curve has its published values', () => {
    expect(nabSigmoid(-1)).toBeCloseTo(0.98661, 5);
    expect(nabSigmoid(-0.5)).toBeCloseTo(0.84828, 5);
    expect(nabSigmoid(0)).toBe(0);
    expect(nabSigmoid(1)).toBeCloseTo(-0.98661, 5);
    expect(nabSigmoid(3.01)).toBe(-1);
  });
  test('in the middle of a window a detection is worth 0.86, at its end next to nothing, behind it it costs', () => {
    expect(countNab(series([450]), 0.5).detected).toBeCloseTo(0.8598, 3);
    expect(countNab(series([499]), 0.5).detected).toBeCloseTo(0.0253, 3);
    expect(countNab(series([500]), 0.5)).toMatchObject({ detected: 0, missed: 1 });
    expect(countNab(series([500]), 0.5).falseAlarms).toBeCloseTo(-0.0252, 3);
    expect(countNab(series([900]), 0.5).falseAlarms).toBe(-1);
    expect(countNab(series([300]), 0.5).falseAlarms).toBe(-1);
  });
  test('only the first detection of a window counts, and nothing of the probation', () => {
    expect(countNab(series([430, 440, 480]), 0.5)).toEqual(countNab(series([430]), 0.5));
    expect(probationOf(rows)).toBe(150);
    expect(probationOf(15_902)).toBe(750);
    expect(countNab(series([0, 100, 149]), 0.5)).toEqual({ detected: 0, falseAlarms: 0, missed: 1 });
    expect(countNab(series([150]), 0.5).falseAlarms).toBe(-1);
  });
  test('a false alarm costs its weight, a missed window twice as much where misses matter', () => {
    // Two windows in all, one found at its start: half of the way, less the false alarm.
    const one = [series([150, 400]), series([])];
    expect(nabScore(one, 0.5, standard)).toBeCloseTo(50 - 100 * (0.11 / 4), 10);
    expect(nabScore(one, 0.5, lowFalseAlarms)).toBeCloseTo(50 - 100 * (0.22 / 4), 10);
    expect(nabScore(one, 0.5, lowMisses)).toBeCloseTo(50 - 100 * (0.11 / 6), 10);
  });
  test('a missing score is no alarm', () => {
    const broken = series([400]);
    expect(countNab({ ...broken, scores: Array.from(broken.scores, (score) => (score === 1 ? Number.NaN : score)) }, 0.5).missed).toBe(1);
  });
  test('the best threshold is at least as good as any candidate, and scores 0 at least, which is what a detector without alarms gets', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 300, maxLength: 300 }), (given) => {
        const made: NabSeries[] = [{ name: 'a', scores: given.map((score) => score / 20), windows: [[100, 140]] }];
        const candidates = candidateThresholds(made);
        const best = bestThreshold(made, standard, candidates);
        expect(best.score).toBeGreaterThanOrEqual(0);
        for (const candidate of candidates) expect(nabScore(made, candidate, standard)).toBeLessThanOrEqual(best.score);
      }),
      { numRuns: 30 },
    );
  });
  test('series without any window have no score', () => {
    expect(() => nabScore([series([], [])], 0.5, standard)).toThrow(RangeError);
  });
});
