// New calibrations for a model, from recent labelled histories: what a score is worth drifts sooner than what makes it.
import type { Calibration, FailureModel, Source } from '../core/prediction/model/format.ts';
import { horizonOf } from './horizons.ts';
import { asRows, type FeatureExtractor, holdOut, type LabelledSeries, labelRows, outcomesOf } from './labelled-rows.ts';
import { scoreRows } from './learner.ts';

export interface RecalibrationOptions {
  readonly calibration: Calibration['method'];
  readonly everyMinutes: number;
  readonly folds: number;
  readonly seed: number;
  readonly date: string;
  readonly sources: readonly Source[];
}

/**
 * The same trees and coefficients, with the calibration, held-out figures and skill of every horizon fitted anew. The histories must not be those that
 * the model was trained on: its scores of them are too good. Folds are of the calibration alone. Throws `TrainingError`.
 */
export function recalibrate<State>(
  model: FailureModel,
  series: readonly LabelledSeries[],
  extractor: FeatureExtractor<State>,
  options: RecalibrationOptions,
): FailureModel {
  const rows = labelRows(series, extractor, options.everyMinutes);
  const { groups, folds, how } = holdOut(rows, options.folds, options.seed);
  const scores = scoreRows(model.parts, asRows(rows, outcomesOf(rows, { target: 'present', minutes: 0 }), groups));
  const { provenance } = model;
  return {
    ...model,
    horizons: model.horizons.map(({ target, minutes }) => horizonOf({ target, minutes }, rows, scores, groups, folds, options.calibration).horizon),
    provenance: {
      ...provenance,
      sources: [...provenance.sources, ...options.sources],
      parameters: { ...provenance.parameters, calibration: options.calibration, recalibrated: options.date },
      heldOut: `calibrated anew on ${options.date}, on histories that were given as other ones than it was trained on; ${how}`,
      notes: [
        ...provenance.notes,
        `calibrated anew on ${options.date} on ${options.sources.map(({ name }) => name).join(', ')}; trained on ${provenance.date}`,
      ],
    },
  };
}
