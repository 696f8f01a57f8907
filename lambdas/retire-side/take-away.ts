// Takes instances of a side that was left out of its balancer, and ends them once they have drained.
import type { RetiredRecord } from '../../core/contracts/records.ts';
import { mirrorKind } from '../mirroring/standby.ts';
import type { Services } from '../services.ts';
import { requireSafe } from './gate.ts';
import type { LeftSide } from './left-side.ts';

/** `stopped`: they can be started again by their owner; `terminated`: they have been replaced. */
export type End = 'stopped' | 'terminated';

/** One step on the way of these instances; true when all of them have come to their end. Each call is safe to repeat. Throws NotNow. */
export async function takeAway(side: LeftSide, instances: readonly RetiredRecord[], end: End, services: Services): Promise<boolean> {
  const { record, service, plan, region, targetGroupArn, inBalancer, states } = side;
  const step = { serviceId: service.serviceId, failoverId: record.failoverId };
  const intended = instances.filter(({ status }) => status === 'intended');
  if (intended.length > 0) {
    await requireSafe(step, services);
    const { targets: leftTargets } = services;
    await leftTargets.deregister(region, targetGroupArn, ids(intended));
    await save(intended, 'deregistered', services);
    return false;
  }
  const leaving = instances.filter(({ status }) => status === 'deregistered');
  // The balancer gives its connections their time.
  if (leaving.some(({ instanceId }) => inBalancer.has(instanceId))) return false;
  const alive = leaving.filter(({ instanceId }) => mustEnd(states.get(instanceId)?.state, end));
  if (alive.length > 0) {
    await requireSafe(step, services);
    const leftKind = mirrorKind(plan, services);
    if (end === 'terminated') await leftKind.terminate(region, ids(alive));
    else await leftKind.stop(region, ids(alive));
  }
  const ended = leaving.filter(({ instanceId }) => end === 'terminated' || hasEnded(states.get(instanceId)?.state));
  await save(ended, end, services);
  return instances.every(({ status, instanceId }) => status === end || ended.some((one) => one.instanceId === instanceId));
}

const ids = (instances: readonly RetiredRecord[]) => instances.map(({ instanceId }) => instanceId);
/** undefined: gone. EC2 stops only what runs. */
const hasEnded = (state: string | undefined) => state === undefined || state === 'stopped' || state === 'terminated';
const mustEnd = (state: string | undefined, end: End) => (end === 'terminated' ? state !== undefined && state !== 'terminated' : state === 'running');

async function save(instances: readonly RetiredRecord[], status: RetiredRecord['status'], { retirements, now }: Services): Promise<void> {
  const updatedAt = new Date(now()).toISOString();
  for (const instance of instances) await retirements.saveRetired({ ...instance, status, updatedAt });
}
