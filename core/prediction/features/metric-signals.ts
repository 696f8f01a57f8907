// What is unusual about one metric of unknown meaning, in its own spreads: the streaming part that is kept for each metric.
import { clamp, compact } from '../numbers.ts';

const hour = 3_600_000;

/** Time constants in minutes. */
const time = { quick: 10, slow: 240, level: 180, drift: 1440, variance: 20, spread: 20_160, hourOfDay: 300, range: 43_200 } as const;
/** A deviation teaches at most this many spreads, so that an incident does not soon become usual; not before so many points. */
const clip = 3;
const clipFrom = 20;
/** Spreads are never taken for less than this share of the largest deviation ever seen, and of the level: otherwise rounding noise would be unusual. */
const leastOfRange = 0.01;
const leastOfLevel = 0.005;
/** Below any spread that could matter; keeps divisions finite. */
const tiny = 1e-12;
/** The largest deviation ever seen may so much as double with a point, and a point counts as so many of it at most: a single absurd value is soon forgotten. */
const growth = 2;
const firstRange = 8;
const mostRanges = 30;
export const hoursOfDay = 24;
/** Nobody counts further: the time constants have long taken over. */
const mostCounted = 999_999;

/** What is kept of one metric. Levels and spreads are in the metric's unit, `link` is in spreads. */
export interface MetricMemory {
  /** points seen; hours of the clock that were completed */
  n: number;
  hoursSeen: number;
  /** usual value by hour of the day (UTC), without the drift; null where nothing was seen */
  hours: readonly (number | null)[];
  /** of the hour that is under way: minutes covered, and the mean that it teaches */
  covered: number;
  hourMean: number;
  drift: number;
  /** mean of the last hours: what is usual until a day was seen */
  level: number;
  /** running means of the residual: minutes, hours */
  quick: number;
  slow: number;
  /** root mean square of the steps from point to point: now, and usually */
  stepsNow: number;
  stepsUsual: number;
  /** largest deviation, slowly forgotten */
  range: number;
  /** mean absolute size of: residual, its running mean, its change, the step */
  spreads: { residual: number; quick: number; change: number; step: number };
  /** how far it follows the common movement of all metrics; mean size of what is left over; running mean of that, and its mean size */
  link: { loading: number; spread: number; quick: number; quickSpread: number };
}

/** Passing of time since the metric's last point: shares by which running means move. Computed once for all metrics of the same gap. */
export interface Rates {
  readonly minutes: number;
  readonly quick: number;
  readonly slow: number;
  readonly level: number;
  readonly drift: number;
  readonly variance: number;
  readonly spread: number;
  readonly keepRange: number;
}

/** @param elapsed ms since the last point; gaps count as an hour at most */
export function ratesOf(elapsed: number): Rates {
  const minutes = clamp(elapsed / 60_000, 0.1, 60);
  const share = (constant: number) => -Math.expm1(-minutes / constant);
  return {
    minutes,
    quick: share(time.quick),
    slow: share(time.slow),
    level: share(time.level),
    drift: share(time.drift),
    variance: share(time.variance),
    spread: share(time.spread),
    keepRange: Math.exp(-minutes / time.range),
  };
}

export const beginMetric = (value: number): MetricMemory => ({
  n: 1,
  hoursSeen: 0,
  hours: new Array<number | null>(hoursOfDay).fill(null),
  covered: 0,
  hourMean: value,
  drift: 0,
  level: value,
  quick: 0,
  slow: 0,
  stepsNow: 0,
  stepsUsual: 0,
  range: 0,
  spreads: { residual: 0, quick: 0, change: 0, step: 0 },
  link: { loading: 0.3, spread: 1, quick: 0, quickSpread: 0.7 },
});

const hourOf = (timestamp: number) => Math.floor((((timestamp / hour) % hoursOfDay) + hoursOfDay) % hoursOfDay);

/** Usual value at a time: by hour of the day, between the middles of two hours, once every hour was seen; else the running level. */
export function usualAt({ hours, hoursSeen, drift, level }: MetricMemory, timestamp: number): number {
  if (hoursSeen < hoursOfDay) return level;
  const position = (((timestamp / hour - 0.5) % hoursOfDay) + hoursOfDay) % hoursOfDay;
  const lower = Math.floor(position) % hoursOfDay;
  const a = hours[lower] ?? null;
  const b = hours[(lower + 1) % hoursOfDay] ?? null;
  if (a === null && b === null) return level;
  const from = a ?? b ?? 0;
  const to = b ?? a ?? 0;
  return from + (position - Math.floor(position)) * (to - from) + drift;
}

