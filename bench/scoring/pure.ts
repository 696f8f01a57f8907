// The detector alone: milliseconds a resource, microseconds a point, and what is stored of a resource that has learned for a week.
import { performance } from 'node:perf_hooks';
import { defaultEntryMetrics, defaultResourceMetrics } from '../../core/contracts/metrics.ts';
import { detector } from '../../core/prediction/detector.ts';
import type { Assessment, DetectorConfig, Observation } from '../../core/prediction/port.ts';
import { emptyState, type ScoringState } from '../../lambdas/score-risk/scoring-state.ts';
import { configOf, entryProfiles, observationsOf, profileCount, resourceMetrics } from './fleet.ts';

const minute = 60_000;
const day = 1440 * minute;
/** A Monday. */
export const learningFrom = Date.UTC(2026, 0, 5);
export const learningDays = 8;
export const learnedUntil = learningFrom + learningDays * day;

/** Seconds of real time, whatever clock is virtual. */
export const seconds = (): number => Number(process.hrtime.bigint()) / 1e9;

export interface Learned {
  readonly profile: number;
  /** as score-risk stores it */
  readonly stored: string;
  readonly assessment: Assessment;
  /** of `observe` alone, over all observations */
  readonly seconds: number;
  readonly observations: number;
}

/** A subject of a profile after eight days of minutes. */
export function learn(profile: number, metrics: typeof resourceMetrics, days = learningDays): Learned {
  const config = configOf(metrics);
  const series = observationsOf(profile, metrics, learnedUntil - days * day, learnedUntil);
  let state = detector.initial(config);
  let assessment: Assessment | undefined;
  const began = seconds();
  for (const observation of series) ({ state, assessment } = detector.observe(state, observation, config));
  const took = seconds() - began;
  if (assessment === undefined) throw new Error('nothing was observed');
  return { profile, stored: JSON.stringify(storedOf(detector.pack(state), assessment)), assessment, seconds: took, observations: series.length };
}

function storedOf(packed: unknown, { timestamp, failureProbability, anomalyScore, expectedInMinutes, reasons }: Assessment): ScoringState {
  const last = { timestamp, silent: false, failureProbability, anomalyScore, expectedInMinutes, reasons: [...reasons.slice(0, 5)] };
  return { ...emptyState, observedUntil: timestamp, detector: packed, last };
}

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;

export interface Alone {
  readonly millisecondsAResource: number;
  readonly microsecondsAPoint: number;
  readonly stateBytes: { readonly median: number; readonly largest: number };
  readonly packMicroseconds: number;
  readonly parseMicroseconds: number;
}

/** Every profile's resource, and how long `observe` took for one observation of its eight metrics. */
export function measureAlone(learned: readonly Learned[]): Alone {
  const perObservation = Math.min(...learned.map((one) => one.seconds / one.observations));
  const median = quantile(
    learned.map((one) => one.seconds / one.observations),
    0.5,
  );
  const sizes = learned.map(({ stored }) => Buffer.byteLength(stored));
  const config = configOf(resourceMetrics);
  const texts = learned.map(({ stored }) => stored);
  const states = texts.map((text) => detector.parse((JSON.parse(text) as ScoringState).detector, config));
  return {
    millisecondsAResource: median * 1e3,
    microsecondsAPoint: (perObservation * 1e6) / resourceMetrics.length,
    stateBytes: { median: quantile(sizes, 0.5), largest: Math.max(...sizes) },
    packMicroseconds: each(states, (state) => JSON.stringify(detector.pack(state))),
    parseMicroseconds: each(texts, (text) => detector.parse((JSON.parse(text) as ScoringState).detector, config)),
  };
}

function each<Item>(items: readonly Item[], work: (item: Item) => unknown): number {
  const rounds = 40;
  const began = seconds();
  for (let round = 0; round < rounds; round += 1) for (const item of items) work(item);
  return ((seconds() - began) * 1e6) / rounds / items.length;
}

