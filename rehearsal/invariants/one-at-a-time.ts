// I3: one failover at a time per service, caps per account and zone on predictive moves; weights change under the lock only.
import type { CallRecord } from '../cloud/call.ts';
import type { Ledger } from './ledger.ts';
import { weightsSet } from './routing.ts';
import { Tally } from './tally.ts';

export class OneAtATime {
  readonly tally = new Tally('I3');
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** After each record that was written, and each minute. */
  sample(at: number): void {
    const { open, plan } = this.#ledger;
    const moves = open.filter(({ kind }) => kind !== 'evacuation');
    this.tally.check(
      moves.length <= 1,
      at,
      () => `${moves.length} failovers of ${plan.service} at one time: ${moves.map(({ failoverId }) => failoverId).join(', ')}`,
    );
    const predictive = open.filter(({ kind }) => kind === 'predictive');
    this.tally.check(
      predictive.length <= plan.caps.perAccount,
      at,
      () => `${predictive.length} predictive failovers in the account, the cap is ${plan.caps.perAccount}`,
    );
    for (const [zone, group] of Map.groupBy(predictive, (failover) => failover.zone))
      this.tally.check(group.length <= plan.caps.perZone, at, () => `${group.length} predictive failovers out of ${zone}, the cap is ${plan.caps.perZone}`);
  }

  call(record: CallRecord): void {
    if (!weightsSet(record, this.#ledger)) return;
    const { lock, open, failovers } = this.#ledger;
    const holder = open.find(({ failoverId }) => failoverId === lock?.holder);
    // The sweeper aligns the weights with what a latch has moved, when that move has ended and Route 53's control plane is back, under a lock in its name.
    const ended = failovers.get(lock?.holder ?? '')?.outcome;
    const aligning = record.functionName === 'sweep-orphans' && (ended === 'evacuated' || ended === 'failed-over');
    const held = lock !== undefined && (aligning || holder?.fencingToken === lock.token) && Date.parse(lock.expiresAt) > record.at;
    this.tally.check(held, record.at, () => `weights were changed without the lock (${lock ? `held by ${lock.holder} until ${lock.expiresAt}` : 'free'})`);
  }
}
