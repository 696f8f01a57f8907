// I1: if any side is healthy, routing reaches a healthy one. I2: a side never gets more than its ready capacity supports, but in an evacuation.
import type { SideName } from '../../core/contracts/plan.ts';
import type { CallRecord } from '../cloud/call.ts';
import type { Ledger } from './ledger.ts';
import { Tally } from './tally.ts';
import type { WorldView } from './world-view.ts';

const sides: readonly SideName[] = ['primary', 'standby'];
/** Route 53 needs 3 failed checks, 30 s apart, their time-outs and a moment to spread the news: 78-88 s at best. */
const detectionMs = 180_000;
/** Demand is measured a few minutes late: so much more may come than could be known. */
const tolerance = 1.05;

export class ReachesHealthySide {
  readonly tally = new Tally('I1');
  readonly #view: WorldView;
  #lostSince: number | undefined;

  constructor(view: WorldView) {
    this.#view = view;
  }

  /** Each minute, and after each change of routing. */
  sample(at: number): void {
    const healthy = sides.filter((side) => this.#view.sideHealthy(side));
    const reached = healthy.some((side) => this.#view.routedTo(side) > 0);
    this.#lostSince = healthy.length === 0 || reached ? undefined : (this.#lostSince ?? at);
    const lost = this.#lostSince === undefined ? 0 : at - this.#lostSince;
    this.tally.check(lost <= detectionMs, at, () => `${healthy.join(' and ')} is healthy, but routing has not reached it for ${Math.round(lost / 1000)} s`);
  }
}

type Weights = Record<SideName, number>;

export class WithinCapacity {
  readonly tally = new Tally('I2');
  readonly #ledger: Ledger;
  readonly #view: WorldView;
  readonly #visible: () => Weights;
  #weights: Weights;
  /** Weights that were judged, as text: resolvers may see no others. */
  readonly #judged = new Set<string>();

  /** @param visible weights as resolvers see them now */
  constructor(ledger: Ledger, view: WorldView, visible: () => Weights) {
    this.#ledger = ledger;
    this.#view = view;
    this.#visible = visible;
    this.#weights = visible();
    this.#judged.add(JSON.stringify([this.#weights.primary, this.#weights.standby]));
  }

  call(record: CallRecord): void {
    if (endsMirrors(record)) this.#takeAway(record);
    const wanted = weightsSet(record, this.#ledger);
    if (!wanted) return;
    const before = this.#weights;
    const after = { ...before, ...wanted };
    this.#weights = after;
    this.#judged.add(JSON.stringify([after.primary, after.standby]));
    const sum = after.primary + after.standby;
    this.tally.check(sum > 0, record.at, () => 'both weights are 0: Route 53 splits evenly');
    const evacuation = this.#ledger.open.some(({ kind }) => kind === 'evacuation');
    for (const side of sides) {
      const share = after[side] / Math.max(1, sum);
      if (share <= before[side] / Math.max(1, before.primary + before.standby)) continue;
      const needed = share * this.#view.demandRps();
      const ready = this.#view.readyCapacityRps(side);
      this.tally.check(
        evacuation || ready * tolerance >= needed,
        record.at,
        () => `${side} was given ${after[side]} of ${sum}: ${needed.toFixed(1)} requests a second, ready for ${ready.toFixed(1)}`,
      );
    }
  }

  /** What is left of the standby still carries what is sent to it. */
  #takeAway({ at, operation }: CallRecord): void {
    const { primary, standby } = this.#weights;
    const share = Math.max(standby / Math.max(1, primary + standby), this.#view.routedTo('standby'));
    const needed = share * this.#view.demandRps();
    const ready = this.#view.readyCapacityRps('standby');
    this.tally.check(
      ready * tolerance >= needed,
      at,
      () => `${operation} left the standby ready for ${ready.toFixed(1)} requests a second, with ${needed.toFixed(1)} sent to it`,
    );
  }

  minute(at: number): void {
    const { primary, standby } = this.#visible();
    this.tally.check(this.#judged.has(JSON.stringify([primary, standby])), at, () => `resolvers see ${primary}/${standby}, which nobody judged`);
  }
}

/** Forestall ends nothing but its mirrors, and these are the standby's. I4 watches over the rest. */
const endsMirrors = ({ caller, operation, error }: CallRecord) =>
  caller === 'forestall' && !error && ['TerminateInstances', 'StopInstances', 'DeregisterTargets'].includes(operation);

/** The weights that a successful call of Forestall gives the service's sides; undefined for any other call. */
export function weightsSet({ caller, operation, error, input }: CallRecord, { plan }: Ledger): Partial<Weights> | undefined {
  if (caller !== 'forestall' || operation !== 'ChangeResourceRecordSets' || error) return undefined;
  const { Changes = [] } = (input['ChangeBatch'] ?? {}) as {
    readonly Changes?: readonly { readonly Action?: string; readonly ResourceRecordSet?: { readonly SetIdentifier?: string; readonly Weight?: number } }[];
  };
  const weights: Partial<Weights> = {};
  for (const { Action, ResourceRecordSet: set } of Changes) {
    const side = sides.find((name) => plan.sides[name].setIdentifier === set?.SetIdentifier);
    if (side && Action !== 'DELETE' && set?.Weight !== undefined) weights[side] = set.Weight;
  }
  return weights;
}
