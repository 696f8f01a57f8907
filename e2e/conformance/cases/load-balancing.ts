// Elastic Load Balancing: target groups and the health of their targets.
import { EC2Client, RunInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  type DescribeTargetHealthCommandInput,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Case, home, moto, type Stage, suite } from '../case.ts';

interface Kit {
  readonly group: string;
  readonly running: string;
  readonly stopped: string;
}

const absentInstance = 'i-0123456789abcdef0';
const absentGroup = `arn:aws:elasticloadbalancing:${home}:123456789012:targetgroup/absent/0123456789abcdef`;
const client = (stage: Stage) => stage.client(ElasticLoadBalancingV2Client, home);
const group = (stage: Stage, Name: string, more: Partial<CreateTargetGroupCommandInput> = {}) =>
  new CreateTargetGroupCommand({ Name, Protocol: 'HTTP', Port: 80, VpcId: stage.premises.vpcId, TargetType: 'instance', ...more });

async function setUp(stage: Stage): Promise<Kit> {
  const { TargetGroups } = await client(stage).send(group(stage, 'known'));
  const ec2 = stage.client(EC2Client, home);
  const run = async () => {
    const { Instances } = await ec2.send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1, ImageId: stage.premises.imageId, InstanceType: 't3.micro' }));
    return Instances?.[0]?.InstanceId ?? '';
  };
  const [running, stopped] = [await run(), await run()];
  await stage.pass(300);
  await ec2.send(new StopInstancesCommand({ InstanceIds: [stopped] }));
  await stage.pass(300);
  return { group: TargetGroups?.[0]?.TargetGroupArn ?? '', running, stopped };
}

const create = (name: string, given: (stage: Stage) => CreateTargetGroupCommand, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'elasticloadbalancing:CreateTargetGroup',
  name,
  call: (stage) => client(stage).send(given(stage)),
  ...rest,
});
const register = (name: string, id: (kit: Kit) => string, arn = (kit: Kit) => kit.group, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'elasticloadbalancing:RegisterTargets',
  name,
  call: (stage, kit) => client(stage).send(new RegisterTargetsCommand({ TargetGroupArn: arn(kit), Targets: [{ Id: id(kit) }] })),
  ...rest,
});
const deregister = (name: string, id: (kit: Kit) => string, arn = (kit: Kit) => kit.group): Case<Kit> => ({
  operation: 'elasticloadbalancing:DeregisterTargets',
  name,
  call: (stage, kit) => client(stage).send(new DeregisterTargetsCommand({ TargetGroupArn: arn(kit), Targets: [{ Id: id(kit) }] })),
});
const health = (name: string, input: (kit: Kit) => Partial<DescribeTargetHealthCommandInput>, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'elasticloadbalancing:DescribeTargetHealth',
  name,
  async call(stage, kit) {
    await stage.pass(60);
    return client(stage).send(new DescribeTargetHealthCommand({ TargetGroupArn: kit.group, ...input(kit) }));
  },
  ...rest,
});
const state = ['TargetHealthDescriptions[].TargetHealth.State', 'TargetHealthDescriptions[].TargetHealth.Reason', 'TargetHealthDescriptions[].Target.Id'];

export const loadBalancing = suite<Kit>(setUp, [
  create('new', (stage) => group(stage, 'new'), { same: ['TargetGroups[].TargetGroupName', 'TargetGroups[].Port', 'TargetGroups[].TargetType'] }),
  create('the same again', (stage) => group(stage, 'new'), { same: ['TargetGroups[].TargetGroupName'] }),
  create('name in use with other settings', (stage) => group(stage, 'new', { Port: 81 })),
  create('bad name', (stage) => group(stage, 'not_a_name'), { on: moto }),
  create('no network', (stage) => group(stage, 'lost', { VpcId: undefined }), { on: moto }),
  health('of an empty group', () => ({})),
  register('running', ({ running }) => running),
  register('running again', ({ running }) => running),
  health('registered', () => ({}), { on: moto, same: state }),
  health('asked for by id', ({ running }) => ({ Targets: [{ Id: running }] }), { on: moto, same: state }),
  register('absent', () => absentInstance),
  register('stopped', ({ stopped }) => stopped, undefined, { on: moto }),
  register(
    'in an absent group',
    ({ running }) => running,
    () => absentGroup,
  ),
  health('not registered', () => ({ Targets: [{ Id: absentInstance }] }), { same: state }),
  health('of an absent group', () => ({ TargetGroupArn: absentGroup })),
  deregister('registered', ({ running }) => running),
  deregister('not registered', () => absentInstance),
  deregister(
    'from an absent group',
    ({ running }) => running,
    () => absentGroup,
  ),
]);
