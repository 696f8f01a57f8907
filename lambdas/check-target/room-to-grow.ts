// Whether the quota leaves room for the mirrors that are missing: to learn it from EC2 costs the time of a warming that comes to nothing.
import { checkQuota, type QuotaCheck, vcpuQuota, vcpuUsage } from '../../core/traffic/quota.ts';
import type { Session } from '../failover/session.ts';
import { logger } from '../logger.ts';
import { isAlive, mirrorInstances } from '../mirroring/standby.ts';
import type { Services } from '../services.ts';

/** The metric of what runs is written each five minutes; an older one says nothing of now, ms. */
const freshness = 30 * 60_000;

/** What cannot be learned is no refusal: EC2 has the last word. */
export async function roomToGrow(session: Session, services: Services): Promise<QuotaCheck> {
  try {
    return await roomFor(session, services);
  } catch (error) {
    logger.warn('room to grow not known', { serviceId: session.record.serviceId, error: error as Error });
    return { enough: true, reason: 'whether the quota leaves room is not known' };
  }
}

async function roomFor({ plan }: Session, services: Services): Promise<QuotaCheck> {
  const { region, instances } = plan.sides.standby;
  const [mirrors, quota, used] = await Promise.all([mirrorInstances(plan, services), services.quotas.value(region, vcpuQuota), vcpusInUse(region, services)]);
  const alive = mirrors.filter(isAlive);
  const one = alive.find(({ status }) => status?.type !== undefined)?.status;
  return checkQuota({ missing: instances.full - alive.length, type: one?.type, vcpusEach: one?.vcpus, quota, used });
}

async function vcpusInUse(region: string, { telemetry, now }: Services): Promise<number | undefined> {
  try {
    return (await telemetry.read(region, [{ key: 'vcpus', metric: vcpuUsage }], now() - freshness, now())).get('vcpus')?.at(-1)?.value;
  } catch (error) {
    logger.warn('use of vCPUs not read', { region, error: error as Error });
    return undefined;
  }
}
