// Makes the standby have as many instances as a level asks for: starts what is missing, takes away what is too many.

import { launchToken, mirrorSubject } from '../../core/contracts/names.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import type { MirrorRecord } from '../../core/contracts/records.ts';
import { instancesAt } from '../../core/mirroring/policy.ts';
import { requireActing } from '../acting.ts';
import { logger } from '../logger.ts';
import { isAlive, type MirrorInstance, mayShrink, mirrorInstances, mirrorKind } from '../mirroring/standby.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';

export const prepareStandby: Step<'prepare-standby'> = async ({ serviceId, level }, services) => {
  const service = await services.services.get(serviceId);
  requireActing(service);
  const { plan } = service;
  const wanted = instancesAt(plan, level);
  const mirrors = await mirrorInstances(plan, services);
  for (let slot = 0; slot < wanted; slot++)
    await fillSlot(
      plan,
      slot,
      mirrors.find(({ record }) => record.slot === slot),
      services,
    );
  const surplus = mirrors.filter(({ record, status }) => record.slot >= wanted && status && status.state !== 'terminated');
  // Read again: a failover may have taken the lock while instances were being started.
  if (surplus.length > 0 && mayShrink(await services.services.get(serviceId), services.now()) && (await isIdle(plan, services)))
    await empty(plan, surplus, services);
  const ready = mirrors.filter(({ record, status, healthy }) => record.slot < wanted && status?.ready && healthy).length;
  return { decision: ready === wanted ? 'ready' : 'wait' };
};

/** Recorded first, then asked for under a token derived from the record: a retry, or another workflow, gets the same instance. */
async function fillSlot(plan: Plan, slot: number, mirror: MirrorInstance | undefined, services: Services): Promise<void> {
  const { mirrors, now } = services;
  const { region, zone, launchTemplate } = plan.sides.standby;
  const kind = mirrorKind(plan, services);
  const at = new Date(now()).toISOString();
  if (mirror && isAlive(mirror)) return;
  if (mirror?.status?.state === 'stopped' && mirror.record.instanceId) {
    await kind.start(region, [mirror.record.instanceId]);
    await mirrors.save({ ...mirror.record, status: 'launched', updatedAt: at });
    return;
  }
  if (mirror?.status?.state === 'stopping') return;
  const intended = await intend(plan, slot, mirror?.record, services);
  if (!intended) return;
  let { generation } = intended;
  const launch = () => kind.launch({ region, zone, serviceId: plan.service, launchTemplate, clientToken: launchToken(plan.service, slot, generation) });
  let instanceId = await launch();
  // An old token may stand for an instance that was swept away meanwhile.
  if (intended.repeated && (await kind.status(region, [instanceId])).some(({ state }) => state === 'terminated')) {
    generation++;
    if (!(await mirrors.intend(plan.service, slot, generation, at))) return;
    instanceId = await launch();
  }
  await mirrors.save({ serviceId: plan.service, subjectId: mirrorSubject(slot), slot, generation, instanceId, status: 'launched', updatedAt: at });
}

/** The generation to launch: that of an intention which came to nothing, or a new one. undefined: another workflow has launched meanwhile. */
async function intend(plan: Plan, slot: number, known: MirrorRecord | undefined, { mirrors, now }: Services) {
  const at = new Date(now()).toISOString();
  // Saved anew, so that the sweeper sees a launch under way.
  if (known?.status === 'intended') return (await mirrors.save({ ...known, updatedAt: at })) ? { generation: known.generation, repeated: true } : undefined;
  const generation = (known?.generation ?? 0) + 1;
  if (await mirrors.intend(plan.service, slot, generation, at)) return { generation, repeated: false };
  const other = (await mirrors.instances(plan.service)).find((record) => record.slot === slot);
  return other?.status === 'intended' ? { generation: other.generation, repeated: true } : undefined;
}

/** A failover that was held or halted leaves the standby with a share of the traffic, and with neither lock nor latch. Weights that cannot be read are no evidence. */
async function isIdle(plan: Plan, { router }: Services): Promise<boolean> {
  try {
    return (await router.read(plan)).weights.standby === 0;
  } catch (error) {
    logger.warn('nothing is taken from the standby: its weight is unknown', { serviceId: plan.service, error: error as Error });
    return false;
  }
}

async function empty(plan: Plan, surplus: readonly MirrorInstance[], services: Services): Promise<void> {
  const { region, loadBalancer } = plan.sides.standby;
  const ids = surplus.flatMap(({ record }) => (record.instanceId ? [record.instanceId] : []));
  await services.targets.deregister(region, loadBalancer.targetGroupArn, ids);
  await mirrorKind(plan, services).terminate(region, ids);
  const at = new Date(services.now()).toISOString();
  for (const { record } of surplus) await services.mirrors.save({ ...record, status: 'terminated', updatedAt: at });
}
