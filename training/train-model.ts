// Trains a failure model on labelled histories: trees, calibration and what they are worth, each on rows that were not trained on.
import { type Calibration, type FailureModel, modelVersion, type Source } from '../core/prediction/model/format.ts';
import { outOfFold } from './cross-validation.ts';
import { horizonOf } from './horizons.ts';
import { asRows, type FeatureExtractor, holdOut, type LabelledRows, type LabelledSeries, labelRows, outcomesOf, type Target } from './labelled-rows.ts';
import { type LearnerOptions, learn, scoreRows, weightsOfKinds } from './learner.ts';
import { type Rows, rowCount, selectRows, TrainingError } from './rows.ts';

export interface ModelOptions {
  readonly learner: LearnerOptions;
  readonly seed: number;
  /** what the trees learn */
  readonly learns: Target;
  /** what the file gives a probability of, each with its own calibration */
  readonly horizons: readonly Target[];
  readonly calibration: Calibration['method'];
  /** rows nearer than this to the one before are not learned from */
  readonly everyMinutes: number;
  /** Rows outside incidents that are so near to one are not trained on: nobody knows what they are. They are judged all the same. */
  readonly ignore: { readonly beforeMinutes: number; readonly afterMinutes: number };
  /** Rows so soon after an incident are not calibrated on: what was disturbed comes to rest, and an alarm there is no false one. Default 0. */
  readonly settleMinutes?: number;
  /** Rows of one incident together weigh at most as many rows: a day of one incident teaches less than its length. */
  readonly mostRowsPerIncident: number;
  /** series held out at a time are all of one fold; at most so many folds */
  readonly folds: number;
  readonly date: string;
  readonly sources: readonly Source[];
  readonly notes: readonly string[];
}

export const modelDefaults = {
  learner: { kind: 'gradient-boosting' },
  seed: 1,
  learns: { target: 'present', minutes: 0 },
  calibration: 'platt',
  everyMinutes: 5,
  ignore: { beforeMinutes: 60, afterMinutes: 30 },
  mostRowsPerIncident: 36,
  folds: 12,
} as const satisfies Partial<ModelOptions>;

export interface Trained {
  readonly model: FailureModel;
  readonly rows: LabelledRows;
  /** raw score of each row by a model that has not seen its group */
  readonly heldOutScores: Float64Array;
  /** per horizon: probability of each row, by trees and calibration that have not seen its group; NaN where the outcome is not known */
  readonly heldOutProbabilities: readonly Float64Array[];
}

/** Weights that keep one long incident from being most of what is learned. */
function incidentWeights(rows: LabelledRows, most: number): Float64Array {
  const lengths = new Map<number, number>();
  for (const incident of rows.incidentOf) lengths.set(incident, (lengths.get(incident) ?? 0) + 1);
  return Float64Array.from(rows.incidentOf, (incident) => (incident < 0 ? 1 : Math.min(1, most / (lengths.get(incident) ?? 1))));
}

/** Names of the options in the provenance, flat. */
function parametersOf(
  { learner, learns, calibration, everyMinutes, ignore, settleMinutes, mostRowsPerIncident }: ModelOptions,
  folds: number,
): Record<string, string | number | boolean> {
  const numbers = (prefix: string, options: object | undefined) =>
    Object.entries(options ?? {}).flatMap(([name, value]) => (typeof value === 'number' ? [[`${prefix}.${name}`, value] as const] : []));
  return {
    kind: learner.kind,
    seeds: learner.seeds ?? 1,
    ...Object.fromEntries([
      ...numbers('boosting', learner.boosting),
      ...numbers('forest', learner.forest),
      ...numbers('linear', learner.linear),
      ...numbers('weight', weightsOfKinds(learner)),
    ]),
    ...(learner.linear?.only === undefined ? {} : { 'linear.only': learner.linear.only.join(' ') }),
    ...(learner.linear?.nonNegative === undefined ? {} : { 'linear.nonNegative': learner.linear.nonNegative }),
    ...(learner.boosting?.monotone === undefined ? {} : { 'boosting.monotone': true }),
    learns: learns.target,
    learnsMinutes: learns.minutes,
    calibration,
    everyMinutes,
    ignoreBeforeMinutes: ignore.beforeMinutes,
    ignoreAfterMinutes: ignore.afterMinutes,
    ...(settleMinutes === undefined ? {} : { settleMinutes }),
    mostRowsPerIncident,
    folds,
  };
}

/**
 * Cross-validates by series, calibrates on the held-out scores, and trains the model that is kept on everything. Series are dealt to folds by seed.
 * With fewer than three series their histories are cut in blocks of time, which are held out instead: the provenance says so.
 * The held-out probabilities come from trees and calibration without the row's group; the trees behind the other groups' scores, on which that calibration
 * was fitted, have seen it. Throws `TrainingError`.
 */
export function trainModel<State>(series: readonly LabelledSeries[], extractor: FeatureExtractor<State>, options: ModelOptions): Trained {
  if (series.length === 0) throw new TrainingError('there is no series to train on');
  return trainOnRows(labelRows(series, extractor, options.everyMinutes), options);
}

/** `trainModel` on rows whose features were computed before; they are already as far apart as `everyMinutes` says. Throws `TrainingError`. */
export function trainOnRows(rows: LabelledRows, options: ModelOptions): Trained {
  const { groups, folds, how } = holdOut(rows, options.folds, options.seed);
  const outcomes = outcomesOf(rows, options.learns);
  const all: Rows = asRows(rows, outcomes, groups, incidentWeights(rows, options.mostRowsPerIncident));
  const positives = all.labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0) throw new TrainingError('no row is a failure; give histories with labelled incidents');
  if (positives === rowCount(all)) throw new TrainingError('every row is a failure; give histories with usual times as well');
  const { beforeMinutes, afterMinutes } = options.ignore;
  const keep = (row: number) => {
    const outcome = outcomes[row];
    if (outcome !== 0) return outcome === 1;
    return (rows.minutesUntil[row] as number) > beforeMinutes && (rows.minutesSince[row] as number) > afterMinutes;
  };
  const heldOutScores = outOfFold(all, folds, (training, held, fold) => scoreRows(learn(training, options.learner, options.seed + fold), held), keep);
  const settle = options.settleMinutes ?? 0;
  const settling = (row: number) => rows.incidentOf[row] === -1 && (rows.minutesSince[row] as number) <= settle;
  const horizons = options.horizons.map((asked) => horizonOf(asked, rows, heldOutScores, groups, folds, options.calibration, settling));
  const training = selectRows(all, Int32Array.from(Array.from(all.labels.keys()).filter(keep)));
  const model: FailureModel = {
    format: 'forestall-failure-model',
    version: modelVersion,
    kind: options.learner.kind,
    features: [...rows.features],
    metrics: Math.max(1, rows.metrics),
    parts: learn(training, options.learner, options.seed),
    horizons: horizons.map(({ horizon }) => horizon),
    provenance: {
      date: options.date,
      sources: [...options.sources],
      parameters: parametersOf(options, folds.length),
      seed: options.seed,
      rows: rowCount(training),
      positives: training.labels.reduce((sum, label) => sum + label, 0),
      heldOut: how,
      notes: [...options.notes],
    },
  };
  return { model, rows, heldOutScores, heldOutProbabilities: horizons.map(({ probabilities }) => probabilities) };
}
