// I1: if a side is healthy, routing does not send most of the traffic to one that is lost.
import { endpointCheck } from '../../core/contracts/deployment.ts';
import type { SideName } from '../../core/contracts/plan.ts';
import type { CallRecord } from '../cloud/call.ts';
import type { Ledger } from './ledger.ts';
import { Tally } from './tally.ts';
import type { WorldView } from './world-view.ts';

export const sides: readonly SideName[] = ['primary', 'standby'];
/**
 * Route 53's own time to notice, which is what remains when nothing was foreseen. A checker comes every 30 s, at its own phase: the latest one
 * meets the failure 30 s after it began, is sure with its second failed check 30 s later, and has waited 4 s for a connection: 64 s. The other way
 * it is the same without the wait. Rounded up to the 10 s in which the world moves.
 */
const detectionMs = Math.ceil((endpointCheck.intervalSeconds * endpointCheck.failureThreshold + 4) / 10) * 10_000;

export class ReachesHealthySide {
  readonly tally = new Tally('I1');
  readonly #view: WorldView;
  /** The sides that are healthy, and since when a lost side has got most of the new traffic. */
  #missed: { readonly healthy: string; readonly since: number } | undefined;

  constructor(view: WorldView) {
    this.#view = view;
  }

  /** After each tick of the world. With no healthy side there is nothing to reach, and nothing is checked. */
  sample(at: number): void {
    const well = sides.filter((side) => this.#view.sideState(side) === 'healthy');
    const gone = sides.filter((side) => this.#view.sideState(side) === 'lost');
    const healthy = well.join(' and ');
    const share = gone.reduce((sum, side) => sum + this.#view.routedTo(side), 0);
    if (well.length === 0 || share < 0.5) this.#missed = undefined;
    else if (this.#missed?.healthy !== healthy) this.#missed = { healthy, since: at };
    if (well.length === 0) return;
    const missed = this.#missed === undefined ? 0 : at - this.#missed.since;
    this.tally.check(
      missed <= detectionMs,
      at,
      () =>
        `${healthy} is healthy, but ${gone.join(' and ')}, which is lost, gets ${(100 * share).toFixed(0)} % of what is resolved anew, and has got half or more for ${Math.round(missed / 1000)} s`,
    );
  }
}

export type Weights = Record<SideName, number>;

/** The weights that a successful call of Forestall gives the service's sides; undefined for any other call. */
export function weightsSet(record: CallRecord, ledger: Ledger): Partial<Weights> | undefined {
  return record.caller === 'forestall' ? weightsGiven(record, ledger) : undefined;
}

/** As above, whoever calls. */
export function weightsGiven({ operation, error, input }: CallRecord, { plan }: Ledger): Partial<Weights> | undefined {
  if (operation !== 'ChangeResourceRecordSets' || error) return undefined;
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
