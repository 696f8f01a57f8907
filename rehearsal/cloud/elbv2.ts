// Elastic Load Balancing v2 of every Region: target groups of instances and the health of their targets.
import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { NotSimulatedError } from './call.ts';
import type { Draws } from './draw.ts';
import { Forwarding } from './elbv2-forwarding.ts';
import { faultsOf } from './fault.ts';
import type { Instance } from './instance.ts';
import { type CallContext, mutates, reads, type Service } from './service.ts';

const fault = faultsOf(sdk, 'ElasticLoadBalancingV2ServiceException');
const drainingMs = 300_000;
const unhealthyAfterMs = 30_000;

interface Registration {
  readonly port: number;
  readonly registeredAt: number;
  readonly healthyAfterMs: number;
  deregisteredAt: number | undefined;
}
interface TargetGroup {
  readonly arn: string;
  readonly region: string;
  readonly port: number;
  /** What it was created with, to tell a repeated request from another one. */
  readonly request: string | undefined;
  readonly targets: Map<string, Registration>;
}
type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unused';

const reasons: Readonly<Record<TargetState, { readonly Reason?: sdk.TargetHealthReasonEnum; readonly Description?: string }>> = {
  healthy: {},
  initial: { Reason: 'Elb.InitialHealthChecking', Description: 'Initial health checks in progress' },
  unhealthy: { Reason: 'Target.Timeout', Description: 'Request timed out' },
  draining: { Reason: 'Target.DeregistrationInProgress', Description: 'Target deregistration is in progress' },
  unused: { Reason: 'Target.InvalidState', Description: 'Target is in the stopped state' },
};

/** Load balancing of one account. */
export class LoadBalancing {
  readonly #draws: Draws;
  readonly #instance: (id: string) => Instance | undefined;
  readonly #groups = new Map<string, TargetGroup>();
  readonly forwarding = new Forwarding();

  constructor(draws: Draws, instance: (id: string) => Instance | undefined) {
    this.#draws = draws;
    this.#instance = instance;
  }

