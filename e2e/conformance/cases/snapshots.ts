// EBS snapshots: taken, described, copied between Regions, deleted.
import {
  CopySnapshotCommand,
  type CopySnapshotCommandInput,
  CreateLaunchTemplateCommand,
  CreateSnapshotCommand,
  CreateSnapshotsCommand,
  type CreateSnapshotsCommandInput,
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  type DescribeSnapshotsCommandInput,
  DescribeVolumesCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { away, type Case, home, moto, type Stage, suite } from '../case.ts';

interface Kit {
  readonly instance: string;
  /** Completed, in the Region of the primary. */
  snapshot: string;
}

const absent = 'snap-0123456789abcdef0';
const source = (stage: Stage) => stage.client(EC2Client, away);
const destination = (stage: Stage) => stage.client(EC2Client, home);

async function setUp(stage: Stage): Promise<Kit> {
  await source(stage).send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'volumes',
      LaunchTemplateData: {
        InstanceType: 't3.micro',
        ImageId: stage.premises.imageId,
        BlockDeviceMappings: [
          { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8 } },
          { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 100 } },
        ],
      },
    }),
  );
  const { Instances } = await source(stage).send(
    new RunInstancesCommand({
      MinCount: 1,
      MaxCount: 1,
      LaunchTemplate: { LaunchTemplateName: 'volumes' },
      Placement: { AvailabilityZone: `${away}a` },
    }),
  );
  const instance = Instances?.[0]?.InstanceId ?? '';
  await stage.pass(120);
  return { instance, snapshot: await snapshotOf(stage, instance) };
}

async function snapshotOf(stage: Stage, InstanceId: string): Promise<string> {
  // MiniStack has CreateSnapshot only, of one volume.
  if (stage.where !== 'ministack') {
    const { Snapshots } = await source(stage).send(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId } }));
    await stage.pass(1_000);
    return Snapshots?.[0]?.SnapshotId ?? '';
  }
  const { Volumes } = await source(stage).send(new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [InstanceId] }] }));
  const { SnapshotId } = await source(stage).send(new CreateSnapshotCommand({ VolumeId: Volumes?.[0]?.VolumeId }));
  return SnapshotId ?? '';
}

const create = (name: string, input: (kit: Kit) => CreateSnapshotsCommandInput, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'ec2:CreateSnapshots',
  name,
  on: moto,
  call: (stage, kit) => source(stage).send(new CreateSnapshotsCommand(input(kit))),
  ...rest,
});
const describe = (name: string, input: (kit: Kit) => DescribeSnapshotsCommandInput, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'ec2:DescribeSnapshots',
  name,
  call: (stage, kit) => source(stage).send(new DescribeSnapshotsCommand(input(kit))),
  ...rest,
});
const copy = (name: string, more: (stage: Stage) => Partial<CopySnapshotCommandInput>, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'ec2:CopySnapshot',
  name,
  call: (stage, { snapshot }) =>
    destination(stage).send(new CopySnapshotCommand({ SourceRegion: away, SourceSnapshotId: snapshot, Description: 'copy', ...more(stage) })),
  ...rest,
});

export const snapshots = suite<Kit>(setUp, [
  create('of all volumes', ({ instance }) => ({
    InstanceSpecification: { InstanceId: instance },
    Description: 'all',
    TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'forestall:service', Value: 'shop' }] }],
  })),
  create('without the boot volume', ({ instance }) => ({ InstanceSpecification: { InstanceId: instance, ExcludeBootVolume: true } })),
  create('of an absent instance', () => ({ InstanceSpecification: { InstanceId: 'i-0123456789abcdef0' } })),
  create('malformed id', () => ({ InstanceSpecification: { InstanceId: 'i-1234' } })),
  describe('by id', ({ snapshot }) => ({ SnapshotIds: [snapshot] }), { same: ['Snapshots[].State', 'Snapshots[].VolumeSize'] }),
  describe('own ones by filters', ({ snapshot }) => ({
    OwnerIds: ['self'],
    Filters: [
      { Name: 'snapshot-id', Values: [snapshot, absent] },
      { Name: 'status', Values: ['completed'] },
    ],
  })),
  describe('by filters that nothing passes', () => ({ OwnerIds: ['self'], Filters: [{ Name: 'tag:forestall:service', Values: ['none'] }] })),
  describe('absent', () => ({ SnapshotIds: [absent] })),
  describe('malformed id', () => ({ SnapshotIds: ['snap-1234'] })),
  describe('ids and a page size', ({ snapshot }) => ({ SnapshotIds: [snapshot], MaxResults: 5 })),
  copy('to another Region', () => ({ TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'forestall:service', Value: 'shop' }] }] }), {
    on: moto,
    same: ['Tags[].Key'],
  }),
  copy('with a key', ({ premises }) => ({ Encrypted: true, KmsKeyId: premises.keyArn }), { on: moto }),
  copy('with a key, not encrypted', ({ premises }) => ({ Encrypted: false, KmsKeyId: premises.keyArn })),
  copy('absent', () => ({ SourceSnapshotId: absent })),
  copy('from a Region where it is not', () => ({ SourceRegion: home })),
  {
    operation: 'ec2:DescribeSnapshots',
    name: 'copies',
    on: moto,
    async call(stage) {
      await stage.pass(1_000);
      return destination(stage).send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: [{ Name: 'description', Values: ['copy'] }] }));
    },
  },
  {
    operation: 'ec2:CreateTags',
    name: 'of a snapshot',
    call: (stage, { snapshot }) => source(stage).send(new CreateTagsCommand({ Resources: [snapshot], Tags: [{ Key: 'kept', Value: 'yes' }] })),
  },
  {
    operation: 'ec2:DeleteSnapshot',
    name: 'completed',
    call: (stage, { snapshot }) => source(stage).send(new DeleteSnapshotCommand({ SnapshotId: snapshot })),
  },
  {
    operation: 'ec2:DeleteSnapshot',
    name: 'again',
    call: (stage, { snapshot }) => source(stage).send(new DeleteSnapshotCommand({ SnapshotId: snapshot })),
  },
  { operation: 'ec2:DeleteSnapshot', name: 'malformed id', call: (stage) => source(stage).send(new DeleteSnapshotCommand({ SnapshotId: 'snap-1234' })) },
]);
