// Halts and pages: when nothing automatic is safe any more, a person decides. The lock is released; the cool-down keeps the automation away.
import { endOpened } from '../failover/ending.ts';
import { failureReason } from '../failover/failure-reason.ts';
import { haltReasons } from '../failover/halted.ts';
import { completeHandOver } from '../failover/latch.ts';
import type { Step } from '../task-handler.ts';

export const haltFailover: Step<'halt-failover'> = async ({ failoverId, failure }, services) => {
  const reason = failureReason(failure) ?? 'a step failed';
  const record = await services.failovers.get(failoverId);
  await completeHandOver(record, services);
  await endOpened(record, 'halted', haltReasons(record, reason), services);
  return { decision: 'halted' };
};