/** What a point says by itself: signed, in spreads; without the signals that need the other metrics. */
export interface OwnSignals {
  readonly residual: number;
  readonly quick: number;
  readonly change: number;
  readonly variance: number;
  readonly step: number;
}

/**
 * One point, against what was usual before it; learns it afterwards, in place.
 * @param before value of the last point
 * @param last time of the last point, ms since the epoch
 */
export function observeMetric(memory: MetricMemory, timestamp: number, value: number, before: number, rates: Rates, last: number): OwnSignals {
  if (Math.floor(timestamp / hour) !== Math.floor(last / hour)) completeHour(memory, hourOf(last));
  const usual = usualAt(memory, timestamp);
  const { spreads } = memory;
  const least = leastOfRange * memory.range + leastOfLevel * Math.abs(memory.level) + tiny;
  const unit = Math.max(spreads.residual, least);
  const settled = memory.n >= clipFrom;
  const widest = Math.max(growth * memory.range, firstRange * unit);
  const within = (deviation: number) => (settled ? clamp(deviation, -mostRanges * widest, mostRanges * widest) : deviation);
  const residual = within(value - usual);
  const step = within(value - before);
  // 1 / n until the spread's own time constant: the mean of all points seen.
  const young = 1 / (memory.n + 1);
  const rate = Math.max(rates.spread, young);
  const reach = settled ? clip : Number.POSITIVE_INFINITY;
  const stored = (number: number) => compact(number, unit);
  const learned = (spread: number, size: number, floor: number) => stored(spread + rate * (Math.min(Math.abs(size), reach * Math.max(spread, floor)) - spread));

  const quick = memory.quick + rates.quick * (residual - memory.quick);
  const slow = memory.slow + rates.slow * (residual - memory.slow);
  const change = quick - slow;
  const floor = 0.5 * least;
  const noise = 0.1 * least * least;
  const signals: OwnSignals = {
    residual: residual / unit,
    quick: quick / Math.max(spreads.quick, floor),
    change: change / Math.max(spreads.change, floor),
    // Half the logarithm of the ratio of variances, in units of what it usually is: about 0.4.
    variance: Math.log((memory.stepsNow ** 2 + noise) / (memory.stepsUsual ** 2 + noise)) * 0.5,
    step: step / Math.max(spreads.step, floor),
  };
  memory.spreads = {
    residual: learned(spreads.residual, residual, least),
    quick: learned(spreads.quick, quick, floor),
    change: learned(spreads.change, change, floor),
    step: learned(spreads.step, step, floor),
  };
  const steps = step * step;
  const usualSteps = memory.stepsUsual ** 2;
  const largestSteps = settled ? 16 * (usualSteps + least * least) : Number.POSITIVE_INFINITY;
  memory.stepsNow = stored(Math.sqrt(memory.stepsNow ** 2 + rates.variance * (steps - memory.stepsNow ** 2)));
  memory.stepsUsual = stored(Math.sqrt(usualSteps + rate * (Math.min(steps, largestSteps) - usualSteps)));
  memory.quick = stored(quick);
  memory.slow = stored(slow);
  memory.level = stored(memory.level + Math.max(rates.level, young) * within(value - memory.level));
  const away = Math.abs(value - memory.level);
  memory.range = stored(Math.max(settled ? Math.min(away, widest) : away, memory.range * rates.keepRange));
  const limited = (deviation: number) => (settled ? clamp(deviation, -clip * unit, clip * unit) : deviation);
  // The hours hold what the drift does not: otherwise both would learn the same change.
  const bin = memory.hours[hourOf(timestamp)] ?? null;
  const lesson = bin === null ? value : bin + limited(value - memory.drift - bin);
  memory.covered = compact(memory.covered + rates.minutes, 1);
  memory.hourMean = stored(memory.hourMean + (rates.minutes / memory.covered) * (lesson - memory.hourMean));
  memory.drift = stored(memory.drift + rates.drift * limited(residual));
  memory.n = Math.min(memory.n + 1, mostCounted);
  return signals;
}

/** What the completed hour taught becomes part of what is usual in that hour of the day. */
function completeHour(memory: MetricMemory, index: number): void {
  if (memory.covered <= 0) return;
  const before = memory.hours[index] ?? null;
  const unit = 10 * Math.max(memory.spreads.residual, leastOfLevel * Math.abs(memory.level), tiny);
  const share = -Math.expm1(-Math.min(60, memory.covered) / time.hourOfDay);
  const next = before === null ? memory.hourMean : before + share * (memory.hourMean - before);
  memory.hours = memory.hours.with(index, compact(next, unit));
  memory.hoursSeen = Math.min(memory.hoursSeen + 1, mostCounted);
  memory.covered = 0;
}
