// One point of one metric: its signals, each judged against its own tail, and everything learned from it.
import { clamp } from '../numbers.ts';
import { half, readingAt, slot, tailed } from './memory.ts';
import { plateauSurprise } from './plateau.ts';
import { observeSeason } from './season.ts';
import { judge } from './tail.ts';

/** Points that only teach. */
export const warmPoints = 100;
/** Larger values are cut, so that arithmetic on them stays finite in single precision. */
const largest = 1e30;
const hour = 3_600_000;
/** Counted no further. */
const mostPoints = 1e6;

/** A surprise counts towards all together up to here: one extreme signal does not speak for the others. */
const most = 3.75;
export const mostSurprise = 12;
/** An unusual run is one of this surprise or more. */
const unusual = 2;
/** A fall to less than this share of a value that has only risen for so long is a counter that began again. */
const counterRises = 30;
const counterFall = 0.5;

/** The first of `tailed` are in units of the metric: below this share of its usual distance from its mean they are nothing. */
const inUnits = 6;
const leastShare = 0.05;

/** How much each signal counts among all together. */
const weights: Readonly<Record<(typeof tailed)[number], number>> = {
  season: 2,
  season24: 1,
  trend6: 1,
  trend24: 1,
  shift3: 1,
  change: 0.5,
  restless12: 1,
  restless24: 1,
  bursts: 1,
};
const weightOf = tailed.map((name) => weights[name]);
const allWeights = weightOf.reduce((sum, weight) => sum + weight, 0);

/** Usual time between points: learned over ten or so, a gap or a double row changes it little. */
function usualStep(every: number, elapsed: number): number {
  if (elapsed <= 0) return every;
  if (every === 0) return clamp(elapsed, 1, hour);
  return Math.max(1, Math.round(every + 0.1 * (clamp(elapsed, every / 5, every * 5) - every)));
}

/** The closest number that is kept without loss. */
function nearBase(memory: readonly number[], value: number): number {
  const base = memory[slot.binBase] ?? 0;
  return base + Math.fround(value - base) + 0;
}

/** Whether a fall is the restart of a counter, which says nothing about what it counts. */
const restarted = (memory: readonly number[], value: number): boolean => {
  const last = memory[slot.last] ?? 0;
  return (memory[slot.rises] ?? 0) >= counterRises && last > 0 && value >= 0 && value < counterFall * last;
};

/**
 * Judges a point and learns it, in place. Times must not go backward; equal ones are judged in order.
 * @returns all signals together, 0 to 3.75: the cubic mean of their surprises, so that a few that are strong count, one alone does not; 0 while warming up
 */
