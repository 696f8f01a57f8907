// The latch: keeps the side that lost the traffic away from it until an approved fail-back.
import { entrySubject } from '../../core/contracts/names.ts';
import type { SideName } from '../../core/contracts/plan.ts';
import type { FailoverRecord, ServiceRecord } from '../../core/contracts/records.ts';
import type { Services } from '../services.ts';

/** Latches what was left by force or on a prediction; what was left by a fail-back is a good standby and is not. */
export async function latchLosingSide(record: FailoverRecord, { subjects, telemetry, region, now }: Services): Promise<void> {
  const latch = record.kind !== 'fail-back';
  // The subject first: dispatch-scoring repeats it each minute, whatever happens to the rest of this function.
  if (latch) await subjects.addLatch(record.serviceId, record.from, new Date(now()).toISOString());
  await telemetry.reportEvacuated(region, [{ serviceId: record.serviceId, side: record.from, evacuated: latch }], now());
}

/**
 * Moves all traffic at once without Route 53's control plane: the losing side's evacuation check says no. May be repeated.
 * What users see follows within two minutes: one for the metric, one for Route 53's checkers.
 */
export async function switchOver(record: FailoverRecord, services: Services): Promise<void> {
  await latchLosingSide(record, services);
  await services.services.latch(record.serviceId, record.from, new Date(services.now()).toISOString());
}

/** Makes `to` the active side, with the losing side latched unless this is a fail-back. */
export async function handOverService(record: FailoverRecord, services: Services): Promise<void> {
  const at = new Date(services.now()).toISOString();
  await latchLosingSide(record, services);
  await services.services.handOver(record.serviceId, record.from, record.to, record.kind === 'fail-back' ? undefined : at);
  await services.subjects.makeDue(record.serviceId, entrySubject(record.to), at);
}

/**
 * Latches the target of a fail-back again, unless users are on it. Nothing had been lifted before the weights were recorded.
 * An ending may be repeated late, when another failover is at work or has made the target the active side: then it is not this one's to latch.
 */
export async function latchAgain(record: FailoverRecord, { services, subjects, telemetry, region, now }: Services): Promise<void> {
  const weights = record.weights;
  if (weights === undefined || weights[record.to] > 0) return;
  const { mode, activeSide, lock } = await services.get(record.serviceId);
  if (mode !== 'act' || activeSide === record.to || (lock && lock.holder !== record.failoverId)) return;
  const at = new Date(now()).toISOString();
  await subjects.addLatch(record.serviceId, record.to, at);
  await telemetry.reportEvacuated(region, [{ serviceId: record.serviceId, side: record.to, evacuated: true }], now());
  await services.latch(record.serviceId, record.to, at);
}

/** Lifts the latch of a side that is to receive traffic again. Its weight is 0 at that time, so that nothing moves by this alone. */
export async function liftLatch(service: ServiceRecord, side: SideName, { services, subjects, telemetry, region, now }: Services): Promise<void> {
  // Repeated by dispatch-scoring: without new data the evacuation check would keep its last word for ever.
  await subjects.removeLatch(service.serviceId, side, new Date(now()).toISOString());
  await telemetry.reportEvacuated(region, [{ serviceId: service.serviceId, side, evacuated: false }], now());
  await services.liftLatch(service.serviceId, side);
}
