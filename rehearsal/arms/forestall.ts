// The arm with Forestall: its own functions and state machines on the simulated cloud, in one virtual time with the world.
import { detailType } from '../../core/contracts/events.ts';
import { controlRegionOf, type SideName } from '../../core/contracts/plan.ts';
import { applyPlan } from '../../lambdas/apply-plan/apply-plan.ts';
import { connectApplyPlan } from '../../lambdas/apply-plan/connect.ts';
import type { ForestallTimeline, RehearsalReport } from '../results.ts';
import { createRuntime, type RehearsalRuntime } from '../runtime/runtime.ts';
import { crashTime, hour, minute } from '../world/faults.ts';
import type { Run } from '../world/run.ts';
import type { World } from '../world/world.ts';
import { type Account, buildAccount, route53Region } from './account.ts';
import { type ArmPlayed, timeOrNull } from './baseline.ts';
import { viewOf } from './cloud-view.ts';
import { driverRegions } from './driver-targets.ts';
import { endpointsOf } from './endpoints.ts';
import { outcomeOf } from './outcome.ts';
import { Play } from './play.ts';
import type { Routing } from './routing.ts';
import { ServiceWatch } from './service-watch.ts';
import { readTimeline } from './timeline.ts';

/** The account is built so long before the run, so that its records are in sync when it begins. */
const settling = 5 * minute;

export interface ForestallPlayed extends ArmPlayed {
  readonly timeline: ForestallTimeline;
  readonly metrics: RehearsalReport['metrics'];
}

/** What else takes part in the arm, e.g. who watches the invariants. */
export interface Companion {
  /** Before the service is known to Forestall. */
  begin?(arm: ForestallArm): void;
  /** After each tick of the world. */
  tick?(arm: ForestallArm, at: number): void;
  /** When time is over, and the records can still be read. */
  end?(arm: ForestallArm): Promise<void>;
}

/** Plays a run with Forestall. `progress` is told the share that is done, once per virtual hour. */
export async function playForestall(run: Run, companions: readonly Companion[] = [], progress: (share: number) => void = () => {}): Promise<ForestallPlayed> {
  const arm = await ForestallArm.create(run);
  try {
    return await arm.play(companions, progress);
  } finally {
    await arm.runtime.close();
  }
}

export class ForestallArm {
  readonly run: Run;
  readonly runtime: RehearsalRuntime;
  readonly account: Account;
  readonly watch: ServiceWatch;
  readonly #play: Play;
  /** When Forestall first said that a failure is imminent. */
  #detectedAt: number | null = null;
  /** Calls that set the service up: applying the plan, and schedules that found no service yet. */
  #setUpCalls: Readonly<Record<string, number>> = {};

  /** Builds the account and the world; time stands shortly before the run's start. */
  static async create(run: Run): Promise<ForestallArm> {
    const { plan } = run;
    let arm: ForestallArm | undefined;
    const runtime = await createRuntime({
      seed: run.seed,
      startAt: run.start - settling,
      regions: [
        ...new Set([plan.sides.primary.region, plan.sides.standby.region, controlRegionOf(plan), route53Region, ...regionOfLag(plan), ...driverRegions(plan)]),
      ],
      controlRegion: controlRegionOf(plan),
      fetch: endpointsOf(plan, run.seed, (side) => {
        if (arm === undefined) throw new Error('the world was asked before it began');
        return arm.world.moment(side);
      }),
    });
    try {
      arm = new ForestallArm(run, runtime, await buildAccount(runtime.cloud, plan));
      return arm;
    } catch (error) {
      await runtime.close();
      throw error;
    }
  }

