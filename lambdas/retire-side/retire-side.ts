// What becomes of the side that a failover has left.
import { openSession } from '../failover/session.ts';
import type { Step } from '../task-handler.ts';

export const retireSide: Step<'retire-side'> = async (input, services) => {
  const { record, plan, at } = await openSession(input, services);
  await services.failovers.tell(record.failoverId, '080-left-side', {
    at,
    phase: record.phase,
    message: `${record.from} is left as it is`,
    reasons: [plan.after.losingSide],
  });
  return { decision: 'refused', waitSeconds: 0 };
};
