// The point of no return: the receiving side becomes the active one, the losing side is latched.
import { handOverService } from '../failover/latch.ts';
import { openActingSession, updateRecord } from '../failover/session.ts';
import type { Step } from '../task-handler.ts';

export const handOver: Step<'hand-over'> = async (input, services) => {
  const session = await openActingSession(input, services);
  const { record, at } = session;
  // First: from here on a failure halts and pages, it does not roll back onto a side that may be latched.
  await updateRecord(session, { phase: 'hand-over', phaseStartedAt: at, pointOfNoReturn: true }, services);
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
