// What the world sees of the emulator: a picture taken through the public API, and metrics that are on their way to it.
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { EC2Client, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetHealthCheckCommand, type HealthCheck, ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { evacuationMetric, ownershipTag } from '../../core/contracts/deployment.ts';
import { controlRegionOf, type Plan, type SideName } from '../../core/contracts/plan.ts';
import { type Clients, route53Region } from '../../rehearsal/arms/account.ts';
import type { CloudView, SeenInstance } from '../../rehearsal/arms/cloud-view.ts';
import type { EffectiveRecord, HealthCheckView, InstanceState, Physical } from '../../rehearsal/cloud/cloud.ts';
import { minute } from '../../rehearsal/world/faults.ts';
import type { Datum } from '../../rehearsal/world/telemetry.ts';
import { sideNames } from '../../rehearsal/world/world.ts';
import { MetricSender } from './metric-sender.ts';

type Points = readonly { readonly timestamp: number; readonly value: number }[];

interface Picture {
  readonly records: readonly EffectiveRecord[];
  readonly checks: readonly HealthCheckView[];
  readonly evacuated: Readonly<Record<SideName, Points>>;
  readonly targets: Readonly<Record<SideName, readonly { readonly instanceId: string; readonly state: string }[]>>;
  /** The primary's, and those that Forestall started for the standby. */
  readonly instances: Readonly<Record<SideName, ReadonlyMap<string, SeenInstance>>>;
}

/** The newest values of the evacuation metric are looked for so far back. ms */
const evacuationWindow = 10 * minute;

/** Answers from the last picture; `refresh` takes a new one. One for each service: it sees that service's things alone. */
export class EmulatedCloud implements CloudView {
  readonly #plan: Plan;
  readonly #clients: Clients;
  readonly #sender: MetricSender;
  #picture: Picture;

  /** With a first picture. Throws what the calls throw. */
  static async of(plan: Plan, clients: Clients, now: number): Promise<EmulatedCloud> {
    const cloud = new EmulatedCloud(plan, clients);
    await cloud.refresh(now);
    return cloud;
  }

  private constructor(plan: Plan, clients: Clients) {
    this.#plan = plan;
    this.#clients = clients;
    this.#sender = new MetricSender(clients);
    const none = { primary: [], standby: [] };
    this.#picture = { records: [], checks: [], evacuated: none, targets: none, instances: { primary: new Map(), standby: new Map() } };
  }

  /** Takes a new picture. `now`: ms. When a call fails, it throws and the old one stands. */
  async refresh(now: number): Promise<void> {
    const [[records, checks], evacuated, targets, instances] = await Promise.all([
      this.#readRecords().then(async (found) => [found, await this.#readChecks(found)] as const),
      this.#readEvacuated(now),
      this.#bySide((side) => this.#readTargets(side)),
      this.#bySide((side) => this.#readInstances(side, now)),
    ]);
    this.#picture = { records, checks, evacuated, targets, instances };
  }

  /** Sends what `putMetric` was given since. What could not be sent is kept for the next time; throws what the call threw. */
  async send(): Promise<void> {
    await this.#sender.send();
  }

  putMetric(datum: Datum): void {
    this.#sender.add(datum);
  }

  effectiveRecords(): readonly EffectiveRecord[] {
    return this.#picture.records;
  }

  healthChecks(): readonly HealthCheckView[] {
    return this.#picture.checks;
  }

  /** Of the evacuation metric alone: the world reads no other. */
  metric({ metricName, dimensions, from, to }: Parameters<Physical['metric']>[0]): Points {
    const side = sideNames.find((name) => dimensions[evacuationMetric.dimensions[1]] === name);
    if (metricName !== evacuationMetric.metricName || side === undefined) throw new Error(`the world does not read ${metricName} back from the emulator`);
    return this.#picture.evacuated[side].filter(({ timestamp }) => timestamp >= from && timestamp < to);
  }

  targets(targetGroupArn: string): readonly { readonly instanceId: string; readonly state: string }[] {
    const side = sideNames.find((name) => this.#plan.sides[name].loadBalancer.targetGroupArn === targetGroupArn);
    if (side === undefined) throw new Error(`${targetGroupArn} is not one of the service's target groups`);
    return this.#picture.targets[side];
  }

  healthyTargets(targetGroupArn: string): readonly string[] {
    return this.targets(targetGroupArn).flatMap(({ instanceId, state }) => (state === 'healthy' ? [instanceId] : []));
  }

  instances(region: string): readonly SeenInstance[] {
    return sideNames.flatMap((side) => (this.#plan.sides[side].region === region ? [...this.#picture.instances[side].values()] : []));
  }

  instance(instanceId: string): SeenInstance | undefined {
    return this.#picture.instances.primary.get(instanceId) ?? this.#picture.instances.standby.get(instanceId);
  }

  async #bySide<Value>(read: (side: SideName) => Promise<Value>): Promise<Record<SideName, Value>> {
    const [primary, standby] = await Promise.all([read('primary'), read('standby')]);
    return { primary, standby };
  }

  async #readRecords(): Promise<EffectiveRecord[]> {
    const { hostedZoneId, name } = this.#plan.record;
    const { ResourceRecordSets } = await this.#clients
      .client(Route53Client, route53Region)
      .send(new ListResourceRecordSetsCommand({ HostedZoneId: hostedZoneId, StartRecordName: name }));
    return (ResourceRecordSets ?? [])
      .filter((set) => set.Name === `${name}.`)
      .map((set) => ({
        name,
        type: set.Type ?? '',
        setIdentifier: set.SetIdentifier,
        weight: set.Weight,
        ttlSeconds: set.TTL,
        healthCheckId: set.HealthCheckId,
        values: (set.ResourceRecords ?? []).flatMap(({ Value }) => Value ?? []),
      }));
  }

  /** The records' health checks and their children. Nobody changes them during a test: each is read once. */
  async #readChecks(records: readonly EffectiveRecord[]): Promise<readonly HealthCheckView[]> {
    const client = this.#clients.client(Route53Client, route53Region);
    const found = new Map(this.#picture.checks.map((view) => [view.id, view]));
    const wanted = records.flatMap(({ healthCheckId }) => healthCheckId ?? []);
    for (let id = wanted.pop(); id !== undefined; id = wanted.pop()) {
      if (found.has(id)) continue;
      const { HealthCheck } = await client.send(new GetHealthCheckCommand({ HealthCheckId: id }));
      if (HealthCheck === undefined) throw new Error(`there is no health check ${id}`);
      const view = viewOfCheck(HealthCheck);
      found.set(id, view);
      wanted.push(...view.children);
    }
    return [...found.values()];
  }

  async #readEvacuated(now: number): Promise<Record<SideName, Points>> {
    const [serviceDimension, sideDimension] = evacuationMetric.dimensions;
    const { MetricDataResults } = await this.#clients.client(CloudWatchClient, controlRegionOf(this.#plan)).send(
      new GetMetricDataCommand({
        MetricDataQueries: sideNames.map((side) => ({
          Id: side,
          MetricStat: {
            Metric: {
              Namespace: evacuationMetric.namespace,
              MetricName: evacuationMetric.metricName,
              Dimensions: [
                { Name: serviceDimension, Value: this.#plan.service },
                { Name: sideDimension, Value: side },
              ],
            },
            Period: 60,
            Stat: 'Maximum',
          },
        })),
        StartTime: new Date(now - evacuationWindow),
        EndTime: new Date(now + minute),
        ScanBy: 'TimestampAscending',
      }),
    );
    const of = (side: SideName): Points => {
      const result = MetricDataResults?.find(({ Id }) => Id === side);
      return (result?.Timestamps ?? []).flatMap((timestamp, index) => {
        const value = result?.Values?.[index];
        return value === undefined ? [] : [{ timestamp: timestamp.getTime(), value }];
      });
    };
    return { primary: of('primary'), standby: of('standby') };
  }

  async #readTargets(side: SideName): Promise<{ instanceId: string; state: string }[]> {
    const { region, loadBalancer } = this.#plan.sides[side];
    const { TargetHealthDescriptions } = await this.#clients
      .client(ElasticLoadBalancingV2Client, region)
      .send(new DescribeTargetHealthCommand({ TargetGroupArn: loadBalancer.targetGroupArn }));
    return (TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => ({ instanceId: Target?.Id ?? '', state: TargetHealth?.State ?? 'unused' }));
  }

  async #readInstances(side: SideName, now: number): Promise<ReadonlyMap<string, SeenInstance>> {
    const { service, sides } = this.#plan;
    const tag = side === 'primary' ? { Name: 'tag:service', Values: [service] } : { Name: `tag:${ownershipTag}`, Values: [service] };
    const before = this.#picture.instances[side];
    const seen = new Map<string, SeenInstance>();
    for await (const page of paginateDescribeInstances({ client: this.#clients.client(EC2Client, sides[side].region) }, { Filters: [tag] }))
      for (const { InstanceId, State } of (page.Reservations ?? []).flatMap(({ Instances }) => Instances ?? [])) {
        if (InstanceId === undefined) continue;
        const state = (State?.Name ?? 'terminated') as InstanceState;
        const known = before.get(InstanceId);
        seen.set(InstanceId, { instanceId: InstanceId, state, since: known?.state === state ? known.since : now });
      }
    return seen;
  }
}

function viewOfCheck({ Id, HealthCheckConfig: config }: HealthCheck): HealthCheckView {
  const { Type = 'CALCULATED', FullyQualifiedDomainName, Port, ResourcePath = '/', AlarmIdentifier } = config ?? {};
  const protocol = Type.startsWith('HTTPS') ? 'https' : 'http';
  return {
    id: Id ?? '',
    type: Type,
    url: FullyQualifiedDomainName === undefined ? undefined : `${protocol}://${FullyQualifiedDomainName}:${Port}${ResourcePath}`,
    requestIntervalSeconds: config?.RequestInterval ?? 30,
    failureThreshold: config?.FailureThreshold ?? 3,
    children: config?.ChildHealthChecks ?? [],
    healthThreshold: config?.HealthThreshold ?? 0,
    alarm: AlarmIdentifier && { name: AlarmIdentifier.Name ?? '', region: AlarmIdentifier.Region ?? '' },
    insufficientData: config?.InsufficientDataHealthStatus,
    inverted: config?.Inverted ?? false,
    disabled: config?.Disabled ?? false,
  };
}
