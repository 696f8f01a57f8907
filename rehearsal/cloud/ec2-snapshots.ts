// EBS snapshots: taken of all volumes of an instance together, copied between Regions, deleted.
import type { CopySnapshotCommandInput, CreateSnapshotsCommandInput, DeleteSnapshotCommandInput, DescribeSnapshotsCommandInput } from '@aws-sdk/client-ec2';
import type { SnapshotView } from './cloud.ts';
import type { Draws } from './draw.ts';
import { checkPageSize, passes, tagList, tagsFor } from './ec2-filter.ts';
import type { Faults } from './fault.ts';
import type { Instance } from './instance.ts';
import { type CallContext, page } from './service.ts';

const minute = 60_000;
/** Copies that a destination Region runs at one time. */
const concurrentCopies = 20;

interface Snapshot {
  readonly id: string;
  readonly region: string;
  readonly volumeId: string;
  readonly sizeGiB: number;
  readonly startedAt: number;
  readonly completedAt: number;
  /** The copy ends in `error`, e.g. because its key does not exist. */
  readonly fails: boolean;
  readonly copy: boolean;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | undefined;
  readonly description: string;
  readonly tags: Record<string, string>;
}

export class Snapshots {
  readonly #draws: Draws;
  readonly #fault: Faults;
  readonly #instance: (id: string, region: string) => Instance;
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #keys = new Set<string>();
  #count = 0;

  constructor(draws: Draws, fault: Faults, instance: (id: string, region: string) => Instance) {
    this.#draws = draws;
    this.#fault = fault;
    this.#instance = instance;
  }

  /** Makes a KMS key usable for copies. */
  addKey(arn: string): void {
    this.#keys.add(arn);
  }

  views(at: number, region: string | undefined): SnapshotView[] {
    return [...this.#snapshots.values()]
      .filter((snapshot) => region === undefined || snapshot.region === region)
      .map((snapshot) => ({
        snapshotId: snapshot.id,
        region: snapshot.region,
        startedAt: snapshot.startedAt,
        state: this.#stateOf(snapshot, at),
        copy: snapshot.copy,
      }));
  }

  tagsOf(id: string, region: string): Record<string, string> {
    return this.#inRegion(id, region).tags;
  }

  #inRegion(id: string, region: string): Snapshot {
    if (!id.startsWith('snap-')) throw this.#fault('InvalidParameterValue', `Value (${id}) for parameter snapshotId is invalid. Expected: 'snap-...'.`);
    if (!/^snap-[0-9a-f]{8,17}$/.test(id)) throw this.#fault('InvalidSnapshotID.Malformed', `The snapshot ID '${id}' is not valid`);
    const snapshot = this.#snapshots.get(id);
    if (snapshot?.region !== region) throw this.#fault('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
    return snapshot;
  }

