// The resource kind ec2-instance against EC2's answers: limits of a call, what is gone, what an earlier call made.
import {
  CopySnapshotCommand,
  CreateSnapshotsCommand,
  DeleteSnapshotCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { LaunchError } from '../../../lambdas/adapters/ec2.ts';
import { ec2Instance } from '../../../lambdas/resources/ec2-instance.ts';

const ec2 = mockClient(EC2Client);
const region = 'eu-central-1';
const range = (count: number) => Array.from({ length: count }, (_, index) => `i-${index}`);
const named = (name: string) => Object.assign(new Error(name), { name, $metadata: { httpStatusCode: 400 } });
const valuesOf = (filters: readonly { Values?: string[] | undefined }[] | undefined) => filters?.[0]?.Values ?? [];

beforeEach(() => {
  attachToClients(undefined);
  ec2.reset();
});
afterAll(() => ec2.restore());

describe('the status of instances', () => {
  const status = (id: string, checks: [string, string]) =>
    ({ InstanceId: id, InstanceStatus: { Status: checks[0] }, SystemStatus: { Status: checks[1] } }) as never;

  it('is asked for in calls that EC2 takes', async () => {
    ec2.on(DescribeInstancesCommand).callsFake(({ Filters }) => ({
      Reservations: [{ Instances: valuesOf(Filters).map((InstanceId) => ({ InstanceId, State: { Name: 'running' } })) }],
    }));
    ec2.on(DescribeInstanceStatusCommand).resolves({ InstanceStatuses: [] });
    expect(await ec2Instance.status(region, range(450))).toHaveLength(450);
    expect(ec2.commandCalls(DescribeInstancesCommand).map(({ args }) => valuesOf(args[0].input.Filters).length)).toEqual([200, 200, 50]);
    expect(ec2.commandCalls(DescribeInstanceStatusCommand).map(({ args }) => args[0].input.InstanceIds?.length)).toEqual([100, 100, 100, 100, 50]);
  });

  it('of none costs no call', async () => {
    expect(await ec2Instance.status(region, [])).toEqual([]);
    expect(ec2.calls()).toHaveLength(0);
  });

  it('is ready only when both checks of a running instance pass; what is gone is absent', async () => {
    const states = ['running', 'running', 'running', 'pending', 'stopping', 'stopped', 'shutting-down', 'terminated'];
    ec2
      .on(DescribeInstancesCommand)
      .resolves({ Reservations: [{ Instances: states.map((Name, index) => ({ InstanceId: `i-${index}`, State: { Name } }) as never) }] });
    ec2.on(DescribeInstanceStatusCommand).resolves({ InstanceStatuses: [status('i-0', ['ok', 'ok']), status('i-1', ['ok', 'initializing'])] });
    expect(await ec2Instance.status(region, [...range(8), 'i-gone'])).toEqual([
      { id: 'i-0', state: 'running', ready: true },
      { id: 'i-1', state: 'running', ready: false },
      { id: 'i-2', state: 'running', ready: false },
      { id: 'i-3', state: 'starting', ready: false },
      { id: 'i-4', state: 'stopping', ready: false },
      { id: 'i-5', state: 'stopped', ready: false },
      { id: 'i-6', state: 'terminated', ready: false },
      { id: 'i-7', state: 'terminated', ready: false },
    ]);
  });

  it('of what is owned goes by the tag, over all pages', async () => {
    ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce({ Reservations: [{ Instances: [{ InstanceId: 'i-1', State: { Name: 'stopped' } }] }], NextToken: 'more' })
      .resolvesOnce({ Reservations: [{ Instances: [{ InstanceId: 'i-2', State: { Name: 'stopped' } }] }] });
    expect((await ec2Instance.owned(region, 'shop')).map(({ id }) => id)).toEqual(['i-1', 'i-2']);
    expect(ec2.commandCalls(DescribeInstancesCommand)[0]?.args[0].input.Filters).toContainEqual({ Name: 'tag:forestall:service', Values: ['shop'] });
  });
});

describe('instances', () => {
  const request = { region, zone: 'eu-central-1a', serviceId: 'shop', launchTemplate: { id: 'lt-1', version: '$Default' }, clientToken: 'shop-0-1' };

  it('are started one by one, under the token, with the tag of ownership on everything', async () => {
    ec2.on(RunInstancesCommand).resolves({ Instances: [{ InstanceId: 'i-1' }] });
    expect(await ec2Instance.launch(request)).toBe('i-1');
    const { input } = ec2.commandCalls(RunInstancesCommand)[0]?.args[0] ?? {};
    expect(input).toMatchObject({ MinCount: 1, MaxCount: 1, ClientToken: 'shop-0-1', Placement: { AvailabilityZone: 'eu-central-1a' } });
    expect(input?.TagSpecifications?.map(({ ResourceType }) => ResourceType)).toEqual(['instance', 'volume']);
    for (const { Tags } of input?.TagSpecifications ?? []) expect(Tags).toContainEqual({ Key: 'forestall:service', Value: 'shop' });
  });

  it('that EC2 does not name are an error', async () => {
    ec2.on(RunInstancesCommand).resolves({ Instances: [] });
    await expect(ec2Instance.launch(request)).rejects.toBeInstanceOf(LaunchError);
  });

  it('that are none are neither started nor terminated', async () => {
    await ec2Instance.start(region, []);
    await ec2Instance.terminate(region, []);
    expect(ec2.calls()).toHaveLength(0);
    await ec2Instance.start(region, ['i-1']);
    await ec2Instance.terminate(region, ['i-1']);
    expect(ec2.commandCalls(StartInstancesCommand)).toHaveLength(1);
    expect(ec2.commandCalls(TerminateInstancesCommand)).toHaveLength(1);
  });
});

describe('snapshots', () => {
  const request = { region, serviceId: 'shop', resourceId: 'i-1', decisionId: 'd1' };
  const copy = { fromRegion: 'eu-west-1', toRegion: region, serviceId: 'shop', snapshotId: 'snap-1', decisionId: 'd1', kmsKeyArn: 'arn:key' };

  it('of an earlier call for the decision are found by their tags', async () => {
    ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [{ SnapshotId: 'snap-1', State: 'pending' }] });
    expect(await ec2Instance.snapshot(request)).toEqual(['snap-1']);
    expect(await ec2Instance.copySnapshot(copy)).toBe('snap-1');
    expect(ec2.commandCalls(CreateSnapshotsCommand)).toHaveLength(0);
    expect(ec2.commandCalls(CopySnapshotCommand)).toHaveLength(0);
  });

  it('are taken of all volumes at once and carry what finds them again', async () => {
    ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [] });
    ec2.on(CreateSnapshotsCommand).resolves({ Snapshots: [{ SnapshotId: 'snap-1' }, { SnapshotId: 'snap-2' }] });
    expect(await ec2Instance.snapshot(request)).toEqual(['snap-1', 'snap-2']);
    expect(ec2.commandCalls(CreateSnapshotsCommand)[0]?.args[0].input.TagSpecifications?.[0]?.Tags).toEqual([
      { Key: 'forestall:service', Value: 'shop' },
      { Key: 'forestall:decision', Value: 'd1' },
      { Key: 'forestall:source', Value: 'i-1' },
    ]);
  });

  it("are copied with the standby's key; none when the Region has no room for it now, and other refusals are errors", async () => {
    ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [] });
    ec2
      .on(CopySnapshotCommand)
      .resolvesOnce({ SnapshotId: 'snap-9' })
      .rejectsOnce(named('ResourceLimitExceeded'))
      .rejectsOnce(named('InvalidSnapshot.NotFound'))
      .resolvesOnce({});
    expect(await ec2Instance.copySnapshot(copy)).toBe('snap-9');
    expect(ec2.commandCalls(CopySnapshotCommand)[0]?.args[0].input).toMatchObject({ SourceRegion: 'eu-west-1', Encrypted: true, KmsKeyId: 'arn:key' });
    expect(await ec2Instance.copySnapshot(copy)).toBeUndefined();
    await expect(ec2Instance.copySnapshot(copy)).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
    await expect(ec2Instance.copySnapshot(copy)).rejects.toBeInstanceOf(LaunchError);
  });

  it('say how they are, in calls that EC2 takes', async () => {
    ec2.on(DescribeSnapshotsCommand).callsFake(({ Filters }) => ({
      Snapshots: valuesOf(Filters).map((SnapshotId, index) => ({ SnapshotId, State: ['completed', 'error', 'pending', 'recoverable'][index % 4] })),
    }));
    expect(await ec2Instance.snapshotStatus(region, [])).toEqual([]);
    const found = await ec2Instance.snapshotStatus(region, range(250));
    expect(found).toHaveLength(250);
    expect(found.slice(0, 4).map(({ state }) => state)).toEqual(['completed', 'error', 'pending', 'pending']);
    expect(ec2.commandCalls(DescribeSnapshotsCommand).map(({ args }) => valuesOf(args[0].input.Filters).length)).toEqual([200, 50]);
  });

  it('that are gone are deleted already', async () => {
    ec2.on(DeleteSnapshotCommand).rejectsOnce(named('InvalidSnapshot.NotFound')).rejects(named('InvalidSnapshot.InUse'));
    await ec2Instance.deleteSnapshot(region, 'snap-1');
    await expect(ec2Instance.deleteSnapshot(region, 'snap-1')).rejects.toMatchObject({ name: 'InvalidSnapshot.InUse' });
  });
});

