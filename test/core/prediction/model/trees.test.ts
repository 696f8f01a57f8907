import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logOddsOf } from '../../../../core/prediction/model/calibration.ts';
import type { Part } from '../../../../core/prediction/model/format.ts';
import { contributions, prepare, rawScore, scorerOf } from '../../../../core/prediction/model/trees.ts';
import { aModel } from './a-model.ts';

const forest: Part = {
  kind: 'random-forest',
  weight: 1,
  base: 0,
  trees: [
    { feature: [0, -1, -1], threshold: [1, 0, 0], right: [2, 0, 0], value: [0.3, 0.1, 0.7] },
    { feature: [1, -1, -1], threshold: [5, 0, 0], right: [-2, 0, 0], value: [0.4, 0.2, 0.9] },
  ],
};
const linear: Part = { kind: 'linear', weight: 2, base: 0.5, coefficients: [2, -1], centres: [1, 10], low: [0, 10], high: [3, 12] };
const anyValue = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, 5, -0));

describe('scoring', () => {
  const scorer = scorerOf(aModel());

  test.each([
    [1, 9, -3],
    [1.0001, 5, -0.5],
    [2, 5.1, 2],
    [Number.NaN, 6, 2],
    [2, Number.NaN, -0.5],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0.5],
  ])('a %d, b %d: %d', (a, b, expected) => {
    expect(rawScore(scorer, Float64Array.of(a, b))).toBe(expected);
  });

  test('the same model is prepared once', () => {
    const model = aModel();
    expect(scorerOf(model)).toBe(scorerOf(model));
  });

  test('a forest is the mean probability in log-odds', () => {
    expect(rawScore(prepare([forest], 2), Float64Array.of(0, 9))).toBeCloseTo(logOddsOf((0.1 + 0.9) / 2), 12);
    expect(rawScore(prepare([forest], 2), Float64Array.of(2, 5))).toBeCloseTo(logOddsOf((0.7 + 0.2) / 2), 12);
  });

  test('parts count by their weight', () => {
    const [boosted] = aModel().parts;
    if (boosted === undefined) throw new Error('the model has a part');
    const parts = prepare([{ ...boosted, weight: 3 }, forest], 2);
    expect(rawScore(parts, Float64Array.of(0, 9))).toBeCloseTo((3 * -3 + logOddsOf(0.5)) / 4, 12);
  });

  test('a part without trees says its base', () => {
    expect(rawScore(prepare([{ ...forest, base: -2, trees: [] }], 2), Float64Array.of(0, 0))).toBe(-2);
  });

  test.each([
    [2, 11, 0.5 + 2 - 1],
    [9, 0, 0.5 + 4],
    [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0.5 - 2 - 2],
    [Number.NaN, Number.NaN, 0.5],
  ])('a linear part at %d, %d: %d, cut to the range it knows', (a, b, expected) => {
    expect(rawScore(prepare([linear], 2), Float64Array.of(a, b))).toBe(expected);
  });

  test('a row of another length is refused', () => {
    expect(() => rawScore(scorer, Float64Array.of(1))).toThrow(/1 features, the model knows 2/);
  });

  test('whatever is in a row, the score is finite and is its base and contributions', () => {
    const both = prepare([...aModel().parts, forest, linear], 2);
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const row = Float64Array.of(a, b);
        const score = rawScore(both, row);
        const { base, byFeature } = contributions(both, row);
        expect(Number.isFinite(score)).toBe(true);
        expect(base + (byFeature[0] ?? 0) + (byFeature[1] ?? 0)).toBeCloseTo(score, 9);
      }),
    );
  });

  test('contributions are those of the path', () => {
    const { base, byFeature } = contributions(scorer, Float64Array.of(2, 9));
    expect(base).toBe(-0.75);
    expect([...byFeature]).toEqual([0.75, 2]);
  });

  test('a feature that was not asked contributes nothing', () => {
    expect(contributions(scorer, Float64Array.of(0, 9)).byFeature[1]).toBe(0);
  });
});
