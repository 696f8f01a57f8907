// Makes the standby have as many instances as a level asks for: starts what is missing, takes away what is too many.

import { launchToken, mirrorSubject } from '../../core/contracts/names.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import type { ServiceRecord } from '../../core/contracts/records.ts';
import { instancesAt } from '../../core/mirroring/policy.ts';
import { isAlive, type MirrorInstance, mirrorInstances, mirrorKind } from '../mirroring/standby.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';

export const prepareStandby: Step<'prepare-standby'> = async ({ serviceId, level }, services) => {
  const service = await services.services.get(serviceId);
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
  if (mayShrink(service, services))
    await empty(
      plan,
      mirrors.filter(({ record, status }) => record.slot >= wanted && status && status.state !== 'terminated'),
      services,
    );
  const ready = mirrors.filter(({ record, status, healthy }) => record.slot < wanted && status?.ready && healthy).length;
  return { decision: ready === wanted ? 'ready' : 'wait' };
};

/** Nothing is taken from a side that serves or is about to. */
const mayShrink = (service: ServiceRecord, { now }: Services) =>
  service.activeSide === 'primary' && Object.keys(service.latched).length === 0 && !(service.lock && Date.parse(service.lock.expiresAt) > now());

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
  const unfinished = mirror?.record.status === 'intended';
  const generation = unfinished ? mirror.record.generation : (mirror?.record.generation ?? 0) + 1;
  if (!unfinished) await mirrors.intend(plan.service, slot, generation, at);
  const instanceId = await kind.launch({ region, zone, serviceId: plan.service, launchTemplate, clientToken: launchToken(plan.service, slot, generation) });
  await mirrors.save({ serviceId: plan.service, subjectId: mirrorSubject(slot), slot, generation, instanceId, status: 'launched', updatedAt: at });
}

async function empty(plan: Plan, surplus: readonly MirrorInstance[], services: Services): Promise<void> {
  if (surplus.length === 0) return;
  const { region, loadBalancer } = plan.sides.standby;
  const ids = surplus.flatMap(({ record }) => (record.instanceId ? [record.instanceId] : []));
  await services.targets.deregister(region, loadBalancer.targetGroupArn, ids);
  await mirrorKind(plan, services).terminate(region, ids);
  const at = new Date(services.now()).toISOString();
  for (const { record } of surplus) await services.mirrors.save({ ...record, status: 'terminated', updatedAt: at });
}
