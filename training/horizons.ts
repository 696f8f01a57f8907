// What a model's scores are worth as probabilities, horizon by horizon: calibration, and held-out figures of it.
import { calibrated } from '../core/prediction/model/calibration.ts';
import type { Calibration, Horizon } from '../core/prediction/model/format.ts';
import { fitCalibration } from './fit-calibration.ts';
import { type LabelledRows, outcomesOf, type Target } from './labelled-rows.ts';
import { hasSkill, heldOutMetrics } from './metrics.ts';
import { TrainingError } from './rows.ts';

const select = <Values extends Float64Array | Uint8Array>(values: Values, indices: Int32Array, make: (length: number) => Values): Values => {
  const chosen = make(indices.length);
  indices.forEach((from, to) => {
    chosen[to] = values[from] as number;
  });
  return chosen;
};

/**
 * Fits a horizon's calibration on all rows, and judges one that was fitted without the group of the row. `scores`: raw, by models that have not seen the
 * row's group. `isUnsure`: rows that are not fitted on, because their label is not to be relied on; they are judged all the same.
 * `probabilities`: NaN where the outcome is not known. Throws `TrainingError`.
 */
export function horizonOf(
  asked: Target,
  rows: LabelledRows,
  scores: Float64Array,
  groups: Int32Array,
  folds: readonly (readonly number[])[],
  method: Calibration['method'],
  isUnsure: (row: number) => boolean = () => false,
): { horizon: Horizon; probabilities: Float64Array } {
  const outcomes = outcomesOf(rows, asked);
  const labels = Uint8Array.from(outcomes, (outcome) => Math.max(0, outcome));
  const indices = (keep: (row: number) => boolean) => Int32Array.from(Array.from(outcomes.keys()).filter((row) => outcomes[row] !== -1 && keep(row)));
  const fit = (of: Int32Array) =>
    fitCalibration(
      method,
      select(scores, of, (length) => new Float64Array(length)),
      select(labels, of, (length) => new Uint8Array(length)),
    );
  const probabilities = new Float64Array(scores.length).fill(Number.NaN);
  for (const held of folds) {
    const chosen = new Set(held);
    const outside = indices((row) => !chosen.has(groups[row] as number) && !isUnsure(row));
    if (outside.length === 0) continue;
    const calibration = fit(outside);
    for (const row of indices((index) => chosen.has(groups[index] as number)))
      probabilities[row] = calibrated(calibration, scores[row] as number) ?? Number.NaN;
  }
  const judged = indices((row) => !Number.isNaN(probabilities[row] as number));
  if (judged.length === 0) throw new TrainingError(`no row tells what happens within ${asked.minutes} minutes; give longer histories, or a shorter horizon`);
  const heldOut = heldOutMetrics(
    select(probabilities, judged, (length) => new Float64Array(length)),
    select(labels, judged, (length) => new Uint8Array(length)),
  );
  return { horizon: { ...asked, calibration: fit(indices((row) => !isUnsure(row))), heldOut, skill: hasSkill(heldOut) }, probabilities };
}
