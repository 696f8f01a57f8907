// A person's answer to a move that waits for it, given once and never changed.
import type { FailoverRecord } from '../../core/contracts/records.ts';
import { type Answer, refuseAnswer } from '../../core/failover/approval.ts';
import type { ApprovalStore } from '../adapters/approval-store.ts';
import type { FailoverStore } from '../adapters/failover-store.ts';

export interface Answered {
  readonly record: FailoverRecord;
  /** `repeated`: the same answer was given before, and nothing was written */
  readonly result: 'given' | 'repeated' | 'refused';
  /** why it was refused */
  readonly reason: string | undefined;
}

/** `now`: ms since the epoch. Throws UnknownFailoverError. */
export async function giveAnswer(
  { approvals, failovers }: { readonly approvals: ApprovalStore; readonly failovers: FailoverStore },
  { failoverId, answer, by }: { readonly failoverId: string; readonly answer: Answer; readonly by: string },
  now: number,
): Promise<Answered> {
  const given = await approvals.answer(failoverId, answer, by, new Date(now).toISOString());
  const record = await failovers.get(failoverId);
  if (given) return { record, result: 'given', reason: undefined };
  const reason = refuseAnswer(record, answer);
  if (reason !== undefined) return { record, result: 'refused', reason };
  // The question was put between the two calls.
  if (record.approval?.state === 'asked') return giveAnswer({ approvals, failovers }, { failoverId, answer, by }, now);
  return { record, result: 'repeated', reason: undefined };
}
