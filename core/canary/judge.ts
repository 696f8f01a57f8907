// The judge: compares the receiving side with the losing one and with the objective. Three verdicts, each with reasons.
import type { Verdict } from '../contracts/records.ts';
import { rateLowerBound, rateUpperBound } from './binomial.ts';

/** What live probes saw on one side. `latencies`: seconds of the successful requests, sorted or not. */
export interface ProbeEvidence {
  readonly requests: number;
  readonly failed: number;
  readonly slow: number;
}

/** What the load balancer says of one side over the window. undefined: no data yet, which is not zero. */
export interface BalancerEvidence {
  readonly requests: number;
  readonly errors: number;
}

export interface JudgeInput {
  readonly receiving: { readonly live: ProbeEvidence | undefined; readonly lagging: BalancerEvidence | undefined };
  readonly losing: { readonly live: ProbeEvidence | undefined; readonly lagging: BalancerEvidence | undefined };
  readonly objective: { readonly latencySeconds: number; readonly errorRate: number };
  /** fewer live requests than this are no evidence */
  readonly minimumProbes: number;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  /** By live failures, each difference held with confidence. Going back makes sense unless the receiving side is the better one. */
  readonly comparison: 'losing-better' | 'receiving-better' | 'unclear';
}

/** The receiving side passes when, with confidence, it fails less than this many times the objective. */
const passMargin = 2;
/** Balancer errors of fewer requests than this say nothing. */
const minimumBalancerRequests = 100;
const percent = (share: number) => `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;

/** Bounds of a rate (0-1), each held with 99 % confidence (Clopper-Pearson). */
const bounds = (events: number, of: number) => ({ low: rateLowerBound(events, of), high: rateUpperBound(events, of) });

/** Share of requests that a user would call bad: failed, or slower than the objective. */
const badShare = ({ requests, failed, slow }: ProbeEvidence) => (failed + slow) / requests;

/**
 * `fail` when either source shows, with confidence, errors above the objective on the receiving side (live evidence leads, the balancer vetoes),
 * or most live answers slower than the objective; `pass` when there are enough live requests and errors are below twice the objective
 * with confidence; otherwise `no-evidence`.
 */
export function judge(input: JudgeInput): Judgement {
  const { receiving, losing, objective, minimumProbes } = input;
  const reasons: string[] = [];
  const failures: string[] = [];
  const live = receiving.live;
  let passed = false;

  if (live === undefined || live.requests < minimumProbes) {
    reasons.push(`only ${live?.requests ?? 0} live requests to the receiving side, ${minimumProbes} are needed`);
  } else {
    const errors = bounds(live.failed, live.requests);
    const slow = bounds(live.slow, live.requests);
    const rate = `${live.failed} of ${live.requests} live requests failed (between ${percent(errors.low)} and ${percent(errors.high)})`;
    if (errors.low > objective.errorRate) failures.push(`${rate}, the objective is ${percent(objective.errorRate)}`);
    else reasons.push(rate);
    // The objective is a bound on the 99th percentile: a twentieth above it is out of bounds beyond doubt.
    if (slow.low > 0.05 && !(losing.live && badShare(losing.live) > badShare(live)))
      failures.push(`${live.slow} of ${live.requests} live requests took longer than ${objective.latencySeconds} s`);
    passed = errors.high <= passMargin * objective.errorRate;
    if (!passed && failures.length === 0) reasons.push(`too few live requests to rule out ${percent(passMargin * objective.errorRate)} errors`);
  }

  const lagging = receiving.lagging;
  if (lagging && lagging.requests >= minimumBalancerRequests) {
    const errors = bounds(lagging.errors, lagging.requests);
    const rate = `the balancer counts ${lagging.errors} errors in ${lagging.requests} requests`;
    if (errors.low > objective.errorRate) failures.push(`${rate}, the objective is ${percent(objective.errorRate)}`);
    else reasons.push(rate);
  }

  const comparison = compare(live, losing.live, minimumProbes);
  if (failures.length > 0) return { verdict: 'fail', reasons: [...failures, ...reasons], comparison };
  return { verdict: passed ? 'pass' : 'no-evidence', reasons, comparison };
}

function compare(receiving: ProbeEvidence | undefined, losing: ProbeEvidence | undefined, minimumProbes: number): Judgement['comparison'] {
  if (!receiving || !losing || receiving.requests < minimumProbes || losing.requests < minimumProbes) return 'unclear';
  const [here, there] = [bounds(receiving.failed, receiving.requests), bounds(losing.failed, losing.requests)];
  if (there.high < here.low) return 'losing-better';
  return here.high < there.low ? 'receiving-better' : 'unclear';
}
