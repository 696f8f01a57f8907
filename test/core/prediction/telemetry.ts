// A small seeded generator of a service's telemetry: daily load, noise, deployments, bursts and faults, a point a minute.
import type { DetectorConfig, Observation } from '../../../core/prediction/port.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
/** A Monday, midnight UTC. */
export const start = Date.UTC(2026, 0, 5);

/** Small seeded generator (mulberry32). */
export function randomFrom(seed: number) {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + (high - low) * uniform();
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const poisson = (mean: number): number => {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    let count = 0;
    for (let product = uniform(); product > Math.exp(-mean); product *= uniform()) count += 1;
    return count;
  };
  return { uniform, between, normal, poisson };
}
export type Random = ReturnType<typeof randomFrom>;

export const entryConfig: DetectorConfig = {
  metrics: [
    { name: 'latency-p99', role: 'latency', periodSeconds: 60 },
    { name: 'errors-target', role: 'errors', periodSeconds: 60 },
    { name: 'errors-balancer', role: 'errors', periodSeconds: 60 },
    { name: 'requests', role: 'requests', periodSeconds: 60 },
  ],
  horizonMinutes: 60,
  objective: { latencySeconds: 1, errorRate: 0.01 },
};

export const instanceConfig: DetectorConfig = {
  metrics: [
    { name: 'status-check', role: 'status', periodSeconds: 60 },
    { name: 'cpu', role: 'cpu', periodSeconds: 60 },
    { name: 'memory', role: 'memory', limit: 100, periodSeconds: 60 },
    { name: 'disk', role: 'disk', limit: 100, periodSeconds: 60 },
    { name: 'network-in', role: 'network', periodSeconds: 60 },
    { name: 'network-out', role: 'network', periodSeconds: 60 },
  ],
  horizonMinutes: 60,
  objective: { latencySeconds: 1, errorRate: 0.01 },
};

/** What acts on the service at one minute, beside its daily load. */
export interface Influence {
  readonly load?: number;
  readonly latency?: number;
  /** added share of failed requests */
  readonly errorRate?: number;
}

export interface Service {
  readonly baseLatency: number;
  readonly peakRequests: number;
  readonly backgroundErrors: number;
  /** standard deviation of the logarithm of p99 latency */
  readonly noise: number;
}

export function drawService(random: Random): Service {
  return {
    baseLatency: random.between(0.1, 0.3),
    peakRequests: random.between(6000, 20_000),
    backgroundErrors: random.between(1e-4, 1e-3),
    noise: random.between(0.04, 0.1),
  };
}

/** Share of the daily peak at a time: lowest at four in the morning. */
export const dailyShape = (timestamp: number): number => 0.65 - 0.35 * Math.cos((2 * Math.PI * ((timestamp % day) - 4 * hour)) / day);

/** One minute at the service's entry. Latency grows with utilisation as a queue does; at the daily peak the service is at 55 % of its capacity. */
export function entryMinute(random: Random, service: Service, timestamp: number, influence: Influence = {}): Observation {
  const { load = 1, latency = 1, errorRate = 0 } = influence;
  const share = dailyShape(timestamp) * load;
  const requests = random.poisson(service.peakRequests * share * Math.exp(0.03 * random.normal()));
  const utilisation = Math.min(0.93, (0.55 * requests) / service.peakRequests);
  const p99 = service.baseLatency * (1 / (1 - utilisation)) * latency * Math.exp(service.noise * random.normal());
  const failed = random.poisson(requests * Math.min(1, service.backgroundErrors + errorRate));
  return { timestamp, values: { 'latency-p99': p99, 'errors-target': failed, 'errors-balancer': random.poisson(requests * 1e-5), requests } };
}

export interface Deployment {
  readonly at: number;
  readonly minutes: number;
  readonly latency: number;
}

/** One deployment on most days, at any hour; bursts of load on every other day. */
export function calmDays(random: Random, days: number) {
  const deployments: Deployment[] = [];
  const bursts: { at: number; minutes: number; load: number }[] = [];
  for (let index = 0; index < days; index += 1) {
    if (random.uniform() < 0.7)
      deployments.push({ at: start + (index + random.uniform()) * day, minutes: random.between(2, 6), latency: random.between(1.2, 1.8) });
    if (random.uniform() < 0.5) bursts.push({ at: start + (index + random.uniform()) * day, minutes: random.between(5, 20), load: random.between(1.3, 2) });
  }
  return { deployments, bursts };
}

export function calmInfluence(calm: ReturnType<typeof calmDays>, timestamp: number): Influence {
  const within = (event: { at: number; minutes: number }) => timestamp >= event.at && timestamp < event.at + event.minutes * minute;
  const deployment = calm.deployments.find(within);
  const burst = calm.bursts.find(within);
  return {
    load: burst?.load ?? 1,
    latency: deployment?.latency ?? 1,
    errorRate: deployment === undefined ? 0 : 0.002,
  };
}
