// The account as it is before Forestall is deployed: what a plan names, made through the public API wherever that can make it.
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { ElasticLoadBalancingV2Client, RegisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ChangeResourceRecordSetsCommand, CreateHealthCheckCommand, type HealthCheckConfig, Route53Client, type RRType } from '@aws-sdk/client-route-53';
import { endpointCheck, evacuationAlarmName, evacuationMetric } from '../../core/contracts/deployment.ts';
import { controlRegionOf, type Plan, type SideName } from '../../core/contracts/plan.ts';
import type { SimulatedCloud } from '../cloud/cloud.ts';
import { sideNames } from '../world/world.ts';
import { addDriverTargets } from './driver-targets.ts';

/** Route 53 is one service for all Regions. */
export const route53Region = 'us-east-1';

/** Makes SDK clients of the account. */
export type Clients = Pick<SimulatedCloud, 'client'>;

export interface SideChecks {
  readonly endpoint: string;
  readonly evacuation: string;
  readonly calculated: string;
}

export interface Account {
  /** The primary's instances; a host's index is its place here. */
  readonly primaryInstances: readonly string[];
  readonly checks: Readonly<Record<SideName, SideChecks>>;
}

/** Makes hosted zone, records with calculated checks, instances, target groups, launch template and key. */
export async function buildAccount(cloud: SimulatedCloud, plan: Plan): Promise<Account> {
  const { physical } = cloud;
  const { primary, standby } = plan.sides;
  physical.addHostedZone({ id: plan.record.hostedZoneId, name: plan.record.name.replace(/^[^.]+\./, '') });
  physical.addKey(standby.kmsKeyArn);
  physical.addTargetGroup({ arn: primary.loadBalancer.targetGroupArn });
  physical.addTargetGroup({ arn: standby.loadBalancer.targetGroupArn });
  physical.addLaunchTemplate({ region: standby.region, id: standby.launchTemplate.id, zone: standby.zone });

  if (primary.launchTemplate) physical.addLaunchTemplate({ region: primary.region, id: primary.launchTemplate.id, zone: primary.zone });
  addDriverTargets(physical, plan);

  const primaryInstances = addPrimaryInstances(cloud, plan);
  await cloud.client(ElasticLoadBalancingV2Client, primary.region).send(
    new RegisterTargetsCommand({
      TargetGroupArn: primary.loadBalancer.targetGroupArn,
      Targets: primaryInstances.map((Id) => ({ Id })),
    }),
  );
  for (const side of sideNames) await addAlarm(cloud, plan, side);
  const checks = { primary: await addChecks(cloud, plan, 'primary'), standby: await addChecks(cloud, plan, 'standby') };
  await addRecords(cloud, plan, checks);
  return { primaryInstances, checks };
}

/** As many as the plan says: those named by id, the others with the tags of the selectors. */
function addPrimaryInstances({ physical }: SimulatedCloud, plan: Plan): string[] {
  const { region, zone, instances, resources } = plan.sides.primary;
  const byId = [...new Set(resources.flatMap(({ ids }) => ids ?? []))].map((instanceId) => physical.addInstance({ region, zone, instanceId }));
  const tagged = resources.flatMap(({ tags }) => (tags === undefined ? [] : [tags]));
  const missing = Math.max(0, instances - byId.length);
  const others = Array.from({ length: tagged.length === 0 ? missing : Math.max(missing, tagged.length) }, (_, index) => {
    const tags = tagged[index % Math.max(1, tagged.length)];
    return physical.addInstance({ region, zone, ...(tags && { tags }) });
  });
  return [...byId, ...others];
}

/** The alarm that is deployed with Forestall. */
async function addAlarm(clients: Clients, plan: Plan, side: SideName): Promise<void> {
  const [serviceDimension, sideDimension] = evacuationMetric.dimensions;
  await clients.client(CloudWatchClient, controlRegionOf(plan)).send(
    new PutMetricAlarmCommand({
      AlarmName: evacuationAlarmName(plan.service, side),
      Namespace: evacuationMetric.namespace,
      MetricName: evacuationMetric.metricName,
      Dimensions: [
        { Name: serviceDimension, Value: plan.service },
        { Name: sideDimension, Value: side },
      ],
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    }),
  );
}

/** The calculated check of a side: its endpoint, and the alarm that says that it is evacuated. */
export async function addChecks(clients: Clients, plan: Plan, side: SideName): Promise<SideChecks> {
  const url = new URL(plan.sides[side].endpoint.url);
  const create = async (what: string, HealthCheckConfig: HealthCheckConfig) => {
    const { HealthCheck } = await clients
      .client(Route53Client, route53Region)
      .send(new CreateHealthCheckCommand({ CallerReference: `${plan.service}-${side}-${what}`, HealthCheckConfig }));
    if (HealthCheck?.Id === undefined) throw new Error(`the cloud made no ${what} check for the ${side}`);
    return HealthCheck.Id;
  };
  const endpoint = await create('endpoint', {
    Type: url.protocol === 'https:' ? 'HTTPS' : 'HTTP',
    FullyQualifiedDomainName: url.hostname,
    Port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    ResourcePath: url.pathname + url.search,
    RequestInterval: endpointCheck.intervalSeconds,
    FailureThreshold: endpointCheck.failureThreshold,
  });
  const evacuation = await create('evacuation', {
    Type: 'CLOUDWATCH_METRIC',
    AlarmIdentifier: { Region: controlRegionOf(plan) as never, Name: evacuationAlarmName(plan.service, side) },
    InsufficientDataHealthStatus: 'LastKnownStatus',
  });
  const calculated = await create('calculated', { Type: 'CALCULATED', ChildHealthChecks: [endpoint, evacuation], HealthThreshold: 2 });
  return { endpoint, evacuation, calculated };
}

const addresses: Readonly<Record<Plan['record']['types'][number], Readonly<Record<SideName, string>>>> = {
  A: { primary: '192.0.2.10', standby: '198.51.100.10' },
  AAAA: { primary: '2001:db8:1::10', standby: '2001:db8:2::10' },
  CNAME: { primary: 'primary.example.net', standby: 'standby.example.net' },
};

/** One weighted record per type and side, all traffic to the primary. */
export async function addRecords(clients: Clients, plan: Plan, checks: Account['checks']): Promise<void> {
  await clients.client(Route53Client, route53Region).send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: plan.record.hostedZoneId,
      ChangeBatch: {
        Changes: plan.record.types.flatMap((type) =>
          sideNames.map((side) => ({
            Action: 'CREATE' as const,
            ResourceRecordSet: {
              Name: plan.record.name,
              Type: type satisfies RRType,
              SetIdentifier: plan.sides[side].setIdentifier,
              Weight: side === 'primary' ? 100 : 0,
              TTL: plan.record.ttlSeconds,
              HealthCheckId: checks[side].calculated,
              ResourceRecords: [{ Value: addresses[type][side] }],
            },
          })),
        ),
      },
    }),
  );
}