  private constructor(run: Run, runtime: RehearsalRuntime, account: Account) {
    this.run = run;
    this.runtime = runtime;
    this.account = account;
    this.#play = new Play(run, viewOf(runtime.cloud), account);
    runtime.onDelivery(({ at, kind, payload }) => {
      if (kind === 'event' && isCritical(payload)) this.#detectedAt ??= at;
    });
    // In the mode `observe` nothing is said, but written. The time is that of the writing: an assessment's own is that of what it saw, minutes before.
    if (run.plan.mode === 'observe')
      runtime.onItem(({ table, item }) => {
        if (table === 'assessments' && item()['critical'] === true) this.#detectedAt ??= runtime.clock.now();
      });
    this.watch = new ServiceWatch(run.plan.service, runtime, () => this.#play.hosts('standby', runtime.clock.now()).length);
  }

  get world(): World {
    return this.#play.world;
  }

  /** What Route 53 answers at a time that has come. */
  routing(at: number): Routing {
    return this.#play.routing(at);
  }

  /** Ids of the instances that a side's load balancer sends requests to and that answer them. */
  readyInstances(side: SideName, at: number): readonly string[] {
    return this.#play.readyInstances(side, at);
  }

  async play(companions: readonly Companion[], progress: (share: number) => void): Promise<ForestallPlayed> {
    const { run, runtime } = this;
    const { start, end, plan } = run;
    for (const companion of companions) companion.begin?.(this);
    this.#play.publishHistory();
    this.#scheduleDeaths();
    runtime.clock.at(start, async () => {
      await applyPlan(plan, connectApplyPlan(controlRegionOf(plan), process.env), start);
      this.#setUpCalls = { ...runtime.cloud.counts };
    });
    runtime.clock.at(start, async () => {
      await this.#tick(companions);
      runtime.clock.every(run.tick, () => this.#tick(companions));
    });
    for (let until = start; until < end; until = Math.min(end, until + hour)) {
      await runtime.runUntil(until);
      progress((until - start) / (end - start));
    }
    await runtime.runUntil(end);
    for (const companion of companions) await companion.end?.(this);
    return this.#conclude();
  }

  async #tick(companions: readonly Companion[]): Promise<void> {
    const now = this.runtime.clock.now();
    this.#play.until(now, (at) => {
      for (const companion of companions) companion.tick?.(this, at);
    });
    await this.watch.tick(now);
  }

  async #conclude(): Promise<ForestallPlayed> {
    const { run, runtime, world } = this;
    const { curves, movement } = this.#play;
    await this.watch.tick(run.end);
    const timeline = await readTimeline(runtime, run.plan.service, { weights: this.#play.weights, mirroring: this.watch.changes });
    const weights = this.#play.weights.at(-1) ?? { primary: 100, standby: 0 };
    return {
      samples: world.samples,
      movement,
      timeline,
      metrics: curves.curves,
      result: {
        ...world.totals,
        outcome: outcomeOf(timeline, movement),
        detectedAt: timeOrNull(this.#detectedAt),
        firstShiftAt: timeOrNull(movement.firstShiftAt),
        movedAt: timeOrNull(movement.movedAt),
        finalWeights: { primary: weights.primary, standby: weights.standby },
        cost: {
          apiCalls: this.#apiCalls(),
          stateTransitions: runtime.stateTransitions,
          mirrorHours: this.watch.hours,
        },
      },
    };
  }

  /** By operation, those of the set-up not included. */
  #apiCalls(): Record<string, number> {
    const since = Object.entries(this.runtime.cloud.counts).map(([name, count]) => [name, count - (this.#setUpCalls[name] ?? 0)] as const);
    return Object.fromEntries(since.filter(([, count]) => count > 0).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The hypervisor learns of deaths: what the guest does not answer, the cloud notices in its own time. */
  #scheduleDeaths(): void {
    const { clock, cloud } = this.runtime;
    const set = (at: number, hosts: readonly string[], reachable: boolean) =>
      clock.at(at, () => {
        for (const id of hosts) if (cloud.physical.instance(id)?.state === 'running') cloud.physical.setReachable(id, reachable);
      });
    for (const fault of this.run.faults.all) {
      if (fault.kind === 'death' && fault.side === 'primary') {
        set(fault.from, this.account.primaryInstances, false);
        if (fault.until !== null) set(fault.until, this.account.primaryInstances, true);
        if (fault.mode === 'everything') this.#scheduleOutage(fault.from, fault.until);
      }
      if (fault.kind === 'leak')
        for (const [index, id] of this.account.primaryInstances.entries()) {
          const at = crashTime(fault, index);
          if (at !== null) set(at, [id], false);
        }
    }
  }

  /** With the whole side its Region's control plane is gone: whatever is done then has to do without. */
  #scheduleOutage(from: number, until: number | null): void {
    const { clock, cloud } = this.runtime;
    const { region } = this.run.plan.sides.primary;
    clock.at(from, () => cloud.physical.setOutage(region, undefined, true));
    if (until !== null) clock.at(until, () => cloud.physical.setOutage(region, undefined, false));
  }
}

const isCritical = (event: unknown) => typeof event === 'object' && event !== null && 'detail-type' in event && event['detail-type'] === detailType.critical;

const regionOfLag = ({ replication }: Run['plan']): string[] => (replication?.region ? [replication.region] : []);
