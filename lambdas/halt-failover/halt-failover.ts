// Halts and pages: when nothing automatic is safe any more, a person decides. The lock is released; the cool-down keeps the automation away.
import { z } from 'zod';
import { endFailover } from '../failover/ending.ts';
import type { Step } from '../task-handler.ts';

/** What a Catch puts into the state: `Cause` is JSON text for errors of Lambda functions. */
const Failure = z.object({ Error: z.string().optional(), Cause: z.string().optional() });

export const haltFailover: Step<'halt-failover'> = async ({ failoverId, failure }, services) => {
  const { data } = Failure.safeParse(failure);
  const reason = data ? `${data.Error ?? 'error'}: ${data.Cause ?? 'no cause given'}` : 'a step failed';
  await endFailover(await services.failovers.get(failoverId), 'halted', [reason, 'see the runbook "A failover halted"'], services);
  return { decision: 'halted' };
};
