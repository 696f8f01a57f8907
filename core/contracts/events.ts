// EventBridge events, and the patterns by which rules select them. Emitters, rules and the rehearsal read this list.
import { z } from 'zod';
import { MirroringLevel, SideName } from './plan.ts';
import { DrillScope } from './records.ts';

export const eventSource = 'forestall';

export const detailType = {
  levelChanged: 'Mirroring level changed',
  mirroringDue: 'Mirroring due',
  critical: 'Critical threshold crossed',
  sideUnhealthy: 'Side unhealthy',
  failBackApproved: 'Fail-back approved',
  drillDue: 'Drill due',
} as const;

/** `decisionId` names the decision, not the event: a duplicate or repeated event carries the same one. */
const decision = { serviceId: z.string(), decisionId: z.string(), decidedAt: z.iso.datetime() };

export const LevelChanged = z.object({ ...decision, level: MirroringLevel, previous: MirroringLevel, score: z.number().nullable() });
export const MirroringDue = z.object({ ...decision, level: MirroringLevel });
export const CriticalCrossed = z.object({
  ...decision,
  side: SideName,
  score: z.number(),
  expectedInMinutes: z.number().nullable(),
  reasons: z.array(z.string()),
});
export const SideUnhealthy = z.object({ ...decision, side: SideName });
/** `drill`: the way home of a drill. */
export const FailBackApproved = z.object({ ...decision, approvedBy: z.string(), drill: DrillScope.nullable().default(null) });
export const DrillDue = z.object({ ...decision, scope: DrillScope });

export const WorkflowEvent = z.discriminatedUnion('detail-type', [
  z.object({ 'detail-type': z.literal(detailType.levelChanged), detail: LevelChanged }),
  z.object({ 'detail-type': z.literal(detailType.mirroringDue), detail: MirroringDue }),
  z.object({ 'detail-type': z.literal(detailType.critical), detail: CriticalCrossed }),
  z.object({ 'detail-type': z.literal(detailType.sideUnhealthy), detail: SideUnhealthy }),
  z.object({ 'detail-type': z.literal(detailType.failBackApproved), detail: FailBackApproved }),
  z.object({ 'detail-type': z.literal(detailType.drillDue), detail: DrillDue }),
]);
export type WorkflowEvent = z.infer<typeof WorkflowEvent>;

/** The rule that calls `start-workflow`. */
export const startWorkflowPattern = {
  source: [eventSource],
  detailType: [
    detailType.levelChanged,
    detailType.mirroringDue,
    detailType.critical,
    detailType.sideUnhealthy,
    detailType.failBackApproved,
    detailType.drillDue,
  ],
};

/** The rule that calls `settle-execution`; `stateMachineArn` is added where the machines are known. */
export const failedExecutionPattern = {
  source: ['aws.states'],
  detailType: ['Step Functions Execution Status Change'],
  detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
};
export const FailedExecution = z.object({
  detail: z.object({
    executionArn: z.string(),
    stateMachineArn: z.string(),
    name: z.string(),
    status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']),
    input: z.string().optional(),
  }),
});
