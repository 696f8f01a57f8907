// Puts the simulated services together into one account.

import { AppConfig } from './appconfig.ts';
import { NotSimulatedError } from './call.ts';
import { CallLog } from './call-log.ts';
import type { AnyClient, Physical, SimulatedCloud } from './cloud.ts';
import { CloudWatch } from './cloudwatch.ts';
import type { Draws } from './draw.ts';
import { Ec2 } from './ec2.ts';
import { LoadBalancing } from './elbv2.ts';
import { eventBridge } from './eventbridge.ts';
import { metricKey } from './metric-store.ts';
import { type Answering, attachTo } from './middleware.ts';
import { restAnswerer } from './rest.ts';
import { Route53 } from './route53.ts';
import type { Service } from './service.ts';
import { serviceQuotas } from './service-quotas.ts';
import { type Published, sns } from './sns.ts';
import { type AcceptedMessage, sqs } from './sqs.ts';
import { ParameterStore } from './ssm.ts';
import { type ExecutionEngine, states } from './states.ts';
import { SimulatedZonalShifts } from './zonal-shifts.ts';

export interface AccountOptions {
  readonly draws: Draws;
  readonly now: () => number;
  readonly jitter: () => number;
  readonly regions: readonly string[];
  readonly busy: Answering['busy'];
  readonly buses: readonly string[];
  readonly queueUrls: readonly string[];
  readonly topicArns: readonly string[];
  readonly onEvent: (bus: string, event: { source: string; detailType: string; detail: unknown; region: string; resources: readonly string[] }) => string;
  readonly onMessage: (queueUrl: string, message: AcceptedMessage) => void;
  readonly executions: ExecutionEngine;
  readonly dynamodb: Service;
}

/** An account, and what the runtime needs of it beside the public face. */
export interface Account {
  readonly cloud: SimulatedCloud;
  readonly log: CallLog;
  /** `service:Operation` of everything that it answers to SDK clients; there is none for zonal shifts, and no emulator to compare them with. */
  readonly answers: readonly string[];
  /** Answers requests of services without an SDK client; undefined when the host is not theirs. */
  readonly fetch: (...request: Parameters<typeof fetch>) => Promise<Response> | undefined;
}

/** Creates an empty account. Route 53 and us-east-1 always exist. */
export function createAccount(options: AccountOptions): Account {
  const { draws, now } = options;
  const regions = [...new Set([...options.regions, 'us-east-1'])];
  const log = new CallLog();
  const published: Published[] = [];
  const cloudwatch = new CloudWatch();
  const route53 = new Route53(draws, (region, name) => cloudwatch.alarm(region, name));
  const ec2 = new Ec2(draws);
  const balancing = new LoadBalancing(draws, (id) => ec2.find(id));
  const parameters = new ParameterStore();
  const configuration = new AppConfig();
  const zonalShifts = new SimulatedZonalShifts(draws);
  const services: Record<string, Service> = {
    CloudWatchClient: cloudwatch.service,
    Route53Client: route53.service,
    EC2Client: ec2.service,
    ElasticLoadBalancingV2Client: balancing.service,
    SSMClient: parameters.service,
    AppConfigClient: configuration.service,
    EventBridgeClient: eventBridge(options.buses, options.onEvent),
    SQSClient: sqs(draws, options.queueUrls, options.onMessage),
    ServiceQuotasClient: serviceQuotas,
    SNSClient: sns(draws, options.topicArns, (message) => published.push(message)),
    SFNClient: states(options.executions),
    DynamoDBClient: options.dynamodb,
  };
  const answering: Answering = { log, services, now, jitter: options.jitter, busy: options.busy, maxAttempts: 4 };
  const outages = new Set<string>();
  log.intercept(({ caller, region, service }) => {
    if (caller === 'world' || (!outages.has(`${region}/`) && !outages.has(`${region}/${service}`))) return undefined;
    return Object.assign(new Error(`${service} in ${region} is not available`), {
      name: 'ServiceUnavailable',
      $fault: 'server',
      $metadata: { httpStatusCode: 503 },
    });
  });
  const attach: SimulatedCloud['attach'] = (client, region, caller) => {
    if (!regions.includes(region)) throw log.fatal(new NotSimulatedError(`Region ${region} is not part of this rehearsal (${regions.join(', ')})`));
    attachTo(answering, client, region, caller);
  };
  const clients = new Map<string, AnyClient>();
  const cloud: SimulatedCloud = {
    attach,
    client<Client extends AnyClient>(make: new (config: { region: string; maxAttempts: number }) => Client, region: string): Client {
      const key = `${make.name}/${region}`;
      const known = clients.get(key);
      if (known) return known as Client;
      const client = new make({ region, maxAttempts: 1 });
      attach(client, region, 'world');
      clients.set(key, client);
      return client;
    },
    physical: physicalOf({ cloudwatch, route53, ec2, balancing, parameters, configuration, zonalShifts, now, outages }),
    effectiveRecords: (zoneId, name) => route53.effectiveRecords(zoneId, name, now()),
    calls: log.calls,
    counts: log.counts,
    published,
    intercept: (interceptor) => log.intercept(interceptor),
    onCall: (listener) => log.onCall(listener),
  };
  const answers = Object.values(services).flatMap(({ name, operations }) => Object.keys(operations).map((operation) => `${name}:${operation}`));
  return { cloud, log, answers, fetch: restAnswerer(answering, zonalShifts.service) };
}

