// The simulated AWS account: all services in all Regions, behind the middleware that answers for them.
import type { Caller, CallInterceptor, CallListener, CallRecord } from './call.ts';
import type { MetricSource } from './cloudwatch.ts';

/** Something with a middleware stack: any SDK client. */
export interface AnyClient {
  readonly middlewareStack: unknown;
  destroy(): void;
}

/** One record as resolvers see it now, with Route 53's propagation applied. */
export interface EffectiveRecord {
  readonly name: string;
  readonly type: string;
  readonly setIdentifier: string | undefined;
  readonly weight: number | undefined;
  readonly ttlSeconds: number | undefined;
  readonly healthCheckId: string | undefined;
  readonly values: readonly string[];
}

/** A health check as it was created. The world's checkers read these and decide the status. */
export interface HealthCheckView {
  readonly id: string;
  readonly type: string;
  /** endpoint checks */
  readonly url: string | undefined;
  readonly requestIntervalSeconds: number;
  readonly failureThreshold: number;
  /** calculated checks */
  readonly children: readonly string[];
  readonly healthThreshold: number;
  /** CLOUDWATCH_METRIC checks */
  readonly alarm: { readonly name: string; readonly region: string } | undefined;
  readonly insufficientData: 'Healthy' | 'Unhealthy' | 'LastKnownStatus' | undefined;
  readonly inverted: boolean;
  readonly disabled: boolean;
}

export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

/** An instance as the hypervisor sees it now. */
export interface InstanceView {
  readonly instanceId: string;
  readonly region: string;
  readonly zone: string;
  readonly state: InstanceState;
  /** Since when it is in this state. */
  readonly since: number;
  readonly launchedAt: number;
  /** State `running` since this moment; undefined when it is not running. */
  readonly runningSince: number | undefined;
  readonly launchTemplateId: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly reachable: boolean;
}

/** A snapshot or copy that has not been deleted. */
export interface SnapshotView {
  readonly snapshotId: string;
  readonly region: string;
  readonly startedAt: number;
  readonly state: 'pending' | 'completed' | 'error';
  readonly copy: boolean;
}

/** A scheduled event of an instance as DescribeInstanceStatus shows it. Times in ms. */
export interface AnnouncedEvent {
  readonly id: string;
  readonly code: string;
  readonly description: string;
  readonly notBefore: number;
  readonly notAfter?: number;
}

/** What exists before the story begins, under the identifiers that a plan names. Omitted identifiers are drawn. */
export interface ExistingInstance {
  readonly region: string;
  readonly zone: string;
  readonly instanceId?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly launchTemplateId?: string;
  /** Sizes of the volumes in GiB, root first. Default: [8]. */
  readonly volumesGiB?: readonly number[];
}

/** A configuration profile in an environment. */
export interface ConfigurationTarget {
  readonly region: string;
  readonly applicationId: string;
  readonly environmentId: string;
  readonly configurationProfileId: string;
}

/**
 * What only the world may do or see: the physical side of the cloud, beside its public API.
 * None of it is counted as a call.
 */
