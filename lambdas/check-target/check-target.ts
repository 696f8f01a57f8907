// Whether the receiving side can take the traffic: interlocks and capacity first, then whether a canary still proves it.
import { canaryIsFresh } from '../../core/mirroring/policy.ts';
import { checkCapacity } from '../../core/traffic/steps.ts';
import { openActingSession, updateRecord } from '../failover/session.ts';
import { demand, readyInstances } from '../failover/side-evidence.ts';
import { stillAllowed } from '../failover/still-allowed.ts';
import type { Step } from '../task-handler.ts';
import { roomToGrow } from './room-to-grow.ts';

export const checkTarget: Step<'check-target'> = async ({ warmed, ...input }, services) => {
  const session = await openActingSession(input, services);
  const { record, service, plan, at } = session;
  const [allowed, ready, load] = await Promise.all([stillAllowed(session, services), readyInstances(plan, record.to, services), demand(plan, services)]);
  const capacity = checkCapacity(plan, record.to, ready, load, 1);
  const fresh = canaryIsFresh(plan, service.canary, record.to, services.now());
  // Only the standby is made of mirrors that can be added, once; a primary that is too small has to wait for its owner.
  const canGrow = record.to === 'standby' && warmed === 'none';
  const forbidden = allowed.refusals.length > 0;
  const room = !forbidden && !capacity.enough && canGrow ? await roomToGrow(session, services) : undefined;
  const decision = forbidden ? 'hold' : capacity.enough ? (fresh ? 'shift' : 'canary') : room?.enough ? 'warm' : 'hold';
  const found = [capacity.reason, ...(room ? [room.reason] : [])];
  const against = forbidden ? allowed.refusals : decision === 'hold' ? found : [];
  // Into the head of the record too: the notification of the ending is made of them.
  const reasons = [...new Set([...record.reasons, ...against])];
  await updateRecord(session, { phase: 'target-checked', phaseStartedAt: at, reasons }, services);
  await services.failovers.tell(record.failoverId, `020-target-${decision}`, {
    at,
    phase: 'target-checked',
    message: {
      shift: 'target ready and validated by a fresh canary',
      canary: 'target ready, to be validated',
      warm: 'target too small, warming it',
      hold: forbidden ? 'the move may not go on' : 'target too small',
    }[decision],
    reasons: forbidden ? allowed.refusals : [...found, ...allowed.findings],
  });
  return { decision };
};
