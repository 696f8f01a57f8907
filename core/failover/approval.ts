// Whether a person is asked before the first users are moved, and what follows from the answer or from there being none.
import type { Plan } from '../contracts/plan.ts';
import type { ApprovalRecord, FailoverRecord } from '../contracts/records.ts';

/** `approvedBy` of a fail-back that nobody asked for: the plan wants it. */
export const byPlan = 'plan';

const minute = 60_000;
/** Shorter, the probes of one look would meet those of the next. */
const shortestWait = 20;
/**
 * A wait is divided into at most so many looks. Each look is up to 21 events of the execution's history, and 111 when each of its three steps uses up
 * all of its ten retries: 200 looks stay below the 25,000 events that Step Functions allows, whatever happens.
 */
export const mostLooks = 200;

/** Whether the plan wants a person to be asked. A way home that a person asked for is approved by that, and the way home of a drill belongs to the drill. */
export function needsApproval(
  { approval }: Pick<Plan, 'approval'>,
  { kind, drill, approvedBy }: Pick<FailoverRecord, 'kind' | 'drill' | 'approvedBy'>,
): boolean {
  if (kind === 'evacuation' || drill === 'canary') return false;
  if (kind === 'fail-back' && (drill !== undefined || (approvedBy !== undefined && approvedBy !== byPlan))) return false;
  return approval.required.includes(kind);
}

/** `ask`, `escalate` and `time-out` are to be written before they are true. */
export type ApprovalStep = 'ask' | 'wait' | 'escalate' | 'time-out' | 'granted' | 'denied';

/** What is to be done now. An answer stands, also one that came after the time was over but before that was written. `now`: ms since the epoch. */
export function approvalStep({ approval: rules }: Pick<Plan, 'approval'>, asked: ApprovalRecord | undefined, now: number): ApprovalStep {
  if (!asked) return 'ask';
  if (asked.state === 'granted' || asked.state === 'denied') return asked.state;
  if (asked.state === 'timed-out') return rules.onTimeout === 'proceed' ? 'granted' : 'denied';
  const waited = now - Date.parse(asked.askedAt);
  if (waited >= rules.timeoutMinutes * minute) return 'time-out';
  return asked.escalatedAt === undefined && waited >= rules.escalateAfterMinutes * minute ? 'escalate' : 'wait';
}

/** Seconds until both sides are probed and judged, and the answer is looked for, again. */
export const secondsBetweenLooks = ({ approval }: Pick<Plan, 'approval'>): number =>
  Math.max(shortestWait, Math.ceil((approval.timeoutMinutes * 60) / mostLooks));

export type Answer = 'granted' | 'denied';

/** Why an answer cannot be given; undefined: it can, or the same one was given before. */
export function refuseAnswer({ failoverId, endedAt, outcome, approval }: FailoverRecord, answer: Answer): string | undefined {
  if (approval?.state === answer) return undefined;
  if (approval?.state === 'granted' || approval?.state === 'denied')
    return `${approval.answeredBy ?? 'somebody'} has ${approval.state} it at ${approval.answeredAt ?? 'an earlier time'}; an answer is never changed${answer === 'denied' ? ': to stop the move, turn the kill switch on with service:pause' : ''}`;
  if (endedAt !== undefined) return `it ended at ${endedAt} as ${outcome ?? 'unknown'}; there is nothing to answer any more`;
  if (approval === undefined) return `nobody was asked: ${failoverId} has not come to the question yet, or its plan does not ask; wait for the notification`;
  if (approval.state === 'timed-out') return 'the time for an answer was over; what follows is what `approval.onTimeout` of the plan says';
  return undefined;
}
