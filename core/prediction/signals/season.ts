// The usual value by hour of the day and kind of day, learned from one point after the other.
import { binsAt, half, slot, unseen } from './memory.ts';

const hour = 3_600_000;
const hoursPerDay = 24;
const day = hoursPerDay * hour;
/** A bin learns over so many visits; all bins together follow a slow change over so many days. */
const visits = 5;
const driftDays = 2;
/** A deviation teaches at most this many spreads. */
const clip = 4;
const spreadPoints = 1000;

/**
 * How finely the season is known: by hour, and apart for weekdays and weekends. That needs twice the room, which a resource of many
 * metrics does not have: its season is by hour alone.
 */
export const binsOf = (metrics: number): number => (metrics > 4 ? hoursPerDay : 2 * hoursPerDay);

/** Which bin a time belongs to. The week is that of UTC; the epoch was a Thursday. */
export function binAt(timestamp: number, bins: number): number {
  const days = Math.floor(timestamp / day);
  const ofDay = Math.floor((timestamp - days * day) / hour);
  const weekend = (((days + 3) % 7) + 7) % 7 >= 5;
  return Math.min(hoursPerDay - 1, Math.max(0, ofDay)) + (weekend && bins > hoursPerDay ? hoursPerDay : 0);
}

/** Distance of a bin's usual value from `binBase`; undefined where nothing was seen. */
function read(memory: readonly number[], bin: number): number | undefined {
  const code = memory[binsAt + bin] ?? unseen;
  return code === unseen ? undefined : code * 2 ** (memory[slot.binExponent] ?? 0);
}

/** Codes have 12 bits. */
export const mostCode = 2047;
const finest = 64;

/** Writes the bin that was being learned back among the others, in a unit that fits them all. */
function leave(memory: number[], bins: number): void {
  const bin = memory[slot.bin] ?? -1;
  if (bin < 0) return;
  const value = memory[slot.binValue] ?? 0;
  const spread = Math.max(memory[slot.spread300] ?? 0, 1e-30);
  const unit = 2 ** (memory[slot.binExponent] ?? 0);
  const fits = memory[binsAt + bin] !== unseen && Math.abs(value) <= mostCode * unit && spread >= unit * (finest / 8) && spread <= unit * finest * 32;
  if (fits) memory[binsAt + bin] = Math.round(value / unit) + 0;
  else rescale(memory, bin, bins, spread);
}

/** Another unit for all bins, and another base where they are far from the one they have. */
function rescale(memory: number[], left: number, bins: number, spread: number): void {
  const values = Array.from({ length: bins }, (_, bin) => (bin === left ? (memory[slot.binValue] ?? 0) : read(memory, bin)));
  const known = values.filter((value) => value !== undefined);
  const middle = (Math.min(...known) + Math.max(...known)) / 2;
  const before = memory[slot.binBase] ?? 0;
  const base = Math.fround(before + middle) + 0;
  const moved = base - before;
  const largest = Math.max(1e-30, ...known.map((value) => Math.abs(value - moved)));
  const exponent = Math.max(Math.floor(Math.log2(spread / finest)), Math.ceil(Math.log2(largest / mostCode)));
  values.forEach((value, bin) => {
    if (value !== undefined) memory[binsAt + bin] = Math.max(-mostCode, Math.min(mostCode, Math.round((value - moved) / 2 ** exponent))) + 0;
  });
  memory[slot.binBase] = base;
  memory[slot.binExponent] = exponent;
}

/** Moves to the bin of this time. Returns whether it has been seen before. */
function enter(memory: number[], bin: number, bins: number): boolean {
  if (memory[slot.bin] === bin) return true;
  leave(memory, bins);
  memory[slot.bin] = bin;
  const value = read(memory, bin);
  if (value !== undefined) memory[slot.binValue] = Math.fround(value) + 0;
  return value !== undefined;
}

export interface Seasonal {
  /** the value's distance from the usual of its bin; from the slow mean where the bin is new */
  readonly deviation: number;
  readonly known: boolean;
}

/**
 * Judges a value against its season and learns it, in place.
 * @param mean the slow mean before this point
 * @param every usual time between points, ms
 * @param periods how many of these have passed, at least 1
 */
export function observeSeason(memory: number[], timestamp: number, value: number, mean: number, every: number, periods: number, bins: number): Seasonal {
  const points = memory[slot.points] ?? 0;
  if (points === 0) memory[slot.binBase] = Math.fround(value) + 0;
  const drift = memory[slot.drift] ?? 0;
  const known = enter(memory, binAt(timestamp, bins), bins) && points > 0;
  // Only now: entering a bin may move what all are measured from.
  const base = memory[slot.binBase] ?? value;
  const deviation = known ? value - (base + (memory[slot.binValue] ?? 0) + drift) : value - mean;
  const spread = memory[slot.spreadSeason] ?? 0;
  const reach = points > 100 ? clip * spread : Number.POSITIVE_INFINITY;
  const learned = Math.min(reach, Math.max(-reach, deviation));
  const seconds = Math.min(every * periods, hour);
  const rate = Math.min(0.5, seconds / hour / visits);
  memory[slot.binValue] = Math.fround(known ? (memory[slot.binValue] ?? 0) + rate * learned : value - drift - base) + 0;
  memory[slot.drift] = Math.fround(drift + (learned * Math.min(every * periods, day / 4)) / (driftDays * day)) + 0;
  memory[slot.spreadSeason] = half(
    spread + (Math.min(Math.abs(deviation), 2 * reach) - spread) * Math.max(1 / spreadPoints, 1 / (points + 1)),
    points * 31 + slot.spreadSeason,
  );
  return { deviation, known };
}

/** The usual value of a time, when its bin was seen and two days are known. */
export function seasonalAt(memory: readonly number[], timestamp: number, bins: number): number | undefined {
  const bin = binAt(timestamp, bins);
  const offset = memory[slot.bin] === bin ? memory[slot.binValue] : read(memory, bin);
  return offset === undefined ? undefined : (memory[slot.binBase] ?? 0) + offset + (memory[slot.drift] ?? 0);
}
