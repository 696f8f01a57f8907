// What must be true before a failover may start. Each refusal says why; nothing here changes anything.

import type { ServiceRecord } from '../contracts/records.ts';
import type { FailoverInput } from '../contracts/workflow.ts';

/** A running failover elsewhere in the account, for the caps. */
export interface RunningFailover {
  readonly failoverId: string;
  readonly zone: string;
}

export interface InterlockInput {
  readonly service: ServiceRecord;
  readonly request: FailoverInput;
  readonly running: readonly RunningFailover[];
  /** ms since the epoch */
  readonly now: number;
}

export type InterlockResult =
  | { readonly decision: 'proceed' }
  /** `advised`: everything else would have allowed it, but the mode is not `act` */
  | { readonly decision: 'refused' | 'advised'; readonly reasons: readonly string[] };

export function checkInterlocks({ service, request, running, now }: InterlockInput): InterlockResult {
  const { plan } = service;
  const reasons: string[] = [];
  const zone = plan.sides[request.from].zone;
  const others = running.filter(({ failoverId }) => failoverId !== request.failoverId);

  if (service.killSwitch) reasons.push('the kill switch of the service is on');
  if (service.activeSide !== request.from) reasons.push(`traffic is on ${service.activeSide} already`);
  // A fail-back goes to the side that is latched: lifting the latch is part of its hand-over.
  if (request.kind === 'predictive' && service.latched[request.to])
    reasons.push(`${request.to} is latched since ${service.latched[request.to]} and waits for an approved fail-back`);
  if (plan.data === 'local') reasons.push("the plan's data is local: moving traffic would lose writes");
  const last = service.lastFailover;
  const cooledDown = last ? Date.parse(last.endedAt) + plan.failover.cooldownMinutes * 60_000 : 0;
  if (request.kind === 'predictive' && now < cooledDown)
    reasons.push(`cooling down until ${new Date(cooledDown).toISOString()} after ${last?.failoverId} (${last?.outcome})`);
  if (others.length >= plan.caps.perAccount) reasons.push(`${others.length} failovers are running in the account, the plan allows ${plan.caps.perAccount}`);
  const inZone = others.filter((other) => other.zone === zone).length;
  if (inZone >= plan.caps.perZone) reasons.push(`${inZone} failovers out of ${zone} are running, the plan allows ${plan.caps.perZone}`);

  if (service.mode !== 'act')
    return { decision: service.mode === 'advise' && reasons.length === 0 ? 'advised' : 'refused', reasons: [...reasons, `the mode is ${service.mode}`] };
  return reasons.length > 0 ? { decision: 'refused', reasons } : { decision: 'proceed' };
}
