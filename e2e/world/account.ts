// The account of one service on the emulator, made through the public API, and the plan that names what was made.
import { createHash } from 'node:crypto';
import { CreateLaunchTemplateCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { stringify } from 'yaml';
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import { type Account, addChecks, addRecords, type Clients, route53Region } from '../../rehearsal/arms/account.ts';
import { instancesPerSide, planInput, planOf, regions, type ServiceParts, selectorOf } from './plan.ts';

/** The emulator made something and did not say what. */
export class AccountError extends Error {
  override readonly name = 'AccountError';
}

export interface EmulatedAccount extends Account {
  readonly plan: Plan;
  /** The plan as its user would write it, defaults left out. */
  readonly yaml: string;
}

export interface AccountOptions {
  readonly clients: Clients;
  readonly service: string;
  /** Where the sides answer. */
  readonly origins: ServiceParts['origins'];
  /** ARN of a key in the standby's Region. */
  readonly kmsKeyArn: string;
}

/** Makes everything that a plan of the service names. Several services may live in one account. Throws AccountError. */
export async function makeAccount({ clients, service, origins, kmsKeyArn }: AccountOptions): Promise<EmulatedAccount> {
  const hostedZoneId = await addHostedZone(clients, service);
  const primary = await addLoadBalancer(clients, service, 'primary');
  const standby = await addLoadBalancer(clients, service, 'standby');
  const launchTemplateId = await addLaunchTemplate(clients, service);
  const parts: ServiceParts = {
    service,
    hostedZoneId,
    recordName: `www.${service}.example.com`,
    origins,
    loadBalancers: { primary, standby },
    launchTemplateId,
    kmsKeyArn,
  };
  const plan = planOf(parts);
  const primaryInstances = await addInstances(clients, service);
  await clients
    .client(ElasticLoadBalancingV2Client, regions.primary)
    .send(new RegisterTargetsCommand({ TargetGroupArn: primary.targetGroupArn, Targets: primaryInstances.map((Id) => ({ Id })) }));
  const checks = { primary: await addChecks(clients, plan, 'primary'), standby: await addChecks(clients, plan, 'standby') };
  await addRecords(clients, plan, checks);
  return { primaryInstances, checks, plan, yaml: stringify(planInput(parts), { aliasDuplicateObjects: false }) };
}

async function addHostedZone(clients: Clients, service: string): Promise<string> {
  const { HostedZone } = await clients
    .client(Route53Client, route53Region)
    .send(new CreateHostedZoneCommand({ Name: `${service}.example.com`, CallerReference: `e2e-${service}` }));
  return made(HostedZone?.Id, 'hosted zone').replace('/hostedzone/', '');
}

async function addLoadBalancer(clients: Clients, service: string, side: SideName): Promise<ServiceParts['loadBalancers']['primary']> {
  const client = clients.client(ElasticLoadBalancingV2Client, regions[side]);
  const name = `${service}-${side}`;
  const { LoadBalancers } = await client.send(new CreateLoadBalancerCommand({ Name: name, Type: 'application' }));
  const { TargetGroups } = await client.send(new CreateTargetGroupCommand({ Name: name, Protocol: 'HTTP', Port: 80, TargetType: 'instance' }));
  const arn = made(LoadBalancers?.[0]?.LoadBalancerArn, 'load balancer');
  // AWS's ids are hexadecimal, and a plan with others is refused; the emulator's are not. The dimension is a name of metrics, which nothing looks up.
  const id = createHash('sha256').update(arn).digest('hex').slice(0, 16);
  return { dimension: `app/${name}/${id}`, targetGroupArn: made(TargetGroups?.[0]?.TargetGroupArn, 'target group') };
}

async function addLaunchTemplate(clients: Clients, service: string): Promise<string> {
  const { LaunchTemplate } = await clients.client(EC2Client, regions.standby).send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: service,
      LaunchTemplateData: { ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.small' },
    }),
  );
  return made(LaunchTemplate?.LaunchTemplateId, 'launch template');
}

/** With the tags of the plan's selector. Each has a root volume, which can be snapshotted. */
async function addInstances(clients: Clients, service: string): Promise<string[]> {
  const Tags = Object.entries(selectorOf(service)).map(([Key, Value]) => ({ Key, Value }));
  const { Instances } = await clients.client(EC2Client, regions.primary).send(
    new RunInstancesCommand({
      ImageId: 'ami-0123456789abcdef0',
      InstanceType: 't3.small',
      MinCount: instancesPerSide,
      MaxCount: instancesPerSide,
      TagSpecifications: [{ ResourceType: 'instance', Tags }],
    }),
  );
  return (Instances ?? []).map(({ InstanceId }) => made(InstanceId, 'instance'));
}

function made(id: string | undefined, what: string): string {
  if (id === undefined) throw new AccountError(`the emulator made no ${what}`);
  return id;
}
