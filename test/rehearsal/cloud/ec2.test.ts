// EC2: launches, their idempotency and durations, and snapshots.
import {
  CopySnapshotCommand,
  CreateLaunchTemplateCommand,
  CreateSnapshotsCommand,
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TestAccount, testAccount } from './account.ts';

const region = 'eu-central-1';
const key = `arn:aws:kms:${region}:123456789012:key/11111111-2222-3333-4444-555555555555`;
const group = `arn:aws:elasticloadbalancing:${region}:123456789012:targetgroup/shop/0123456789abcdef`;
let account: TestAccount;
let ec2: EC2Client;
let template: string;
const later = (seconds: number) => {
  account.clock.now += seconds * 1000;
};
const run = (more: Partial<RunInstancesCommandInput> = {}) =>
  ec2.send(
    new RunInstancesCommand({
      MinCount: 1,
      MaxCount: 1,
      ClientToken: 'slot-1',
      LaunchTemplate: { LaunchTemplateId: template, Version: '$Default' },
      Placement: { AvailabilityZone: `${region}a` },
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'forestall:service', Value: 'shop' }] }],
      ...more,
    }),
  );
const idOf = async (launched: ReturnType<typeof run>) => (await launched).Instances?.[0]?.InstanceId ?? '';
const status = async (id: string) => {
  const { InstanceStatuses } = await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [id], IncludeAllInstances: true }));
  return [InstanceStatuses?.[0]?.InstanceState?.Name, InstanceStatuses?.[0]?.InstanceStatus?.Status];
};

beforeEach(async () => {
  account = testAccount();
  ec2 = account.own(EC2Client, region);
  const { LaunchTemplate } = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'shop',
      LaunchTemplateData: {
        InstanceType: 'm7g.large',
        ImageId: 'ami-0123456789abcdef0',
        BlockDeviceMappings: [{ Ebs: { VolumeSize: 8 } }, { Ebs: { VolumeSize: 100 } }],
      },
    }),
  );
  template = LaunchTemplate?.LaunchTemplateId ?? '';
});

describe('instances', () => {
  it('boot, pass their checks, stop, start and end in the documented order', async () => {
    const id = await idOf(run());
    expect(await status(id)).toEqual(['pending', 'not-applicable']);
    later(60);
    expect(await status(id)).toEqual(['running', 'initializing']);
    later(150);
    expect(await status(id)).toEqual(['running', 'ok']);
    await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    expect((await status(id))[0]).toBe('stopping');
    await expect(ec2.send(new StartInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({ name: 'IncorrectInstanceState' });
    later(60);
    expect((await status(id))[0]).toBe('stopped');
    await ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
    later(45);
    expect((await status(id))[0]).toBe('running');
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    later(60);
    expect((await status(id))[0]).toBe('terminated');
    later(4000);
    expect((await ec2.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
  });

  it('are launched once per client token, and never for a token with other parameters', async () => {
    const id = await idOf(run());
    later(30);
    expect(await idOf(run())).toBe(id);
    await expect(run({ MaxCount: 2 })).rejects.toMatchObject({ name: 'IdempotentParameterMismatch' });
    expect((await ec2.send(new DescribeInstancesCommand({}))).Reservations).toHaveLength(1);
  });

  it('are found by their tags and state', async () => {
    const id = await idOf(run());
    await idOf(run({ ClientToken: 'slot-2', TagSpecifications: [] }));
    later(60);
    const found = await ec2.send(
      new DescribeInstancesCommand({
        Filters: [
          { Name: 'tag:forestall:service', Values: ['sh*'] },
          { Name: 'instance-state-name', Values: ['pending', 'running'] },
        ],
      }),
    );
    expect(found.Reservations?.flatMap(({ Instances }) => Instances ?? []).map(({ InstanceId }) => InstanceId)).toEqual([id]);
  });

  it('are refused without capacity, and with what does not exist', async () => {
    account.cloud.physical.setCapacity(`${region}a`, false);
    await expect(run()).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });
    await expect(run({ LaunchTemplate: { LaunchTemplateId: 'lt-0123456789abcdef0' } })).rejects.toMatchObject({ name: 'InvalidLaunchTemplateId.NotFound' });
    await expect(ec2.send(new StopInstancesCommand({ InstanceIds: ['i-0123456789abcdef0'] }))).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
  });

  it.each<[string, string, (client: EC2Client) => Promise<unknown>]>([
    ['a page size below 5', 'InvalidParameterValue', (client) => client.send(new DescribeInstancesCommand({ MaxResults: 1 }))],
    ['a page size above 1000', 'InvalidParameterValue', (client) => client.send(new DescribeInstanceStatusCommand({ MaxResults: 1001 }))],
    [
      'a page size beside ids',
      'InvalidParameterCombination',
      (client) => client.send(new DescribeInstancesCommand({ InstanceIds: ['i-0123456789abcdef0'], MaxResults: 5 })),
    ],
    ['tags for no id', 'InvalidID', (client) => client.send(new CreateTagsCommand({ Resources: ['nonsense'], Tags: [{ Key: 'a', Value: 'b' }] }))],
    ['a short snapshot id', 'InvalidSnapshotID.Malformed', (client) => client.send(new DeleteSnapshotCommand({ SnapshotId: 'snap-12' }))],
    ['what is no snapshot id', 'InvalidParameterValue', (client) => client.send(new DeleteSnapshotCommand({ SnapshotId: 'nonsense' }))],
  ])('refuse %s', async (_what, name, call) => {
    await expect(call(ec2)).rejects.toMatchObject({ name });
  });

  it('have both status checks with their detail while they run, and none when stopped', async () => {
    const id = account.cloud.physical.addInstance({ region, zone: `${region}a` });
    const read = async () => (await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [id], IncludeAllInstances: true }))).InstanceStatuses?.[0];
    const passed = { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] };
    expect(await read()).toMatchObject({ InstanceStatus: passed, SystemStatus: passed });
    account.cloud.physical.crash(id);
    expect(await read()).toMatchObject({ InstanceStatus: { Status: 'not-applicable' }, SystemStatus: { Status: 'not-applicable' } });
  });

  it('without capacity are tried again, as the SDK tries any answer of the 500 class', async () => {
    account.cloud.physical.setCapacity(`${region}a`, false);
    await expect(run({ ClientToken: 'none-left' })).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity', $metadata: { httpStatusCode: 500 } });
    expect(account.cloud.counts['ec2:RunInstances']).toBe(4);
  });

  it('become impaired two minutes after they stop answering', async () => {
    const id = account.cloud.physical.addInstance({ region, zone: `${region}a` });
    account.cloud.physical.setReachable(id, false);
    later(119);
    expect(await status(id)).toEqual(['running', 'ok']);
    later(2);
    expect(await status(id)).toEqual(['running', 'impaired']);
    account.cloud.physical.setReachable(id, true);
    later(61);
    expect(await status(id)).toEqual(['running', 'ok']);
  });
});

