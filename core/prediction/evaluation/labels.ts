// What labelled incidents say of each row of a scored series: inside one, near one, or outside all.

/** Times are ms since the epoch, both inclusive. */
export interface Incident {
  readonly from: number;
  readonly until: number;
}

/** A scored history with its labelled incidents. */
export interface ScoredSeries {
  readonly name: string;
  /** ms since the epoch, never falling */
  readonly times: ArrayLike<number>;
  /** one for each time, 0 or more on any scale; NaN: not scored, counts as 0 */
  readonly scores: ArrayLike<number>;
  readonly incidents: readonly Incident[];
  /** before it nobody knows what was an incident: such rows are not counted. Default: everything is labelled */
  readonly labelledFrom?: number;
}

const minute = 60_000;

/** How alarms are counted, ms. */
export const alarmRules = {
  /** An alarm so long before an incident has found it, and is not a false one. */
  before: 60 * minute,
  /** An alarm so long after an incident is not a false one: what was disturbed comes to rest. */
  after: 30 * minute,
  /** False alarms are counted once in each begun hour of the clock (UTC). */
  hour: 60 * minute,
} as const;

/** First index whose time is at or after `time`; the length when there is none. */
export function firstAt(times: ArrayLike<number>, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First index whose time is after `time`. */
export function firstAfter(times: ArrayLike<number>, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first row that is labelled. */
export const firstLabelled = ({ times, labelledFrom }: Pick<ScoredSeries, 'times' | 'labelledFrom'>): number =>
  labelledFrom === undefined ? 0 : firstAt(times, labelledFrom);

/** The score as it is judged: what is not scored raises no alarm. */
export const judged = (score: number | undefined): number => (score === undefined || Number.isNaN(score) ? 0 : score);

/** Scores and labels of the labelled rows, of equal length; a label is 1 inside an incident or less than `horizon` ms before one, else 0. */
export function labelsOf(series: ScoredSeries, horizon = 0): { scores: Float64Array; labels: Uint8Array } {
  const { times, incidents } = series;
  const first = firstLabelled(series);
  const scores = Float64Array.from({ length: times.length - first }, (_, index) => judged(series.scores[first + index]));
  const labels = new Uint8Array(scores.length);
  for (const { from, until } of incidents) {
    const begin = horizon > 0 ? firstAfter(times, from - horizon) : firstAt(times, from);
    labels.fill(1, Math.max(0, begin - first), Math.max(0, firstAfter(times, until) - first));
  }
  return { scores, labels };
}
