// Whether the receiving side can take the traffic: capacity first, then whether a canary still proves it.
import { canaryIsFresh } from '../../core/mirroring/policy.ts';
import { checkCapacity } from '../../core/traffic/steps.ts';
import { openActingSession, updateRecord } from '../failover/session.ts';
import { demand, readyInstances } from '../failover/side-evidence.ts';
import type { Step } from '../task-handler.ts';

export const checkTarget: Step<'check-target'> = async ({ warmed, ...input }, services) => {
  const session = await openActingSession(input, services);
  const { record, service, plan, at } = session;
  const ready = await readyInstances(plan, record.to, services);
  const capacity = checkCapacity(plan, record.to, ready, await demand(plan, services), 1);
  const fresh = canaryIsFresh(plan, service.canary, record.to, services.now());
  // Only the standby is made of mirrors that can be added, once; a primary that is too small has to wait for its owner.
  const canGrow = record.to === 'standby' && warmed === 'none';
  const decision = capacity.enough ? (fresh ? 'shift' : 'canary') : canGrow ? 'warm' : 'hold';
  await updateRecord(session, { phase: 'target-checked', phaseStartedAt: at }, services);
  await services.failovers.tell(record.failoverId, `020-target-${decision}`, {
    at,
    phase: 'target-checked',
    message: {
      shift: 'target ready and validated by a fresh canary',
      canary: 'target ready, to be validated',
      warm: 'target too small, warming it',
      hold: 'target too small',
    }[decision],
    reasons: [capacity.reason],
  });
  return { decision };
};
