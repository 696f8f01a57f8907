// EC2: what is missing, and what is ignored or done too soon.
import {
  CopySnapshotCommand,
  CreateLaunchTemplateCommand,
  CreateSnapshotCommand,
  CreateSnapshotsCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Instance,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { away, home, type Lab, needed, probeAccount } from '../lab.ts';
import type { Probe } from '../probe.ts';

const image = 'ami-0123456789abcdef0';
const tag = { Key: 'probe', Value: 'yes' };

async function launch(lab: Lab, input: Partial<RunInstancesCommandInput> = { ImageId: image }): Promise<{ instance: Instance; id: string; volumeId: string }> {
  const { Instances } = await lab.client(EC2Client).send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1, ...input }));
  const instance = needed(Instances?.[0], 'an instance');
  const id = needed(instance.InstanceId, 'its id');
  const { Reservations } = await lab.client(EC2Client).send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return { instance, id, volumeId: needed(Reservations?.[0]?.Instances?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId, 'its volume') };
}

export const ec2Probes: readonly Probe[] = [
  {
    id: 'no-create-snapshots',
    async look(lab) {
      const { id } = await launch(lab);
      const refusal = await lab
        .client(EC2Client)
        .send(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: id } }))
        .then(
          () => '',
          ({ name }: Error) => name,
        );
      return { 'an unknown action': refusal === 'InvalidAction' };
    },
  },
  {
    id: 'launch-template-not-read',
    async look(lab) {
      const zone = `${home}b`;
      const { LaunchTemplate } = await lab.client(EC2Client).send(
        new CreateLaunchTemplateCommand({
          LaunchTemplateName: 'probe',
          LaunchTemplateData: { ImageId: image, InstanceType: 't3.small', Placement: { AvailabilityZone: zone } },
        }),
      );
      const LaunchTemplateId = needed(LaunchTemplate?.LaunchTemplateId, 'a launch template');
      const { instance } = await launch(lab, { LaunchTemplate: { LaunchTemplateId } });
      return {
        image: instance.ImageId !== image,
        type: instance.InstanceType !== 't3.small',
        placement: instance.Placement?.AvailabilityZone !== zone,
      };
    },
  },
  {
    id: 'launch-request-not-read',
    async look(lab) {
      const zone = `${home}b`;
      const { instance, volumeId } = await launch(lab, {
        ImageId: image,
        Placement: { AvailabilityZone: zone },
        TagSpecifications: [{ ResourceType: 'volume', Tags: [tag] }],
      });
      const { Volumes } = await lab.client(EC2Client).send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }));
      return { placement: instance.Placement?.AvailabilityZone !== zone, 'tags of volumes': !Volumes?.[0]?.Tags?.some(({ Key }) => Key === tag.Key) };
    },
  },
  {
    id: 'ec2-ready-at-once',
    async look(lab) {
      const { instance, id, volumeId } = await launch(lab);
      const snapshot = await lab.client(EC2Client).send(new CreateSnapshotCommand({ VolumeId: volumeId }));
      const { StoppingInstances } = await lab.client(EC2Client).send(new StopInstancesCommand({ InstanceIds: [id] }));
      return {
        'a launched instance': instance.State?.Name === 'running',
        'a stopped one': StoppingInstances?.[0]?.CurrentState?.Name === 'stopped',
        'a snapshot': snapshot.State === 'completed',
      };
    },
  },
  {
    id: 'copy-settings-dropped',
    async look(lab) {
      const { volumeId } = await launch(lab);
      const { SnapshotId } = await lab.client(EC2Client).send(new CreateSnapshotCommand({ VolumeId: volumeId }));
      const client = lab.client(EC2Client, away);
      const copy = await client.send(
        new CopySnapshotCommand({
          SourceRegion: home,
          SourceSnapshotId: SnapshotId,
          Encrypted: true,
          KmsKeyId: `arn:aws:kms:${away}:${probeAccount}:key/11111111-2222-3333-4444-555555555555`,
          TagSpecifications: [{ ResourceType: 'snapshot', Tags: [tag] }],
        }),
      );
      const { Snapshots } = await client.send(new DescribeSnapshotsCommand({ SnapshotIds: [needed(copy.SnapshotId, 'a copy')] }));
      const copied = needed(Snapshots?.[0], 'the copy');
      return {
        tags: !copied.Tags?.some(({ Key }) => Key === tag.Key),
        Encrypted: copied.Encrypted !== true,
        KmsKeyId: copied.KmsKeyId === undefined,
      };
    },
  },
  {
    id: 'instance-id-filter-ignored',
    async look(lab) {
      const [one, other] = [await launch(lab), await launch(lab)];
      const { Reservations } = await lab.client(EC2Client).send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [one.id] }] }));
      const found = (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
      return { 'others are found too': found.some(({ InstanceId }) => InstanceId === other.id) };
    },
  },
];
