// EC2: launch templates, instances, their states and tags.
import {
  CreateLaunchTemplateCommand,
  CreateTagsCommand,
  DescribeInstanceStatusCommand,
  type DescribeInstanceStatusCommandInput,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  EC2Client,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { away, type Case, home, moto, type Stage, suite } from '../case.ts';

interface Kit {
  readonly template: string;
  /** Runs all the time. */
  readonly instance: string;
  /** Is stopped, started and terminated. */
  readonly other: string;
  readonly elsewhere: string;
}

const absent = 'i-0123456789abcdef0';
const tags = [{ Key: 'forestall:service', Value: 'shop' }];
const client = (stage: Stage) => stage.client(EC2Client, home);

const launch = (template: string, more: Partial<RunInstancesCommandInput> = {}) =>
  new RunInstancesCommand({
    MinCount: 1,
    MaxCount: 1,
    LaunchTemplate: { LaunchTemplateId: template, Version: '$Default' },
    Placement: { AvailabilityZone: `${home}a` },
    TagSpecifications: [{ ResourceType: 'instance', Tags: tags }],
    ...more,
  });

async function setUp(stage: Stage): Promise<Kit> {
  const data = (stage: Stage) => ({
    InstanceType: 't3.micro' as const,
    ImageId: stage.premises.imageId,
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8 } }],
  });
  const create = async (region: string) => {
    const made = await stage
      .client(EC2Client, region)
      .send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'conformance', LaunchTemplateData: data(stage) }));
    return made.LaunchTemplate?.LaunchTemplateId ?? '';
  };
  const run = async (region: string, template: string) => {
    const made = await stage.client(EC2Client, region).send(launch(template, { Placement: { AvailabilityZone: `${region}a` } }));
    return made.Instances?.[0]?.InstanceId ?? '';
  };
  const template = await create(home);
  const kit = { template, instance: await run(home, template), other: await run(home, template), elsewhere: await run(away, await create(away)) };
  await stage.pass(300);
  return kit;
}

const runInstances = (name: string, more: (kit: Kit) => Partial<RunInstancesCommandInput>, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'ec2:RunInstances',
  name,
  call: (stage, kit) => client(stage).send(launch(kit.template, more(kit))),
  ...rest,
});
const describeInstances = (name: string, input: (kit: Kit) => DescribeInstancesCommandInput, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'ec2:DescribeInstances',
  name,
  call: (stage, kit) => client(stage).send(new DescribeInstancesCommand(input(kit))),
  ...rest,
});
const describeStatus = (name: string, input: (kit: Kit) => DescribeInstanceStatusCommandInput, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'ec2:DescribeInstanceStatus',
  name,
  call: (stage, kit) => client(stage).send(new DescribeInstanceStatusCommand(input(kit))),
  ...rest,
});
type Change = 'Start' | 'Stop' | 'Terminate';
const lists = { Start: 'StartingInstances', Stop: 'StoppingInstances', Terminate: 'TerminatingInstances' };
const change = (what: Change, name: string, ids: (kit: Kit) => string[], rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: `ec2:${what}Instances`,
  name,
  same: [`${lists[what]}[].PreviousState.Name`],
  async call(stage, kit) {
    const input = { InstanceIds: ids(kit) };
    const output =
      what === 'Start'
        ? await client(stage).send(new StartInstancesCommand(input))
        : what === 'Stop'
          ? await client(stage).send(new StopInstancesCommand(input))
          : await client(stage).send(new TerminateInstancesCommand(input));
    // What is asked for is done before the next case.
    await stage.pass(300);
    return output;
  },
  ...rest,
});
const createTags = (name: string, id: (kit: Kit) => string, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'ec2:CreateTags',
  name,
  call: (stage, kit) => client(stage).send(new CreateTagsCommand({ Resources: [id(kit)], Tags: [{ Key: 'role', Value: 'web' }] })),
  ...rest,
});

