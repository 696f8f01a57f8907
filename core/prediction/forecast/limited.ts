// Which metrics have a limit, and what being on the way to it counts for.
import { clamp } from '../numbers.ts';
import type { DetectorConfig } from '../port.ts';
import { type Exhaustion, exhaustionAt } from './exhaustion.ts';
import type { LimitState } from './limit.ts';

type Metric = DetectorConfig['metrics'][number];

/** Latency above this many times its usual value for the hour and the load is not the day's course. */
const unusualRatio = 1.3;
/** Latency near its objective is worth preparing for; that it moves traffic takes the evidence of a degradation. The day's course is worth less. */
const mostLatency = 60;
const mostUsualLatency = 25;

/** The value at which a metric means failure; undefined for roles that have none. A latency without its own limit has the plan's objective. */
export function limitOf({ role, limit }: Metric, { objective }: Pick<DetectorConfig, 'objective'>): number | undefined {
  switch (role) {
    case 'memory':
    case 'disk':
    case 'connections':
    case 'other':
      return limit;
    case 'latency':
      return limit ?? objective.latencySeconds;
    default:
      return undefined;
  }
}

/** What is known of a metric that is needed here: see `MetricState`. */
export interface LimitedState {
  readonly at: number;
  readonly value: number;
  readonly limit?: LimitState;
  readonly ratio?: number;
}

/** What is to be expected of a metric with a limit at `timestamp`; undefined without a limit, and before anything can be told. */
export function expectedExhaustion(metric: Metric, known: LimitedState, timestamp: number, config: DetectorConfig): Exhaustion | undefined {
  const limit = limitOf(metric, config);
  if (limit === undefined || known.limit === undefined) return undefined;
  // A metric that has gone silent keeps the estimate of its last point.
  const exhaustion = exhaustionAt(known.limit, Math.min(timestamp, known.at), limit, config.horizonMinutes);
  if (exhaustion === undefined || metric.role !== 'latency') return exhaustion;
  return { ...exhaustion, score: clamp(exhaustion.score, 0, (known.ratio ?? 1) > unusualRatio ? mostLatency : mostUsualLatency) };
}
