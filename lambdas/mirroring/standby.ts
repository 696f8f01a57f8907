// The standby's mirror instances: what is recorded, what EC2 says of it, and what the balancer says.
import type { Plan } from '../../core/contracts/plan.ts';
import type { MirrorRecord, ServiceRecord } from '../../core/contracts/records.ts';
import type { ResourceStatus } from '../resources/port.ts';
import type { Services } from '../services.ts';

/** The kind that mirrors of this service are made of: that of the primary's first selector. */
export const mirrorKind = (plan: Plan, { kinds }: Services) => kinds[plan.sides.primary.resources[0]?.kind ?? 'ec2-instance'];

export interface MirrorInstance {
  readonly record: MirrorRecord;
  /** undefined: not launched yet, or gone */
  readonly status: ResourceStatus | undefined;
  readonly registered: boolean;
  readonly healthy: boolean;
}

/** Clients that keep old DNS answers, and their connections, are on a side that was left for so long, ms. */
const lingering = 60 * 60_000;

/** Nothing is taken from a standby that serves or is about to, or that has just served. A drill of the canary alone sent nobody there. */
export const mayShrink = (service: ServiceRecord, now: number): boolean =>
  service.activeSide === 'primary' &&
  Object.keys(service.latched).length === 0 &&
  !(service.lock && Date.parse(service.lock.expiresAt) > now) &&
  !(service.lastFailover && service.lastFailover.outcome !== 'validated' && now - Date.parse(service.lastFailover.endedAt) < lingering);

/** EC2 may not show an instance yet that it has just started, ms. */
const invisible = 2 * 60_000;

/** Whether the instance counts towards a level: it runs, or is on its way. */
export const isAlive = ({ status }: MirrorInstance): boolean => status?.state === 'running' || status?.state === 'starting';

export async function mirrorInstances(plan: Plan, services: Services): Promise<MirrorInstance[]> {
  const { region, loadBalancer } = plan.sides.standby;
  const records = await services.mirrors.instances(plan.service);
  const ids = records.flatMap(({ instanceId, status }) => (instanceId && status !== 'terminated' ? [instanceId] : []));
  const [statuses, health] = await Promise.all([mirrorKind(plan, services).status(region, ids), services.targets.health(region, loadBalancer.targetGroupArn)]);
  const byId = new Map(statuses.map((status) => [status.id, status]));
  return records.map((record) => {
    const id = record.instanceId ?? '';
    return { record, status: statusOf(record), registered: health.has(id), healthy: health.get(id) === 'healthy' };
  });

  function statusOf({ instanceId, status, updatedAt }: MirrorRecord): ResourceStatus | undefined {
    if (instanceId === undefined || status === 'terminated') return undefined;
    const young = status === 'launched' && services.now() - Date.parse(updatedAt) < invisible;
    return byId.get(instanceId) ?? (young ? { id: instanceId, state: 'starting', ready: false } : undefined);
  }
}