export const ec2 = suite<Kit>(setUp, [
  {
    operation: 'ec2:CreateLaunchTemplate',
    name: 'new',
    same: ['LaunchTemplate.DefaultVersionNumber', 'LaunchTemplate.LaunchTemplateName'],
    call: (stage) => client(stage).send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'another', LaunchTemplateData: { InstanceType: 't3.micro' } })),
  },
  {
    operation: 'ec2:CreateLaunchTemplate',
    name: 'name in use',
    call: (stage) =>
      client(stage).send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'conformance', LaunchTemplateData: { InstanceType: 't3.micro' } })),
  },
  runInstances('with a token', () => ({ ClientToken: 'slot-1' }), { same: ['Instances[].Placement.AvailabilityZone', 'Instances[].ClientToken'] }),
  {
    operation: 'ec2:RunInstances',
    name: 'the same token again',
    same: ['again'],
    async call(stage, { template }) {
      const send = async () => (await client(stage).send(launch(template, { ClientToken: 'slot-2' }))).Instances?.[0]?.InstanceId;
      const first = await send();
      return { again: (await send()) === first };
    },
  },
  runInstances('the same token with other parameters', () => ({ ClientToken: 'slot-1', MaxCount: 2 })),
  runInstances('template by name', () => ({ LaunchTemplate: { LaunchTemplateName: 'conformance' } })),
  runInstances('absent template', () => ({ LaunchTemplate: { LaunchTemplateId: 'lt-0123456789abcdef0' } })),
  runInstances('absent template by name', () => ({ LaunchTemplate: { LaunchTemplateName: 'nowhere' } }), { on: moto }),
  runInstances('absent template version', ({ template }) => ({ LaunchTemplate: { LaunchTemplateId: template, Version: '7' } }), { on: moto }),
  runInstances('neither template nor image', () => ({ LaunchTemplate: undefined })),
  runInstances('none', () => ({ MinCount: 0, MaxCount: 0 })),
  runInstances('zone of another Region', () => ({ Placement: { AvailabilityZone: `${away}a` } }), { on: moto }),
  runInstances('dry run', () => ({ DryRun: true }), { on: moto }),
  describeInstances('by id', ({ instance }) => ({ InstanceIds: [instance] }), {
    same: ['Reservations[].Instances[].State.Name', 'Reservations[].Instances[].State.Code', 'Reservations[].Instances[].Placement.AvailabilityZone'],
  }),
  describeInstances('by filters', ({ instance }) => ({
    Filters: [
      { Name: 'instance-id', Values: [instance, absent] },
      { Name: 'tag:forestall:service', Values: ['sh*'] },
      { Name: 'instance-state-name', Values: ['pending', 'running'] },
    ],
  })),
  describeInstances('by filters that nothing passes', () => ({ Filters: [{ Name: 'tag:forestall:service', Values: ['none'] }] })),
  describeInstances('absent', () => ({ InstanceIds: [absent] })),
  describeInstances('in another Region', ({ elsewhere }) => ({ InstanceIds: [elsewhere] })),
  describeInstances('malformed id', () => ({ InstanceIds: ['instance'] })),
  describeInstances('ids and a page size', ({ instance }) => ({ InstanceIds: [instance], MaxResults: 5 }), { on: moto }),
  describeInstances('page size below 5', () => ({ MaxResults: 1 })),
  describeStatus('running', ({ instance }) => ({ InstanceIds: [instance] }), {
    same: ['InstanceStatuses[].InstanceState.Name', 'InstanceStatuses[].InstanceStatus.Status', 'InstanceStatuses[].InstanceStatus.Details[].Name'],
  }),
  describeStatus('absent', () => ({ InstanceIds: [absent] }), { on: moto }),
  describeStatus('malformed id', () => ({ InstanceIds: ['instance'] })),
  createTags('of an instance', ({ instance }) => instance),
  createTags('of an absent instance', () => absent),
  createTags('of an absent snapshot', () => 'snap-0123456789abcdef0', { on: moto }),
  createTags('malformed id', () => 'nonsense', { on: moto }),
  change('Start', 'running', ({ instance }) => [instance]),
  change('Stop', 'running', ({ other }) => [other]),
  describeStatus('stopped', ({ other }) => ({ InstanceIds: [other] })),
  describeStatus('stopped, all instances', ({ other }) => ({ InstanceIds: [other], IncludeAllInstances: true }), {
    on: moto,
    same: ['InstanceStatuses[].InstanceState.Name', 'InstanceStatuses[].InstanceStatus.Status'],
  }),
  change('Stop', 'stopped', ({ other }) => [other]),
  change('Start', 'stopped', ({ other }) => [other]),
  change('Start', 'absent', () => [absent]),
  change('Stop', 'absent', () => [absent]),
  change('Stop', 'one of them absent', ({ instance }) => [instance, absent]),
  change('Terminate', 'absent', () => [absent]),
  change('Terminate', 'malformed id', () => ['instance']),
  change('Terminate', 'running', ({ other }) => [other]),
  change('Terminate', 'terminated', ({ other }) => [other]),
  change('Start', 'terminated', ({ other }) => [other]),
  change('Stop', 'terminated', ({ other }) => [other]),
]);
