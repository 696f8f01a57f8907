// Compares the mirror with what the score asks for now, not with what the event said: late and repeated events do no harm.
import { entrySubject } from '../../core/contracts/names.ts';
import { mirroringWork } from '../../core/mirroring/policy.ts';
import { isAlive, mirrorInstances } from '../mirroring/standby.ts';
import type { Step } from '../task-handler.ts';

const idle = { decision: 'nothing', snapshot: false, standby: false, canary: false } as const;

export const planMirroring: Step<'plan-mirroring'> = async ({ serviceId, workflowId }, services) => {
  const service = await services.services.get(serviceId);
  // While the standby serves, nothing may be taken from it.
  if (service.activeSide !== 'primary' || service.killSwitch) return { ...idle, level: service.level };
  const entry = await services.subjects.find(serviceId, entrySubject('primary'));
  const alive = (await mirrorInstances(service.plan, services)).filter(isAlive).length;
  const work = mirroringWork(service, entry?.level ?? service.level, alive, services.now());
  const needed = work.snapshot || work.standby || work.canary || work.level !== service.level;
  if (!needed) return { ...idle, level: work.level };
  if (service.mode !== 'act') {
    if (service.mode === 'advise')
      await services.notifier.tell('info', `${serviceId}: would mirror at level ${work.level}`, [`now at ${service.level}`, `decision ${workflowId}`]);
    return { ...idle, level: work.level };
  }
  return { decision: 'adjust', ...work };
};
