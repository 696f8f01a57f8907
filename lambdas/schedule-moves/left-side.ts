// The side that was left has no users to be measured by: while an automatic fail-back is wanted, probes stand in for them, look by look.
import { rateLowerBound } from '../../core/canary/binomial.ts';
import { leftSideProbes } from '../../core/contracts/names.ts';
import type { ServiceRecord } from '../../core/contracts/records.ts';
import type { Services } from '../services.ts';

const probes = 50;
const probeConcurrency = 10;
/** The function looks after all services within a minute, ms. */
const probingTime = 5_000;
/** A few looks may be missing. */
const leastLooks = 0.8;
/** Share of slow answers beyond which a side is not well. */
const slowBound = 0.05;

/** Probes both sides of a service whose left side (`since`: ISO, latched) is to be gone back to by itself. */
export async function probeLeftSide({ serviceId, plan }: ServiceRecord, since: string, { prober, failovers, now }: Services): Promise<void> {
  const at = new Date(now()).toISOString();
  const probe = (side: 'primary' | 'standby') => prober.probe(plan, side, probes, probeConcurrency, probingTime);
  const [primary, standby] = await Promise.all([probe('primary'), probe('standby')]);
  await failovers.addProbes(leftSideProbes(serviceId, since), at, { primary, standby });
}

/** What its probes since `from` (ms) say against the left side, too few of them included. `every`: ms between two looks. */
export async function againstLeftSide({ serviceId, plan }: ServiceRecord, since: string, from: number, every: number, services: Services): Promise<string[]> {
  const looks = (await services.failovers.probesSince(leftSideProbes(serviceId, since), new Date(from).toISOString())).map(({ primary }) => primary);
  const expected = Math.floor(((services.now() - from) / every) * leastLooks);
  const all = looks.reduce((sum, { requests, failed, slow }) => ({ requests: sum.requests + requests, failed: sum.failed + failed, slow: sum.slow + slow }), {
    requests: 0,
    failed: 0,
    slow: 0,
  });
  const bad = [...looks, all].find(
    ({ requests, failed, slow }) =>
      rateLowerBound(failed, requests) > plan.objective.errorRate || rateLowerBound(slow, Math.max(slow, requests - failed)) > slowBound,
  );
  if (bad) return [`of ${bad.requests} probes of the left side ${bad.failed} failed and ${bad.slow} were slow`];
  return looks.length < expected ? [`the left side was probed ${looks.length} times, not ${expected}`] : [];
}
