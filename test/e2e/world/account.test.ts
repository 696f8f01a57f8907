// The account of a service: what is made is what the plan names, and the plan's text says the same as the plan.
import { CreateLaunchTemplateCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ChangeResourceRecordSetsCommand, CreateHealthCheckCommand, CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Plan } from '../../../core/contracts/plan.ts';
import { AccountError, makeAccount } from '../../../e2e/world/account.ts';
import { EmulatorClients } from '../../../e2e/world/clients.ts';
import { parts } from './plan.ts';

const ec2 = mockClient(EC2Client);
const balancing = mockClient(ElasticLoadBalancingV2Client);
const route53 = mockClient(Route53Client);
const options = { clients: new EmulatorClients('http://127.0.0.1:9'), service: 'gray-shop', origins: parts.origins, kmsKeyArn: parts.kmsKeyArn };

function emulate(): void {
  let checks = 0;
  route53.on(CreateHostedZoneCommand).resolves({ HostedZone: { Id: '/hostedzone/ZABCDEFGHIJKLM', Name: '', CallerReference: '' } });
  route53.on(CreateHealthCheckCommand).callsFake(() => ({ HealthCheck: { Id: `check-${checks++}` } }));
  route53.on(ChangeResourceRecordSetsCommand).resolves({});
  balancing.on(CreateLoadBalancerCommand).callsFake(({ Name }) => ({
    LoadBalancers: [{ LoadBalancerArn: `arn:aws:elasticloadbalancing:eu-west-1:000000000000:loadbalancer/app/${Name}/zz34567890123456` }],
  }));
  balancing.on(CreateTargetGroupCommand).callsFake(({ Name }) => ({
    TargetGroups: [
      {
        TargetGroupArn: `arn:aws:elasticloadbalancing:${Name.endsWith('primary') ? 'eu-west-1' : 'eu-central-1'}:000000000000:targetgroup/${Name}/zz34567890123456`,
      },
    ],
  }));
  balancing.on(RegisterTargetsCommand).resolves({});
  ec2.on(CreateLaunchTemplateCommand).resolves({ LaunchTemplate: { LaunchTemplateId: 'lt-0a1b2c3d4e5f60718' } });
  ec2.on(RunInstancesCommand).resolves({ Instances: [{ InstanceId: 'i-00000000000000001' }, { InstanceId: 'i-00000000000000002' }] });
}

afterEach(() => {
  for (const mock of [ec2, balancing, route53]) mock.reset();
});

describe('makeAccount', () => {
  it('makes what the plan names', async () => {
    emulate();
    const { plan, yaml, primaryInstances, checks } = await makeAccount(options);
    expect(Plan.parse(parse(yaml))).toEqual(plan);
    expect(plan.service).toBe('gray-shop');
    expect(plan.record).toMatchObject({ hostedZoneId: 'ZABCDEFGHIJKLM', name: 'www.gray-shop.example.com' });
    expect(plan.sides.primary.endpoint.url).toBe(`${parts.origins.primary}/health`);
    expect(plan.sides.primary.loadBalancer.dimension).toMatch(/^app\/gray-shop-primary\/[0-9a-f]{16}$/);
    expect(plan.sides.standby.launchTemplate.id).toBe('lt-0a1b2c3d4e5f60718');
    expect(primaryInstances).toEqual(['i-00000000000000001', 'i-00000000000000002']);

    const [instances] = ec2.commandCalls(RunInstancesCommand);
    expect(instances?.args[0].input.TagSpecifications?.[0]?.Tags).toEqual([
      { Key: 'service', Value: 'gray-shop' },
      { Key: 'side', Value: 'primary' },
    ]);
    const [registered] = balancing.commandCalls(RegisterTargetsCommand);
    expect(registered?.args[0].input).toEqual({
      TargetGroupArn: plan.sides.primary.loadBalancer.targetGroupArn,
      Targets: primaryInstances.map((Id) => ({ Id })),
    });
    const [change] = route53.commandCalls(ChangeResourceRecordSetsCommand);
    const records = change?.args[0].input.ChangeBatch?.Changes?.map(({ ResourceRecordSet: set }) => [set?.SetIdentifier, set?.Weight, set?.HealthCheckId]);
    expect(records).toEqual([
      ['primary', 100, checks.primary.calculated],
      ['standby', 0, checks.standby.calculated],
    ]);
    const configs = route53.commandCalls(CreateHealthCheckCommand).map(({ args }) => args[0].input.HealthCheckConfig);
    expect(configs.map((config) => config?.Type)).toEqual(['HTTP', 'CLOUDWATCH_METRIC', 'CALCULATED', 'HTTP', 'CLOUDWATCH_METRIC', 'CALCULATED']);
    expect(configs[1]?.AlarmIdentifier).toEqual({ Region: 'eu-central-1', Name: 'forestall-gray-shop-primary-evacuated' });
    expect(configs[2]?.ChildHealthChecks).toEqual([checks.primary.endpoint, checks.primary.evacuation]);
    expect(configs[3]).toMatchObject({ FullyQualifiedDomainName: '127.0.0.1', Port: 4002, ResourcePath: '/health' });
  });

  it('says what the emulator did not make', async () => {
    emulate();
    ec2.on(CreateLaunchTemplateCommand).resolves({});
    await expect(makeAccount(options)).rejects.toThrow(new AccountError('the emulator made no launch template'));
  });
});
