// I8: after any ending the lock is released, and the record says what happened and why.
import type { FailoverEvent, FailoverOutcome, FailoverRecord } from '../../core/contracts/records.ts';
import type { ExecutionView } from '../runtime/runtime.ts';
import type { Ledger } from './ledger.ts';
import { Tally } from './tally.ts';
import { type Standing, untruths } from './truth.ts';

/** The sweeper comes every five minutes, and may have to come twice. */
const sweptWithinMs = 15 * 60_000;

/** Endings that nobody planned: the story has to say what led to them. */
const unplanned: readonly (FailoverOutcome | undefined)[] = ['rolled-back', 'held', 'halted'];

export class Endings {
  readonly tally = new Tally('I8');
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** No lock outlives its lease for long. */
  minute(at: number): void {
    const { lock } = this.#ledger;
    this.tally.check(
      !lock || at - Date.parse(lock.expiresAt) <= sweptWithinMs,
      at,
      () => `the lock of ${lock?.holder} ran out at ${lock?.expiresAt} and still stands`,
    );
  }

  /** @param standing what is there, where it is known; without it the records' words are not compared with it */
  end(at: number, executions: readonly ExecutionView[], standing?: Standing): void {
    this.minute(at);
    const untrue = standing ? untruths(this.#ledger, standing) : [];
    for (const what of untrue) this.tally.check(false, at, () => what);
    const { lock, failovers } = this.#ledger;
    const holder = lock && failovers.get(lock.holder);
    this.tally.check(
      holder?.endedAt === undefined || at - Date.parse(holder.endedAt) <= sweptWithinMs,
      at,
      () => `${holder?.failoverId} ended at ${holder?.endedAt} and still holds the lock`,
    );
    for (const { machine, input, endedAt, parent, status } of executions) {
      if (parent !== undefined || (machine !== 'fail-over' && machine !== 'evacuate') || endedAt === undefined || at - endedAt <= sweptWithinMs) continue;
      const failoverId = String((input as { readonly failoverId?: unknown }).failoverId);
      const record = failovers.get(failoverId);
      // One that failed before its first step wrote anything has neither record nor lock, and has done nothing: its decision is repeated while it stands.
      const nothing = record === undefined && status !== 'SUCCEEDED';
      this.tally.check(nothing || record?.endedAt !== undefined, at, () => `${failoverId} has ended, but its record has not`);
    }
    for (const record of failovers.values()) this.#said(record, at, executions);
  }

  #said({ failoverId, endedAt, outcome, startedAt }: FailoverRecord, at: number, executions: readonly ExecutionView[]): void {
    if (endedAt === undefined) {
      const running = executions.some(({ status, input }) => status === 'RUNNING' && (input as { readonly failoverId?: unknown }).failoverId === failoverId);
      this.tally.check(running || at - Date.parse(startedAt) <= sweptWithinMs, at, () => `the record of ${failoverId} is open, but nothing runs for it`);
      return;
    }
    this.tally.check(outcome !== undefined, at, () => `the record of ${failoverId} does not say how it ended`);
    if (!unplanned.includes(outcome)) return;
    const story = [...(this.#ledger.stories.get(failoverId)?.values() ?? [])];
    this.tally.check(story.some(tellsWhy), at, () => `${failoverId} ended as ${outcome}, and no line of its story tells why`);
  }
}

/**
 * Whether a line gives a reason for not having gone on: a verdict against the target, a target too small, a step that failed, traffic that does not
 * follow, somebody's no, the weighing of a roll-back, a halt, or the execution that ended or was found gone. What opened the failover is no such reason, nor is that an ending is what it is.
 */
function tellsWhy({ entry, phase, verdict, reasons }: FailoverEvent): boolean {
  if (reasons.length === 0) return false;
  if (verdict === 'fail' || verdict === 'no-evidence') return true;
  if (phase === 'halted' || phase === 'roll-back' || /-(failed|target-hold|overdue|failing|denied)$/.test(entry)) return true;
  return phase === 'closed' && reasons.some((reason) => /^execution .+ ended as |^its execution is gone /.test(reason));
}
