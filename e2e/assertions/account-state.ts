// Reads what stands in the customer's account: records, instances, targets, snapshots and the evacuation metric.
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { EC2Client, type Filter, type Instance, paginateDescribeInstances, paginateDescribeSnapshots, type Snapshot } from '@aws-sdk/client-ec2';
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListResourceRecordSetsCommand, type ListResourceRecordSetsCommandOutput, type ResourceRecordSet, Route53Client } from '@aws-sdk/client-route-53';
import { evacuationMetric, ownershipTag } from '../../core/contracts/deployment.ts';
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import type { AnyClient } from '../../rehearsal/cloud/cloud.ts';
import type { AssertionContext } from './context.ts';

/** Whoever has clients of an account: those of the emulator, or the simulated cloud. */
export interface ClientSource {
  client<Client extends AnyClient>(make: new (config: { region: string; maxAttempts: number }) => Client, region: string): Client;
}

export interface InstanceState {
  readonly id: string;
  /** As EC2 names it: `running`, `stopped` ... */
  readonly state: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface SnapshotState {
  readonly id: string;
  readonly state: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RecordState {
  readonly side: SideName;
  readonly type: string;
  readonly weight: number | undefined;
  readonly healthCheckId: string | undefined;
}

export interface AccountState {
  /** When it was read, ms since the epoch. */
  readonly at: number;
  /** One for each type and side; a side without a record is missing. */
  readonly records: readonly RecordState[];
  /** Those of the context, as far as they exist. */
  readonly primaryInstances: readonly InstanceState[];
  /** Everything in the standby's Region that carries the service's tag. */
  readonly mirrors: readonly InstanceState[];
  /** Targets of the standby's group: id -> `healthy`, `initial` ... */
  readonly targets: ReadonlyMap<string, string>;
  /** All of the account's, by Region of the side: whether a copy carries its tags is a matter of the emulator. */
  readonly snapshots: Readonly<Record<SideName, readonly SnapshotState[]>>;
  /** Maximum of the evacuation metric by minute (ms since the epoch), as far back as was asked. */
  readonly evacuated: Readonly<Record<SideName, ReadonlyMap<number, number>>>;
}

const route53Region = 'us-east-1';

/** @param since from when on the evacuation metric is read, ms since the epoch */
export async function readAccount(
  clients: ClientSource,
  { plan, controlRegion, primaryInstances }: Pick<AssertionContext, 'plan' | 'controlRegion' | 'primaryInstances'>,
  since: number,
  now = Date.now(),
): Promise<AccountState> {
  const { primary, standby } = plan.sides;
  const tagged: Filter[] = [{ Name: `tag:${ownershipTag}`, Values: [plan.service] }];
  const evacuated = (side: SideName) => evacuatedMinutes(clients.client(CloudWatchClient, controlRegion), plan.service, side, since, now);
  return {
    at: now,
    records: await readRecords(clients.client(Route53Client, route53Region), plan),
    primaryInstances: (await instances(clients.client(EC2Client, primary.region), [])).filter(({ id }) => primaryInstances.includes(id)),
    mirrors: await instances(clients.client(EC2Client, standby.region), tagged),
    targets: await targets(clients.client(ElasticLoadBalancingV2Client, standby.region), standby.loadBalancer.targetGroupArn),
    snapshots: {
      primary: await snapshots(clients.client(EC2Client, primary.region)),
      standby: await snapshots(clients.client(EC2Client, standby.region)),
    },
    evacuated: { primary: await evacuated('primary'), standby: await evacuated('standby') },
  };
}

async function readRecords(client: Route53Client, { record, sides }: Plan): Promise<RecordState[]> {
  const sets: ResourceRecordSet[] = [];
  let start: { StartRecordName?: string; StartRecordType?: ResourceRecordSet['Type']; StartRecordIdentifier?: string } | undefined = {};
  while (start) {
    const page: ListResourceRecordSetsCommandOutput = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: record.hostedZoneId, ...start }));
    sets.push(...(page.ResourceRecordSets ?? []));
    start =
      page.IsTruncated && page.NextRecordName !== undefined
        ? {
            StartRecordName: page.NextRecordName,
            ...(page.NextRecordType && { StartRecordType: page.NextRecordType }),
            ...(page.NextRecordIdentifier && { StartRecordIdentifier: page.NextRecordIdentifier }),
          }
        : undefined;
  }
  return record.types.flatMap((type) =>
    (['primary', 'standby'] as const).flatMap((side) =>
      sets
        .filter((set) => set.Type === type && set.Name === `${record.name}.` && set.SetIdentifier === sides[side].setIdentifier)
        .map((set) => ({ side, type, weight: set.Weight, healthCheckId: set.HealthCheckId })),
    ),
  );
}

const tagsOf = ({ Tags }: Pick<Instance | Snapshot, 'Tags'>) => Object.fromEntries((Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));

async function instances(client: EC2Client, Filters: Filter[]): Promise<InstanceState[]> {
  const found: InstanceState[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, { Filters }))
    for (const instance of Reservations.flatMap(({ Instances = [] }) => Instances))
      found.push({ id: instance.InstanceId ?? '', state: instance.State?.Name ?? '?', tags: tagsOf(instance) });
  return found;
}

async function snapshots(client: EC2Client): Promise<SnapshotState[]> {
  const found: SnapshotState[] = [];
  for await (const { Snapshots = [] } of paginateDescribeSnapshots({ client }, { OwnerIds: ['self'] }))
    for (const snapshot of Snapshots) found.push({ id: snapshot.SnapshotId ?? '', state: snapshot.State ?? '?', tags: tagsOf(snapshot) });
  return found;
}

async function targets(client: ElasticLoadBalancingV2Client, TargetGroupArn: string): Promise<Map<string, string>> {
  const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return new Map(TargetHealthDescriptions.map(({ Target, TargetHealth }) => [Target?.Id ?? '', TargetHealth?.State ?? '?']));
}

const minute = 60_000;

async function evacuatedMinutes(client: CloudWatchClient, service: string, side: SideName, since: number, now: number): Promise<Map<number, number>> {
  const [serviceName = '', sideName = ''] = evacuationMetric.dimensions;
  const Metric = {
    Namespace: evacuationMetric.namespace,
    MetricName: evacuationMetric.metricName,
    Dimensions: [
      { Name: serviceName, Value: service },
      { Name: sideName, Value: side },
    ],
  };
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries: [{ Id: 'evacuated', MetricStat: { Metric, Period: 60, Stat: 'Maximum' }, ReturnData: true }],
      StartTime: new Date(Math.floor(since / minute) * minute),
      EndTime: new Date(Math.ceil(now / minute) * minute),
    }),
  );
  const minutes = new Map<number, number>();
  for (const { Timestamps = [], Values = [] } of MetricDataResults)
    for (const [index, timestamp] of Timestamps.entries()) minutes.set(Math.floor(timestamp.getTime() / minute) * minute, Values[index] ?? Number.NaN);
  return minutes;
}
