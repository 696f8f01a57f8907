// The scoring of the Numenta Anomaly Benchmark, from its published description: early detections in a window count, false ones cost.

/** Weights of a profile: a detection, a false one, a missed window. A true negative counts nothing. */
export interface NabProfile {
  readonly detection: number;
  readonly falseAlarm: number;
  readonly missed: number;
}

/** The three application profiles of the benchmark. */
export const nabProfiles = {
  standard: { detection: 1, falseAlarm: 0.11, missed: 1 },
  lowFalseAlarms: { detection: 1, falseAlarm: 0.22, missed: 1 },
  lowMisses: { detection: 1, falseAlarm: 0.11, missed: 2 },
} as const satisfies Record<string, NabProfile>;

/** One series as scored: `windows` are first and last index, both inclusive, in order and apart. */
export interface NabSeries {
  readonly name: string;
  readonly scores: ArrayLike<number>;
  readonly windows: readonly (readonly [number, number])[];
}

/** What a series gives at a threshold: values of the first detection of each window, false alarms (at most 0 each), windows missed. */
export interface NabCount {
  readonly detected: number;
  readonly falseAlarms: number;
  readonly missed: number;
}

/** Of a position relative to a window: near 1 at its start (-1), 0 at its end, -1 far behind. */
export const nabSigmoid = (position: number): number => (position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1);

const probationShare = 0.15;
const probationMost = 750;
/** Rows at the start of a series that count neither way. */
export const probationOf = (rows: number): number => Math.min(Math.floor(probationShare * rows), probationMost);

/** Counts a series' rows at or above the threshold. Of a window only the best (the first) detection counts. */
export function countNab({ scores, windows }: NabSeries, threshold: number): NabCount {
  const first = probationOf(scores.length);
  const best = windows.map((): number | undefined => undefined);
  let falseAlarms = 0;
  let before = -1;
  for (let row = 0; row < scores.length; row += 1) {
    while (before + 1 < windows.length && row > (windows[before + 1]?.[1] ?? 0)) before += 1;
    if (row < first || !((scores[row] ?? 0) >= threshold)) continue;
    const inside = windows[before + 1];
    if (inside !== undefined && row >= inside[0]) {
      const [start, end] = inside;
      const value = nabSigmoid(-(end - row + 1) / (end - start + 1)) / nabSigmoid(-1);
      best[before + 1] = Math.max(best[before + 1] ?? value, value);
      continue;
    }
    const past = windows[before];
    falseAlarms += past === undefined ? -1 : nabSigmoid((row - past[1]) / (past[1] - past[0]));
  }
  return {
    detected: best.reduce<number>((sum, value) => sum + (value ?? 0), 0),
    falseAlarms,
    missed: best.filter((value) => value === undefined).length,
  };
}

/** The score of many series at one threshold, 0 for no alarm at all and 100 for one at the start of each window. */
export function nabScore(series: readonly NabSeries[], threshold: number, profile: NabProfile): number {
  const windows = series.reduce((sum, one) => sum + one.windows.length, 0);
  if (windows === 0) throw new RangeError('no series has a window; a score between none and all needs one');
  const counts = series.map((one) => countNab(one, threshold));
  const raw = counts.reduce(
    (sum, { detected, falseAlarms, missed }) => sum + profile.detection * detected + profile.falseAlarm * falseAlarms - profile.missed * missed,
    0,
  );
  return (100 * (raw + profile.missed * windows)) / ((profile.detection + profile.missed) * windows);
}

/** The best threshold for all series together, as the benchmark chooses it, among `candidates`. */
export function bestThreshold(
  series: readonly NabSeries[],
  profile: NabProfile,
  candidates: readonly number[],
): { readonly threshold: number; readonly score: number } {
  let best = { threshold: Number.POSITIVE_INFINITY, score: 0 };
  for (const threshold of candidates) {
    const score = nabScore(series, threshold, profile);
    if (score > best.score) best = { threshold, score };
  }
  return best;
}

/** Rising thresholds that matter: distinct scores beyond probation, thinned evenly to at most `most` and always with the highest. */
export function candidateThresholds(series: readonly NabSeries[], most = 300): number[] {
  const distinct = new Set<number>();
  for (const { scores } of series) for (let row = probationOf(scores.length); row < scores.length; row += 1) distinct.add(scores[row] ?? 0);
  distinct.delete(0);
  const rising = Float64Array.from(distinct).sort();
  // The upper part decides: thinned by rank from above, closer together at the top.
  const kept = new Set<number>();
  for (let index = 0; index < most; index += 1) {
    const value = rising[rising.length - 1 - Math.floor((rising.length - 1) * (index / Math.max(1, most - 1)) ** 2)];
    if (value !== undefined) kept.add(value);
  }
  return [...kept].sort((a, b) => a - b);
}
