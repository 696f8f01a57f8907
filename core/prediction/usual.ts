// What is usual for one metric: level by hour of the day and spread, learned robustly from one point after the other.
import { clamp, compact } from './numbers.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** Time constants. The plain level follows the day; a bin of the day learns over a few days; the drift carries both through slow change. */
const levelTime = 3 * hour;
const binTime = 2.5 * hour;
const driftTime = 12 * hour;
const spreadTime = day;
/** A deviation teaches at most this many spreads, so that an anomaly does not soon become usual. */
const clip = 3;

export interface Usual {
  /** points learned from, time of the first and of the last, ms since the epoch */
  n: number;
  first: number;
  last: number;
  level: number;
  /** from 0 */
  spread: number;
  /** level by hour of the day, UTC, 24 of them; null where nothing was seen */
  bins: (number | null)[];
  drift: number;
}

export const initialUsual = (): Usual => ({
  n: 0,
  first: 0,
  last: 0,
  level: 0,
  spread: 0,
  bins: new Array<number | null>(24).fill(null),
  drift: 0,
});

/** Usual value at a time: by hour of the day (between the middles of two hours) once two days were seen, else the running level. */
export function expectedAt(usual: Usual, timestamp: number): number {
  if (usual.last - usual.first < 2 * day) return usual.level;
  const position = (((timestamp / hour - 0.5) % 24) + 24) % 24;
  const lower = Math.floor(position) % 24;
  const a = usual.bins[lower] ?? null;
  const b = usual.bins[(lower + 1) % 24] ?? null;
  if (a === null && b === null) return usual.level;
  const from = a ?? b ?? 0;
  const to = b ?? a ?? 0;
  return from + (position - Math.floor(position)) * (to - from) + usual.drift;
}

/** Spread that a deviation is compared with: never below rounding noise of the level, so that a constant series has a defined answer. */
export const spreadOf = (usual: Usual): number => Math.max(usual.spread, Math.abs(usual.level) * 0.005, 1e-9);

/**
 * Learns one point, in place.
 * @param value in the metric's own space (logarithm for latency)
 * @param weight 0-1, lower while something unusual goes on
 */
export function learn(usual: Usual, timestamp: number, value: number, weight: number): void {
  if (usual.n === 0) {
    usual.first = timestamp;
    usual.level = value;
  }
  const elapsed = clamp(timestamp - usual.last, 1000, hour);
  const rate = (time: number) => weight * Math.max(Math.min(0.2, elapsed / time), usual.n < 100 ? 1 / (usual.n + 1) : 0);
  const expected = expectedAt(usual, timestamp);
  const deviation = value - expected;
  const spread = spreadOf(usual);
  const reach = usual.n < 20 ? Number.POSITIVE_INFINITY : clip * spread;

  const stored = (number: number) => compact(number, spread);
  usual.spread = stored(usual.spread + rate(spreadTime) * (Math.min(Math.abs(deviation), reach) - usual.spread));
  usual.level = stored(usual.level + rate(levelTime) * clamp(value - usual.level, -2 * reach, 2 * reach));
  usual.drift = stored(usual.drift + rate(driftTime) * clamp(deviation, -reach, reach));

  const index = Math.floor((((timestamp / hour) % 24) + 24) % 24);
  const bin = usual.bins[index] ?? null;
  // The bins hold what the drift does not: otherwise both would learn the same change.
  const next =
    bin === null ? usual.level + clamp(value - usual.level, -2 * reach, 2 * reach) : bin + rate(binTime) * clamp(value - usual.drift - bin, -reach, reach);
  // A bin is one of many: it is kept with a digit less.
  usual.bins = usual.bins.with(index, compact(next, 10 * spread));
  usual.n += 1;
  usual.last = timestamp;
}
