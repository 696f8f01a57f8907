// Whether the losing side still receives requests. Keep-alive clients and resolvers that ignore the TTL make this later than weight 0.
import { rateLowerBound } from '../../core/canary/binomial.ts';
import { type Drained, measureDrain } from '../../core/traffic/drain.ts';
import { openHoldingSession, type Session, updateRecord } from '../failover/session.ts';
import { balancerSeries } from '../failover/side-evidence.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';

const minute = 60_000;
const probes = 50;
const probeConcurrency = 10;
const probingTime = 8_000;

export const checkDrain: Step<'check-drain'> = async (input, services) => {
  // Draining may last longer than a lease: the lock is renewed each time.
  const session = await openHoldingSession(input, services);
  const { record, plan, at } = session;
  if (record.phase !== 'drain') {
    await updateRecord(session, { phase: 'drain', phaseStartedAt: at }, services);
    await services.failovers.tell(record.failoverId, '055-drain', { at, phase: 'drain', message: `waiting until ${record.from} receives almost no requests` });
  }
  const now = services.now();
  const since = Date.parse(record.stepVerifiedAt ?? record.phaseStartedAt);
  const measured = await measure(session, now, services);
  const { share, newest } = measured ?? { share: undefined, newest: 0 };

  if (share !== undefined && newest >= since && share < plan.failover.drainedBelow) {
    await services.failovers.tell(record.failoverId, '060-drained', {
      at,
      phase: 'drain',
      message: `moved: ${record.from} receives ${(share * 100).toFixed(2)} % of the requests`,
    });
    return { decision: 'drained' };
  }
  const receives = share === undefined ? 'the balancers report no requests' : `${record.from} still receives ${(share * 100).toFixed(2)} % of the requests`;
  if (now - since < plan.failover.drainMaxMinutes * minute) {
    const dead = measured ? undefined : await deathOf(session, services);
    if (dead === undefined) return { decision: 'wait' };
    await tellOverdue(session, `not measured: ${record.from} is lost, and nothing is gained by waiting for it`, [receives, dead], services);
    return { decision: 'overdue' };
  }
  // With weight 0 a side can keep most of the traffic only when the health check of the other one says no: nothing has moved.
  const stuck = share !== undefined && share > 0.5;
  await tellOverdue(
    session,
    stuck ? `${record.to} does not get the traffic` : `not drained within ${plan.failover.drainMaxMinutes} minutes`,
    [receives],
    services,
  );
  return { decision: stuck ? 'stuck' : 'overdue' };
};

/** undefined: a Region does not answer. It says nothing of its requests then, which is not zero. */
async function measure({ record, plan }: Session, now: number, services: Services): Promise<Drained | undefined> {
  const [receiving, losing] = await Promise.allSettled([record.to, record.from].map((side) => balancerSeries(plan, side, now - 10 * minute, now, services)));
  if (receiving?.status !== 'fulfilled' || losing?.status !== 'fulfilled') return undefined;
  return measureDrain(receiving.value.requests, losing.value.requests, now);
}

/** What the prober finds of a losing side when a Region does not answer; undefined: it answers. The receiving side has to answer, or the fault is the prober's. */
async function deathOf({ record, plan }: Session, { prober }: Services): Promise<string | undefined> {
  const [lost, serving] = await Promise.all([record.from, record.to].map((side) => prober.probe(plan, side, probes, probeConcurrency, probingTime)));
  if (!lost || !serving || lost.requests === 0 || serving.requests === 0) return undefined;
  if (rateLowerBound(lost.failed, lost.requests) < 0.5 || serving.failed / serving.requests > 0.1) return undefined;
  return `${lost.failed} of ${lost.requests} requests to ${record.from} failed, ${serving.failed} of ${serving.requests} to ${record.to}`;
}

async function tellOverdue({ record, at }: Session, message: string, reasons: readonly string[], { failovers, notifier }: Services): Promise<void> {
  await failovers.tell(record.failoverId, '060-overdue', { at, phase: 'drain', message, reasons });
  await notifier.tell('page', `${record.serviceId}: ${message}`, [...reasons, `failover ${record.failoverId}`]);
}
