// A state machine did not end well: its failover is settled, or, for what no failover waits for, people are told.
import { z } from 'zod';
import type { FailedExecution } from '../../core/contracts/events.ts';
import { settlementName } from '../../core/contracts/names.ts';
import { settle } from '../failover/settlement.ts';
import type { Services } from '../services.ts';

const Input = z.object({
  serviceId: z.string(),
  failoverId: z.string().optional(),
  workflowId: z.string().optional(),
  /** set on nested executions only */
  AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: z.string().optional(),
});

export async function settleExecution({ detail }: z.infer<typeof FailedExecution>, services: Services): Promise<string> {
  const machine = detail.stateMachineArn.split(':').at(-1) ?? 'a state machine';
  const why = `execution ${detail.name} of ${machine} ended as ${detail.status}`;
  const { data: input } = Input.safeParse(parse(detail.input));
  // The machine that started it has seen it fail and goes on from there; settling as well would take the failover out of its hands.
  if (input?.AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID) return 'left to its caller';
  // What follows a failover changes nothing of its record; a person has to see what became of the side that was left.
  const follows = machine.endsWith('retire-side');
  const record = input?.failoverId && !follows ? await services.failovers.find(input.failoverId) : undefined;
  if (record) return settle(record, why, services, detail.name === settlementName(record.failoverId, 1));
  await services.notifier.tell('page', why, [
    input ? `service ${input.serviceId}` : 'its input is not readable',
    ...(input?.failoverId ? [`failover ${input.failoverId}`] : []),
    follows ? 'see the runbook "The side that was left"' : 'see the runbook "An execution failed"',
  ]);
  return 'told';
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