export function observeMetric(memory: number[], timestamp: number, given: number, bins: number): number {
  const points = memory[slot.points] ?? 0;
  // As it can be kept: in single precision, from where the season is measured.
  const value = points === 0 ? Math.fround(clamp(given, -largest, largest)) + 0 : nearBase(memory, clamp(given, -largest, largest));
  const last = points === 0 ? value : (memory[slot.last] ?? 0);
  const elapsed = points === 0 ? 0 : timestamp - (memory[slot.at] ?? 0);
  const every = usualStep(memory[slot.every] ?? 0, elapsed);
  if (restarted(memory, value)) {
    // All that is known moves along: what it counts goes on. The point itself says nothing.
    memory[slot.binBase] = Math.fround((memory[slot.binBase] ?? 0) + value - last) + 0;
    memory[slot.last] = nearBase(memory, value);
    memory[slot.at] = timestamp;
    return 0;
  }
  const periods = every === 0 ? 1 : clamp(Math.round(elapsed / every), 1, 24);
  const step = periods > 3 ? 0 : value - last;
  const seed = points * 31;

  // Means, as distances from the value before; `moved` brings them to the new one.
  const moved = value - last;
  const mean = (at: number, time: number): number => {
    const rate = Math.max(1 - (1 - 1 / time) ** periods, 1 / (points + 1));
    const distance = ((memory[at] ?? 0) - moved) * (1 - rate);
    memory[at] = half(distance, seed + at);
    return distance;
  };
  const fast3 = mean(slot.mean3, 3);
  const fast6 = mean(slot.mean6, 6);
  const fast24 = mean(slot.mean24, 24);
  const slowPeriods = Math.min(periods, 3);
  const robust = (at: number, spreadAt: number, time: number): number => {
    const before = (memory[at] ?? 0) - moved;
    const rate = Math.max(slowPeriods / time, 1 / (points + 1));
    const spread = memory[spreadAt] ?? 0;
    const reach = points > 20 ? 3 * spread : Number.POSITIVE_INFINITY;
    const after = before + clamp(-before, -reach, reach) * rate;
    memory[at] = at < slot.firstHalf ? Math.fround(after) + 0 : half(after, seed + at);
    memory[spreadAt] = half(spread + (Math.min(Math.abs(before), 2 * reach + 1e-12 * Math.abs(before)) - spread) * rate, seed + spreadAt);
    return before;
  };
  const mean100 = robust(slot.mean100, slot.spread100, 100);
  const mean300 = robust(slot.slowMean, slot.spread300, 300);

  const { deviation } = observeSeason(memory, timestamp, value, value + mean300, every, periods, bins);
  const average = (at: number, next: number, time: number, least = 0): number => {
    const before = memory[at] ?? 0;
    const after = before + (next - before) * Math.max(1 / time, least / (points + 1));
    memory[at] = half(after, seed + at);
    return after;
  };
  const seasonal24 = average(slot.seasonal24, deviation, 24, 1);

  const size = Math.abs(step);
  const usualSize = average(slot.step1000, size, 1000, 1);
  const restless = (stepAt: number, at: number, time: number, usualTime: number): number => {
    const recent = average(stepAt, size, time, 1);
    const ratio = usualSize > 0 ? Math.log(recent / usualSize + 0.1) : 0;
    const before = memory[at] ?? 0;
    memory[at] = half(before + clamp(ratio - before, -0.7, 0.7) * Math.max(1 / usualTime, 1 / (points + 1)), seed + at);
    return ratio - before;
  };
  const restless12 = restless(slot.step12, slot.restless12, 12, 300);
  const restless24 = restless(slot.step24, slot.restless24, 24, 1000);

  const far = points > 30 && Math.abs(mean300) > 4 * (memory[slot.spread1000] ?? 0) ? 1 : 0;
  average(slot.spread1000, Math.abs(mean300), 1000, 1);
  const bursts = average(slot.bursts12, average(slot.bursts, far, 48), 12, 1);

  // In the order of `tailed`. Means are distances from the value: fast minus slow is how far the fast one is above.
  const signed = [deviation, seasonal24, fast6 - mean300, fast24 - mean300, fast3 - mean100, step, restless12, restless24, bursts];
  const least = leastShare * (memory[slot.spread300] ?? 0);
  let sum = 0;
  const surprises = signed.map((signal, index) => {
    const surprise = judge(memory, index, Math.abs(signal), points, warmPoints, index < inUnits ? least : 0);
    sum += Math.min(most, surprise) ** 3 * (weightOf[index] ?? 0);
    return signal < 0 ? -surprise : surprise;
  });
  const flat = plateauSurprise(memory, value === last, points, warmPoints);
  const all = Math.cbrt(sum / allWeights);

  const [season = 0, level = 0, trend6 = 0, trend24 = 0, shift3 = 0, change = 0, short = 0, long = 0, burst = 0] = surprises;
  const reading = [level, strongest(change, shift3), strongest(trend6, trend24), season, strongest(strongest(short, long), burst), flat];
  let largestSurprise = 0;
  reading.forEach((surprise, index) => {
    memory[readingAt + index] = Math.round(10 * clamp(surprise, -mostSurprise, mostSurprise)) / 10 + 0;
    largestSurprise = Math.max(largestSurprise, Math.abs(surprise));
  });
  memory[readingAt + reading.length] = Math.round(100 * all) / 100;
  memory[slot.since] = largestSurprise < unusual ? 0 : memory[slot.since] || timestamp;
  memory[slot.rises] = value > last ? Math.min(127, (memory[slot.rises] ?? 0) + 1) : value < last ? 0 : (memory[slot.rises] ?? 0);
  memory[slot.points] = Math.min(points + 1, mostPoints);
  memory[slot.at] = timestamp;
  memory[slot.every] = every;
  memory[slot.last] = nearBase(memory, value);
  return all;
}

const strongest = (a: number, b: number): number => (Math.abs(b) > Math.abs(a) ? b : a);
