import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rocAuc } from '../../core/prediction/evaluation/ranking.ts';
import { sigmoid } from '../../core/prediction/model/calibration.ts';
import { prepare, rawScore } from '../../core/prediction/model/trees.ts';
import { binOf, binRows } from '../../training/bins.ts';
import { trainBoosting } from '../../training/gradient-boosting.ts';
import { addTree } from '../../training/grow-tree.ts';
import { learn, scoreRows } from '../../training/learner.ts';
import { brier } from '../../training/metrics.ts';
import { randomOf } from '../../training/random.ts';
import { trainForest } from '../../training/random-forest.ts';
import { type Rows, selectRows } from '../../training/rows.ts';

/** Rows of drawn features, with a label that is 1 with the given probability. */
function drawn(count: number, width: number, probability: (row: readonly number[]) => number, seed = 1, missing = 0): Rows {
  const random = randomOf(seed);
  const values = new Float64Array(count * width);
  const labels = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    const own = Array.from({ length: width }, () => random());
    labels[row] = random() < probability(own) ? 1 : 0;
    own.forEach((value, feature) => {
      values[row * width + feature] = random() < missing ? Number.NaN : value;
    });
  }
  return { features: Array.from({ length: width }, (_, index) => `f${index}`), values, labels, groups: new Int32Array(count) };
}

const kinds = ['gradient-boosting', 'random-forest', 'mean'] as const;
const small = { boosting: { trees: 40, rate: 0.2 }, forest: { trees: 25 } };
const xor = ([a = 0, b = 0]: readonly number[]) => (a > 0.5 === b > 0.3 ? 0.95 : 0.05);

