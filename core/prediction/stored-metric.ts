// One metric's part of the detector state as packed text: exactly what it holds, in some 120 characters instead of 500.
import { packLimit, unpackLimit } from './forecast/stored-limit.ts';
import type { LoadCurve } from './load.ts';
import { BytesReader, BytesWriter } from './packing.ts';
import type { MetricState } from './state.ts';
import { DetectorStateError } from './state-error.ts';
import type { Usual } from './usual.ts';

/** Parts that a metric may lack, in the order of their bits and of their bytes. */
const optional = ['every', 'since', 'usual', 'spreads', 'curve', 'ratio', 'expected', 'limit', 'failing', 'seen'] as const;

const hoursOfDay = 24;

/** @param newest time of the state's newest point, ms: times are kept as what lies between it and them */
export function packMetric(state: MetricState, newest: number): string {
  const writer = new BytesWriter();
  writer.varint(optional.reduce((bits, name, index) => bits + ((state[name] ?? null) === null ? 0 : 2 ** index), 0));
  const time = (at: number) => writer.decimal(newest - at);
  time(state.at);
  writer.decimal(state.value);
  if (state.every !== null) writer.decimal(state.every);
  if (state.since !== null) time(state.since);
  if (state.usual !== undefined) packUsual(writer, state.usual, time);
  if (state.spreads !== undefined) writer.decimal(state.spreads);
  if (state.curve !== undefined) packCurve(writer, state.curve);
  if (state.ratio !== undefined) writer.decimal(state.ratio);
  if (state.expected !== undefined) writer.decimal(state.expected);
  if (state.limit !== undefined) packLimit(writer, state.limit, time);
  if (state.failing !== undefined) writer.varint(state.failing);
  if (state.seen !== undefined) writer.varint(state.seen);
  return writer.text();
}

/** @throws DetectorStateError for anything that `packMetric` did not write */
export function unpackMetric(packed: unknown, newest: number): MetricState {
  const reader = new BytesReader(packed);
  const bits = reader.varint();
  if (bits >= 2 ** optional.length)
    throw new DetectorStateError('a metric of the detector state has parts that this detector does not know; discard it and warm up from history');
  const has = (name: (typeof optional)[number]) => (bits & (2 ** optional.indexOf(name))) !== 0;
  const time = () => newest - reader.decimal();
  const state: MetricState = { at: time(), value: reader.decimal(), every: null, since: null };
  if (has('every')) state.every = atLeast(Number.MIN_VALUE, reader.decimal());
  if (has('since')) state.since = time();
  if (has('usual')) state.usual = unpackUsual(reader, time);
  if (has('spreads')) state.spreads = reader.decimal();
  if (has('curve')) state.curve = unpackCurve(reader);
  if (has('ratio')) state.ratio = reader.decimal();
  if (has('expected')) state.expected = reader.decimal();
  if (has('limit')) state.limit = unpackLimit(reader, time);
  if (has('failing')) state.failing = reader.varint();
  if (has('seen')) state.seen = reader.varint();
  reader.end();
  return state;
}

function packUsual(writer: BytesWriter, usual: Usual, time: (at: number) => void): void {
  writer.varint(usual.n);
  time(usual.first);
  time(usual.last);
  writer.decimal(usual.level).decimal(usual.spread).decimal(usual.drift).decimals(usual.bins);
}

function unpackUsual(reader: BytesReader, time: () => number): Usual {
  return {
    n: reader.varint(),
    first: time(),
    last: time(),
    level: reader.decimal(),
    spread: atLeast(0, reader.decimal()),
    drift: reader.decimal(),
    bins: reader.decimals(hoursOfDay),
  };
}

function packCurve(writer: BytesWriter, curve: LoadCurve): void {
  writer
    .decimals(curve.map(([bin]) => bin))
    .decimals(curve.map(([, mean]) => mean))
    .decimals(curve.map(([, , points]) => points));
}

function unpackCurve(reader: BytesReader): LoadCurve {
  const [bins, means, points] = [reader.decimals(), reader.decimals(), reader.decimals()];
  return bins.map((bin, index) => [present(bin), present(means[index]), present(points[index])]);
}

const notOurs = () => new DetectorStateError('a metric of the detector state holds what this detector does not write; discard it and warm up from history');

function atLeast(least: number, value: number): number {
  if (value < least) throw notOurs();
  return value;
}

function present(value: number | null | undefined): number {
  if (value === null || value === undefined) throw notOurs();
  return value;
}
