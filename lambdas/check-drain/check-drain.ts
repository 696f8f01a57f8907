// Whether the losing side still receives requests. Keep-alive clients and resolvers that ignore the TTL make this later than weight 0.
import { openHoldingSession, updateRecord } from '../failover/session.ts';
import { balancerSeries } from '../failover/side-evidence.ts';
import type { Step } from '../task-handler.ts';

const minute = 60_000;
/** A balancer without requests reports nothing, and CloudWatch is up to three minutes behind: from then on nothing means zero. */
const settled = 4 * minute;

export const checkDrain: Step<'check-drain'> = async (input, services) => {
  // Draining may last longer than a lease: the lock is renewed each time.
  const session = await openHoldingSession(input, services);
  const { record, plan, at } = session;
  if (record.phase !== 'drain') {
    await updateRecord(session, { phase: 'drain', phaseStartedAt: at }, services);
    await services.failovers.tell(record.failoverId, '055-drain', { at, phase: 'drain', message: `waiting until ${record.from} receives almost no requests` });
  }
  const now = services.now();
  const [receiving, losing] = await Promise.all([record.to, record.from].map((side) => balancerSeries(plan, side, now - 10 * minute, now, services)));
  const [latest, share] = losingShare(receiving?.requests ?? [], losing?.requests ?? [], now);
  const since = Date.parse(record.stepVerifiedAt ?? record.phaseStartedAt);

  if (share !== undefined && latest >= since && share < plan.failover.drainedBelow) {
    await services.failovers.tell(record.failoverId, '060-drained', {
      at,
      phase: 'drain',
      message: `moved: ${record.from} receives ${(share * 100).toFixed(2)} % of the requests`,
    });
    return { decision: 'drained' };
  }
  if (now - since < plan.failover.drainMaxMinutes * minute) return { decision: 'wait' };
  // With weight 0 a side can keep most of the traffic only when the health check of the other one says no: nothing has moved.
  const stuck = share !== undefined && share > 0.5;
  const message = stuck ? `${record.to} does not get the traffic` : `not drained within ${plan.failover.drainMaxMinutes} minutes`;
  const reasons = [share === undefined ? 'the balancers report no requests' : `${record.from} still receives ${(share * 100).toFixed(2)} % of the requests`];
  await services.failovers.tell(record.failoverId, '060-overdue', { at, phase: 'drain', message, reasons });
  await services.notifier.tell('page', `${record.serviceId}: ${message}`, [...reasons, `failover ${record.failoverId}`]);
  return { decision: stuck ? 'stuck' : 'overdue' };
};

interface Sample {
  readonly timestamp: number;
  readonly value: number;
}

/** The newest minute (ms) of which both sides are known, and the losing side's share (0-1) in it; undefined when there is none. */
function losingShare(receiving: readonly Sample[], losing: readonly Sample[], now: number): [number, number | undefined] {
  const lost = new Map(losing.map(({ timestamp, value }) => [timestamp, value]));
  for (const { timestamp, value } of receiving.toReversed()) {
    const left = lost.get(timestamp) ?? (timestamp + settled <= now ? 0 : undefined);
    if (left !== undefined && left + value > 0) return [timestamp, left / (left + value)];
  }
  return [0, undefined];
}