export interface Physical {
  /** Puts a running instance (status checks ok) into the account. Returns its id. */
  addInstance(instance: ExistingInstance): string;
  addLaunchTemplate(template: {
    readonly region: string;
    readonly id: string;
    readonly name?: string;
    readonly zone?: string;
    readonly volumesGiB?: readonly number[];
  }): void;
  addHostedZone(zone: { readonly id: string; readonly name: string }): void;
  addHealthCheck(id: string, config: Readonly<Record<string, unknown>>): void;
  addTargetGroup(group: { readonly arn: string }): void;
  addKey(arn: string): void;
  /** A rule or listener with a weighted forward action: weight by ARN of a target group. */
  addForward(arn: string, weights: Readonly<Record<string, number>>): void;
  addParameter(parameter: { readonly region: string; readonly name: string; readonly value: string }): void;
  /** An environment to which nothing was deployed. */
  addEnvironment(target: Omit<ConfigurationTarget, 'configurationProfileId'>): void;
  /** A configuration version that was deployed, and is complete. */
  addConfiguration(target: ConfigurationTarget & { readonly version: string }): void;
  /** A load balancer that takes part in zonal shifts. */
  enableZonalShift(loadBalancerArn: string): void;
  /** Share (0-1) of its requests that a rule or listener forwards to a target group. */
  forwardShare(arn: string, targetGroupArn: string): number;
  parameter(region: string, name: string): string | undefined;
  /** The version that was deployed last. */
  configuration(target: ConfigurationTarget): string | undefined;
  /** Ids of the zones that the load balancer's traffic is away from now. */
  zonesLeft(loadBalancerArn: string): readonly string[];
  /** Whether the guest answers: status checks become impaired after 2 minutes, targets unhealthy after 30 seconds; and back. */
  setReachable(instanceId: string, reachable: boolean): void;
  /** EC2 announces an event of an instance, or, by the same id, changes or ends it. Times in ms. */
  announce(instanceId: string, event: AnnouncedEvent): void;
  /** The host dies: the instance goes to `stopped` at once. */
  crash(instanceId: string): void;
  instances(region?: string): readonly InstanceView[];
  instance(instanceId: string): InstanceView | undefined;
  /** The instance status check, as DescribeInstanceStatus shows it. */
  instanceStatus(instanceId: string): 'ok' | 'impaired' | 'initializing' | 'not-applicable';
  /** Snapshots and copies that exist. */
  snapshots(region?: string): readonly SnapshotView[];
  /** Instances that the target group sends requests to now (state `healthy`). */
  healthyTargets(targetGroupArn: string): readonly string[];
  /** All registered instances with their health state. */
  targets(targetGroupArn: string): readonly { readonly instanceId: string; readonly state: string }[];
  healthChecks(): readonly HealthCheckView[];
  alarm(region: string, name: string): Readonly<Record<string, unknown>> | undefined;
  /** Values of a metric in [from, to), one per period that has data. Statistic as in GetMetricData. */
  metric(query: {
    readonly region: string;
    readonly namespace: string;
    readonly metricName: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly statistic: string;
    readonly periodSeconds: number;
    readonly from: number;
    readonly to: number;
  }): readonly { readonly timestamp: number; readonly value: number }[];
  /** Same effect as PutMetricData of one datum by the world, without the cost of an SDK call. `values`: every observation of the minute, or its statistics. */
  putMetric(datum: {
    readonly region: string;
    readonly namespace: string;
    readonly metricName: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly timestamp: number;
    readonly values: readonly number[];
    readonly counts?: readonly number[];
  }): void;
  /** Reads of metrics are asked of `source` first. */
  serveMetrics(source: MetricSource): void;
  /** RunInstances and StartInstances in a zone fail with InsufficientInstanceCapacity while false. */
  setCapacity(zone: string, available: boolean): void;
  /** All APIs of a Region (or one service of it) answer with an internal error while true. */
  setOutage(region: string, service: string | undefined, out: boolean): void;
}

export interface SimulatedCloud {
  /** Makes an SDK client be answered by this cloud. The client may be a DynamoDB client too, once the runtime has attached its tables. */
  attach(client: AnyClient, region: string, caller: Caller): void;
  /** A client of the world, already attached; one per service and Region. */
  client<Client extends AnyClient>(make: new (config: { region: string; maxAttempts: number }) => Client, region: string): Client;
  readonly physical: Physical;
  /** Records of a name as resolvers get them now: each change becomes visible when it is INSYNC. */
  effectiveRecords(zoneId: string, name: string): readonly EffectiveRecord[];
  /** Forestall's mutating calls and failed calls, with inputs, in order. Reads are only counted. */
  readonly calls: readonly CallRecord[];
  /** `service:Operation` -> number of Forestall's calls. */
  readonly counts: Readonly<Record<string, number>>;
  /** Messages that Forestall published: SNS. */
  readonly published: readonly { readonly at: number; readonly topicArn: string; readonly subject: string | undefined; readonly message: string }[];
  intercept(interceptor: CallInterceptor): () => void;
  onCall(listener: CallListener): () => void;
}
