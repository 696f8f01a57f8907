// How incidents of metrics of unknown meaning are learned: the features of a resource, and the learner that was chosen for them.
import { initialRisk, type RiskState, readRisk } from '../core/prediction/features/incident-risk.ts';
import { featureNames } from '../core/prediction/features/resource-features.ts';
import type { FeatureExtractor } from './labelled-rows.ts';
import { type ModelOptions, modelDefaults } from './train-model.ts';

/** The engine's own features, row by row: a model is trained on exactly what it will be asked with. */
export const extractor: FeatureExtractor<RiskState> = {
  names: featureNames,
  initial: () => initialRisk,
  observe(state, timestamp, values) {
    const points = new Map<string, number>();
    values.forEach((value, metric) => {
      if (Number.isFinite(value)) points.set(String(metric), value);
    });
    const { state: next, features } = readRisk(state, timestamp, points);
    return { state: next, features };
  },
};

/**
 * Chosen by leaving one server out at a time of ASD and SMD, all of them in view: docs/benchmarks.md says what choosing on half of them gives. With some
 * fifty incidents little can be learned safely: one line on the composite carries most of the weight, a small forest and a few boosted trees the rest; more and deeper trees rank servers that they have not seen worse.
 */
export const incidentOptions = {
  ...modelDefaults,
  learner: {
    kind: 'mean',
    weights: { linear: 0.65, forest: 0.25, boosting: 0.1 },
    linear: { only: ['sustained'], nonNegative: true },
    forest: { trees: 40, maxLeaves: 24, maxDepth: 7, minChildRows: 60, featuresPerNode: 10, rowShare: 0.4 },
    boosting: { trees: 30, rate: 0.05, maxLeaves: 8, minChildRows: 100, lambda: 10, rowShare: 0.6, featureShare: 0.3 },
  },
  horizons: [
    { target: 'present', minutes: 0 },
    { target: 'either', minutes: 15 },
    { target: 'either', minutes: 60 },
    { target: 'either', minutes: 240 },
    { target: 'starts', minutes: 15 },
    { target: 'starts', minutes: 60 },
    { target: 'starts', minutes: 240 },
  ],
  calibration: 'platt',
  ignore: { beforeMinutes: 30, afterMinutes: 60 },
  settleMinutes: 30,
} as const satisfies Partial<ModelOptions>;
