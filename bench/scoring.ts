// Microseconds a point through the detector, beside a trivial baseline in the same run: npm run bench:scoring
import { performance } from 'node:perf_hooks';
import { defaultEntryMetrics, defaultResourceMetrics } from '../core/contracts/metrics.ts';
import { detector } from '../core/prediction/detector.ts';
import type { DetectorConfig, Observation } from '../core/prediction/port.ts';

const minute = 60_000;
const start = Date.UTC(2026, 0, 5);
const observations = 30_000;
const rounds = 3;

/** The cheapest thing that could be called a detector: exponential mean and deviation, one number out. */
function baseline(series: readonly Observation[]): number {
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

/** What a scoring Lambda does beside it: the state is read from and written to storage once for each new observation. */
function scoreStored(series: readonly Observation[], config: DetectorConfig): number {
  let stored = JSON.stringify(detector.initial(config));
  for (const observation of series) stored = JSON.stringify(detector.observe(detector.parse(JSON.parse(stored), config), observation, config).state);
  return stored.length;
}

/** A point a minute with a daily course and noise that needs no random numbers. */
function seriesFor(config: DetectorConfig): Observation[] {
  const level: Record<string, number> = { latency: 0.2, errors: 3, requests: 12_000, status: 0, cpu: 40, memory: 55, disk: 60, network: 1e8, other: 0.5 };
  return Array.from({ length: observations }, (_, index) => {
    const course = 1 + 0.3 * Math.sin((2 * Math.PI * index) / 1440);
    const values = config.metrics.map(({ name, role }, column) => [
      name,
      (level[role] ?? 1) * course * (1 + (((index * 7919 + column * 104_729) % 1000) - 500) / 10_000),
    ]);
    return { timestamp: start + index * minute, values: Object.fromEntries(values) };
  });
}

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

const common = { horizonMinutes: 60, objective: { latencySeconds: 1, errorRate: 0.01 } };
const cases: Record<string, DetectorConfig> = {
  'service entry (4 metrics)': { ...common, metrics: defaultEntryMetrics },
  'instance (6 metrics)': { ...common, metrics: defaultResourceMetrics['ec2-instance'] },
  'unknown (19 metrics)': { ...common, metrics: Array.from({ length: 19 }, (_, index) => ({ name: `m${index}`, role: 'other', periodSeconds: 60 })) },
};

console.log(`${observations} observations, best of ${rounds}; microseconds a point, and times the baseline`);
for (const [name, config] of Object.entries(cases)) {
  const series = seriesFor(config);
  const points = observations * config.metrics.length;
  const trivial = microseconds(points, () => baseline(series));
  const scored = microseconds(points, () => score(series, config));
  const few = series.slice(0, observations / 10);
  const stored = microseconds(points / 10, () => scoreStored(few, config));
  const cell = (value: number) => `${value.toFixed(2).padStart(6)} us (x${(value / trivial).toFixed(0)})`;
  console.log(`${name.padEnd(26)} baseline ${trivial.toFixed(3)} us | detector ${cell(scored)} | with stored state ${cell(stored)}`);
}
