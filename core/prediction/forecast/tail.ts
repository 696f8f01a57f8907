// How often a forecast was exceeded, by how much: counts of this metric's own verified forecasts, with Student's t where there are few.
import { belowT } from './student.ts';

/** Thresholds, in mean absolute deviations above the usual excess. */
const thresholds = [-1, -0.5, 0, 0.5, 1, 2, 4];
/** At so many the counts are halved: the last one to three days count. */
const mostCounted = 200;
/** Student's t counts as so many verified forecasts. */
const prior = 10;
/** With fewer, what is usual is not known. */
export const fewestCounted = 20;

/** Of `count` verified forecasts, how many were exceeded by more than each threshold. */
export interface Tail {
  readonly count: number;
  readonly beyond: readonly number[];
}

export const tailLength = thresholds.length;
export const initialTail: Tail = { count: 0, beyond: thresholds.map(() => 0) };

/** @param excess of one verified forecast, in mean absolute deviations from the usual excess */
export function countExcess(tail: Tail, excess: number): Tail {
  const halved = tail.count >= mostCounted ? { count: tail.count / 2, beyond: tail.beyond.map((count) => Math.floor(count / 2)) } : tail;
  return { count: Math.floor(halved.count) + 1, beyond: halved.beyond.map((count, index) => count + (excess > (thresholds[index] ?? 0) ? 1 : 0)) };
}

/** Share of forecasts that are exceeded by more than `excess`, 0-1: straight between the thresholds, with the tails of Student's t beyond them. Falls with `excess`. */
export function shareBeyond({ count, beyond }: Tail, excess: number): number {
  const share = (index: number): number => ((beyond[index] ?? 0) + prior * (1 - belowT(thresholds[index] ?? 0))) / (count + prior);
  const [lowest = 0, highest = 0] = [thresholds[0], thresholds.at(-1)];
  if (excess <= lowest) return 1 - ((1 - share(0)) * belowT(excess)) / belowT(lowest);
  if (excess >= highest) return (share(thresholds.length - 1) * (1 - belowT(excess))) / (1 - belowT(highest));
  const index = thresholds.findIndex((threshold) => threshold > excess);
  const [from = 0, to = 1] = [thresholds[index - 1], thresholds[index]];
  const along = (excess - from) / (to - from);
  return share(index - 1) + along * (share(index) - share(index - 1));
}

/** Counts that `countExcess` can have made. */
export const isTail = ({ count, beyond }: Tail): boolean =>
  count <= mostCounted && beyond.length === tailLength && beyond.every((one, index) => one <= (index === 0 ? count : (beyond[index - 1] ?? 0)));
