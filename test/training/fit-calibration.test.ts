import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibrated, logOddsOf } from '../../core/prediction/model/calibration.ts';
import { fitIsotonic, fitPlatt, poolAdjacentViolators } from '../../training/fit-calibration.ts';
import { brier } from '../../training/metrics.ts';
import { randomOf } from '../../training/random.ts';

const scored = fc.array(
  fc.tuple(fc.double({ min: -20, max: 20, noNaN: true }), fc.integer({ min: 0, max: 1 }), fc.double({ min: 0.01, max: 5, noNaN: true })),
  { minLength: 1, maxLength: 80 },
);
const arrays = (rows: readonly (readonly [number, number, number])[]) =>
  [Float64Array.from(rows, ([score]) => score), Uint8Array.from(rows, ([, label]) => label), Float64Array.from(rows, ([, , weight]) => weight)] as const;

describe('pool adjacent violators', () => {
  test('by hand: the falling pair is pooled', () => {
    const blocks = poolAdjacentViolators(Float64Array.of(1, 2, 3, 4), Uint8Array.of(0, 1, 0, 1));
    expect(blocks.map(({ x, y, weight }) => [x, y, weight])).toEqual([
      [1, 0, 1],
      [2.5, 0.5, 2],
      [4, 1, 1],
    ]);
  });

  test('rises strictly from block to block, keeps weight and mean, and never parts equal scores', () => {
    fc.assert(
      fc.property(scored, (rows) => {
        const [scores, labels, weights] = arrays(rows);
        const blocks = poolAdjacentViolators(scores, labels, weights);
        for (let index = 1; index < blocks.length; index++) {
          expect(blocks[index]?.y).toBeGreaterThan(blocks[index - 1]?.y ?? -1);
          expect(blocks[index]?.from).toBeGreaterThan(blocks[index - 1]?.to ?? Number.NEGATIVE_INFINITY);
        }
        const sum = (of: (row: readonly [number, number, number]) => number) => rows.reduce((total, row) => total + of(row), 0);
        expect(blocks.reduce((total, { weight }) => total + weight, 0)).toBeCloseTo(
          sum(([, , weight]) => weight),
          6,
        );
        expect(blocks.reduce((total, { weight, y }) => total + weight * y, 0)).toBeCloseTo(
          sum(([, label, weight]) => weight * label),
          6,
        );
      }),
    );
  });

  test('no other rising steps at the same places are nearer to the labels', () => {
    fc.assert(
      fc.property(scored, fc.integer(), (rows, seed) => {
        const [scores, labels, weights] = arrays(rows);
        const blocks = poolAdjacentViolators(scores, labels, weights);
        const at = (score: number, values: readonly number[]) => values[blocks.findIndex(({ from, to }) => from <= score && score <= to)] ?? Number.NaN;
        const own = blocks.map(({ y }) => y);
        const random = randomOf(seed);
        const other = own.map((y) => Math.min(1, Math.max(0, y + (random() - 0.5) * 0.2))).sort((a, b) => a - b);
        const error = (values: readonly number[]) =>
          brier(
            Float64Array.from(scores, (score) => at(score, values)),
            labels,
            weights,
          ) ?? 0;
        expect(error(own)).toBeLessThanOrEqual(error(other) + 1e-9);
      }),
    );
  });
});

describe('isotonic calibration', () => {
  test('rises, stays within the labels, and has no more points than asked', () => {
    fc.assert(
      fc.property(scored, fc.integer({ min: 1, max: 10 }), fc.double({ min: 0, max: 20, noNaN: true }), (rows, points, smallest) => {
        const [scores, labels, weights] = arrays(rows);
        const calibration = fitIsotonic(scores, labels, weights, { points, smallest });
        if (calibration.method !== 'isotonic') throw new Error('it is isotonic');
        expect(calibration.x.length).toBeLessThanOrEqual(points);
        expect(calibration.y).toHaveLength(calibration.x.length);
        for (let index = 1; index < calibration.x.length; index++) {
          expect(calibration.x[index]).toBeGreaterThan(calibration.x[index - 1] ?? Number.NEGATIVE_INFINITY);
          expect(calibration.y[index]).toBeGreaterThanOrEqual(calibration.y[index - 1] ?? -1);
        }
        for (const score of scores) {
          const probability = calibrated(calibration, score) ?? -1;
          expect(probability).toBeGreaterThanOrEqual(0);
          expect(probability).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('small blocks are joined', () => {
    const calibration = fitIsotonic(Float64Array.of(1, 2, 3, 4, 5), Uint8Array.of(0, 0, 0, 0, 1), undefined, { smallest: 2 });
    expect(calibration).toMatchObject({ method: 'isotonic', y: [0.2] });
  });

  test('without rows is refused', () => {
    expect(() => fitIsotonic(new Float64Array(0), new Uint8Array(0))).toThrow(RangeError);
  });
});

describe('Platt scaling', () => {
  const random = randomOf(3);
  const scores = Float64Array.from({ length: 20_000 }, () => random() * 8 - 4);

  test('finds the line that the labels were drawn by', () => {
    const labels = Uint8Array.from(scores, (score) => (random() < 1 / (1 + Math.exp(-(0.5 * score - 1))) ? 1 : 0));
    const calibration = fitPlatt(scores, labels);
    if (calibration.method !== 'platt') throw new Error('it is Platt scaling');
    expect(calibration.slope).toBeCloseTo(0.5, 1);
    expect(calibration.intercept).toBeCloseTo(-1, 1);
  });

  test('scores that rank the wrong way round give the base rate', () => {
    const labels = Uint8Array.from(scores, (score) => (score < 0 ? 1 : 0));
    expect(fitPlatt(scores, labels)).toMatchObject({ method: 'platt', slope: 0 });
  });

  test('labels of one kind give nearly that, and not a certainty', () => {
    const calibration = fitPlatt(Float64Array.of(1, 2, 3), Uint8Array.of(0, 0, 0));
    expect(calibrated(calibration, 100)).toBeCloseTo(0.2, 5);
  });

  test('labels that scores part wholly give finite numbers', () => {
    const calibration = fitPlatt(Float64Array.of(-2, -1, 1, 2), Uint8Array.of(0, 0, 1, 1));
    if (calibration.method !== 'platt') throw new Error('it is Platt scaling');
    expect(Number.isFinite(calibration.slope)).toBe(true);
    expect(calibrated(calibration, -2)).toBeLessThan(0.3);
    expect(calibrated(calibration, 2)).toBeGreaterThan(0.7);
  });

  test('of anything has finite numbers and a slope of at least 0', () => {
    fc.assert(
      fc.property(scored, (rows) => {
        const [scoresOf, labels, weights] = arrays(rows);
        const calibration = fitPlatt(scoresOf, labels, weights);
        if (calibration.method !== 'platt') throw new Error('it is Platt scaling');
        expect(calibration.slope).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(calibration.intercept)).toBe(true);
        expect(calibrated(calibration, logOddsOf(0.5))).not.toBeNaN();
      }),
    );
  });
});
