// The signal bank: every metric of a resource through its signals, and one score of how newly unusual the resource is.
import type { Observation } from '../port.ts';
import { type AlarmState, initialAlarm, observeAlarm } from './alarm.ts';
import { binsAt, initialMemory, readingAt, readingLength, slot } from './memory.ts';
import { observeMetric } from './metric.ts';
import type { BankConfig, MetricSignals, SignalBank } from './port.ts';
import { binsOf, seasonalAt } from './season.ts';

export interface BankState {
  /** what is kept of each metric; see `slot` */
  readonly metrics: Readonly<Record<string, readonly number[]>>;
  readonly alarm: AlarmState;
}

const day = 24 * 3_600_000;
/** Times beyond these are not dates. */
const latest = 8.64e15;

/** A metric of few points finds much unusual: so much of it is doubted, less and less. */
const doubtOf = (points: number): number => 1.5 * Math.exp(-points / 150);

function observe(state: BankState, { timestamp, values }: Observation, config: BankConfig): { state: BankState; score: number } {
  const bins = binsOf(config.metrics.length);
  const metrics: Record<string, readonly number[]> = { ...state.metrics };
  let surprise: number | undefined;
  if (Math.abs(timestamp) > latest || Number.isNaN(timestamp)) return { state, score: 0 };
  for (const { name } of config.metrics) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined || !Number.isFinite(value)) continue;
    const before = metrics[name];
    if (before !== undefined && timestamp < (before[slot.at] ?? 0)) continue;
    const memory = before?.slice() ?? initialMemory(bins);
    const all = observeMetric(memory, timestamp, value, bins);
    metrics[name] = memory;
    // The most unusual one speaks for all: metrics that say the same thing do not count twice.
    surprise = Math.max(surprise ?? 0, all - doubtOf(before?.[slot.points] ?? 0));
  }
  if (surprise === undefined) return { state, score: 0 };
  const { state: alarm, score } = observeAlarm(state.alarm, surprise);
  return { state: { metrics, alarm }, score };
}

/** What the bank says of one metric at its last point. */
function signalsOf(memory: readonly number[]): MetricSignals {
  const [level = 0, change = 0, trend = 0, season = 0, variance = 0, plateau = 0, surprise = 0] = memory.slice(readingAt, readingAt + readingLength);
  const number = (index: number) => memory[index] ?? 0;
  const bins = memory.length - binsAt;
  const points = number(slot.points);
  const every = number(slot.every);
  const seasonal = points * every >= 2 * day ? seasonalAt(memory, number(slot.at), bins) : undefined;
  const spread = seasonal === undefined ? number(slot.spread300) : number(slot.spreadSeason);
  return {
    at: number(slot.at),
    points,
    surprises: { level, change, trend, season, variance, plateau },
    since: number(slot.since) === 0 ? null : number(slot.since),
    surprise,
    value: number(slot.last),
    usual: seasonal ?? number(slot.last) + number(slot.slowMean),
    spread: Math.max(spread, Math.abs(number(slot.last)) * 1e-6, 1e-9),
    usualOf: seasonal === undefined ? 'level' : bins > 24 ? 'hourOfWeek' : 'hour',
  };
}

/** What the bank says of one metric; undefined before its first point. */
function read(state: BankState, name: string): MetricSignals | undefined {
  const memory = state.metrics[name];
  return memory === undefined ? undefined : signalsOf(memory);
}

/** The same; undefined while nothing of it is unusual too, which is most of the time and cheap to know. */
export const unusualSignals = (state: BankState, name: string): MetricSignals | undefined =>
  state.metrics[name]?.[slot.since] ? read(state, name) : undefined;

export const bank: SignalBank<BankState> = {
  initial: () => ({ metrics: {}, alarm: initialAlarm() }),
  observe,
  read,
};
