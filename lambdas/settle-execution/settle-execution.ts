// A state machine did not end well: its failover is settled, or, for what no failover waits for, people are told.
import { z } from 'zod';
import type { FailedExecution } from '../../core/contracts/events.ts';
import { settlementName } from '../../core/contracts/names.ts';
import type { FailoverRecord } from '../../core/contracts/records.ts';
import { EvacuationInput, FailoverInput } from '../../core/contracts/workflow.ts';
import { UnknownServiceError } from '../adapters/service-store.ts';
import { evacuationRecord, openingRecord } from '../failover/opening-record.ts';
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
  const given = parse(detail.input);
  const { data: input } = Input.safeParse(given);
  // The machine that started it has seen it fail and goes on from there; settling as well would take the failover out of its hands.
  if (input?.AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID) return 'left to its caller';
  // What follows a failover changes nothing of its record; a person has to see what became of the side that was left.
  const follows = machine.endsWith('retire-side');
  const record = input?.failoverId && !follows ? await recordOf(input.failoverId, given, services) : undefined;
  if (record) return settle(record, why, services, detail.name === settlementName(record.failoverId, 1));
  await services.notifier.tell('page', why, [
    input ? `service ${input.serviceId}` : 'its input is not readable',
    ...(input?.failoverId ? [`failover ${input.failoverId}`] : []),
    follows ? 'see the runbook "The side that was left"' : 'see the runbook "An execution failed"',
  ]);
  return 'told';
}

/** An execution that ended before its first step has no record yet: it gets one, since every decision has to be accounted for. */
async function recordOf(failoverId: string, given: unknown, services: Services): Promise<FailoverRecord | undefined> {
  const known = await services.failovers.find(failoverId);
  if (known) return known;
  const failover = FailoverInput.safeParse(given).data;
  const evacuation = failover ? undefined : EvacuationInput.safeParse(given).data;
  const request = failover ?? evacuation;
  if (!request) return undefined;
  try {
    const { plan } = await services.services.get(request.serviceId);
    const at = new Date(services.now()).toISOString();
    await services.failovers.create(failover ? openingRecord(failover, plan, at) : evacuationRecord(request as EvacuationInput, plan, at));
  } catch (error) {
    // The service was removed: there is nothing to be held.
    if (error instanceof UnknownServiceError) return undefined;
    throw error;
  }
  return services.failovers.get(failoverId);
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
