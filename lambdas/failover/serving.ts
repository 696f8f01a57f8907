// Whether a side serves now, seen by the prober: the last look before something is done that cannot be undone.
import { rateLowerBound, rateUpperBound } from '../../core/canary/binomial.ts';
import type { ProbeEvidence } from '../../core/canary/judge.ts';
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import type { Services } from '../services.ts';

const probes = 50;
const probeConcurrency = 10;
/** Steps that look have a minute for everything, ms. */
const probingTime = 8_000;
/** A side that fails more than this with confidence does not serve; below half it is not dead. */
const failing = 0.1;
const dead = 0.5;

export interface Looked {
  /** `fails`: with confidence; `dead`: most of it. A look without requests saw nothing, which is neither. */
  readonly state: 'serves' | 'fails' | 'dead' | 'unseen';
  readonly failed: number;
  readonly requests: number;
}

export const unseen: Looked = { state: 'unseen', failed: 0, requests: 0 };

export async function lookAt(plan: Plan, side: SideName, { prober }: Services): Promise<Looked> {
  return stateOf(await prober.probe(plan, side, probes, probeConcurrency, probingTime));
}

export function stateOf({ failed, requests }: Pick<ProbeEvidence, 'failed' | 'requests'>): Looked {
  if (requests === 0) return unseen;
  const low = rateLowerBound(failed, requests);
  return { state: low >= dead ? 'dead' : low > failing ? 'fails' : 'serves', failed, requests };
}

/** Whether one side fails more than another, with confidence. */
export const failsMore = (one: Looked, other: Looked): boolean =>
  one.requests > 0 && other.requests > 0 && rateLowerBound(one.failed, one.requests) > rateUpperBound(other.failed, other.requests);

export const inWords = (side: SideName, { failed, requests }: Looked): string =>
  requests === 0 ? `no request could be sent to ${side}` : `${failed} of ${requests} requests to ${side} failed`;
