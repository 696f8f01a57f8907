// Route 53 and load balancers: ids, health, and how soon a change is everywhere.

import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateHealthCheckCommand,
  CreateHostedZoneCommand,
  GetChangeCommand,
  GetHealthCheckCommand,
  GetHealthCheckStatusCommand,
  type HealthCheckConfig,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { route53Region } from '../../conformance/case.ts';
import { type Lab, needed } from '../lab.ts';
import type { Probe } from '../probe.ts';

/** Health checks are looked at every 10 or 30 seconds on AWS, alarms every 10 or 60. ms */
export const passingTime = 20_000;

async function addCheck(lab: Lab, name: string, HealthCheckConfig: HealthCheckConfig): Promise<string> {
  const { HealthCheck } = await lab
    .client(Route53Client, route53Region)
    .send(new CreateHealthCheckCommand({ CallerReference: `probe-${name}`, HealthCheckConfig }));
  return needed(HealthCheck?.Id, 'a health check');
}

export const routingProbes: readonly Probe[] = [
  {
    id: 'children-of-calculated-checks-lost',
    async look(lab) {
      const child = await addCheck(lab, 'child', { Type: 'HTTP', FullyQualifiedDomainName: 'example.com', Port: 80 });
      const HealthCheckId = await addCheck(lab, 'parent', { Type: 'CALCULATED', ChildHealthChecks: [child], HealthThreshold: 1 });
      const { HealthCheck } = await lab.client(Route53Client, route53Region).send(new GetHealthCheckCommand({ HealthCheckId }));
      return { 'the id of a child': HealthCheck?.HealthCheckConfig?.ChildHealthChecks?.includes(child) !== true };
    },
  },
  {
    id: 'health-checks-not-evaluated',
    async look(lab) {
      const { hostname, port } = new URL(lab.endpoint);
      const HealthCheckId = await addCheck(lab, 'endpoint', {
        Type: 'HTTP',
        IPAddress: hostname,
        Port: Number(port),
        ResourcePath: '/_ministack/health',
        RequestInterval: 10,
      });
      await sleep(passingTime);
      const observed = await lab
        .client(Route53Client, route53Region)
        .send(new GetHealthCheckStatusCommand({ HealthCheckId }))
        .then(
          ({ HealthCheckObservations }) => HealthCheckObservations?.length ?? 0,
          () => 0,
        );
      const now = Date.now();
      const { MetricDataResults } = await lab.client(CloudWatchClient, route53Region).send(
        new GetMetricDataCommand({
          StartTime: new Date(now - 300_000),
          EndTime: new Date(now + 60_000),
          MetricDataQueries: [
            {
              Id: 'status',
              MetricStat: {
                Metric: { Namespace: 'AWS/Route53', MetricName: 'HealthCheckStatus', Dimensions: [{ Name: 'HealthCheckId', Value: HealthCheckId }] },
                Period: 60,
                Stat: 'Minimum',
              },
            },
          ],
        }),
      );
      return { 'no checker observes it': observed === 0, 'no HealthCheckStatus': (MetricDataResults?.[0]?.Values?.length ?? 0) === 0 };
    },
  },
  {
    id: 'changes-in-sync-when-asked-again',
    async look(lab) {
      const client = lab.client(Route53Client, route53Region);
      const { ChangeInfo } = await client.send(new CreateHostedZoneCommand({ Name: 'probe.example.com', CallerReference: 'probe' }));
      const Id = needed(ChangeInfo?.Id, 'a change').replace('/change/', '');
      const ask = async () => (await client.send(new GetChangeCommand({ Id }))).ChangeInfo?.Status;
      const [first, second] = [await ask(), await ask()];
      return { 'PENDING once, then INSYNC': first === 'PENDING' && second === 'INSYNC' };
    },
  },
  {
    id: 'balancer-ids-not-hexadecimal',
    async look(lab) {
      const client = lab.client(ElasticLoadBalancingV2Client);
      const ids = { balancers: [] as string[], groups: [] as string[] };
      const idOf = (arn: string | undefined) => arn?.split('/').at(-1) ?? '';
      // One of them may be hexadecimal by chance.
      for (let number = 0; number < 4; number++) {
        const { LoadBalancers } = await client.send(new CreateLoadBalancerCommand({ Name: `probe-${number}`, Type: 'application' }));
        const { TargetGroups } = await client.send(new CreateTargetGroupCommand({ Name: `probe-${number}`, Protocol: 'HTTP', Port: 80 }));
        ids.balancers.push(idOf(LoadBalancers?.[0]?.LoadBalancerArn));
        ids.groups.push(idOf(TargetGroups?.[0]?.TargetGroupArn));
      }
      const others = (all: readonly string[]) => all.some((id) => !/^[0-9a-f]{16}$/.test(id));
      return { 'load balancers': others(ids.balancers), 'target groups': others(ids.groups) };
    },
  },
  {
    id: 'targets-healthy-at-once',
    async look(lab) {
      const client = lab.client(ElasticLoadBalancingV2Client);
      const { TargetGroups } = await client.send(new CreateTargetGroupCommand({ Name: 'probe-health', Protocol: 'HTTP', Port: 80 }));
      const TargetGroupArn = needed(TargetGroups?.[0]?.TargetGroupArn, 'a target group');
      await client.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: 'i-0123456789abcdef0' }] }));
      const { TargetHealthDescriptions } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return { 'a target just registered': TargetHealthDescriptions?.[0]?.TargetHealth?.State === 'healthy' };
    },
  },
];
