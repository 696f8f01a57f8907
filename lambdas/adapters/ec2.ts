// EC2 in one Region: instances and snapshots.
import {
  CopySnapshotCommand,
  CreateSnapshotsCommand,
  DeleteSnapshotCommand,
  DescribeInstanceStatusCommand,
  EC2Client,
  type Filter,
  type Instance,
  type InstanceStatus,
  paginateDescribeInstances,
  paginateDescribeSnapshots,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { SnapshotStatus } from '../resources/port.ts';
import { clientFor } from './clients.ts';

export type { Instance, InstanceStatus };

export interface TagValue {
  readonly key: string;
  readonly value: string;
}

/** EC2 answered without the id of what it made. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
}

/** Launches and snapshots take seconds, and a snapshot that is asked for again is a second one. ms */
const patience = 25_000;

/** EC2 takes so many values in a filter. */
const valuesPerFilter = 200;

const toTags = (tags: readonly TagValue[]) => tags.map(({ key, value }) => ({ Key: key, Value: value }));

export class Ec2 {
  readonly #region: string;

  constructor(region: string) {
    this.#region = region;
  }

  get #client() {
    return clientFor(EC2Client, this.#region, patience);
  }

  /** For what has no client token: the SDK must not repeat it by itself. */
  get #onceClient() {
    return clientFor(EC2Client, this.#region, patience, 1);
  }

  /** Those of the ids that exist. By filters, since an id that is gone would make the whole call fail. */
  async instancesById(ids: readonly string[]): Promise<Instance[]> {
    const found: Instance[] = [];
    for (let start = 0; start < ids.length; start += valuesPerFilter)
      found.push(...(await this.instances([{ Name: 'instance-id', Values: ids.slice(start, start + valuesPerFilter) }])));
    return found;
  }

  async instances(filters: Filter[]): Promise<Instance[]> {
    const found: Instance[] = [];
    for await (const page of paginateDescribeInstances({ client: this.#client }, { Filters: filters }))
      for (const reservation of page.Reservations ?? []) found.push(...(reservation.Instances ?? []));
    return found;
  }

  /** Status checks of running instances; the call takes at most 100 ids. */
  async statuses(ids: readonly string[]): Promise<InstanceStatus[]> {
    const found: InstanceStatus[] = [];
    for (let start = 0; start < ids.length; start += 100) {
      const { InstanceStatuses } = await this.#client.send(new DescribeInstanceStatusCommand({ InstanceIds: ids.slice(start, start + 100) }));
      found.push(...(InstanceStatuses ?? []));
    }
    return found;
  }

  async run(request: { launchTemplate: { id: string; version: string }; zone: string; clientToken: string; tags: readonly TagValue[] }): Promise<string> {
    const Tags = toTags(request.tags);
    const { Instances } = await this.#client.send(
      new RunInstancesCommand({
        LaunchTemplate: { LaunchTemplateId: request.launchTemplate.id, Version: request.launchTemplate.version },
        Placement: { AvailabilityZone: request.zone },
        MinCount: 1,
        MaxCount: 1,
        ClientToken: request.clientToken,
        TagSpecifications: [
          { ResourceType: 'instance', Tags },
          { ResourceType: 'volume', Tags },
        ],
      }),
    );
    const id = Instances?.[0]?.InstanceId;
    if (!id) throw new LaunchError(`EC2 started nothing from launch template ${request.launchTemplate.id} in ${request.zone}`);
    return id;
  }

  async start(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#client.send(new StartInstancesCommand({ InstanceIds: [...ids] }));
  }

  async stop(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#client.send(new StopInstancesCommand({ InstanceIds: [...ids] }));
  }

  async terminate(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#client.send(new TerminateInstancesCommand({ InstanceIds: [...ids] }));
  }

  /** Those of the ids that exist. */
  async snapshotsById(ids: readonly string[]): Promise<SnapshotStatus[]> {
    const found: SnapshotStatus[] = [];
    for (let start = 0; start < ids.length; start += valuesPerFilter)
      found.push(...(await this.snapshots([{ Name: 'snapshot-id', Values: ids.slice(start, start + valuesPerFilter) }])));
    return found;
  }

  async snapshots(filters: Filter[]): Promise<SnapshotStatus[]> {
    const found: SnapshotStatus[] = [];
    for await (const page of paginateDescribeSnapshots({ client: this.#client }, { OwnerIds: ['self'], Filters: filters }))
      for (const { SnapshotId, State } of page.Snapshots ?? []) {
        if (SnapshotId) found.push({ id: SnapshotId, state: State === 'completed' ? 'completed' : State === 'error' ? 'error' : 'pending' });
      }
    return found;
  }

  /** CreateSnapshots takes all volumes of an instance at one point in time, and does not reboot it. */
  async snapshotInstance(instanceId: string, description: string, tags: readonly TagValue[]): Promise<string[]> {
    const { Snapshots } = await this.#onceClient.send(
      new CreateSnapshotsCommand({
        InstanceSpecification: { InstanceId: instanceId },
        Description: description,
        TagSpecifications: [{ ResourceType: 'snapshot', Tags: toTags(tags) }],
      }),
    );
    return (Snapshots ?? []).flatMap(({ SnapshotId }) => (SnapshotId ? [SnapshotId] : []));
  }

  /** undefined: the Region has as many copies under way as it allows. */
  async copySnapshot(fromRegion: string, snapshotId: string, kmsKeyArn: string, description: string, tags: readonly TagValue[]): Promise<string | undefined> {
    try {
      const { SnapshotId } = await this.#onceClient.send(
        new CopySnapshotCommand({
          SourceRegion: fromRegion,
          SourceSnapshotId: snapshotId,
          Encrypted: true,
          KmsKeyId: kmsKeyArn,
          Description: description,
          TagSpecifications: [{ ResourceType: 'snapshot', Tags: toTags(tags) }],
        }),
      );
      if (!SnapshotId) throw new LaunchError(`EC2 copied nothing of ${snapshotId}`);
      return SnapshotId;
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceLimitExceeded') return undefined;
      throw error;
    }
  }

  async deleteSnapshot(id: string): Promise<void> {
    try {
      await this.#client.send(new DeleteSnapshotCommand({ SnapshotId: id }));
    } catch (error) {
      if (!(error instanceof Error && error.name === 'InvalidSnapshot.NotFound')) throw error;
    }
  }
}
