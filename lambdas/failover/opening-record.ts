// The record of a failover or an evacuation as it begins.
import type { Plan } from '../../core/contracts/plan.ts';
import type { FailoverRecord } from '../../core/contracts/records.ts';
import type { EvacuationInput, FailoverInput } from '../../core/contracts/workflow.ts';
import { profileFor } from '../../core/traffic/steps.ts';

/** @param at ISO time */
export function openingRecord(request: FailoverInput, plan: Plan, at: string): FailoverRecord {
  return {
    ...begun(request, plan, at),
    kind: request.kind,
    // Nothing hurries a drill or the way home.
    profile: request.kind === 'predictive' ? profileFor(plan, request.expectedInMinutes) : 'calm',
    reasons: request.reasons,
    score: request.score,
    ...(request.drill ? { drill: request.drill } : {}),
    ...(request.approvedBy ? { approvedBy: request.approvedBy } : {}),
    mechanism: 'weights',
  };
}

/** @param at ISO time */
export function evacuationRecord(request: EvacuationInput, plan: Plan, at: string): FailoverRecord {
  return {
    ...begun(request, plan, at),
    kind: 'evacuation',
    profile: 'urgent',
    reasons: [`Route 53's health checkers find ${request.from} unhealthy`],
    score: null,
    mechanism: 'health-check',
  };
}

const begun = ({ serviceId, failoverId, from, to }: FailoverInput | EvacuationInput, plan: Plan, at: string) =>
  ({
    entry: 'record',
    ...{ failoverId, serviceId, decisionId: failoverId, from, to, zone: plan.sides[from].zone },
    phase: 'opened',
    phaseStartedAt: at,
    pointOfNoReturn: false,
    fencingToken: 0,
    startedAt: at,
    drivers: {},
  }) as const;
