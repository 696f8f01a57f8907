// A small model whose scores are known, for tests that read, damage or score one.
import type { FailureModel } from '../../../../core/prediction/model/format.ts';

/** One boosted tree: a <= 1 ? -2 : (b <= 5 ? 0.5 : 3), a missing goes right, b missing goes left; base -1. */
export const aModel = (): FailureModel => ({
  format: 'forestall-failure-model',
  version: 1,
  kind: 'gradient-boosting',
  features: ['a', 'b'],
  metrics: 2,
  parts: [
    {
      kind: 'gradient-boosting',
      weight: 1,
      base: -1,
      trees: [{ feature: [0, -1, 1, -1, -1], threshold: [1, 0, 5, 0, 0], right: [2, 0, -4, 0, 0], value: [0.25, -2, 1, 0.5, 3] }],
    },
  ],
  horizons: [
    {
      target: 'present',
      minutes: 0,
      calibration: { method: 'platt', slope: 1, intercept: 0 },
      heldOut: { rows: 10, positives: 2, rocAuc: 0.9, prAuc: 0.5, brier: 0.1, baseRateBrier: 0.16, eceEqualWidth: 0.01, eceEqualMass: 0.01 },
      skill: true,
    },
  ],
  provenance: {
    date: '2026-01-31',
    sources: [{ name: 'made up', origin: 'a test', licence: 'none', series: ['one'], rows: 10 }],
    parameters: { trees: 1 },
    seed: 1,
    rows: 10,
    positives: 2,
    heldOut: 'not held out',
    notes: [],
  },
});
