// Labels of rows, ranking and reliability: against their definitions, pair by pair and bin by bin.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../../../core/prediction/evaluation/labels.ts';
import { rocAuc } from '../../../../core/prediction/evaluation/ranking.ts';
import { reliability } from '../../../../core/prediction/evaluation/reliability.ts';

const labelled = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom(0, 1)), { minLength: 1, maxLength: 60 });

describe('labelsOf', () => {
  const times = [0, 10, 20, 30, 40, 50];
  it('marks rows inside incidents, both ends included, and leaves the unlabelled out', () => {
    const series = { name: 'a', times, scores: [1, Number.NaN, 3, 4, 5, 6], incidents: [{ from: 20, until: 30 }], labelledFrom: 10 };
    expect(labelsOf(series)).toEqual({ scores: Float64Array.of(0, 3, 4, 5, 6), labels: Uint8Array.of(0, 1, 1, 0, 0) });
  });
  it('marks rows ahead of an incident when asked for a horizon', () => {
    const series = {
      name: 'a',
      times,
      scores: times,
      incidents: [
        { from: 35, until: 40 },
        { from: 400, until: 500 },
      ],
    };
    expect([...labelsOf(series, 15).labels]).toEqual([0, 0, 0, 1, 1, 0]);
    expect([...labelsOf({ ...series, incidents: [{ from: 30, until: 30 }] }, 10).labels]).toEqual([0, 0, 0, 1, 0, 0]);
  });
});

describe('rocAuc', () => {
  it('is the share of pairs in the right order, ties counting half', () => {
    fc.assert(
      fc.property(labelled, (rows) => {
        const pairs = rows.flatMap(([high, label]) =>
          label === 1 ? rows.filter(([, other]) => other === 0).map(([low]) => (high > low ? 1 : high === low ? 0.5 : 0)) : [],
        );
        const expected = pairs.length > 0 ? pairs.reduce<number>((sum, one) => sum + one, 0) / pairs.length : null;
        const auc = rocAuc(
          rows.map(([score]) => score),
          rows.map(([, label]) => label),
        );
        if (expected === null) expect(auc).toBeNull();
        else expect(auc).toBeCloseTo(expected, 12);
      }),
    );
  });
});

describe('reliability', () => {
  it('has the Brier score of its definition, and bins that hold every row', () => {
    fc.assert(
      fc.property(labelled, (rows) => {
        const probabilities = rows.map(([score]) => score / 20);
        const labels = rows.map(([, label]) => label);
        const result = reliability(probabilities, labels);
        const brier = rows.reduce((sum, [score, label]) => sum + (score / 20 - label) ** 2, 0) / rows.length;
        expect(result?.brier).toBeCloseTo(brier, 12);
        expect(result?.bins.reduce((sum, { count }) => sum + count, 0)).toBe(rows.length);
        for (const { mean, observed } of result?.bins ?? []) expect(Math.max(mean, observed, 1 - mean, 1 - observed)).toBeLessThanOrEqual(1);
      }),
    );
  });
  it('of the base rate itself has no error and no skill', () => {
    expect(reliability([0.25, 0.25, 0.25, 0.25], [1, 0, 0, 0])).toEqual({
      count: 4,
      baseRate: 0.25,
      brier: 0.1875,
      baseBrier: 0.1875,
      ece: 0,
      bins: [{ mean: 0.25, observed: 0.25, count: 4 }],
    });
    expect(reliability([], [])).toBeUndefined();
  });
});
