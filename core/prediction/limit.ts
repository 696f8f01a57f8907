// Time until a metric that grows reaches its limit, from a robust trend over the last hour and a half.
import { z } from 'zod';
import { clamp, compact, interpolate, median } from './numbers.ts';

const minute = 60_000;
const bucketMinutes = 5;
const bucketTime = bucketMinutes * minute;
const buckets = 18;
const lateBuckets = 9;
const fewest = 6;
/** So many buckets without a point are a gap. */
const gapBuckets = 3;
/** A fall by this share of the limit between two buckets is a reset (restart, rotation), not noise. */
const resetShare = 0.03;
/** A rise within the window by less than this share of the limit is not a trend. */
const leastRise = 0.005;

export const LimitState = z.strictObject({
  /** start of the open bucket, ms since the epoch; sum and count of its points */
  open: z.number(),
  sum: z.number(),
  count: z.int().min(0),
  /** means of the closed buckets, oldest first; null where no point was */
  means: z.array(z.number().nullable()).max(buckets),
  /** values from which it came down by itself, the last two */
  survived: z.array(z.number()).max(2),
  /** per minute, of the last fit; 0 when there is no steady rise */
  slope: z.number(),
  /** value of the last fit at `fitAt` */
  value: z.number(),
  fitAt: z.number(),
});
export type LimitState = z.infer<typeof LimitState>;

export const initialLimit = (timestamp: number): LimitState => ({
  open: Math.floor(timestamp / bucketTime) * bucketTime,
  sum: 0,
  count: 0,
  means: [],
  survived: [],
  slope: 0,
  value: 0,
  fitAt: 0,
});

/** Median of the slopes between all pairs (Theil 1950, Sen 1968): half of the points may be wrong. x in minutes. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const slopes: number[] = [];
  points.forEach(([x, y], index) => {
    for (const [otherX, otherY] of points.slice(index + 1)) slopes.push((otherY - y) / (otherX - x));
  });
  return median(slopes);
}

/** Slope from before the last gap until now; infinite without one. What rose before it may have stopped in it. */
function slopeAcrossGap(points: readonly (readonly [number, number])[]): number {
  const last = points.at(-1);
  const before = points.findLast(([x], index) => (points[index + 1]?.[0] ?? x) - x > gapBuckets * bucketMinutes);
  return last === undefined || before === undefined ? Number.POSITIVE_INFINITY : (last[1] - before[1]) / (last[0] - before[0]);
}

/** Fits the closed buckets. The slower of the whole and the later trend counts: a rise that slackens is not on its way to the limit. */
function fit(state: LimitState, limit: number): LimitState {
  const none = { ...state, slope: 0 };
  const points = state.means.flatMap((mean, index) => (mean === null ? [] : [[index * bucketMinutes, mean] as const]));
  const first = points[0];
  const last = points.at(-1);
  if (points.length < fewest || first === undefined || last === undefined) return none;
  const span = last[0] - first[0];
  if (span < (fewest - 1) * bucketMinutes) return none;
  // Cheap, and true most of the time: nothing has risen.
  if (median(points.slice(-3).map(([, y]) => y)) - median(points.slice(0, 3).map(([, y]) => y)) < leastRise * limit) return none;
  const whole = slopeOf(points);
  const slope = Math.min(whole, slopeOf(points.slice(-lateBuckets)), slopeAcrossGap(points));
  if (slope <= 0) return none;
  const offset = median(points.map(([x, y]) => y - whole * x));
  const noise = median(points.map(([x, y]) => Math.abs(y - whole * x - offset)));
  if (slope * span < Math.max(5 * noise, 1.5 * leastRise * limit)) return none;
  const recent = median(points.filter(([x]) => last[0] - x < 3 * bucketMinutes).map(([x, y]) => y + slope * (last[0] - x)));
  // A bucket's mean stands for its middle.
  return { ...state, slope: compact(slope, slope), value: compact(recent, limit), fitAt: state.open - bucketTime / 2 };
}

/** Closes every bucket that ended before `timestamp`. */
function advance(state: LimitState, timestamp: number, limit: number): LimitState {
  if (timestamp < state.open + bucketTime) return state;
  const skipped = Math.floor((timestamp - state.open) / bucketTime) - 1;
  const open = Math.floor(timestamp / bucketTime) * bucketTime;
  if (skipped > buckets - fewest) return { ...initialLimit(timestamp), survived: state.survived };
  const mean = state.count === 0 ? null : compact(state.sum / state.count, limit);
  let { means, survived } = state;
  const before = means.findLast((other) => other !== null) ?? null;
  if (mean !== null && before !== null && before - mean > resetShare * limit) {
    const peak = means.reduce<number>((highest, other) => Math.max(highest, other ?? highest), before);
    // What came down from the limit itself may have crashed there: that is nothing to rely on.
    if (peak < 0.98 * limit) survived = [...survived, peak].slice(-2);
    means = [];
  }
  means = [...means, mean, ...new Array<null>(Math.max(0, skipped)).fill(null)].slice(-buckets);
  const next = { ...state, open, sum: 0, count: 0, means, survived };
  // The first point after a gap is no trend yet: the estimate is held as it was, and does not come nearer by the time that passed.
  return skipped > gapBuckets ? { ...next, fitAt: state.fitAt + skipped * bucketTime } : fit(next, limit);
}

/** Takes one point in. Value and limit have the metric's unit. */
export function observeLimit(state: LimitState, timestamp: number, value: number, limit: number): LimitState {
  const next = advance(state, timestamp, limit);
  return { ...next, sum: compact(next.sum + clamp(value, -10 * limit, 10 * limit), limit), count: next.count + 1 };
}

export interface Exhaustion {
  /** 0-100 */
  readonly score: number;
  readonly minutes: number;
  /** per minute */
  readonly slope: number;
  /** length of the trend in minutes */
  readonly observedMinutes: number;
}

/** What the trend says at `timestamp`; undefined when there is no steady rise that could reach the limit within six horizons. */
export function exhaustionAt(state: LimitState, timestamp: number, limit: number, horizonMinutes: number): Exhaustion | undefined {
  if (state.slope <= 0) return undefined;
  const elapsed = clamp((timestamp - state.fitAt) / minute, 0, 10);
  const value = state.value + state.slope * elapsed;
  const minutes = Math.max(0, (limit - value) / state.slope);
  const far = Math.max(2 * horizonMinutes, 60);
  if (minutes > 3 * far) return undefined;
  const byTime = interpolate(
    [
      [0, 98],
      [15, 94],
      [32, 85],
      [52, 70],
      [far, 30],
      [3 * far, 5],
    ],
    minutes,
  );
  // It has twice come down by itself from here (log rotation, nightly restart): not critical until it goes beyond.
  const lowest = state.survived.length === 2 ? Math.min(...state.survived) : Number.NEGATIVE_INFINITY;
  const score = value <= lowest + 0.01 * limit ? Math.min(byTime, 60) : byTime;
  return { score, minutes, slope: state.slope, observedMinutes: state.means.length * bucketMinutes };
}
