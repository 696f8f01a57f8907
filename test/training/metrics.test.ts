import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rocAuc } from '../../core/prediction/evaluation/ranking.ts';
import { baseRateBrier, brier, calibrationError, hasSkill, heldOutMetrics, logLoss, prAuc, reliability } from '../../training/metrics.ts';

const floats = (...values: number[]) => Float64Array.from(values);
const labels = (...values: number[]) => Uint8Array.from(values);

describe('metrics, by hand', () => {
  test('ROC AUC: shares of pairs in the right order, ties counting half', () => {
    expect(rocAuc(floats(0.1, 0.4, 0.35, 0.8), labels(0, 0, 1, 1))).toBe(0.75);
    expect(rocAuc(floats(0.5, 0.5), labels(0, 1))).toBe(0.5);
    expect(rocAuc(floats(3, 2, 2, 1), labels(1, 1, 0, 0))).toBe(0.875);
    expect(rocAuc(floats(1, 2), labels(1, 1))).toBeNull();
  });

  test('average precision: precision at each step of recall', () => {
    // Positives at ranks 1 and 3: (1/1 + 2/3) / 2.
    expect(prAuc(floats(0.9, 0.8, 0.7, 0.1), labels(1, 0, 1, 0))).toBeCloseTo((1 + 2 / 3) / 2, 12);
    // All equal: the share of positives.
    expect(prAuc(floats(1, 1, 1, 1), labels(1, 0, 0, 0))).toBe(0.25);
    expect(prAuc(floats(1), labels(0))).toBeNull();
  });

  test('Brier score, and that of the base rate', () => {
    expect(brier(floats(0.1, 0.8, 0.4), labels(0, 1, 1))).toBeCloseTo((0.01 + 0.04 + 0.36) / 3, 12);
    expect(baseRateBrier(labels(1, 0, 0, 0))).toBe(0.1875);
    expect(brier(floats(), labels())).toBeNull();
    expect(baseRateBrier(labels())).toBeNull();
  });

  test('log loss', () => {
    expect(logLoss(floats(0.5, 0.25), labels(1, 0))).toBeCloseTo((Math.log(2) - Math.log(0.75)) / 2, 12);
    expect(logLoss(floats(0), labels(1))).toBeCloseTo(-Math.log(1e-12), 6);
  });

  test('calibration error with bins of equal width', () => {
    const said = floats(0.1, 0.3, 0.7, 0.9);
    // Two bins: 0.2 said and 0.5 happened; 0.8 said and 1 happened.
    expect(calibrationError(said, labels(0, 1, 1, 1), 'equal-width', 2)).toBeCloseTo(0.5 * 0.3 + 0.5 * 0.2, 12);
    expect(calibrationError(floats(1), labels(1), 'equal-width', 10)).toBe(0);
  });

  test('calibration error with bins of equal numbers', () => {
    // Three and three: 0.1 said and 1/3 happened; 0.9 said and 1 happened.
    expect(calibrationError(floats(0.1, 0.1, 0.1, 0.9, 0.9, 0.9), labels(0, 0, 1, 1, 1, 1), 'equal-mass', 2)).toBeCloseTo((7 / 30 + 0.1) / 2, 12);
    // Equal probabilities stay together: one bin.
    expect(reliability(floats(0.4, 0.4, 0.4, 0.4), labels(1, 0, 0, 0), 'equal-mass', 4)).toEqual([
      { from: 0.4, to: 0.4, rows: 4, weight: 4, said: 0.4, happened: 0.25 },
    ]);
  });

  test('a row of weight 2 counts like two rows', () => {
    const scores = floats(0.2, 0.6, 0.5, 0.9);
    const outcomes = labels(0, 1, 0, 1);
    const weights = floats(1, 2, 2, 1);
    const [twiceScores, twiceOutcomes] = [floats(0.2, 0.6, 0.6, 0.5, 0.5, 0.9), labels(0, 1, 1, 0, 0, 1)];
    const [weighted, twice] = [heldOutMetrics(scores, outcomes, weights), heldOutMetrics(twiceScores, twiceOutcomes)];
    for (const name of ['rocAuc', 'prAuc', 'brier', 'baseRateBrier', 'eceEqualWidth'] as const) expect(weighted[name]).toBeCloseTo(twice[name] ?? -1, 12);
  });

  test('skill is a Brier score below that of the base rate by more than chance', () => {
    const metrics = heldOutMetrics(floats(0.1, 0.9), labels(0, 1));
    expect(hasSkill(metrics)).toBe(true);
    expect(hasSkill(heldOutMetrics(floats(0.5, 0.5), labels(0, 1)))).toBe(false);
    expect(hasSkill(heldOutMetrics(floats(), labels()))).toBe(false);
    expect(hasSkill({ ...metrics, brier: null })).toBe(false);
    expect(hasSkill({ ...metrics, brier: 0.0199, baseRateBrier: 0.02 })).toBe(false);
    expect(hasSkill({ ...metrics, brier: 0.0197, baseRateBrier: 0.02 })).toBe(true);
  });
});

const judged = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 1 })), { minLength: 1, maxLength: 60 });

describe('metrics, of anything', () => {
  test('are shares, and bins hold every row once', () => {
    fc.assert(
      fc.property(judged, (rows) => {
        const [said, happened] = [Float64Array.from(rows, ([p]) => p), Uint8Array.from(rows, ([, y]) => y)];
        for (const value of Object.values(heldOutMetrics(said, happened))) if (value !== null) expect(value).toBeGreaterThanOrEqual(0);
        for (const binning of ['equal-width', 'equal-mass'] as const) {
          const table = reliability(said, happened, binning);
          expect(table.reduce((sum, bin) => sum + bin.rows, 0)).toBe(rows.length);
          for (const bin of table) {
            expect(bin.said).toBeGreaterThanOrEqual(bin.from - 1e-9);
            expect(bin.said).toBeLessThanOrEqual(bin.to + 1e-9);
          }
        }
      }),
    );
  });

  test('turning the scores round turns the ROC AUC round', () => {
    fc.assert(
      fc.property(judged, (rows) => {
        const [said, happened] = [Float64Array.from(rows, ([p]) => p), Uint8Array.from(rows, ([, y]) => y)];
        const [forward, backward] = [
          rocAuc(said, happened),
          rocAuc(
            said.map((p) => -p),
            happened,
          ),
        ];
        if (forward !== null) expect(forward + (backward ?? 0)).toBeCloseTo(1, 9);
      }),
    );
  });
});
