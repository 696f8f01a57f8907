// One point of one metric into that metric's state, by role.
import type { MetricDefinition } from '../contracts/metrics.ts';
import { explain, learnLoad } from './load.ts';
import { clamp, compact } from './numbers.ts';
import { pointEvidence } from './scores.ts';
import type { MetricState } from './state.ts';
import { expectedAt, initialUsual, learn, spreadOf, type Usual } from './usual.ts';

export type Metric = Pick<MetricDefinition, 'name' | 'role' | 'limit' | 'periodSeconds'>;

/** Load at this time: what the last points of requests (or network) were; null when none is known. */
export interface Load {
  readonly now: number | null;
  /** highest of the last three points: a queue outlives the burst that filled it */
  readonly recent: number | null;
  /** doublings above both the usual load of this hour and that of the last hours; 0 when not above */
  readonly surge: number;
}

/** Points before deviations are judged. */
export const warmFrom = (metric: Metric): number => (metric.role === 'other' ? 120 : 30);
/** Deviations count up to this many spreads: beyond it, more says nothing more. */
const mostSpreads = 10;
/** Share with which points teach while something unusual goes on. */
const unusualWeight = 0.1;

export const begin = (timestamp: number): MetricState => ({
  at: timestamp,
  every: null,
  value: 0,
  since: null,
});

function advance(state: MetricState, timestamp: number, value: number): MetricState {
  const elapsed = timestamp - state.at;
  // Bounded on both sides, so that neither a gap nor a second row of the same time changes the usual step much. The first step is taken as it is.
  const bounded = state.every === null ? Math.min(elapsed, 2 * 3_600_000) : clamp(elapsed, state.every / 5, state.every * 5);
  const every = elapsed <= 0 ? state.every : Math.max(1, Math.round(state.every === null ? bounded : state.every + 0.1 * (bounded - state.every)));
  return { ...state, at: timestamp, every, value: compact(value, Math.abs(value)) };
}

const runSince = (state: MetricState, timestamp: number, unusual: boolean): number | null => (unusual ? (state.since ?? timestamp) : null);

function learned(usual: Usual, timestamp: number, value: number, weight: number): Usual {
  const next = { ...usual };
  learn(next, timestamp, value, weight);
  return next;
}

/** Status, requests, errors and network: the value itself is all there is to keep. */
export function observePlain(metric: Metric, before: MetricState, timestamp: number, value: number): MetricState {
  const state = advance(before, timestamp, value);
  if (metric.role !== 'status') return state;
  const failing = value > 0 ? Math.min((before.failing ?? 0) + 1, 9999) : 0;
  return { ...state, failing, since: runSince(before, timestamp, failing > 0) };
}

/** Load on which others depend: its usual course, in doublings. */
export function observeLoadMetric(before: MetricState, timestamp: number, value: number): MetricState {
  return { ...advance(before, timestamp, value), usual: learned(before.usual ?? initialUsual(), timestamp, Math.log2(Math.max(value, 0) + 1), 1) };
}

/** Memory, disk and connections: where they are going is kept with their limit. Metrics of unknown meaning: their signals are kept, and their part of the risk. */
export const observeBounded = (before: MetricState, timestamp: number, value: number): MetricState => ({
  ...advance(before, timestamp, value),
  seen: Math.min((before.seen ?? 0) + 1, 9999),
});

export interface Driven {
  readonly state: MetricState;
  /** evidence that this point adds (or takes away), in doublings; undefined while warming up */
  readonly evidence: number | undefined;
  /** doublings by which the load is beyond what is known, or above what is usual now */
  readonly beyond: number;
}

/** Latency and CPU: judged against the hour and the load, whichever explains more; only a rise counts. */
export function observeDriven(metric: Metric, before: MetricState, timestamp: number, value: number, load: Load, calm: boolean): Driven {
  const state = advance(before, timestamp, value);
  const usual = before.usual ?? initialUsual();
  const curve = before.curve ?? [];
  const cpu = metric.role === 'cpu';
  const doublings = Math.log2(Math.max(value, cpu ? 1 : 1e-4));
  const byLoad = load.recent === null ? { expected: null, beyond: 0 } : explain(curve, load.recent);
  const byHour = expectedAt(usual, timestamp);
  const expected = Math.max(byHour, byLoad.expected ?? byHour);
  const warm = usual.n >= warmFrom(metric);
  const excess = warm ? doublings - expected : 0;
  const tolerated = clamp(2.5 * usual.spread, pointEvidence.tolerated, 1.2);
  // A few points of CPU are nothing, however many times the usual one they are.
  const unusual = excess > tolerated && (!cpu || value - 2 ** expected > 10);
  const periods = clamp((state.every ?? 60_000) / 60_000, 1, 5);
  const gain = clamp(excess - tolerated, -pointEvidence.relief, pointEvidence.most) * (1 + 0.175 * (periods - 1));
  const weight = calm && !unusual ? 1 : unusualWeight;
  const reach = 3 * spreadOf(usual);
  const spreads = clamp(excess / spreadOf(usual), 0, mostSpreads);
  return {
    state: {
      ...state,
      usual: learned(usual, timestamp, doublings, weight),
      ...(load.now === null ? {} : { curve: learnLoad(curve, load.now, doublings, weight, reach) }),
      spreads: compact(spreads, 1),
      ratio: compact(2 ** clamp(excess, -20, 20), 0.1),
      expected: compact(2 ** clamp(expected, -20, 60), 0.001),
      since: runSince(before, timestamp, unusual),
    },
    evidence: !warm ? undefined : excess > tolerated && !unusual ? 0 : gain,
    beyond: Math.max(byLoad.beyond, load.surge),
  };
}
