// An event becomes a workflow, once: the claim records the decision, the execution's name is derived from it.

import type { StateMachineName } from '../../core/contracts/deployment.ts';
import { detailType, type WorkflowEvent } from '../../core/contracts/events.ts';
import { executionName } from '../../core/contracts/names.ts';
import { otherSide } from '../../core/contracts/plan.ts';
import type { ServiceRecord } from '../../core/contracts/records.ts';
import type { EvacuationInput, FailoverInput } from '../../core/contracts/workflow.ts';
import { standingRefusals, untold } from '../../core/failover/interlocks.ts';
import type { Services } from '../services.ts';

export type Started = 'started' | 'exists' | 'ignored';

/** A critical score that stands is reported anew each 15 minutes, and so is a drill that is due: an older report is of a time that has passed. */
const mostAge = 20 * 60_000;

/** `ignored`: the service only observes, or nothing would come of the event. */
export async function startWorkflow(event: WorkflowEvent, { services, failovers, workflows, now }: Services): Promise<Started> {
  const { serviceId, decisionId } = event.detail;
  const service = await services.get(serviceId);
  if (service.mode === 'observe' || isPast(event, service, now()) || isRefusedAnyway(event, service, now())) return 'ignored';
  if (!(await failovers.claim(decisionId, new Date(now()).toISOString()))) return 'exists';
  const { machine, input } = workflowFor(event);
  const started = await workflows.start(machine, executionName(decisionId), input);
  await failovers.markStarted(decisionId);
  return started;
}

/** Events come late and in any order: what they were about may be over. */
function isPast(event: WorkflowEvent, service: ServiceRecord, now: number): boolean {
  const late = now - Date.parse(event.detail.decidedAt) > mostAge;
  if (event['detail-type'] === detailType.critical) return late || event.detail.side !== service.activeSide;
  // A person's word is for the failover that stood then, not for one that came after it.
  if (event['detail-type'] === detailType.failBackApproved) return late && Date.parse(service.latched.primary ?? '') > Date.parse(event.detail.decidedAt);
  return event['detail-type'] === detailType.drillDue && late;
}

/** A critical score that stands asks again and again for what stays refused. The first time there is a record of it, and people are told. */
function isRefusedAnyway(event: WorkflowEvent, service: ServiceRecord, now: number): boolean {
  if (event['detail-type'] !== detailType.critical) return false;
  const { side, score } = event.detail;
  const standing = standingRefusals(service, { kind: 'predictive', from: side, to: otherSide(side), score }, now);
  return standing.length > 0 && untold(service, standing).length === 0;
}

function workflowFor(event: WorkflowEvent): { machine: StateMachineName; input: unknown } {
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
        ...{ serviceId, failoverId: decisionId, kind: 'predictive', drill: null, approvedBy: null, score, from: side, to: otherSide(side), expectedInMinutes },
        reasons: [`failure probability score ${Math.round(score)} of ${side}`, ...reasons],
      };
      return { machine: 'fail-over', input };
    }
    case detailType.failBackApproved: {
      // Home is the primary, whatever has happened since the approval: a second one must not move the service away again.
      const { drill, approvedBy } = event.detail;
      const input: FailoverInput = {
        ...{ serviceId, failoverId: decisionId, kind: 'fail-back', drill, approvedBy, score: null, from: 'standby', to: 'primary', expectedInMinutes: null },
        reasons: [`fail-back approved by ${approvedBy}`],
      };
      return { machine: 'fail-over', input };
    }
    case detailType.drillDue: {
      const { scope } = event.detail;
      const input: FailoverInput = {
        ...{
          serviceId,
          failoverId: decisionId,
          kind: 'drill',
          drill: scope,
          approvedBy: null,
          score: null,
          from: 'primary',
          to: 'standby',
          expectedInMinutes: null,
        },
        reasons: [`drill (${scope}) of the plan`],
      };
      return { machine: 'fail-over', input };
    }
  }
}