  #stateOf({ completedAt, fails }: Snapshot, at: number): SnapshotView['state'] {
    if (at < completedAt) return 'pending';
    return fails ? 'error' : 'completed';
  }

  /** Two to fifteen minutes: larger volumes take longer. */
  #add(at: number, part: Omit<Snapshot, 'id' | 'startedAt' | 'completedAt'>): Snapshot {
    this.#count++;
    const share = 0.5 * Math.min(1, part.sizeGiB / 500) + 0.5 * this.#draws.uniform('ec2/snapshot-duration', this.#count);
    const snapshot = {
      ...part,
      id: `snap-${this.#draws.hex(17, 'ec2/snapshot', this.#count)}`,
      startedAt: at,
      completedAt: at + Math.round((2 + 13 * share) * minute),
    };
    this.#snapshots.set(snapshot.id, snapshot);
    return snapshot;
  }

  create(input: CreateSnapshotsCommandInput, { at, region }: CallContext): object {
    const { InstanceId = '', ExcludeBootVolume, ExcludeDataVolumeIds = [] } = input.InstanceSpecification ?? {};
    const instance = this.#instance(InstanceId, region);
    if (instance.state(at) === 'terminated') throw this.#fault('IncorrectInstanceState', `The instance '${InstanceId}' is terminated.`);
    const volumes = instance.volumes.filter(({ volumeId }, index) => (index === 0 ? !ExcludeBootVolume : !ExcludeDataVolumeIds.includes(volumeId)));
    if (volumes.length === 0) throw this.#fault('InvalidParameterValue', 'No volumes of the instance are left to take snapshots of.');
    const own = tagsFor('snapshot', input.TagSpecifications);
    const snapshots = volumes.map(({ volumeId, sizeGiB }) =>
      this.#add(at, {
        region,
        volumeId,
        sizeGiB,
        fails: false,
        copy: false,
        encrypted: false,
        kmsKeyId: undefined,
        description: input.Description ?? '',
        tags: { ...(input.CopyTagsFromSource === 'volume' ? instance.tags : {}), ...own },
      }),
    );
    return {
      Snapshots: snapshots.map((snapshot) => ({
        SnapshotId: snapshot.id,
        VolumeId: snapshot.volumeId,
        VolumeSize: snapshot.sizeGiB,
        State: 'pending',
        Progress: '0%',
        StartTime: new Date(at),
        Encrypted: false,
        OwnerId: '123456789012',
        Description: snapshot.description,
        Tags: tagList(snapshot.tags),
      })),
    };
  }

  describe(input: DescribeSnapshotsCommandInput, { at, region }: CallContext): object {
    checkPageSize(input.MaxResults, input.SnapshotIds, 'snapshotSet', this.#fault);
    const chosen = input.SnapshotIds?.map((id) => this.#inRegion(id, region)) ?? [...this.#snapshots.values()].filter((snapshot) => snapshot.region === region);
    const found = chosen.filter(
      (snapshot) =>
        (input.OwnerIds ?? ['self']).some((owner) => owner === 'self' || owner === '123456789012') &&
        passes(input.Filters, snapshot.tags, (name) => {
          if (name === 'status') return [this.#stateOf(snapshot, at)];
          if (name === 'volume-id') return [snapshot.volumeId];
          if (name === 'snapshot-id') return [snapshot.id];
          return name === 'description' ? [snapshot.description] : undefined;
        }),
    );
    const { items, next } = page(found, input.MaxResults ?? 1000, input.NextToken, () => this.#fault('InvalidNextToken', 'The token is invalid.'));
    return {
      Snapshots: items.map((snapshot) => {
        const state = this.#stateOf(snapshot, at);
        const done = Math.min(1, (at - snapshot.startedAt) / (snapshot.completedAt - snapshot.startedAt));
        return {
          SnapshotId: snapshot.id,
          VolumeId: snapshot.copy ? 'vol-ffffffff' : snapshot.volumeId,
          VolumeSize: snapshot.sizeGiB,
          State: state,
          Progress: `${Math.floor(100 * done)}%`,
          StartTime: new Date(snapshot.startedAt),
          Encrypted: snapshot.encrypted,
          OwnerId: '123456789012',
          Description: snapshot.description,
          StorageTier: 'standard',
          Tags: tagList(snapshot.tags),
          ...(snapshot.kmsKeyId === undefined ? {} : { KmsKeyId: snapshot.kmsKeyId }),
          ...(state === 'completed' ? { CompletionTime: new Date(snapshot.completedAt) } : {}),
          ...(state === 'error' ? { StateMessage: 'Given key ID is not accessible' } : {}),
        };
      }),
      ...(next === undefined ? {} : { NextToken: next }),
    };
  }

  copy(input: CopySnapshotCommandInput, { at, region }: CallContext): object {
    const { SourceRegion = '', SourceSnapshotId = '', KmsKeyId, Encrypted } = input;
    if (input.DestinationRegion !== undefined && input.DestinationRegion !== region)
      throw this.#fault('InvalidParameterValue', 'CopySnapshot is called in the destination Region: DestinationRegion must be that Region.');
    if (KmsKeyId !== undefined && !Encrypted)
      throw this.#fault('InvalidParameterDependency', 'The parameter KmsKeyId requires the parameter Encrypted to be set.');
    const source = this.#inRegion(SourceSnapshotId, SourceRegion);
    if (this.#stateOf(source, at) !== 'completed') throw this.#fault('IncorrectState', `The snapshot ${SourceSnapshotId} is not in the state completed.`);
    const running = [...this.#snapshots.values()].filter((snapshot) => snapshot.copy && snapshot.region === region && at < snapshot.completedAt).length;
    if (running >= concurrentCopies)
      throw this.#fault('ResourceLimitExceeded', `Too many snapshot copies in progress: the limit is ${concurrentCopies} for this destination Region.`);
    const copy = this.#add(at, {
      region,
      volumeId: source.volumeId,
      sizeGiB: source.sizeGiB,
      fails: KmsKeyId !== undefined && (!this.#keys.has(KmsKeyId) || !KmsKeyId.includes(`:${region}:`)),
      copy: true,
      encrypted: Encrypted ?? source.encrypted,
      kmsKeyId: KmsKeyId,
      description: input.Description ?? '',
      tags: tagsFor('snapshot', input.TagSpecifications),
    });
    return { SnapshotId: copy.id, Tags: tagList(copy.tags) };
  }

  remove({ SnapshotId = '' }: DeleteSnapshotCommandInput, { region }: CallContext): object {
    this.#inRegion(SnapshotId, region);
    this.#snapshots.delete(SnapshotId);
    return {};
  }
}
