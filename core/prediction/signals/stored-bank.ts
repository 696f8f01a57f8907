// The bank's state as it is stored: one packed text per metric and one for the resource, and what is not ours is refused.
import { BytesReader, BytesWriter } from '../packing.ts';
import { DetectorStateError } from '../state-error.ts';
import type { AlarmState } from './alarm.ts';
import { binsAt, fromHalfBits, halfBits, initialMemory, readingAt, readingLength, slot, tailed, tailSlot, unseen } from './memory.ts';
import { mostSurprise } from './metric.ts';
import { binsOf, mostCode } from './season.ts';

/** Whole numbers from 0, in this order. */
const counts = [slot.points, slot.every, slot.rises, slot.run] as const;
/** Numbers of either sign in single precision. */
const singles = [slot.binBase, slot.binValue, slot.drift, slot.slowMean] as const;
const halves = [slot.longestRun, ...Array.from({ length: slot.tails - slot.firstHalf }, (_, index) => slot.firstHalf + index)];
/** Of these the ones that may be below 0; the others are sizes. */
const signed: ReadonlySet<number> = new Set([slot.mean3, slot.mean6, slot.mean24, slot.mean100, slot.seasonal24, slot.restless12, slot.restless24]);
const number = (memory: readonly number[], index: number): number => memory[index] ?? 0;

/** 0 for a bin in which nothing was seen, else 1 to 4095. */
const codeOf = (kept: number): number => (kept === unseen ? 0 : kept + 1 + mostCode);

/** What is kept of one metric, without loss. `newest`: time from which its times are measured, ms, the same for reading. */
export function packSignals(memory: readonly number[], newest: number): string {
  const writer = new BytesWriter();
  const bins = memory.length - binsAt;
  writer.varint(bins);
  for (const index of counts) writer.varint(number(memory, index));
  writer.decimal(newest - number(memory, slot.at));
  writer.varint(number(memory, slot.since) === 0 ? 0 : 1 + number(memory, slot.at) - number(memory, slot.since));
  writer.varint(number(memory, slot.bin) + 1).signed(number(memory, slot.binExponent));
  for (const index of singles) writer.float(number(memory, index));
  writer.float(number(memory, slot.last) - number(memory, slot.binBase));
  for (const index of halves) writer.short(halfBits(number(memory, index)));
  for (let tail = 0; tail < tailed.length; tail += 1) {
    const at = tailSlot(tail);
    writer.short(halfBits(number(memory, at))).short(256 * number(memory, at + 1) + number(memory, at + 2));
  }
  for (let index = 0; index < readingLength - 1; index += 1) writer.signed(10 * number(memory, readingAt + index));
  writer.varint(100 * number(memory, readingAt + readingLength - 1));
  // Four bins of 12 bits in three times 16.
  for (let bin = 0; bin < bins; bin += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].map((next) => codeOf(number(memory, binsAt + bin + next)));
    writer
      .short((a << 4) | (b >> 8))
      .short(((b & 255) << 8) | (c >> 4))
      .short(((c & 15) << 12) | d);
  }
  return writer.text();
}

const notOurs = () => new DetectorStateError('the state of the signals holds what they do not write; discard it and warm up from history');
const within = (value: number, low: number, high: number): number => {
  if (!(value >= low && value <= high)) throw notOurs();
  return value;
};

/**
 * Undefined when the season was known in another fineness than `bins` (see `binsOf`): the metric then begins anew.
 * @throws DetectorStateError when the text is not one that `packSignals` wrote
 */
export function unpackSignals(packed: string, newest: number, bins: number): number[] | undefined {
  const reader = new BytesReader(packed);
  const stored = reader.varint();
  if (stored !== binsOf(1) && stored !== binsOf(Number.POSITIVE_INFINITY)) throw notOurs();
  const memory = initialMemory(stored);
  for (const index of counts) memory[index] = reader.varint();
  memory[slot.at] = within(newest - reader.decimal(), -8.64e15, 8.64e15);
  const lasted = reader.varint();
  memory[slot.since] = lasted === 0 ? 0 : number(memory, slot.at) - (lasted - 1);
  memory[slot.bin] = within(reader.varint() - 1, -1, stored - 1);
  memory[slot.binExponent] = within(reader.signed(), -400, 110);
  for (const index of singles) memory[index] = plausible(reader.float());
  memory[slot.last] = number(memory, slot.binBase) + plausible(reader.float());
  for (const index of halves) memory[index] = within(fromHalfBits(reader.short()), signed.has(index) ? -mostNumber : 0, mostNumber);
  for (let tail = 0; tail < tailed.length; tail += 1) {
    const at = tailSlot(tail);
    memory[at] = within(fromHalfBits(reader.short()), 0, mostNumber);
    const both = reader.short();
    memory[at + 1] = both >> 8;
    memory[at + 2] = both & 255;
  }
  for (let index = 0; index < readingLength - 1; index += 1) memory[readingAt + index] = within(reader.signed() / 10, -mostSurprise, mostSurprise);
  memory[readingAt + readingLength - 1] = within(reader.varint() / 100, 0, mostSurprise);
  for (let bin = 0; bin < stored; bin += 4) {
    const [first, second, third] = [reader.short(), reader.short(), reader.short()];
    [first >> 4, ((first & 15) << 8) | (second >> 8), ((second & 255) << 4) | (third >> 12), third & 4095].forEach((code, next) => {
      memory[binsAt + bin + next] = code === 0 ? unseen : code - 1 - mostCode;
    });
  }
  reader.end();
  return stored === bins ? memory : undefined;
}

/** Whatever is kept of finite values is smaller: arithmetic on it stays finite. */
const mostNumber = 1e32;
const plausible = (value: number): number => within(value, -mostNumber, mostNumber);

export function packAlarm({ observed, recent, usual, habit, rest }: AlarmState): string {
  return new BytesWriter().varint(observed).fixed(recent).fixed(usual).fixed(habit).varint(rest).text();
}

/** @throws DetectorStateError when the text is not one that `packAlarm` wrote */
export function unpackAlarm(packed: string): AlarmState {
  const reader = new BytesReader(packed);
  const alarm = {
    observed: within(reader.varint(), 0, 1e6),
    recent: within(reader.fixed(), 0, mostSurprise),
    usual: within(reader.fixed(), 0, mostSurprise),
    habit: within(reader.fixed(), 0, 1e4),
    rest: within(reader.varint(), 0, 1e4),
  };
  reader.end();
  return alarm;
}
