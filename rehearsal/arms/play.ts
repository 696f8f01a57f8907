// The world on a cloud, whichever it is: what Route 53 answers decides where requests go, and what is measured goes to CloudWatch.
import type { SideName } from '../../core/contracts/plan.ts';
import type { Run } from '../world/run.ts';
import { type Host, hostsOf } from '../world/side.ts';
import type { ReportedHost } from '../world/telemetry.ts';
import { World } from '../world/world.ts';
import type { Account } from './account.ts';
import type { CloudView } from './cloud-view.ts';
import { MetricCurves } from './curves.ts';
import { forwardedShare } from './driver-targets.ts';
import { Movement } from './movement.ts';
import { Publisher } from './publisher.ts';
import { Route53Answers, type Routing } from './routing.ts';

/** Hosts of the primary that were added later are counted from here. */
const firstAdded = 10_000;

/** Weights of the records since a time (ms). */
export interface WeightsSince {
  readonly at: number;
  readonly primary: number;
  readonly standby: number;
}

/** Nothing here waits or reads a clock: whoever holds it says what time has come. */
export class Play {
  readonly world: World;
  readonly movement = new Movement();
  readonly curves: MetricCurves;
  /** Every change of the weights, the first ones included. */
  readonly weights: WeightsSince[] = [];
  readonly #run: Run;
  readonly #cloud: CloudView;
  readonly #account: Account;
  readonly #answers: Route53Answers;
  readonly #publisher: Publisher;

  /** The account has to be complete: the world looks at it at once. */
  constructor(run: Run, cloud: CloudView, account: Account) {
    this.#run = run;
    this.#cloud = cloud;
    this.#account = account;
    this.world = new World(run, {
      answer: (at) => this.routing(at).answer,
      hosts: (side, at) => this.hosts(side, at),
      forwarded: () => forwardedShare(cloud, run.plan),
    });
    this.#answers = new Route53Answers(cloud, run.plan, this.world.checkers, run.seed);
    this.#publisher = new Publisher(run, cloud);
    this.curves = new MetricCurves(run);
  }

  /** What Route 53 answers at a time that has come. */
  routing(at: number): Routing {
    return this.#answers.at(at);
  }

  /** Hosts that a side's load balancer sends requests to, the newly dead included. */
  hosts(side: SideName, at: number): Host[] {
    const { sides } = this.#run.plan;
    if (side === 'standby') return this.#cloud.healthyTargets(sides.standby.loadBalancer.targetGroupArn).map((_, index) => ({ index, downSince: null }));
    const registered = new Map(this.#cloud.targets(sides.primary.loadBalancer.targetGroupArn).map(({ instanceId, state }) => [instanceId, state]));
    // What has been started since knows nothing of what befell the others.
    const added = this.#addedHosts().map((_, index) => ({ index: firstAdded + index, downSince: null }));
    return hostsOf('primary', this.#account.primaryInstances.length, at, this.#run.faults)
      .flatMap((host) => {
        const instanceId = this.#account.primaryInstances[host.index] ?? '';
        const state = registered.get(instanceId);
        if (state === undefined || state === 'draining') return [];
        const instance = this.#cloud.instance(instanceId);
        return [instance?.state === 'running' ? host : { index: host.index, downSince: host.downSince ?? instance?.since ?? at }];
      })
      .concat(added);
  }

  /** Ids of instances behind the primary's balancer that were not there in the beginning, and that answer. */
  #addedHosts(): string[] {
    return this.#cloud.healthyTargets(this.#run.plan.sides.primary.loadBalancer.targetGroupArn).filter((id) => !this.#account.primaryInstances.includes(id));
  }

  /** Ids of the instances that a side's load balancer sends requests to and that answer them. */
  readyInstances(side: SideName, at: number): readonly string[] {
    if (side === 'standby') return this.#cloud.healthyTargets(this.#run.plan.sides.standby.loadBalancer.targetGroupArn);
    const added = this.#addedHosts();
    return this.hosts('primary', at).flatMap(({ index, downSince }) =>
      downSince === null ? (this.#account.primaryInstances[index] ?? added[index - firstAdded] ?? []) : [],
    );
  }

  /** The days before the run, in CloudWatch at once. */
  publishHistory(): void {
    this.#publisher.publishHistory(this.#account.primaryInstances, this.#checkIds());
  }

  /** Plays every tick that has begun by then. `ticked` is told the beginning of each, once it is over. */
  until(now: number, ticked: (at: number) => void = () => {}): void {
    while (this.world.now <= now && this.world.now < this.#run.end) {
      const at = this.world.now;
      this.#tick(at);
      ticked(at);
    }
  }

  #tick(at: number): void {
    const { world } = this;
    this.movement.observe(world.step());
    const { weights } = this.routing(at);
    const last = this.weights.at(-1);
    if (last?.primary !== weights.primary || last.standby !== weights.standby) this.weights.push({ at, ...weights });
    const measured = world.takeMinute();
    if (measured) {
      // A recording replaces what hosts would report.
      const hosts = this.#run.recording ? { primary: [], standby: [] } : { primary: this.#reported(at), standby: this.#reportedStandby() };
      this.#publisher.take(measured.at, measured.sides, hosts, this.#statuses(at));
      this.curves.add(measured.at, measured.sides.primary);
    }
    this.#publisher.publish(at);
  }

  #checkIds(): string[] {
    return Object.values(this.#account.checks).flatMap(({ endpoint, evacuation, calculated }) => [endpoint, evacuation, calculated]);
  }

  #statuses(at: number): Record<string, boolean> {
    return Object.fromEntries(this.#checkIds().map((id) => [id, this.#answers.status(id, at)]));
  }

  #reported(at: number): ReportedHost[] {
    return hostsOf('primary', this.#account.primaryInstances.length, at, this.#run.faults).flatMap((host) => {
      const instanceId = this.#account.primaryInstances[host.index] ?? '';
      return this.#cloud.instance(instanceId)?.state === 'running' ? [{ ...host, instanceId }] : [];
    });
  }

  #reportedStandby(): ReportedHost[] {
    return this.#cloud
      .instances(this.#run.plan.sides.standby.region)
      .filter(({ state }) => state === 'running')
      .map(({ instanceId }, index) => ({ index, instanceId, downSince: null }));
  }
}