describe('targets', () => {
  it('are registered running, healthy 20 to 40 seconds later, unhealthy 30 seconds after silence, gone after draining', async () => {
    const elb = account.own(ElasticLoadBalancingV2Client, region);
    account.cloud.physical.addTargetGroup({ arn: group });
    const id = await idOf(run());
    const register = () => elb.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: id }] }));
    const health = async () =>
      (await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: group }))).TargetHealthDescriptions?.map(({ TargetHealth }) => TargetHealth?.State);
    await expect(register()).rejects.toMatchObject({ name: 'InvalidTargetException' });
    later(60);
    await register();
    expect(await health()).toEqual(['initial']);
    later(40);
    expect(await health()).toEqual(['healthy']);
    account.cloud.physical.setReachable(id, false);
    later(29);
    expect(account.cloud.physical.healthyTargets(group)).toEqual([id]);
    later(2);
    expect(await health()).toEqual(['unhealthy']);
    account.cloud.physical.setReachable(id, true);
    later(41);
    expect(await health()).toEqual(['healthy']);
    await elb.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: id }] }));
    expect(await health()).toEqual(['draining']);
    later(301);
    expect(await health()).toEqual([]);
  });
});

describe('target groups', () => {
  it('are made once for the same settings, and not for a name in use', async () => {
    const elb = account.own(ElasticLoadBalancingV2Client, region);
    const create = (more: object = {}) =>
      elb.send(new CreateTargetGroupCommand({ Name: 'shop', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-0123456789abcdef0', ...more }));
    const arn = (await create()).TargetGroups?.[0]?.TargetGroupArn;
    expect((await create()).TargetGroups?.[0]?.TargetGroupArn).toBe(arn);
    await expect(create({ Port: 81 })).rejects.toMatchObject({ name: 'DuplicateTargetGroupNameException' });
    await expect(create({ Name: 'lost', VpcId: undefined })).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('snapshots', () => {
  const take = async () => {
    const id = account.cloud.physical.addInstance({ region: 'eu-west-1', zone: 'eu-west-1a', volumesGiB: [8, 100] });
    const source = account.own(EC2Client, 'eu-west-1');
    const { Snapshots } = await source.send(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: id } }));
    return { source, ids: Snapshots?.map(({ SnapshotId }) => SnapshotId ?? '') ?? [] };
  };
  const copy = (id: string, more: object = {}) =>
    ec2.send(new CopySnapshotCommand({ SourceRegion: 'eu-west-1', SourceSnapshotId: id, Encrypted: true, KmsKeyId: key, ...more }));

  it('cover every volume, complete within 15 minutes, and are copied with a key of the destination', async () => {
    account.cloud.physical.addKey(key);
    const { source, ids } = await take();
    expect(ids).toHaveLength(2);
    await expect(copy(ids[0] ?? '')).rejects.toMatchObject({ name: 'IncorrectState' });
    later(15 * 60);
    const { Snapshots } = await source.send(new DescribeSnapshotsCommand({ SnapshotIds: ids }));
    expect(Snapshots?.map(({ State }) => State)).toEqual(['completed', 'completed']);
    const { SnapshotId = '' } = await copy(ids[0] ?? '');
    later(15 * 60);
    const copies = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    expect(copies.Snapshots).toMatchObject([{ SnapshotId, State: 'completed', Encrypted: true, KmsKeyId: key }]);
    await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
    await expect(ec2.send(new DeleteSnapshotCommand({ SnapshotId }))).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
  });

  it('fail in the copy when the key does not exist', async () => {
    const { ids } = await take();
    later(15 * 60);
    await expect(copy(ids[0] ?? '', { Encrypted: false })).rejects.toMatchObject({ name: 'InvalidParameterDependency' });
    await copy(ids[0] ?? '');
    later(15 * 60);
    expect((await ec2.send(new DescribeSnapshotsCommand({}))).Snapshots).toMatchObject([{ State: 'error' }]);
  });
});
