// I2: a side never gets more than its ready capacity supports, by what Forestall sends to it or takes from it, but in an evacuation.
import type { SideName } from '../../core/contracts/plan.ts';
import type { CallRecord } from '../cloud/call.ts';
import type { Ledger } from './ledger.ts';
import { sides, type Weights, weightsSet } from './routing.ts';
import { Tally } from './tally.ts';
import type { WorldView } from './world-view.ts';

/** Demand is measured a few minutes late: so much more may come than could be known. */
const tolerance = 1.05;
/** So long Forestall answers for what it took from a side. What is short later is short because the load has grown. */
const answersForMs = 15 * 60_000;

/**
 * Judged when weights change, when something is taken from a side, and each minute. A side that has become too small because the load grew, or
 * because the fault killed its hosts, is nothing that Forestall did: each minute a side counts as broken only when it lacks what Forestall took from it.
 */
export class WithinCapacity {
  readonly tally = new Tally('I2');
  readonly #ledger: Ledger;
  readonly #view: WorldView;
  readonly #visible: () => Weights;
  #weights: Weights;
  /** Weights that were judged, as text: resolvers may see no others. */
  readonly #judged = new Set<string>();
  /** Ready instances when last looked at. */
  #ready: Readonly<Record<SideName, readonly string[]>>;
  /** What Forestall took from a side while it was ready, and when. */
  readonly #taken = new Map<string, { readonly side: SideName; readonly at: number }>();

  /** @param visible weights as resolvers see them now */
  constructor(ledger: Ledger, view: WorldView, visible: () => Weights) {
    this.#ledger = ledger;
    this.#view = view;
    this.#visible = visible;
    this.#weights = visible();
    this.#judged.add(JSON.stringify([this.#weights.primary, this.#weights.standby]));
    this.#ready = this.#look();
  }

  /** Weights that somebody else has set: they are not judged, but resolvers may see them. */
  found(weights: Partial<Weights>): void {
    this.#weights = { ...this.#weights, ...weights };
    this.#judged.add(JSON.stringify([this.#weights.primary, this.#weights.standby]));
  }

  #look(): Record<SideName, readonly string[]> {
    return { primary: this.#view.readyInstances('primary'), standby: this.#view.readyInstances('standby') };
  }

  #carries(side: SideName): number {
    return this.#view.readyInstances(side).length * this.#ledger.plan.sides[side].requestsPerSecondPerInstance;
  }

  get #evacuating(): boolean {
    return this.#ledger.open.some(({ kind }) => kind === 'evacuation');
  }

  call(record: CallRecord): void {
    if (takesAway(record)) this.#take(record);
    if (givesBack(record)) for (const id of idsOf(record.input)) this.#taken.delete(id);
    const wanted = weightsSet(record, this.#ledger);
    if (!wanted) return;
    const before = this.#weights;
    const after = { ...before, ...wanted };
    this.#weights = after;
    this.#judged.add(JSON.stringify([after.primary, after.standby]));
    const sum = after.primary + after.standby;
    this.tally.check(sum > 0, record.at, () => 'both weights are 0: Route 53 splits evenly');
    for (const side of sides) {
      const share = after[side] / Math.max(1, sum);
      if (share <= before[side] / Math.max(1, before.primary + before.standby)) continue;
      const needed = share * this.#view.demandRps();
      const ready = this.#carries(side);
      this.tally.check(
        this.#evacuating || ready * tolerance >= needed,
        record.at,
        () => `${side} was given ${after[side]} of ${sum}: ${needed.toFixed(1)} requests a second, ready for ${ready.toFixed(1)}`,
      );
    }
  }

  #take({ at, operation, input }: CallRecord): void {
    const ids = idsOf(input);
    for (const side of sides) {
      const taken = ids.filter((id) => this.#ready[side].includes(id));
      if (taken.length === 0) continue;
      for (const id of taken) this.#taken.set(id, { side, at });
      // What has been ended may be in the balancer's rotation for a moment yet: it does not count.
      this.#checkTaken(side, at, `${operation} left`);
    }
  }

  /** After each tick of the world: who is ready before anything is taken. */
  observe(): void {
    this.#ready = this.#look();
  }

  minute(at: number): void {
    const { primary, standby } = this.#visible();
    this.tally.check(this.#judged.has(JSON.stringify([primary, standby])), at, () => `resolvers see ${primary}/${standby}, which nobody judged`);
    for (const [id, taken] of this.#taken) if (at - taken.at > answersForMs) this.#taken.delete(id);
    for (const side of sides) if ([...this.#taken.values()].some((taken) => taken.side === side)) this.#checkTaken(side, at, 'what Forestall took has left');
  }

  #checkTaken(side: SideName, at: number, what: string): void {
    const left = this.#view.readyInstances(side).filter((id) => !this.#taken.has(id));
    const ready = left.length * this.#ledger.plan.sides[side].requestsPerSecondPerInstance;
    const { primary, standby } = this.#weights;
    const share = Math.max(this.#weights[side] / Math.max(1, primary + standby), this.#view.routedTo(side));
    const needed = share * this.#view.demandRps();
    this.tally.check(
      this.#evacuating || ready * tolerance >= needed,
      at,
      () => `${what} the ${side} ready for ${ready.toFixed(1)} requests a second, with ${needed.toFixed(1)} sent to it`,
    );
  }
}

const takesAway = ({ caller, operation, error }: CallRecord) =>
  caller === 'forestall' && !error && ['TerminateInstances', 'StopInstances', 'DeregisterTargets'].includes(operation);
const givesBack = ({ operation, error }: CallRecord) => !error && ['StartInstances', 'RegisterTargets'].includes(operation);

/** Instances that a call ends or takes from a balancer. */
function idsOf(input: CallRecord['input']): string[] {
  const { InstanceIds = [], Targets = [] } = input as { readonly InstanceIds?: readonly string[]; readonly Targets?: readonly { readonly Id?: string }[] };
  return [...InstanceIds, ...Targets.flatMap(({ Id }) => Id ?? [])];
}
