// I4: nothing destructive on the side that serves, which is the old side until the point of no return.
import type { CallRecord } from '../cloud/call.ts';
import type { InstanceView } from '../cloud/cloud.ts';
import type { Ledger } from './ledger.ts';
import { Tally } from './tally.ts';

const destructive = new Set(['TerminateInstances', 'StopInstances', 'DeregisterTargets']);
const ending = new Set(['stopping', 'shutting-down', 'terminated']);

export class NoDestruction {
  readonly tally = new Tally('I4');
  readonly #ledger: Ledger;
  readonly #instances: (region: string) => readonly InstanceView[];
  readonly #ownSnapshots = new Set<string>();
  #serving: { readonly region: string; readonly ids: readonly string[] } | undefined;

  constructor(ledger: Ledger, instances: (region: string) => readonly InstanceView[]) {
    this.#ledger = ledger;
    this.#instances = instances;
  }

  /** Regions whose instances must not be touched: the active side's, and that of the side which an unfinished failover leaves. */
  #protected(): string[] {
    const { activeSide, open } = this.#ledger;
    const left = open.filter(({ pointOfNoReturn, kind }) => !pointOfNoReturn && kind !== 'evacuation').map(({ from }) => from);
    return [activeSide, ...left].map((side) => this.#ledger.regionOf(side));
  }

  call(record: CallRecord): void {
    const { caller, mutating, error, operation, region, at, input, output } = record;
    if (caller !== 'forestall' || !mutating || error) return;
    if (operation === 'CreateSnapshots')
      for (const { SnapshotId = '' } of (output?.['Snapshots'] ?? []) as { readonly SnapshotId?: string }[]) this.#ownSnapshots.add(SnapshotId);
    if (operation === 'CopySnapshot') this.#ownSnapshots.add(String(output?.['SnapshotId']));
    const harmless =
      operation === 'DeleteSnapshot'
        ? this.#ownSnapshots.has(String(input['SnapshotId']))
        : !(destructive.has(operation) && this.#protected().includes(region));
    const objection = harmless && destructive.has(operation) && region === this.#ledger.regionOf('primary') ? this.#objectionOnLeftSide(record) : undefined;
    this.tally.check(
      harmless && objection === undefined,
      at,
      () => `${operation} in ${region} (${JSON.stringify(input)}) ${objection ?? `while ${this.#ledger.activeSide} serves`}`,
    );
  }

  /** The primary is the customer's own: it may be touched only when it was left for good, after the soak, and ended only by what has been replaced. */
  #objectionOnLeftSide({ at, operation, input }: CallRecord): string | undefined {
    const { plan, failovers, activeSide, latched, lock, retired, replacements } = this.#ledger;
    const soak = plan.after.soakMinutes * 60_000;
    const left = [...failovers.values()].find(
      ({ from, kind, outcome, pointOfNoReturn, endedAt }) =>
        from === 'primary' &&
        pointOfNoReturn &&
        (kind === 'predictive' || kind === 'evacuation') &&
        (outcome === 'failed-over' || outcome === 'evacuated') &&
        endedAt !== undefined &&
        Date.parse(endedAt) + soak <= at,
    );
    if (left === undefined) return `while no failover has left the primary for good ${plan.after.soakMinutes} minutes before`;
    if (activeSide === 'primary' || !latched.includes('primary')) return 'while the primary is not latched away from traffic';
    if (lock !== undefined && Date.parse(lock.expiresAt) > at) return `while ${lock.holder} holds the lock`;
    if (operation !== 'TerminateInstances') return undefined;
    const { InstanceIds = [] } = input as { readonly InstanceIds?: readonly string[] };
    // What was made in the place of others, and is not needed, may go again.
    const made = new Set([...replacements.values()].map(({ instanceId }) => instanceId));
    const ended = InstanceIds.filter((id) => !made.has(id));
    const gone = new Set([...ended, ...[...retired.values()].filter(({ status }) => status === 'terminated').map(({ instanceId }) => instanceId)]);
    if (ended.length === 0) return undefined;
    const ready = [...replacements.values()].filter(({ status }) => status === 'ready').length;
    return ready >= gone.size ? undefined : `leaves ${gone.size} instances gone, with ${ready} ready in their place`;
  }

  /** No instance of the side that serves is being ended, whoever ends it. */
  minute(at: number): void {
    const region = this.#ledger.regionOf(this.#ledger.activeSide);
    const instances = this.#instances(region);
    const last = this.#serving?.region === region ? this.#serving.ids : [];
    const lost = instances.filter(({ instanceId, state }) => last.includes(instanceId) && ending.has(state));
    this.tally.check(lost.length === 0, at, () => `${lost.map(({ instanceId, state }) => `${instanceId} is ${state}`).join(', ')} on the side that serves`);
    this.#serving = { region, ids: instances.filter(({ state }) => state === 'running').map(({ instanceId }) => instanceId) };
  }
}