describe.each(kinds)('%s', (kind) => {
  test('learns a rule of two features that neither tells alone', () => {
    const parts = learn(drawn(4000, 4, xor), { kind, ...small }, 1);
    const held = drawn(2000, 4, xor, 2);
    const scores = scoreRows(parts, held);
    expect(rocAuc(scores, held.labels)).toBeGreaterThan(0.93);
    expect(brier(Float64Array.from(scores, sigmoid), held.labels)).toBeLessThan(0.12);
  });

  test('learns from what is missing', () => {
    const rows = drawn(3000, 2, () => 0.5);
    rows.labels.forEach((label, row) => {
      if (label === 1 && row % 10 !== 0) rows.values[row * 2] = Number.NaN;
    });
    const scores = scoreRows(learn(rows, { kind, ...small }, 1), rows);
    expect(rocAuc(scores, rows.labels)).toBeGreaterThan(0.93);
  });

  test('is the same for the same seed, and another for another', () => {
    const rows = drawn(600, 5, xor);
    const text = (seed: number) => JSON.stringify(learn(rows, { kind, ...small }, seed));
    expect(text(7)).toBe(text(7));
    expect(text(7)).not.toBe(text(8));
  });

  test('says the share of positives where the features say nothing', () => {
    const rows = { ...drawn(1000, 2, () => 0.2), values: new Float64Array(2000).fill(3) };
    const share = rows.labels.reduce((sum, label) => sum + label, 0) / 1000;
    const [score = 0] = scoreRows(learn(rows, { kind, ...small }, 1), rows);
    expect(sigmoid(score)).toBeCloseTo(share, 1);
  });

  test.each([0, 1])('labels that are all %d make no trees and a finite score', (label) => {
    const rows = { ...drawn(50, 2, () => 0.5), labels: new Uint8Array(50).fill(label) };
    const parts = learn(rows, { kind }, 1);
    expect(parts.every((part) => part.kind !== 'linear' && part.trees.length === 0)).toBe(true);
    const [score = Number.NaN] = scoreRows(parts, rows);
    expect(Number.isFinite(score)).toBe(true);
    expect(score > 0).toBe(label === 1);
  });

  test('scores anything finitely, huge values and infinities included', () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308, -1e308, 5e-324, 0];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(fc.double(), fc.constantFrom(...odd)), fc.integer({ min: 0, max: 1 })), { minLength: 1, maxLength: 50 }),
        (all) => {
          const rows: Rows = {
            features: ['f'],
            values: Float64Array.from(all, ([value]) => value),
            labels: Uint8Array.from(all, ([, label]) => label),
            groups: new Int32Array(all.length),
          };
          const parts = learn(rows, { kind, boosting: { trees: 3, minChildRows: 1 }, forest: { trees: 3, minChildRows: 1 } }, 1);
          for (const score of scoreRows(parts, rows)) expect(Number.isFinite(score)).toBe(true);
          expect(JSON.parse(JSON.stringify(parts))).toEqual(parts);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('linear', () => {
  const slope = drawn(5000, 3, ([a = 0, b = 0]) => sigmoid(4 * a - 3 * b - 0.5));

  test('learns a rule that is a sum, and the signs of its terms', () => {
    const [part] = learn(slope, { kind: 'linear' }, 1);
    if (part?.kind !== 'linear') throw new Error('it is linear');
    expect(part.coefficients[0]).toBeCloseTo(4, 0);
    expect(part.coefficients[1]).toBeCloseTo(-3, 0);
  });

  test('non-negative: what would lower the probability is left out, and what is not asked for too', () => {
    const [part] = learn(slope, { kind: 'linear', linear: { nonNegative: true, only: ['f0', 'f1'] } }, 1);
    if (part?.kind !== 'linear') throw new Error('it is linear');
    expect(part.coefficients[0]).toBeGreaterThan(2);
    expect(part.coefficients.slice(1)).toEqual([0, 0]);
    expect(() => learn(slope, { kind: 'linear', linear: { only: ['other'] } }, 1)).toThrow(/no feature 'other'/);
  });

  test('is a part of a mean, by its weight', () => {
    const parts = learn(slope, { kind: 'mean', weights: { linear: 3, forest: 0 }, boosting: { trees: 2 } }, 1);
    expect(parts.map(({ kind, weight }) => [kind, weight])).toEqual([
      ['linear', 3],
      ['gradient-boosting', 1],
    ]);
  });
});

describe('weights', () => {
  test('a row of weight 3 teaches as much as three rows', () => {
    const rows = drawn(800, 3, xor);
    const weights = Float64Array.from(rows.labels, (_, row) => (row % 5 === 0 ? 3 : 1));
    const repeated = selectRows(rows, Int32Array.from(Array.from(weights).flatMap((weight, row) => new Array<number>(weight).fill(row))));
    // Few and large leaves: in small ones different splits are equally good.
    const options = { trees: 10, rowShare: 1, featureShare: 1, minChildRows: 1, minChildWeight: 10, maxLeaves: 4 };
    // Bins are made of distinct values here, so both see the same edges.
    const rounded = (of: Rows): Rows => ({ ...of, values: Float64Array.from(of.values, (value) => Math.round(value * 20)) });
    const weighted = trainBoosting({ ...rounded(rows), weights }, options, 1).part;
    const twice = trainBoosting(rounded(repeated), options, 1).part;
    const asked = rounded(rows);
    const [a, b] = [scoreRows([weighted], asked), scoreRows([twice], asked)];
    a.forEach((score, row) => {
      expect(score).toBeCloseTo(b[row] ?? Number.NaN, 3);
    });
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('a weight of %d is refused', (weight) => {
    const rows = { ...drawn(3, 1, () => 0.5), weights: Float64Array.of(1, weight, 1) };
    expect(() => trainForest(rows, {}, 1)).toThrow(/weight/);
  });
});

describe('boosting', () => {
  test('stops where the validation rows do not gain, and keeps the best', () => {
    const noisy = () => 0.4;
    const { part, validationLoss } = trainBoosting(drawn(400, 5, noisy), { trees: 200, rate: 0.3, patience: 5, minChildRows: 2 }, 1, drawn(400, 5, noisy, 9));
    expect(validationLoss.length).toBeLessThan(200);
    const least = validationLoss.indexOf(Math.min(...validationLoss)) + 1;
    const before = validationLoss[0] ?? 0;
    expect([0, least]).toContain(part.trees.length);
    expect(before).toBeGreaterThan(0);
  });

  test('with a monotone feature never falls when that feature rises', () => {
    const rows = drawn(1500, 2, ([a = 0]) => 0.5 + 0.4 * Math.sin(9 * a));
    const { part } = trainBoosting(rows, { trees: 30, monotone: Int8Array.of(1, 0) }, 1);
    const scorer = prepare([part], 2);
    for (const b of [0.1, 0.5, 0.9]) {
      let last = Number.NEGATIVE_INFINITY;
      for (let a = 0; a <= 1; a += 0.01) {
        const score = rawScore(scorer, Float64Array.of(a, b));
        expect(score).toBeGreaterThanOrEqual(last - 1e-9);
        last = score;
      }
    }
    expect(part.trees.some(({ feature }) => feature.includes(0))).toBe(true);
  });

  test.each<[string, Partial<Rows>, RegExp]>([
    ['no rows', { labels: new Uint8Array(0), values: new Float64Array(0), groups: new Int32Array(0) }, /no rows/],
    ['no features', { features: [] }, /no features/],
    ['too few values', { values: new Float64Array(3) }, /3 rows of 2 features need 6 values/],
    ['a label of 2', { labels: Uint8Array.of(0, 1, 2) }, /neither 0 nor 1/],
    ['too few groups', { groups: new Int32Array(2) }, /group/],
  ])('refuses %s', (_, change, message) => {
    const rows: Rows = { features: ['a', 'b'], values: new Float64Array(6), labels: Uint8Array.of(0, 1, 0), groups: new Int32Array(3), ...change };
    expect(() => trainBoosting(rows, {}, 1)).toThrow(message);
  });
});

describe('bins', () => {
  const values = fc.array(fc.oneof(fc.double(), fc.integer({ min: -3, max: 3 })), { minLength: 1, maxLength: 200 });

  test('keep the order of values, and a threshold parts what its bin parts', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 20 }), (all, most) => {
        const bins = binRows(Float64Array.from(all), 1, most);
        const [edges] = bins.edges;
        if (edges === undefined) throw new Error('there is one feature');
        expect(edges.length).toBeLessThan(most);
        all.forEach((value, row) => {
          const bin = bins.columns[0]?.[row] ?? 0;
          expect(bin === 0).toBe(Number.isNaN(value));
          edges.forEach((edge, index) => {
            if (bin > 0) expect(bin <= index + 1).toBe(value <= edge);
          });
        });
      }),
    );
  });

  test('distinct values that fit are bins of their own, with short thresholds between them', () => {
    const { edges } = binRows(Float64Array.of(0.1, 0.2000001, 5, 5), 1);
    expect([...(edges[0] ?? [])]).toEqual([0.2, 3]);
    expect(binOf(Float64Array.of(0.2, 3), 0.2)).toBe(1);
  });

  test('a tree answers the same in bins and in values', () => {
    const rows = drawn(500, 3, xor, 4, 0.1);
    const part = trainForest(rows, { trees: 5, minChildRows: 3 }, 1);
    const bins = binRows(rows.values, 3);
    const sums = new Float64Array(500);
    for (const tree of part.trees) addTree(tree, bins, sums);
    scoreRows([part], rows).forEach((score, row) => {
      const mean = Math.min(1 - 1e-4, Math.max(1e-4, (sums[row] ?? 0) / 5));
      expect(sigmoid(score)).toBeCloseTo(mean, 9);
    });
  });
});
