// Whether the last change of weights has reached all of Route 53's servers. Only then does the evidence of a step begin to count.
import { openSession, unknownChange, updateRecord } from '../failover/session.ts';
import type { Step } from '../task-handler.ts';

/** Route 53 says that changes generally spread within 60 seconds, ms. */
const spreadTime = 60_000;

export const verifyShift: Step<'verify-shift'> = async (input, services) => {
  const session = await openSession(input, services);
  const { record, at } = session;
  if (record.changeId === unknownChange) {
    if (services.now() - Date.parse(record.phaseStartedAt) < spreadTime) return { decision: 'wait' };
  } else if (record.changeId && !(await services.router.isInSync(record.changeId))) return { decision: 'wait' };
  await updateRecord(session, { stepVerifiedAt: at }, services);
  return { decision: 'synced' };
};
