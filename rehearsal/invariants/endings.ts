// I8: after any ending the lock is released, and the record says what happened and why.
import type { ExecutionView } from '../runtime/runtime.ts';
import type { Ledger } from './ledger.ts';
import { Tally } from './tally.ts';

/** The sweeper comes every five minutes, and may have to come twice. */
const sweptWithinMs = 15 * 60_000;

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

  end(at: number, executions: readonly ExecutionView[]): void {
    this.minute(at);
    const { lock, failovers } = this.#ledger;
    const holder = lock && failovers.get(lock.holder);
    this.tally.check(
      holder?.endedAt === undefined || at - Date.parse(holder.endedAt) <= sweptWithinMs,
      at,
      () => `${holder?.failoverId} ended at ${holder?.endedAt} and still holds the lock`,
    );
    for (const { machine, input, endedAt, parent } of executions) {
      if (parent !== undefined || (machine !== 'fail-over' && machine !== 'evacuate') || endedAt === undefined || at - endedAt <= sweptWithinMs) continue;
      const failoverId = String((input as { readonly failoverId?: unknown }).failoverId);
      this.tally.check(failovers.get(failoverId)?.endedAt !== undefined, at, () => `${failoverId} has ended, but its record has not`);
    }
    for (const { failoverId, endedAt, outcome, reasons, startedAt } of failovers.values()) {
      if (endedAt !== undefined)
        this.tally.check(outcome !== undefined && reasons.length > 0, at, () => `the record of ${failoverId} does not say how it ended, or why`);
      else {
        const running = executions.some(({ status, input }) => status === 'RUNNING' && (input as { readonly failoverId?: unknown }).failoverId === failoverId);
        this.tally.check(running || at - Date.parse(startedAt) <= sweptWithinMs, at, () => `the record of ${failoverId} is open, but nothing runs for it`);
      }
    }
  }
}
