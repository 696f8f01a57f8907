// I4, second half: no users are moved on a prediction while the other side's data are further behind than the plan's recovery point objective.
import type { CallRecord } from '../cloud/call.ts';
import type { Ledger } from './ledger.ts';
import { weightsSet } from './routing.ts';
import type { Tally } from './tally.ts';
import type { WorldView } from './world-view.ts';

/** CloudWatch shows a minute up to three minutes after its end: what began later than this could not be known, ms. */
const lateness = 5 * 60_000;

/** Adds its checks to those of the first half. A plan without a metric of replication says nothing of its data, and nothing is checked. */
export class WithinRpo {
  readonly tally: Tally;
  readonly #ledger: Ledger;
  readonly #view: WorldView;
  /** Since when the lag is beyond the objective. */
  #beyondSince: number | undefined;

  constructor(tally: Tally, ledger: Ledger, view: WorldView) {
    this.tally = tally;
    this.#ledger = ledger;
    this.#view = view;
  }

  /** After each tick of the world. */
  sample(at: number): void {
    const lag = this.#lag();
    if (lag === undefined || lag <= this.#ledger.plan.recovery.rpoSeconds) this.#beyondSince = undefined;
    else this.#beyondSince ??= at;
  }

  call(record: CallRecord): void {
    const set = weightsSet(record, this.#ledger);
    const lag = this.#lag();
    if (set === undefined || lag === undefined) return;
    // The first users of a move that a person did not answer for; a move that has begun is not stopped by its data.
    const move = this.#ledger.open.find(({ kind, to, weightsAtStart }) => kind !== 'evacuation' && (set[to] ?? 0) > 0 && (weightsAtStart?.[to] ?? 0) === 0);
    if (move === undefined || (move.weights?.[move.to] ?? 0) > 0 || move.kind === 'fail-back') return;
    const known = this.#beyondSince !== undefined && record.at - this.#beyondSince >= lateness;
    this.tally.check(
      !known,
      record.at,
      () => `users are moved to ${move.to}, whose data are ${Math.round(lag)} s behind; the objective is ${this.#ledger.plan.recovery.rpoSeconds} s`,
    );
  }

  #lag(): number | undefined {
    return this.#ledger.plan.replication === undefined ? undefined : this.#view.replicationLag?.();
  }
}