  readonly service: Service = {
    name: 'elasticloadbalancing',
    operations: {
      CreateTargetGroup: mutates((input: sdk.CreateTargetGroupCommandInput, context) => this.#create(input, context)),
      RegisterTargets: mutates((input: sdk.RegisterTargetsCommandInput, context) => this.#register(input, context)),
      DeregisterTargets: mutates((input: sdk.DeregisterTargetsCommandInput, context) => this.#deregister(input, context)),
      DescribeTargetHealth: reads((input: sdk.DescribeTargetHealthCommandInput, context) => this.#describe(input, context)),
      ...this.forwarding.operations,
    },
  };

  addGroup(arn: string, port = 80, request?: string): void {
    this.#groups.set(arn, { arn, region: arn.split(':')[3] ?? '', port, request, targets: new Map() });
  }

  /** Registered instances and their state; draining and unused ones too. */
  targets(arn: string, at: number): { instanceId: string; state: TargetState }[] {
    const group = this.#groups.get(arn);
    if (!group) return [];
    return [...group.targets].map(([instanceId, registration]) => ({ instanceId, state: this.#state(instanceId, registration, at) }));
  }

  #group(arn: string | undefined, region: string): TargetGroup {
    const group = this.#groups.get(arn ?? '');
    if (group?.region !== region) throw fault('TargetGroupNotFoundException', `Target groups '${arn}' not found`);
    return group;
  }

  #state(instanceId: string, { registeredAt, healthyAfterMs, deregisteredAt }: Registration, at: number): TargetState {
    const instance = this.#instance(instanceId);
    if (deregisteredAt !== undefined) return 'draining';
    if (!instance || instance.runningSince(at) === undefined) return 'unused';
    const silent = instance.silentSince(at);
    if (silent !== undefined) {
      // Until enough checks have failed the target still counts as what it was before.
      const wasHealthy = silent - registeredAt >= healthyAfterMs && silent - (instance.runningSince(at) ?? silent) >= healthyAfterMs;
      if (at - silent < unhealthyAfterMs) return wasHealthy ? 'healthy' : 'initial';
      return 'unhealthy';
    }
    const answering = Math.max(registeredAt, instance.answeringSince(at) ?? at);
    if (at - answering >= healthyAfterMs) return 'healthy';
    return answering > Math.max(registeredAt, instance.runningSince(at) ?? 0) ? 'unhealthy' : 'initial';
  }

  #create(input: sdk.CreateTargetGroupCommandInput, { region }: CallContext): object {
    const { Name = '', Port = 80, Protocol = 'HTTP', TargetType = 'instance' } = input;
    if (TargetType !== 'instance') throw new NotSimulatedError(`elasticloadbalancing: targets of type ${TargetType} are not simulated`);
    if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/.test(Name)) throw fault('ValidationError', `Target group name '${Name}' is not valid`);
    const arn = `arn:aws:elasticloadbalancing:${region}:123456789012:targetgroup/${Name}/${this.#draws.hex(16, 'elbv2/group', region, Name)}`;
    if (input.VpcId === undefined) throw fault('ValidationError', 'A VPC ID must be specified');
    const request = JSON.stringify(input);
    const known = this.#groups.get(arn);
    if (known && known.request !== request)
      throw fault('DuplicateTargetGroupNameException', `A target group with the name '${Name}' exists, but with other settings`);
    if (!known) this.addGroup(arn, Port, request);
    return { TargetGroups: [{ TargetGroupArn: arn, TargetGroupName: Name, Port, Protocol, TargetType, VpcId: input.VpcId }] };
  }

  #register(input: sdk.RegisterTargetsCommandInput, { at, region }: CallContext): object {
    const group = this.#group(input.TargetGroupArn, region);
    const targets = input.Targets ?? [];
    for (const { Id = '' } of targets) {
      const instance = this.#instance(Id);
      if (instance?.launch.region !== region) throw fault('InvalidTargetException', `The following targets are not valid instances: '${Id}'`);
      if (instance.state(at) !== 'running')
        throw fault('InvalidTargetException', `The following targets are not in a running state and cannot be registered: '${Id}'`);
    }
    for (const { Id = '', Port = group.port } of targets) {
      const known = group.targets.get(Id);
      if (known && known.deregisteredAt === undefined) continue;
      const healthyAfterMs = Math.round(this.#draws.between(20_000, 40_000, 'elbv2/healthy', group.arn, Id));
      group.targets.set(Id, { port: Port, registeredAt: at, healthyAfterMs, deregisteredAt: undefined });
    }
    return {};
  }

  #deregister(input: sdk.DeregisterTargetsCommandInput, { at, region }: CallContext): object {
    const group = this.#group(input.TargetGroupArn, region);
    // Deregistering what is not registered is not an error.
    for (const { Id = '' } of input.Targets ?? []) {
      const known = group.targets.get(Id);
      if (known && known.deregisteredAt === undefined) known.deregisteredAt = at;
    }
    return {};
  }

  #describe(input: sdk.DescribeTargetHealthCommandInput, { at, region }: CallContext): object {
    const group = this.#group(input.TargetGroupArn, region);
    for (const [id, { deregisteredAt }] of group.targets) if (deregisteredAt !== undefined && at - deregisteredAt >= drainingMs) group.targets.delete(id);
    const ids = input.Targets?.map(({ Id = '' }) => Id) ?? [...group.targets.keys()];
    return {
      TargetHealthDescriptions: ids.map((Id) => {
        const registration = group.targets.get(Id);
        if (!registration)
          return {
            Target: { Id, Port: group.port },
            TargetHealth: { State: 'unused', Reason: 'Target.NotRegistered', Description: 'Target is not registered to the target group' },
          };
        const State = this.#state(Id, registration, at);
        return { Target: { Id, Port: registration.port }, HealthCheckPort: String(registration.port), TargetHealth: { State, ...reasons[State] } };
      }),
    };
  }
}
