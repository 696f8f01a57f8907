// A person asks for the way home: the event that starts a fail-back, unless it is known already that nothing would come of it.
import { detailType } from '../../core/contracts/events.ts';
import { decisionName } from '../../core/contracts/names.ts';
import { standingRefusals } from '../../core/failover/interlocks.ts';
import { lockState } from '../../core/failover/lock.ts';
import type { EventBus } from '../adapters/event-bus.ts';
import type { ServiceStore } from '../adapters/service-store.ts';

export interface AskedHome {
  /** id of the fail-back that follows */
  readonly failoverId: string;
  /** why nothing was asked; empty: it was. The other interlocks are asked when the fail-back opens. */
  readonly refusals: readonly string[];
}

/** `now`: ms since the epoch. Asking twice within a second asks once. Throws UnknownServiceError. */
export async function askHome(
  { services, bus }: { readonly services: ServiceStore; readonly bus: EventBus },
  { serviceId, by }: { readonly serviceId: string; readonly by: string },
  now: number,
): Promise<AskedHome> {
  const service = await services.get(serviceId);
  const decidedAt = new Date(now).toISOString();
  const failoverId = decisionName(serviceId, 'fail-back', decidedAt);
  const refusals = standingRefusals(service, { kind: 'fail-back', from: 'standby', to: 'primary', score: null, approvedBy: by }, now).map(
    ({ reason }) => reason,
  );
  if (service.activeSide === 'primary') refusals.unshift('the service is at home: traffic is on primary');
  if (service.mode !== 'act') refusals.push(`the mode is ${service.mode}`);
  if (lockState(service.lock, failoverId, now) === 'held') refusals.push(`${service.lock?.holder} is under way; ask again when it has ended`);
  if (refusals.length === 0)
    await bus.emit([{ 'detail-type': detailType.failBackApproved, detail: { serviceId, decisionId: failoverId, decidedAt, approvedBy: by, drill: null } }]);
  return { failoverId, refusals };
}
