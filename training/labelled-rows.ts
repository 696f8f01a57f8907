// Turns labelled histories into rows to learn from: the features of a moment, and what came after it.
import { foldsOf } from './cross-validation.ts';
import { type Rows, TrainingError } from './rows.ts';

/** A labelled history of one resource. Times are ms since the epoch, rising; incidents' ends are inclusive. */
export interface LabelledSeries {
  readonly name: string;
  readonly times: Float64Array;
  /** one row per time, one value per metric; NaN is missing */
  readonly rows: readonly Float64Array[];
  /** before it nobody knows what was an incident: such rows teach what is usual, and no label */
  readonly labelledFrom: number;
  readonly incidents: readonly { readonly from: number; readonly until: number }[];
}

/** Computes a resource's features from its rows one after the other, without looking ahead. */
export interface FeatureExtractor<State> {
  readonly names: readonly string[];
  /** `metrics`: how many values a row has; `everySeconds`: the usual time between rows */
  initial(metrics: number, everySeconds: number): State;
  /** `features`: in the order of `names`, NaN where one is missing; null while too little is known. The state that was given may be changed. */
  observe(state: State, timestamp: number, values: Float64Array): { readonly state: State; readonly features: Float64Array | null };
}

/** What is known of each row beside its features; arrays of the same length as the labels. */
export interface LabelledRows {
  readonly features: readonly string[];
  readonly values: Float64Array;
  readonly series: readonly string[];
  /** how many metrics the series with the fewest has */
  readonly metrics: number;
  /** index into `series` */
  readonly seriesOf: Int32Array;
  readonly times: Float64Array;
  /** number of the incident that the row is in, counted over all series; -1 outside */
  readonly incidentOf: Int32Array;
  /** minutes until the next incident starts; infinite where none does; 0 or less never */
  readonly minutesUntil: Float64Array;
  /** minutes since the last incident ended; infinite where none did */
  readonly minutesSince: Float64Array;
  /** minutes until the history ends: what happens later is not known */
  readonly minutesKnown: Float64Array;
}

const minute = 60_000;

/** Median time between rows in seconds, 60 for a history of one row. */
export function usualStep(times: Float64Array): number {
  const steps = Float64Array.from({ length: Math.max(0, times.length - 1) }, (_, index) => (times[index + 1] ?? 0) - (times[index] ?? 0)).sort();
  return (steps[steps.length >> 1] ?? minute) / 1000;
}

/**
 * `everyMinutes`: rows nearer to the one before are seen by the extractor, but not learned from, because neighbours say nearly the same.
 * Throws `TrainingError` when no series has a row with features and a label.
 */
export function labelRows<State>(all: readonly LabelledSeries[], extractor: FeatureExtractor<State>, everyMinutes: number): LabelledRows {
  const width = extractor.names.length;
  const kept: Float64Array[] = [];
  const columns = {
    seriesOf: [] as number[],
    times: [] as number[],
    incidentOf: [] as number[],
    minutesUntil: [] as number[],
    minutesSince: [] as number[],
    minutesKnown: [] as number[],
  };
  let incidentsBefore = 0;
  all.forEach((series, seriesIndex) => {
    const incidents = [...series.incidents].sort((a, b) => a.from - b.from);
    const end = series.times[series.times.length - 1] ?? 0;
    let state = extractor.initial(series.rows[0]?.length ?? 0, usualStep(series.times));
    let last = Number.NEGATIVE_INFINITY;
    series.rows.forEach((row, index) => {
      const time = series.times[index] ?? 0;
      const observed = extractor.observe(state, time, row);
      state = observed.state;
      const { features } = observed;
      // Half a minute of slack: steps are not exact.
      if (features === null || time < series.labelledFrom || time - last < everyMinutes * minute - minute / 2) return;
      if (features.length !== width) throw new TrainingError(`${series.name}: the extractor gave ${features.length} features instead of ${width}`);
      last = time;
      kept.push(features.slice());
      columns.seriesOf.push(seriesIndex);
      columns.times.push(time);
      const inside = incidents.findIndex(({ from, until }) => from <= time && time <= until);
      columns.incidentOf.push(inside < 0 ? -1 : incidentsBefore + inside);
      const next = incidents.find(({ from }) => from > time);
      columns.minutesUntil.push(next === undefined ? Number.POSITIVE_INFINITY : (next.from - time) / minute);
      const before = incidents.filter(({ until }) => until < time).reduce((latest, { until }) => Math.max(latest, until), Number.NEGATIVE_INFINITY);
      columns.minutesSince.push((time - before) / minute);
      columns.minutesKnown.push((end - time) / minute);
    });
    incidentsBefore += incidents.length;
  });
  if (kept.length === 0) throw new TrainingError('no row has both features and a label; give longer histories, or an earlier labelledFrom');
  const values = new Float64Array(kept.length * width);
  kept.forEach((features, index) => {
    values.set(features, index * width);
  });
  return {
    features: extractor.names,
    values,
    series: all.map(({ name }) => name),
    metrics: Math.min(...all.map(({ rows }) => rows[0]?.length ?? 0)),
    seriesOf: Int32Array.from(columns.seriesOf),
    times: Float64Array.from(columns.times),
    incidentOf: Int32Array.from(columns.incidentOf),
    minutesUntil: Float64Array.from(columns.minutesUntil),
    minutesSince: Float64Array.from(columns.minutesSince),
    minutesKnown: Float64Array.from(columns.minutesKnown),
  };
}

