// The hand-over: what the plan switches with the traffic is switched, then the receiving side becomes the active one: the point of no return.
import { throwSwitches } from '../drivers/switches.ts';
import { handOverService } from '../failover/latch.ts';
import { openActingSession, updateRecord } from '../failover/session.ts';
import type { Step } from '../task-handler.ts';

export const handOver: Step<'hand-over'> = async (input, services) => {
  const session = await openActingSession(input, services);
  const { record, at } = session;
  // First: from here on a failure halts and pages. The users have moved; rolling back would take them from what is switched already.
  if (record.phase !== 'hand-over') await updateRecord(session, { phase: 'hand-over', phaseStartedAt: at }, services);
  if (!record.pointOfNoReturn && (await throwSwitches(session, services)) === 'wait') return { decision: 'wait' };
  await updateRecord(session, { pointOfNoReturn: true }, services);
  await handOverService(record, services);
  await services.failovers.tell(record.failoverId, '070-hand-over', {
    at,
    phase: 'hand-over',
    message:
      record.kind === 'fail-back'
        ? `${record.to} is active, ${record.from} is its standby again`
        : `${record.to} is active; ${record.from} is latched until an approved fail-back`,
  });
  return { decision: 'handed-over' };
};
