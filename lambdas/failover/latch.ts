// The latch: keeps the side that lost the traffic away from it until an approved fail-back.
import { entrySubject } from '../../core/contracts/names.ts';
import type { SideName } from '../../core/contracts/plan.ts';
import type { FailoverRecord, ServiceRecord } from '../../core/contracts/records.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';
import { lookAt } from './serving.ts';

/**
 * What was left by force or on a prediction is latched. What a fail-back or a drill has left is well: it is the one that users fall back to
 * when the other side dies, which a latch would keep them from.
 */
const isToBeLatched = ({ kind, drill }: FailoverRecord): boolean => kind !== 'fail-back' && drill === undefined;

/** Latches the side that a move has left, or says that it is not latched. */
export async function latchLosingSide(record: FailoverRecord, services: Services): Promise<void> {
  const latch = isToBeLatched(record);
  // What dispatch-scoring repeats each minute, whatever becomes of the first report.
  if (latch) await services.subjects.addLatch(record.serviceId, record.from, new Date(services.now()).toISOString());
  await report(record.serviceId, record.from, latch, services);
}

/** The first report. One that fails is repeated within a minute: it must not leave what belongs together half done. */
async function report(serviceId: string, side: SideName, evacuated: boolean, { telemetry, region, now }: Services): Promise<void> {
  try {
    await telemetry.reportEvacuated(region, [{ serviceId, side, evacuated }], now());
  } catch (error) {
    logger.warn('latch not reported; dispatch-scoring repeats it', { serviceId, side, evacuated, error: error as Error });
  }
}

/**
 * Moves all traffic at once without Route 53's control plane: the losing side's evacuation check says no. May be repeated.
 * What users see follows within two minutes: one for the metric, one for Route 53's checkers.
 */
export async function switchOver(record: FailoverRecord, services: Services): Promise<void> {
  await latchLosingSide(record, services);
  await services.services.latch(record.serviceId, record.from, new Date(services.now()).toISOString());
}

/** Makes `to` the active side, with the losing side latched if it is to be. The record of the service first: the rest is repeated by it. */
export async function handOverService(record: FailoverRecord, services: Services): Promise<void> {
  const at = new Date(services.now()).toISOString();
  await services.services.handOver(record.serviceId, record.from, record.to, isToBeLatched(record) ? at : undefined);
  await latchLosingSide(record, services);
  await services.subjects.makeDue(record.serviceId, entrySubject(record.to), at);
}

/** For what ends a failover in its hand-over or later: one that was begun is not left half done. Never throws: ending is what matters then. */
export async function completeHandOver(record: FailoverRecord, services: Services): Promise<void> {
  // A latch that has taken the place of the weights has moved everybody: the side that is left must not be called the active one.
  const switched = record.mechanism === 'health-check' && record.kind !== 'evacuation';
  if (record.endedAt || !(record.pointOfNoReturn || record.phase === 'hand-over' || switched)) return;
  try {
    const { plan, lock, mode, killSwitch, latched } = await services.services.get(record.serviceId);
    if (switched && !latched[record.from]) return;
    if (lock && lock.holder !== record.failoverId) return;
    // Before the point of no return some switch may be thrown and the latch asked for; the users have moved. Latching needs a side that serves.
    if (!record.pointOfNoReturn && (mode !== 'act' || killSwitch || (await lookAt(plan, record.to, services)).state !== 'serves')) return;
    await handOverService(record, services);
  } catch (error) {
    logger.error('hand-over not completed', { failoverId: record.failoverId, error: error as Error });
  }
}

/**
 * Latches the target of a fail-back again, unless users are on it. Nothing had been lifted before the weights were recorded.
 * An ending may be repeated late, when another failover is at work or has made the target the active side: then it is not this one's to latch.
 */
export async function latchAgain(record: FailoverRecord, all: Services): Promise<void> {
  const { services, subjects, now } = all;
  const weights = record.weights;
  // The way home of a drill finds nothing latched.
  if (record.drill || weights === undefined || weights[record.to] > 0) return;
  const { mode, activeSide, lock } = await services.get(record.serviceId);
  if (mode !== 'act' || activeSide === record.to || (lock && lock.holder !== record.failoverId)) return;
  const at = new Date(now()).toISOString();
  await services.latch(record.serviceId, record.to, at);
  await subjects.addLatch(record.serviceId, record.to, at);
  await report(record.serviceId, record.to, true, all);
}

/** Lifts the latch of a side that is to receive traffic again. Its weight is 0 at that time, so that nothing moves by this alone. */
export async function liftLatch({ serviceId }: ServiceRecord, side: SideName, services: Services): Promise<void> {
  // Repeated by dispatch-scoring: without new data the evacuation check would keep its last word for ever.
  await services.subjects.removeLatch(serviceId, side, new Date(services.now()).toISOString());
  await report(serviceId, side, false, services);
  await services.services.liftLatch(serviceId, side);
}
