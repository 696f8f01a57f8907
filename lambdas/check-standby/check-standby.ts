// Whether the standby is ready: every instance of the level running, passing its checks, registered and healthy. Registers those that can be.
import { instancesAt } from '../../core/mirroring/policy.ts';
import { requireActing } from '../acting.ts';
import { mirrorInstances } from '../mirroring/standby.ts';
import type { Step } from '../task-handler.ts';

/** Booting, checks and registration take some 5 minutes. */
const patience = 20 * 60_000;

export const checkStandby: Step<'check-standby'> = async ({ serviceId, level, startedAt }, services) => {
  const service = await services.services.get(serviceId);
  requireActing(service);
  const { plan } = service;
  const { region, loadBalancer } = plan.sides.standby;
  const wanted = instancesAt(plan, level);
  const mirrors = (await mirrorInstances(plan, services)).filter(({ record }) => record.slot < wanted);

  // A target that is registered while it boots is only found unhealthy; the checks decide when it may serve.
  const toRegister = mirrors.flatMap(({ record, status, registered }) => (record.instanceId && status?.ready && !registered ? [record.instanceId] : []));
  await services.targets.register(region, loadBalancer.targetGroupArn, toRegister);

  const ready = mirrors.filter(({ status, healthy }) => status?.ready && healthy);
  const at = new Date(services.now()).toISOString();
  for (const { record } of ready) if (record.status !== 'ready') await services.mirrors.save({ ...record, status: 'ready', updatedAt: at });
  if (ready.length >= wanted) return { decision: 'ready' };
  const lost = mirrors.some(({ record, status }) => record.status !== 'intended' && (status === undefined || status.state === 'terminated'));
  return { decision: lost || services.now() - Date.parse(startedAt) > patience ? 'failed' : 'wait' };
};