/** The rows of some of the series, which keep their order and are numbered anew. */
export function rowsOfSeries(rows: LabelledRows, keep: (name: string) => boolean): LabelledRows {
  const kept = rows.series.map((name, index) => ({ name, index })).filter(({ name }) => keep(name));
  const numbers = new Map(kept.map(({ index }, number) => [index, number]));
  const at = Array.from(rows.seriesOf.keys()).filter((row) => numbers.has(rows.seriesOf[row] ?? -1));
  const width = rows.features.length;
  const values = new Float64Array(at.length * width);
  at.forEach((from, to) => {
    values.set(rows.values.subarray(from * width, (from + 1) * width), to * width);
  });
  const pick = (column: Float64Array) => Float64Array.from(at, (row) => column[row] ?? Number.NaN);
  return {
    features: rows.features,
    values,
    series: kept.map(({ name }) => name),
    metrics: rows.metrics,
    seriesOf: Int32Array.from(at, (row) => numbers.get(rows.seriesOf[row] ?? -1) ?? -1),
    times: pick(rows.times),
    incidentOf: Int32Array.from(at, (row) => rows.incidentOf[row] ?? -1),
    minutesUntil: pick(rows.minutesUntil),
    minutesSince: pick(rows.minutesSince),
    minutesKnown: pick(rows.minutesKnown),
  };
}

/** What a probability is about; see the model's format. */
export interface Target {
  readonly target: 'present' | 'starts' | 'either';
  readonly minutes: number;
}

/** 1 yes, 0 no, -1 not known or not asked: the history ends too early, or an incident is there and the question is whether one starts. */
export function outcomesOf(rows: LabelledRows, { target, minutes }: Target): Int8Array {
  return Int8Array.from(rows.incidentOf, (incident, row) => {
    const present = incident >= 0;
    if (target === 'present') return present ? 1 : 0;
    if (present) return target === 'either' ? 1 : -1;
    if ((rows.minutesUntil[row] as number) <= minutes) return 1;
    return (rows.minutesKnown[row] as number) < minutes ? -1 : 0;
  });
}

/** Fewer series than this are cut in blocks of time, so that some history is left to be held out. */
const fewSeries = 3;
const blocksOfFew = 5;

/** The series of each row, or where `blocks` is above 1 the consecutive block of its series. */
export function groupRows(rows: LabelledRows, blocks: number): Int32Array {
  if (blocks <= 1) return rows.seriesOf.slice();
  const counts = new Map<number, number>();
  for (const series of rows.seriesOf) counts.set(series, (counts.get(series) ?? 0) + 1);
  const seen = new Map<number, number>();
  return rows.seriesOf.map((series) => {
    const index = seen.get(series) ?? 0;
    seen.set(series, index + 1);
    return series * blocks + Math.floor((index * blocks) / (counts.get(series) ?? 1));
  });
}

/** Which rows are held out together, at most `most` folds, dealt by seed; `how` in a sentence. Throws `TrainingError` when there is too little. */
export function holdOut(rows: LabelledRows, most: number, seed: number): { groups: Int32Array; folds: number[][]; how: string } {
  const few = rows.series.length < fewSeries;
  const groups = groupRows(rows, few ? blocksOfFew : 1);
  const count = Math.min(most, new Set(groups).size);
  if (count < 2) throw new TrainingError('there is too little labelled history to hold some of it out; give more series, or longer ones');
  const how = few
    ? `${count} folds of blocks of time, because there are fewer than ${fewSeries} series: other resources may do worse`
    : `${count} folds by series: each row is judged by a model that has not seen its series`;
  return { groups, folds: foldsOf(groups, count, seed), how };
}

/** The rows as a trainer wants them; the labels are those of `outcomes` (-1 counts as 0: leave such rows out). */
export const asRows = (rows: LabelledRows, outcomes: Int8Array, groups: Int32Array, weights?: Float64Array): Rows => ({
  features: rows.features,
  values: rows.values,
  labels: Uint8Array.from(outcomes, (outcome) => Math.max(0, outcome)),
  groups,
  ...(weights === undefined ? {} : { weights }),
});