interface Parts {
  readonly cloudwatch: CloudWatch;
  readonly route53: Route53;
  readonly ec2: Ec2;
  readonly balancing: LoadBalancing;
  readonly parameters: ParameterStore;
  readonly configuration: AppConfig;
  readonly zonalShifts: SimulatedZonalShifts;
  readonly now: () => number;
  readonly outages: Set<string>;
}

function physicalOf({ cloudwatch, route53, ec2, balancing, parameters, configuration, zonalShifts, now, outages }: Parts): Physical {
  const instanceOf = (id: string) => {
    const instance = ec2.find(id);
    if (!instance) throw new Error(`the world names the instance ${id}, which does not exist`);
    return instance;
  };
  return {
    addInstance: (instance) => ec2.addInstance(instance, now()).launch.instanceId,
    addLaunchTemplate: ({ id, region, name = id, zone, volumesGiB = [8] }) =>
      ec2.addTemplate({ id, region, name, zone, volumesGiB, instanceType: 'm7g.large' }),
    addHostedZone: ({ id, name }) => route53.addZone(id, name),
    addHealthCheck: (id, config) => {
      route53.healthChecks.add(id, config as never, id);
    },
    addTargetGroup: ({ arn }) => balancing.addGroup(arn),
    addForward: (arn, weights) =>
      balancing.forwarding.add(arn, [
        { Type: 'forward', Order: 1, ForwardConfig: { TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })) } },
      ]),
    addParameter: ({ region, name, value }) => parameters.add(region, name, value, now()),
    addEnvironment: (target) => configuration.addEnvironment(target),
    addConfiguration: (target) => configuration.add(target, now()),
    enableZonalShift: (arn) => zonalShifts.enable(arn),
    forwardShare: (arn, targetGroupArn) => balancing.forwarding.share(arn, targetGroupArn),
    parameter: (region, name) => parameters.value(region, name),
    configuration: (target) => configuration.version(target),
    zonesLeft: (arn) => zonalShifts.awayFrom(arn, now()),
    addKey: (arn) => ec2.snapshots.addKey(arn),
    setReachable: (instanceId, reachable) => instanceOf(instanceId).setReachable(now(), reachable),
    announce: (instanceId, event) => {
      instanceOf(instanceId).announced.set(event.id, event);
    },
    crash: (instanceId) => instanceOf(instanceId).crash(now()),
    instances: (region) => ec2.views(now(), region),
    instance: (instanceId) => ec2.find(instanceId)?.view(now()),
    instanceStatus: (instanceId) => instanceOf(instanceId).status(now()),
    snapshots: (region) => ec2.snapshots.views(now(), region),
    healthyTargets: (arn) =>
      balancing
        .targets(arn, now())
        .filter(({ state }) => state === 'healthy')
        .map(({ instanceId }) => instanceId),
    targets: (arn) => balancing.targets(arn, now()),
    healthChecks: () => route53.healthChecks.views(),
    alarm: (region, name) => cloudwatch.alarm(region, name) as Readonly<Record<string, unknown>> | undefined,
    metric: ({ region, namespace, metricName, dimensions, statistic, periodSeconds, from, to }) =>
      cloudwatch.metrics(region).read(metricKey(namespace, metricName, dimensions), statistic, periodSeconds, from, to),
    putMetric: ({ region, namespace, metricName, dimensions, timestamp, values, counts }) =>
      cloudwatch.metrics(region).put(metricKey(namespace, metricName, dimensions), timestamp, { values, counts }),
    serveMetrics: (source) => {
      cloudwatch.source = source;
    },
    setCapacity: (zone, available) => ec2.setCapacity(zone, available),
    setOutage: (region, service, out) => {
      if (out) outages.add(`${region}/${service ?? ''}`);
      else outages.delete(`${region}/${service ?? ''}`);
    },
  };
}
