// What every step of a failover does first: read the record and the service, and make sure that the failover may still act.
import type { Plan } from '../../core/contracts/plan.ts';
import type { FailoverRecord, ServiceRecord } from '../../core/contracts/records.ts';
import type { FailoverStep } from '../../core/contracts/workflow.ts';
import { requireActing } from '../acting.ts';
import type { Services } from '../services.ts';

/** The lease ran out and somebody else took the lock, or it was released. This failover must not change anything any more. */
export class LockLostError extends Error {
  override readonly name = 'LockLostError';
}

/** The record has ended: another path (the settlement of a failed execution, an operator) closed it. */
export class FailoverEndedError extends Error {
  override readonly name = 'FailoverEndedError';
}

export interface Session {
  readonly record: FailoverRecord;
  readonly service: ServiceRecord;
  readonly plan: Plan;
  /** ISO time at which the step began */
  readonly at: string;
}

/** For steps that only look. */
export async function openSession({ serviceId, failoverId }: FailoverStep, { services, failovers, now }: Services): Promise<Session> {
  const [record, service] = await Promise.all([failovers.get(failoverId), services.get(serviceId)]);
  return { record, service, plan: service.plan, at: new Date(now()).toISOString() };
}

/** For steps that own the failover: the lock's lease is renewed first. Throws LockLostError, FailoverEndedError. */
export async function openHoldingSession(step: FailoverStep, services: Services): Promise<Session> {
  const session = await openSession(step, services);
  const { record } = session;
  if (record.endedAt) throw new FailoverEndedError(`failover '${record.failoverId}' ended at ${record.endedAt} as ${record.outcome}`);
  if (!(await services.services.holdsLock(record.serviceId, record.failoverId, record.fencingToken, services.now())))
    throw new LockLostError(`failover '${record.failoverId}' no longer holds the lock of '${record.serviceId}'`);
  return session;
}

/** For steps that take a customer's service further: as above, and the service must still be in `act`, without its kill switch. Throws NotActingError too. */
export async function openActingSession(step: FailoverStep, services: Services): Promise<Session> {
  const session = await openHoldingSession(step, services);
  requireActing(session.service);
  return session;
}

/** The answer that named the change was lost: whether it has spread can only be waited for. */
export const unknownChange = 'unknown';

/** No change of Route 53's control plane, but of an evacuation check: it takes effect by itself. */
export const switchChange = 'health-check';

/** Writes fields of the record; throws FailoverEndedError when it has ended meanwhile. */
export async function updateRecord({ record }: Session, fields: Partial<FailoverRecord>, { failovers }: Services): Promise<void> {
  if (!(await failovers.update(record.failoverId, fields))) throw new FailoverEndedError(`failover '${record.failoverId}' has ended`);
}
