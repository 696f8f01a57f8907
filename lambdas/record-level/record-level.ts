// Records the level that the mirror really has. `full` needs a fresh canary that passed; without one it is a fully scaled `partial`.
import { canaryIsFresh } from '../../core/mirroring/policy.ts';
import type { Step } from '../task-handler.ts';

export const recordLevel: Step<'record-level'> = async ({ serviceId, level }, services) => {
  const service = await services.services.get(serviceId);
  const validated = canaryIsFresh(service.plan, service.canary, 'standby', services.now());
  await services.services.setLevel(serviceId, level === 'full' && !validated ? 'partial' : level);
  if (level === 'full' && !validated)
    await services.notifier.tell('page', `${serviceId}: the standby did not pass its canary`, service.canary?.reasons ?? ['there is no verdict']);
  return { decision: 'recorded' };
};
