import { describe, expect, test } from 'vitest';
import { sigmoid } from '../../core/prediction/model/calibration.ts';
import { principalAxes, solveSymmetric } from '../../training/linear-algebra.ts';
import { fitLogistic, scoreLogistic } from '../../training/logistic.ts';
import { logLoss } from '../../training/metrics.ts';
import { randomOf } from '../../training/random.ts';
import type { Rows } from '../../training/rows.ts';

test('a symmetric system, by hand', () => {
  expect([...solveSymmetric(Float64Array.of(4, 2, 2, 3), Float64Array.of(10, 8))].map((x) => Number(x.toFixed(9)))).toEqual([1.75, 1.5]);
  expect(() => solveSymmetric(Float64Array.of(1, 1, 1, 1), Float64Array.of(1, 1))).toThrow(/not independent/);
});

test('principal axes, by hand: the diagonal of two features that go together', () => {
  const [first, second] = principalAxes(Float64Array.of(2, 1, 1, 2), 2);
  expect(first?.[0]).toBeCloseTo(Math.SQRT1_2, 9);
  expect(first?.[1]).toBeCloseTo(Math.SQRT1_2, 9);
  expect((second?.[0] ?? 0) + (second?.[1] ?? 0)).toBeCloseTo(0, 9);
});

describe('logistic regression', () => {
  const random = randomOf(5);
  const count = 20_000;
  const values = Float64Array.from({ length: count * 3 }, (_, at) => (at % 3 === 2 ? 7 : random() * 10));
  const labels = Uint8Array.from({ length: count }, (_, row) => (random() < sigmoid(0.6 * (values[row * 3] ?? 0) - 4) ? 1 : 0));
  const rows: Rows = { features: ['tells', 'noise', 'constant'], values, labels, groups: new Int32Array(count) };

  test('finds the weights that the labels were drawn by', () => {
    const { weights, scales } = fitLogistic(rows, 0.1);
    expect((weights[0] ?? 0) / (scales[0] ?? 1)).toBeCloseTo(0.6, 1);
    expect(Math.abs(weights[1] ?? 1)).toBeLessThan(0.1);
    expect(weights[2]).toBe(0);
  });

  test('a heavier penalty makes smaller weights', () => {
    expect(Math.abs(fitLogistic(rows, 10_000).weights[0] ?? 0)).toBeLessThan(Math.abs(fitLogistic(rows, 1).weights[0] ?? 0));
  });

  test('finds its minimum from far away, where whole steps of Newton run off', () => {
    // Rare positives far out on steep features that go together.
    const many = 4000;
    const steep = Float64Array.from({ length: many * 2 }, (_, at) => {
      const raw = random() ** 8 * 12 - 3;
      return at % 2 === 0 ? raw : Math.log1p(Math.exp(raw - 2));
    });
    const outcomes = Uint8Array.from({ length: many }, (_, row) => (random() < sigmoid(1.5 * (steep[row * 2] ?? 0) - 6) ? 1 : 0));
    const given: Rows = { features: ['a', 'b'], values: steep, labels: outcomes, groups: new Int32Array(many) };
    const model = fitLogistic(given, 1);
    const probabilities = (of: typeof model) => Float64Array.from(scoreLogistic(of, given), sigmoid);
    const penalised = (of: typeof model) => logLoss(probabilities(of), outcomes) * many + (of.weights[0] ?? 0) ** 2 / 2 + (of.weights[1] ?? 0) ** 2 / 2;
    for (const index of [0, 1, 2])
      for (const away of [-0.02, 0.02]) {
        const moved = model.weights.map((weight, at) => weight + (at === index ? away : 0));
        expect(penalised({ ...model, weights: moved })).toBeGreaterThan(penalised(model));
      }
  });

  test('a missing value counts as the mean', () => {
    const model = fitLogistic(rows, 1);
    const one = (value: number): number =>
      scoreLogistic(model, { ...rows, values: Float64Array.of(value, 5, 7), labels: Uint8Array.of(0), groups: new Int32Array(1) })[0] ?? 0;
    expect(one(Number.NaN)).toBeCloseTo(one(model.means[0] ?? 0), 9);
  });

  test('labels that the features part wholly, and labels of one kind, stay finite', () => {
    const parted = { ...rows, labels: Uint8Array.from({ length: count }, (_, row) => ((values[row * 3] ?? 0) > 5 ? 1 : 0)) };
    expect(fitLogistic(parted, 1).weights.every(Number.isFinite)).toBe(true);
    expect(fitLogistic({ ...rows, labels: new Uint8Array(count) }, 1).weights.every(Number.isFinite)).toBe(true);
  });
});
