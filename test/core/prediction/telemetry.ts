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

/** Requests in a minute at the daily mean; share of saturation at that mean; latencies in seconds. */
export interface Service {
  readonly requests: number;
  readonly utilisation: number;
  readonly idleLatency: number;
  readonly backgroundErrors: number;
  readonly peakHour: number;
}

export function drawService(random: Random): Service {
  const requests = random.between(180, 220) * 60;
  return {
    requests,
    utilisation: requests / 60 / (4 * 120 * random.between(1.1, 1.3)),
    idleLatency: random.between(0.06, 0.11) * Math.exp(2.326 * random.between(0.45, 0.6)),
    backgroundErrors: 10 ** random.between(-4, -3),
    peakHour: random.between(17, 21),
  };
}

/** Load relative to the daily mean, between 0.65 and 1.35. */
export const dailyShape = (timestamp: number, peakHour = 19): number => 1 + 0.35 * Math.cos((2 * Math.PI * ((timestamp % day) - peakHour * hour)) / day);

/** One minute at the service's entry. Latency grows with utilisation as a queue does; above saturation the excess is refused. */
export function entryMinute(random: Random, service: Service, timestamp: number, influence: Influence = {}): Observation {
  const { load = 1, latency = 1, errorRate = 0 } = influence;
  const relative = dailyShape(timestamp, service.peakHour) * load * Math.exp(0.03 * random.normal());
  const requests = random.poisson(service.requests * relative);
  const utilisation = service.utilisation * relative;
  const queue = utilisation >= 1 ? 12 : Math.min(12, 1 + utilisation ** 4 / (1 - utilisation));
  const refused = utilisation > 1 ? 1 - 1 / utilisation : 0;
  const p99 = service.idleLatency * queue * latency * Math.exp(0.03 * random.normal());
  return {
    timestamp,
    values: {
      'latency-p99': p99,
      'errors-target': random.poisson(requests * Math.min(1, service.backgroundErrors + errorRate)),
      'errors-balancer': random.poisson(requests * refused),
      requests,
    },
  };
}

export interface Deployment {
  readonly at: number;
  readonly minutes: number;
  readonly latency: number;
  readonly errorRate: number;
}

/** Deployments in working hours, four a week; load peaks at any hour, three a week. */
export function calmDays(random: Random, days: number) {
  const deployments: Deployment[] = [];
  const peaks: { at: number; minutes: number; load: number }[] = [];
  for (let index = 0; index < days; index += 1) {
    const midnight = start + index * day;
    for (let count = random.poisson(4 / 7); count > 0; count -= 1)
      deployments.push({
        at: midnight + random.between(8, 18) * hour,
        minutes: random.between(2, 6),
        latency: random.between(1.2, 1.8),
        errorRate: random.between(0.001, 0.005),
      });
    for (let count = random.poisson(3 / 7); count > 0; count -= 1)
      peaks.push({ at: midnight + random.between(0, 24) * hour, minutes: random.between(10, 60), load: random.between(1.2, 1.8) });
  }
  return { deployments, peaks };
}

export function calmInfluence(calm: ReturnType<typeof calmDays>, timestamp: number): Influence {
  const within = (event: { at: number; minutes: number }) => timestamp > event.at - minute && timestamp < event.at + event.minutes * minute;
  const deployment = calm.deployments.find(within);
  const peak = calm.peaks.find(within);
  return { load: peak?.load ?? 1, latency: deployment?.latency ?? 1, errorRate: deployment?.errorRate ?? 0 };
}

/** One minute of one instance. */
export function instanceMinute(random: Random, timestamp: number, of: { memory?: number; disk?: number }): Observation {
  const load = dailyShape(timestamp) / 1.35;
  return {
    timestamp,
    values: {
      'status-check': 0,
      cpu: Math.max(1, 5 + 50 * load + 2 * random.normal()),
      memory: (of.memory ?? 50) + 4 * load + 0.4 * random.normal(),
      disk: (of.disk ?? 50) + 0.1 * random.normal(),
      'network-in': 5e8 * load * Math.exp(0.03 * random.normal()),
      'network-out': 2e9 * load * Math.exp(0.03 * random.normal()),
    },
  };
}
