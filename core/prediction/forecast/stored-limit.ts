// What is kept of a metric with a limit, packed: exactly, in some 170 bytes.
import { clamp } from '../numbers.ts';
import type { BytesReader, BytesWriter } from '../packing.ts';
import { DetectorStateError } from '../state-error.ts';
import { forecasters, type Models } from './forecasters.ts';
import { buckets, type LimitState, outlookOf } from './limit.ts';
import { keptFrom, originSlots, soonFrom } from './race.ts';
import { isTail, tailLength } from './tail.ts';

const mostSurvived = 2;
const learned = ['mean', 'holtLevel', 'holtSlope', 'dampedLevel', 'dampedSlope', 'deviation', 'change'] as const satisfies readonly (keyof Models)[];
const all = forecasters.length;
const originLength = all - keptFrom;
const soonLength = all - soonFrom;
/** Of the long-run mean nothing but its errors is kept. */
const meanIndex = forecasters.indexOf('mean');
const butMean = (values: readonly number[]) => values.toSpliced(meanIndex, 1);
const withMean = (values: readonly number[]) => values.toSpliced(meanIndex, 0, 0);
const absent = (length: number): (number | null)[] => new Array<null>(length).fill(null);

/** @param time writes a time, ms since the epoch */
export function packLimit(writer: BytesWriter, state: LimitState, time: (at: number) => void): void {
  const { models, race } = state;
  time(state.open);
  writer.decimal(state.limit).decimal(state.sum).varint(state.count).decimals(state.survived);
  writer
    .varint(models.points)
    .decimal(models.correlation)
    .decimals(learned.map((name) => models[name]));
  writer.varint(race.verified).varint(race.verifiedSoon).varint(race.tail.count).decimals(race.tail.beyond);
  writer.decimal(race.reached).decimal(race.gain);
  for (const chance of race.chances) writer.varint(chance === null ? 0 : 1 + Math.round(chance * 100));
  writer.decimals([...race.errors, ...race.soonErrors, ...butMean(race.bias), ...butMean(race.spread)]);
  // Means and forecasts have one unit, and share its rounding.
  writer.decimals([...race.origins.flatMap((origin) => [...(origin ?? absent(originLength))]), ...(race.soon ?? absent(soonLength)), ...state.means]);
}

/**
 * @param time reads what `packLimit` wrote with its own
 * @throws DetectorStateError for anything that `packLimit` did not write
 */
export function unpackLimit(reader: BytesReader, time: () => number): LimitState {
  const open = time();
  const [limit, sum, count, survived] = [reader.decimal(), reader.decimal(), reader.varint(), reader.decimals().map(present)];
  const [points, correlation] = [reader.varint(), reader.decimal()];
  const [mean = 0, holtLevel = 0, holtSlope = 0, dampedLevel = 0, dampedSlope = 0, deviation = 0, change = 0] = reader.decimals(learned.length).map(present);
  const [verified, verifiedSoon] = [reader.varint(), reader.varint()];
  const tail = { count: reader.varint(), beyond: reader.decimals(tailLength).map(present) };
  const [reached, gain] = [reader.decimal(), reader.decimal()];
  const chances = Array.from({ length: originSlots }, () => chanceOf(reader.varint()));
  const errors = reader.decimals(4 * all - 2).map(present);
  const take = (length: number) => errors.splice(0, length);
  const verification = { verified, verifiedSoon, errors: take(all), soonErrors: take(all), bias: withMean(take(all - 1)), spread: withMean(take(all - 1)) };
  const means = reader.decimals();
  const listed = (length: number) => listOf(means.splice(0, length), length);
  const origins = Array.from({ length: originSlots }, () => listed(originLength));
  const soon = listed(soonLength);
  if (!(limit > 0) || survived.length > mostSurvived || means.length > buckets || correlation !== clamp(correlation, 0, 1)) throw notOurs();
  if (!isTail(tail) || reached !== clamp(reached, 0, 1) || gain !== clamp(gain, -1, 1)) throw notOurs();
  if ([deviation, change, ...verification.errors, ...verification.soonErrors, ...verification.spread].some((size) => size < 0)) throw notOurs();
  const models = { points, mean, holtLevel, holtSlope, dampedLevel, dampedSlope, deviation, change, correlation };
  const state = { limit, open, sum, count, means, survived, models, race: { ...verification, tail, reached, gain, chances, origins, soon } };
  return { ...state, outlook: outlookOf(state) };
}

function chanceOf(stored: number): number | null {
  if (stored > 101) throw notOurs();
  return stored === 0 ? null : (stored - 1) / 100;
}

function listOf(values: readonly (number | null)[], length: number): number[] | null {
  if (values.length < length) throw notOurs();
  return values.every((value) => value === null) ? null : values.map(present);
}

const notOurs = () => new DetectorStateError('a metric with a limit holds what this detector does not write; discard it and warm up from history');

function present(value: number | null | undefined): number {
  if (value === null || value === undefined) throw notOurs();
  return value;
}
