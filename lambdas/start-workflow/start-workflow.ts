// An event becomes a workflow, once: the claim records the decision, the execution's name is derived from it.

import type { StateMachineName } from '../../core/contracts/deployment.ts';
import { detailType, type WorkflowEvent } from '../../core/contracts/events.ts';
import { executionName } from '../../core/contracts/names.ts';
import { otherSide } from '../../core/contracts/plan.ts';
import type { ServiceRecord } from '../../core/contracts/records.ts';
import type { EvacuationInput, FailoverInput } from '../../core/contracts/workflow.ts';
import type { Services } from '../services.ts';

export type Started = 'started' | 'exists' | 'ignored';

/** A critical score that stands is reported anew each 15 minutes: an older report is of a time that has passed. */
const criticalAge = 20 * 60_000;

/** `ignored`: the service only observes, or the event is too old to be acted on. */
export async function startWorkflow(event: WorkflowEvent, { services, failovers, workflows, now }: Services): Promise<Started> {
  const { serviceId, decisionId } = event.detail;
  const service = await services.get(serviceId);
  if (service.mode === 'observe') return 'ignored';
  if (event['detail-type'] === detailType.critical && now() - Date.parse(event.detail.decidedAt) > criticalAge) return 'ignored';
  if (!(await failovers.claim(decisionId, new Date(now()).toISOString()))) return 'exists';
  const { machine, input } = workflowFor(event, service);
  const started = await workflows.start(machine, executionName(decisionId), input);
  await failovers.markStarted(decisionId);
  return started;
}

function workflowFor(event: WorkflowEvent, service: ServiceRecord): { machine: StateMachineName; input: unknown } {
  const { serviceId, decisionId } = event.detail;
  switch (event['detail-type']) {
    case detailType.levelChanged:
    case detailType.mirroringDue:
      return { machine: 'adjust-mirroring', input: { serviceId, workflowId: decisionId } };
    case detailType.sideUnhealthy: {
      const { side } = event.detail;
      return {
        machine: 'evacuate',
        input: { serviceId, failoverId: decisionId, from: side, to: otherSide(side), decidedAt: event.detail.decidedAt } satisfies EvacuationInput,
      };
    }
    case detailType.critical: {
      const { side, score, expectedInMinutes, reasons } = event.detail;
      const input: FailoverInput = {
        ...{ serviceId, failoverId: decisionId, kind: 'predictive', drill: null, score, from: side, to: otherSide(side), expectedInMinutes },
        reasons: [`failure probability score ${Math.round(score)} of ${side}`, ...reasons],
      };
      return { machine: 'fail-over', input };
    }
    case detailType.failBackApproved: {
      const from = service.activeSide;
      const input: FailoverInput = {
        ...{ serviceId, failoverId: decisionId, kind: 'fail-back', drill: event.detail.drill, score: null, from, to: otherSide(from), expectedInMinutes: null },
        reasons: [`fail-back approved by ${event.detail.approvedBy}`],
      };
      return { machine: 'fail-over', input };
    }
    case detailType.drillDue: {
      const from = service.activeSide;
      const input: FailoverInput = {
        ...{ serviceId, failoverId: decisionId, kind: 'drill', drill: event.detail.scope, score: null, from, to: otherSide(from), expectedInMinutes: null },
        reasons: [`drill (${event.detail.scope}) of the plan`],
      };
      return { machine: 'fail-over', input };
    }
  }
}