/** The balancers of a fleet's services after eight days. */
export const learnEntries = (): Learned[] => entryProfiles.map((profile) => learn(profile, defaultEntryMetrics));

/** All profiles' resources after eight days. */
export const learnAll = (): Learned[] => Array.from({ length: profileCount }, (_, profile) => learn(profile, resourceMetrics));

/** The cheapest thing that could be called a detector: exponential mean and deviation, one number out. */
function trivial(series: readonly Observation[]): number {
  const means: Record<string, { mean: number; deviation: number }> = {};
  let unusual = 0;
  for (const { values } of series) {
    for (const [name, value] of Object.entries(values)) {
      means[name] ??= { mean: value, deviation: 0 };
      const state = means[name];
      const difference = value - state.mean;
      if (Math.abs(difference) > 5 * state.deviation) unusual += 1;
      state.mean += 0.01 * difference;
      state.deviation += 0.01 * (Math.abs(difference) - state.deviation);
    }
  }
  return unusual;
}

function score(series: readonly Observation[], config: DetectorConfig): number {
  let state = detector.initial(config);
  let sum = 0;
  for (const observation of series) {
    const observed = detector.observe(state, observation, config);
    state = observed.state;
    sum += observed.assessment.failureProbability ?? 0;
  }
  return sum;
}

/** What a scoring function does beside it at worst: the state is read from and written to storage once for each observation. */
function scoreStored(series: readonly Observation[], config: DetectorConfig): number {
  let stored = JSON.stringify(detector.pack(detector.initial(config)));
  for (const observation of series)
    stored = JSON.stringify(detector.pack(detector.observe(detector.parse(JSON.parse(stored), config), observation, config).state));
  return stored.length;
}

/** A point a minute with a daily course and noise that needs no random numbers. */
function seriesFor(config: DetectorConfig, observations: number): Observation[] {
  const level: Record<string, number> = { latency: 0.2, errors: 3, requests: 12_000, status: 0, cpu: 40, memory: 55, disk: 60, network: 1e8, other: 0.5 };
  return Array.from({ length: observations }, (_, index) => {
    const course = 1 + 0.3 * Math.sin((2 * Math.PI * index) / 1440);
    const values = config.metrics.map(({ name, role }, column) => [
      name,
      (level[role] ?? 1) * course * (1 + (((index * 7919 + column * 104_729) % 1000) - 500) / 10_000),
    ]);
    return { timestamp: learningFrom + index * minute, values: Object.fromEntries(values) };
  });
}

const rounds = 3;

/** Best of some rounds, microseconds a point. */
function microseconds(points: number, work: () => number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    work();
    best = Math.min(best, ((performance.now() - began) * 1000) / points);
  }
  return best;
}

export interface BySubject {
  readonly subject: string;
  /** microseconds a point */
  readonly trivial: number;
  readonly detector: number;
  readonly stored: number;
}

/** Microseconds a point by kind of subject, beside a trivial baseline in the same run. */
export function measureBySubject(observations: number): BySubject[] {
  const cases: Record<string, DetectorConfig> = {
    'service entry (4 metrics)': configOf(defaultEntryMetrics),
    'instance (6 metrics)': configOf(defaultResourceMetrics['ec2-instance']),
    'unknown (19 metrics)': configOf(Array.from({ length: 19 }, (_, index) => ({ name: `m${index}`, role: 'other', periodSeconds: 60 }))),
  };
  return Object.entries(cases).map(([subject, config]) => {
    const series = seriesFor(config, observations);
    const points = observations * config.metrics.length;
    const few = series.slice(0, Math.ceil(observations / 10));
    return {
      subject,
      trivial: microseconds(points, () => trivial(series)),
      detector: microseconds(points, () => score(series, config)),
      stored: microseconds(few.length * config.metrics.length, () => scoreStored(few, config)),
    };
  });
}
