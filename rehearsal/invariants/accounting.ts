// I5: whatever a workflow creates is recorded first, and is in use or cleaned up in the end.
import { launchToken, replacementToken } from '../../core/contracts/names.ts';
import type { CallRecord } from '../cloud/call.ts';
import type { InstanceView, SnapshotView } from '../cloud/cloud.ts';
import type { Ledger } from './ledger.ts';
import { Tally } from './tally.ts';

/** What was created so shortly before the end may still wait for its record's next line. */
const settlingMs = 30 * 60_000;

/** On a side that was left, what is taken is recorded first too. */
const taking = ['StopInstances', 'TerminateInstances', 'DeregisterTargets'];

function idsOf(input: CallRecord['input']): string[] {
  const { InstanceIds = [], Targets = [] } = input as { readonly InstanceIds?: readonly string[]; readonly Targets?: readonly { readonly Id?: string }[] };
  return [...InstanceIds, ...Targets.flatMap(({ Id }) => Id ?? [])];
}

/** The decision that a snapshot is tagged with. */
function decisionOf(input: CallRecord['input']): string | undefined {
  const { TagSpecifications = [] } = input as {
    readonly TagSpecifications?: readonly { readonly Tags?: readonly { readonly Key?: string; readonly Value?: string }[] }[];
  };
  return TagSpecifications.flatMap(({ Tags = [] }) => Tags).find(({ Key }) => Key === 'forestall:decision')?.Value;
}

export interface Existing {
  readonly instances: readonly InstanceView[];
  readonly snapshots: readonly SnapshotView[];
}

export class Accounting {
  readonly tally = new Tally('I5');
  readonly #ledger: Ledger;
  readonly #instances = new Map<string, string>();
  /** Decision for which each was made, by its tag. */
  readonly #snapshots = new Map<string, string | undefined>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** A call that the network delivered late was recorded before it was made. */
  call({ caller, error, operation, region, at, sentAt, input, output }: CallRecord): void {
    if (caller !== 'forestall' || error) return;
    const { snapshots, retired, replacements, plan } = this.#ledger;
    if (operation === 'RunInstances') {
      const token = String(input['ClientToken']);
      const recorded = this.#places().some((place) => place.token === token);
      this.tally.check(recorded, at, () => `RunInstances with client token ${token} was not recorded first`);
      for (const { InstanceId = '' } of (output?.['Instances'] ?? []) as { readonly InstanceId?: string }[]) this.#instances.set(InstanceId, token);
    }
    if (taking.includes(operation) && region === plan.sides.primary.region) {
      const known = [...retired.values(), ...replacements.values()].map(({ instanceId }) => instanceId);
      const unknown = idsOf(input).filter((id) => !known.includes(id));
      this.tally.check(unknown.length === 0, at, () => `${operation} of ${unknown.join(', ')} was not recorded first`);
    }
    if (operation === 'CreateSnapshots') {
      const { InstanceId } = (input['InstanceSpecification'] ?? {}) as { readonly InstanceId?: string };
      const recorded = [...snapshots.values()].some(
        ({ resourceId, status, createdAt }) =>
          resourceId === InstanceId && (status === 'intended' || (sentAt !== undefined && Date.parse(createdAt) <= sentAt)),
      );
      this.tally.check(recorded, at, () => `CreateSnapshots of ${InstanceId} was not recorded first`);
      for (const { SnapshotId = '' } of (output?.['Snapshots'] ?? []) as { readonly SnapshotId?: string }[]) this.#snapshots.set(SnapshotId, decisionOf(input));
    }
    if (operation === 'CopySnapshot') {
      const source = String(input['SourceSnapshotId']);
      const recorded = [...snapshots.values()].some(({ snapshotIds }) => snapshotIds.includes(source));
      this.tally.check(recorded, at, () => `CopySnapshot of ${source}, which no record names`);
      this.#snapshots.set(String(output?.['SnapshotId']), decisionOf(input));
    }
  }

  /** Places for instances, of the mirror and of a side that is rebuilt. */
  #places(): readonly { readonly instanceId: string | undefined; readonly status: string; readonly token: string }[] {
    const { mirrors, replacements, plan } = this.#ledger;
    const place =
      (token: typeof launchToken) =>
      ({ instanceId, status, slot, generation }: { instanceId?: string | undefined; status: string; slot: number; generation: number }) => ({
        ...{ instanceId, status, token: token(plan.service, slot, generation) },
      });
    return [...[...mirrors.values()].map(place(launchToken)), ...[...replacements.values()].map(place(replacementToken))];
  }

  /** @param existing everything in the account now */
  end(at: number, { instances, snapshots }: Existing): void {
    const places = this.#places();
    const alive = instances.filter(({ instanceId, state }) => this.#instances.has(instanceId) && state !== 'terminated' && state !== 'shutting-down');
    const orphans = alive.filter(({ instanceId }) => {
      const token = this.#instances.get(instanceId);
      return !places.some(
        (place) => (place.instanceId === instanceId && place.status !== 'terminated') || (place.status === 'intended' && place.token === token),
      );
    });
    this.tally.check(orphans.length === 0, at, () => `instances that no record names: ${orphans.map(({ instanceId }) => instanceId).join(', ')}`);
    const kept = new Set(
      [...this.#ledger.snapshots.values()].flatMap(({ status, snapshotIds, copyIds }) => (status === 'retired' ? [] : [...snapshotIds, ...copyIds])),
    );
    // A set is removed with all that carries the tags of its decision: also what an answer that came too late made beside it.
    const decisions = new Set([...this.#ledger.snapshots.values()].flatMap(({ status, decisionId }) => (status === 'retired' ? [] : [decisionId])));
    const lost = snapshots.filter(
      ({ snapshotId, startedAt }) =>
        this.#snapshots.has(snapshotId) && !kept.has(snapshotId) && !decisions.has(this.#snapshots.get(snapshotId) ?? '') && at - startedAt > settlingMs,
    );
    this.tally.check(lost.length === 0, at, () => `snapshots that no record names: ${lost.map(({ snapshotId }) => snapshotId).join(', ')}`);
  }
}
