// What the judge may look at, and what of it can be used.
import type { Latencies } from './latencies.ts';

/** What live probes saw on one side. `slow`: answered, but later than the objective. `latencies`: of answered requests; missing in what older versions stored. */
export interface ProbeEvidence {
  readonly requests: number;
  readonly failed: number;
  readonly slow: number;
  readonly latencies?: Latencies | undefined;
}

/** What the load balancer says of one side over the window. undefined: no data yet, which is not zero. */
export interface BalancerEvidence {
  readonly requests: number;
  readonly errors: number;
}

/** One metric that the plan names, point by point on both sides. undefined: it could not be read. */
export interface MetricEvidence {
  readonly name: string;
  readonly critical: boolean;
  readonly worse: 'higher' | 'lower' | 'either';
  /** value at which the resource fails */
  readonly limit?: number | undefined;
  readonly receiving: readonly number[] | undefined;
  readonly losing: readonly number[] | undefined;
}

export interface SideEvidence {
  readonly live: ProbeEvidence | undefined;
  readonly lagging: BalancerEvidence | undefined;
}

export interface JudgeInput {
  readonly receiving: SideEvidence;
  readonly losing: SideEvidence;
  readonly metrics?: readonly MetricEvidence[];
  /** Metrics come minutes late: while there is no time for that, critical ones that are not told yet are not waited for, and those that fail still decide. Default: false. */
  readonly metricsOnlyVeto?: boolean;
  readonly objective: { readonly latencySeconds: number; readonly errorRate: number };
  /** fewer live requests to the receiving side than this are no evidence */
  readonly minimumProbes: number;
  /** share of the metrics, in percent, that have to be no worse */
  readonly passScore?: number;
}

const isCount = (value: number) => Number.isInteger(value) && value >= 0;

/** Counts that contradict each other are a defect of whoever counted: RangeError. No requests at all are missing evidence: undefined. */
export function validProbes(live: ProbeEvidence | undefined): ProbeEvidence | undefined {
  if (live === undefined || live.requests === 0) return undefined;
  const { requests, failed, slow } = live;
  if (!(isCount(requests) && isCount(failed) && isCount(slow) && failed + slow <= requests))
    throw new RangeError(`${failed} failed and ${slow} slow of ${requests} requests cannot be`);
  return live;
}

/** As for probes. More errors than requests happen, since a balancer counts both in minutes of its own: then all failed. */
export function validBalancer(lagging: BalancerEvidence | undefined): BalancerEvidence | undefined {
  if (lagging === undefined || !isCount(lagging.requests) || !isCount(lagging.errors) || lagging.requests === 0) return undefined;
  return { requests: lagging.requests, errors: Math.min(lagging.errors, lagging.requests) };
}

/** Points that are no number are missing, not zero. */
export const validPoints = (points: readonly number[] | undefined): readonly number[] => (points ?? []).filter(Number.isFinite);
