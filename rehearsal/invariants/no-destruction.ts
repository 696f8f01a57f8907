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
    this.tally.check(harmless, at, () => `${operation} in ${region} (${JSON.stringify(input)}) while ${this.#ledger.activeSide} serves`);
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