describe('an instance of a side that was left', () => {
  it('is stopped, and none costs no call', async () => {
    ec2.on(StopInstancesCommand).resolves({});
    await ec2Instance.stop(region, []);
    await ec2Instance.stop(region, ['i-1', 'i-2']);
    expect(ec2.commandCalls(StopInstancesCommand).map(({ args }) => args[0].input)).toEqual([{ InstanceIds: ['i-1', 'i-2'] }]);
  });

  it('is replaced by one with the tags by which the plan selects it; the tag of the owner is never the given one', async () => {
    ec2.on(RunInstancesCommand).resolves({ Instances: [{ InstanceId: 'i-3' }] });
    const request = { region, zone: `${region}a`, serviceId: 'shop', launchTemplate: { id: 'lt-1', version: '$Default' }, clientToken: 'shop-new-0-1' };
    await ec2Instance.launch({ ...request, tags: { side: 'primary', Name: 'web', 'forestall:service': 'till' } });
    const [specification] = ec2.commandCalls(RunInstancesCommand)[0]?.args[0].input.TagSpecifications ?? [];
    expect(Object.fromEntries((specification?.Tags ?? []).map(({ Key, Value }) => [Key, Value]))).toEqual({
      'forestall:service': 'shop',
      Name: 'web',
      side: 'primary',
    });
  });
});
