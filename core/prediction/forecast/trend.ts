// A robust trend of the last hour and a half: what counts as a steady rise, and what does not.
import { median } from '../numbers.ts';

export const bucketMinutes = 5;
const fewest = 6;
const lateBuckets = 9;
/** So many buckets without a point are a gap. */
export const gapBuckets = 3;
/** A rise within the window by less than this share of the limit is not a trend. */
const leastRise = 0.005;

/** Means of five minutes, oldest first; null where no point was. */
export type Means = readonly (number | null)[];

type Positioned = readonly (readonly [number, number])[];

/** Median of the slopes between all pairs (Theil 1950, Sen 1968): half of the points may be wrong. x in minutes. */
function slopeOf(points: Positioned): number {
  const slopes: number[] = [];
  points.forEach(([x, y], index) => {
    for (const [otherX, otherY] of points.slice(index + 1)) slopes.push((otherY - y) / (otherX - x));
  });
  return median(slopes);
}

/** Slope from before the last gap until now; infinite without one. What rose before it may have stopped in it. */
function slopeAcrossGap(points: Positioned): number {
  const last = points.at(-1);
  const before = points.findLast(([x], index) => (points[index + 1]?.[0] ?? x) - x > gapBuckets * bucketMinutes);
  return last === undefined || before === undefined ? Number.POSITIVE_INFINITY : (last[1] - before[1]) / (last[0] - before[0]);
}

export interface Trend {
  /** per minute, above 0 */
  readonly slope: number;
  /** in the middle of the last bucket, noise aside */
  readonly value: number;
}

/**
 * The steady rise of the last means, undefined when there is none. The slower of the whole and the later trend counts: a rise that slackens
 * is not on its way to the limit.
 */
export function steadyRise(means: Means, limit: number): Trend | undefined {
  const points = means.flatMap((mean, index) => (mean === null ? [] : [[index * bucketMinutes, mean] as const]));
  const first = points[0];
  const last = points.at(-1);
  if (points.length < fewest || first === undefined || last === undefined) return undefined;
  const span = last[0] - first[0];
  if (span < (fewest - 1) * bucketMinutes) return undefined;
  // Cheap, and true most of the time: nothing has risen.
  if (median(points.slice(-3).map(([, y]) => y)) - median(points.slice(0, 3).map(([, y]) => y)) < leastRise * limit) return undefined;
  const whole = slopeOf(points);
  const slope = Math.min(whole, slopeOf(points.slice(-lateBuckets)), slopeAcrossGap(points));
  if (slope <= 0) return undefined;
  const offset = median(points.map(([x, y]) => y - whole * x));
  const noise = median(points.map(([x, y]) => Math.abs(y - whole * x - offset)));
  if (slope * span < Math.max(5 * noise, 1.5 * leastRise * limit)) return undefined;
  return { slope, value: median(points.filter(([x]) => last[0] - x < 3 * bucketMinutes).map(([x, y]) => y + slope * (last[0] - x))) };
}
