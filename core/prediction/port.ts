// The port that a detector fills. Packed state is plain JSON so that it fits into one DynamoDB attribute.
import type { MetricDefinition } from '../contracts/metrics.ts';
import type { FailureModel } from './model/format.ts';

/** One point of one metric. `timestamp`: milliseconds since the epoch, start of the period. */
export interface Point {
  readonly timestamp: number;
  readonly value: number;
}

/** What happened at one timestamp: values by metric name. A metric that is absent is missing, which is not zero. */
export interface Observation {
  readonly timestamp: number;
  readonly values: Readonly<Record<string, number>>;
}

export type ReasonKind = 'level' | 'trend' | 'limit' | 'status' | 'missing' | 'event' | 'planned' | 'neighbourhood';

/** Why a score is what it is. `detail` is a sentence an operator understands: how unusual, since when. */
export interface Reason {
  readonly metric: string;
  readonly kind: ReasonKind;
  readonly detail: string;
}

export interface Assessment {
  /** ms since the epoch of the newest observation in it */
  readonly timestamp: number;
  /** 0-100; null while warming up, or where the detector has no skill */
  readonly failureProbability: number | null;
  /** 0-1; 0 while warming up */
  readonly anomalyScore: number;
  /** minutes until the failure that is expected, when it can be told (a limit that is being approached, or a degradation that has begun: 0) */
  readonly expectedInMinutes: number | null;
  readonly reasons: readonly Reason[];
}

export interface DetectorConfig {
  readonly metrics: readonly Pick<MetricDefinition, 'name' | 'role' | 'limit' | 'periodSeconds'>[];
  readonly horizonMinutes: number;
  readonly objective: { readonly latencySeconds: number; readonly errorRate: number };
  /** judges metrics of unknown meaning; absent: the model that is shipped */
  readonly model?: FailureModel;
}

/**
 * Streaming: one observation at a time, no look-ahead, bounded state. `observe` never throws on finite numbers.
 * Points that are not newer than the last one of the same metric are the caller's to drop on AWS; an equal timestamp is scored in order.
 */
export interface Detector<State> {
  initial(config: DetectorConfig): State;
  observe(state: State, observation: Observation, config: DetectorConfig): { state: State; assessment: Assessment };
  /** The state as it is stored, plain JSON: `parse` makes the same state of it, so that storing in between changes no score. */
  pack(state: State): unknown;
  /** Throws `DetectorStateError` when the stored state is not one that this detector wrote. */
  parse(stored: unknown, config: DetectorConfig): State;
}
