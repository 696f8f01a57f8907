// Where one story is played: the runtime, a short world and the service as it stands at the crossing.
import { latchSubject } from '../../core/contracts/names.ts';
import { controlRegionOf, type MirroringLevel, otherSide, type Plan, type SideName } from '../../core/contracts/plan.ts';
import { FailoverRecord, ServiceRecord } from '../../core/contracts/records.ts';
import { applyPlan } from '../../lambdas/apply-plan/apply-plan.ts';
import { connectApplyPlan } from '../../lambdas/apply-plan/connect.ts';
import { type Account, buildAccount, route53Region } from '../arms/account.ts';
import { viewOf } from '../arms/cloud-view.ts';
import { endpointsOf } from '../arms/endpoints.ts';
import { Play } from '../arms/play.ts';
import { type SafetyReport, type SafetyWatch, watchSafety } from '../invariants/safety-watch.ts';
import { standingOf } from '../invariants/standing.ts';
import type { Interference } from '../runtime/interference.ts';
import { createRuntime, type RehearsalRuntime, type RuntimeSources } from '../runtime/runtime.ts';
import { Draws } from '../world/draws.ts';
import { drawEnvironment } from '../world/environment.ts';
import { minute, second } from '../world/faults.ts';
import type { Run } from '../world/run.ts';
import { AccountItems } from './account-items.ts';
import { Weather } from './weather.ts';

/** How the service stands when the story begins. */
export interface Setting {
  readonly plan: Plan;
  readonly level: MirroringLevel;
  /** Ready instances of the standby. */
  readonly mirrors: number;
  /** Whether a canary has validated the standby just now. */
  readonly validated: boolean;
  readonly active: SideName;
}

/** A weekday morning with some 200 requests a second; ends before the hour, so that the sweep of instances falls into the run. */
const begins = Date.UTC(2026, 2, 3, 12, 10);
const settling = 2 * minute;
const history = 12 * minute;
const tick = 10 * second;
/** From these shares of failed requests on a side is degraded, and lost. */
const degraded = 0.5;
const lost = 0.99;
const far = '2099-01-01T00:00:00.000Z';

export class Stage {
  readonly setting: Setting;
  readonly runtime: RehearsalRuntime;
  readonly account: Account;
  readonly weather: Weather;
  readonly items: AccountItems;
  readonly begin = begins;
  /** Whether CloudWatch hears of the world. */
  metricsFlow = true;
  /** Whether the prober reaches a side; users may all the same. */
  readonly unreachable = new Set<SideName>();
  readonly #play: Play;
  readonly #watch: SafetyWatch;
  #service: ServiceRecord | undefined;
  /** By id, as last written. */
  readonly failovers = new Map<string, FailoverRecord>();

  /** Time stands at the story's beginning: the plan is applied, the world has just begun. */
  static async create(setting: Setting, seed: number, interference: Interference, sources: RuntimeSources): Promise<Stage> {
    const { plan } = setting;
    let stage: Stage | undefined;
    const moment = (side: SideName) => {
      if (stage === undefined) throw new Error('the world was asked before it began');
      return stage.#play.world.moment(side);
    };
    const answers = endpointsOf(plan, seed, (side) => (stage?.unreachable.has(side) ? { ...moment(side), reachable: false } : moment(side)));
    const runtime = await createRuntime(
      {
        ...{ seed, startAt: begins - settling, controlRegion: controlRegionOf(plan), fetch: answers, duplicateShare: 0, interference },
        regions: [...new Set([plan.sides.primary.region, plan.sides.standby.region, controlRegionOf(plan), route53Region])],
      },
      sources,
    );
    try {
      const account = await buildAccount(runtime.cloud, plan);
      await applyPlan(plan, connectApplyPlan(controlRegionOf(plan), process.env), begins);
      // A service begins at home: it has moved since.
      if (setting.active === 'standby') await new AccountItems(runtime.cloud, plan).setWeights({ primary: 0, standby: 100 });
      // The records have to be in sync before anybody looks at them.
      await runtime.runUntil(begins);
      stage = new Stage(setting, seed, runtime, account);
      await stage.#prepare();
      return stage;
    } catch (error) {
      await runtime.close();
      throw error;
    }
  }

  private constructor(setting: Setting, seed: number, runtime: RehearsalRuntime, account: Account) {
    this.setting = setting;
    this.runtime = runtime;
    this.account = account;
    this.weather = new Weather();
    this.items = new AccountItems(runtime.cloud, setting.plan);
    const { plan } = setting;
    const run: Run = {
      ...{ scenario: 'chaos', seed, description: '', plan, start: begins, end: Number.POSITIVE_INFINITY, onset: null, primaryFails: false, tick },
      // The same world for all seeds: the stories depend on it.
      ...{ environment: drawEnvironment(new Draws(1, 'chaos'), plan), faults: this.weather, parameters: {} },
      telemetry: { history, lateness: [1, 2] },
    };
    const view = viewOf(runtime.cloud);
    this.#play = new Play(run, { ...view, putMetric: (datum) => this.metricsFlow && view.putMetric(datum) }, account);
    runtime.onItem(({ table, sortKey, item }) => {
      if (table === 'services' && item()['planHash'] !== undefined) this.#service = ServiceRecord.parse(item());
      if (table === 'failovers' && sortKey === 'record' && item()['serviceId'] === plan.service)
        this.failovers.set(String(item()['failoverId']), FailoverRecord.parse(item()));
    });
    this.#watch = watchSafety(runtime, plan, {
      sideState: (side) => {
        const { reachable, failure } = this.#play.world.moment(side);
        return !reachable || failure >= lost ? 'lost' : failure >= degraded ? 'degraded' : 'healthy';
      },
      readyInstances: (side) => this.#play.readyInstances(side, this.now),
      demandRps: () => this.#play.world.load(this.now),
      routedTo: (side) => {
        const { answer } = this.#play.routing(this.now);
        return side === 'primary' ? answer : 1 - answer;
      },
    });
  }

  get now(): number {
    return this.runtime.clock.now();
  }

  get plan(): Plan {
    return this.setting.plan;
  }

  /** The service's record as it was last written. Throws before the plan is applied. */
  get service(): ServiceRecord {
    if (this.#service === undefined) throw new Error('the plan has not been applied yet');
    return this.#service;
  }

  /** What Route 53 answers now, and what it holds of each side. */
  routing() {
    return this.#play.routing(this.now);
  }

  /** What Route 53's checkers find of a side's endpoint. */
  found(side: SideName): boolean {
    return this.#play.world.checkers[side].healthy;
  }

  async #prepare(): Promise<void> {
    const { runtime, setting, items } = this;
    const { plan, active } = setting;
    this.#play.publishHistory();
    const { service } = plan;
    const at = new Date(begins).toISOString();
    await items.addMirrors(setting.mirrors, at);
    for (const { subjectId } of await runtime.items('resources')) {
      if (!/^(entry|resource)#/.test(String(subjectId))) continue;
      const bad = String(subjectId).includes(`#${active}`);
      const checks = { primary: this.account.checks.primary.endpoint, standby: this.account.checks.standby.endpoint, readAt: begins };
      // Nothing is due: what scoring would decide is part of the story.
      const fields = {
        nextDueAt: far,
        score: bad ? 90 : 3,
        scoredAt: at,
        revision: 1,
        ...(subjectId === `entry#${active}` ? { healthChecks: checks, level: setting.level } : {}),
      };
      await items.set('resources', { serviceId: service, subjectId: String(subjectId) }, fields);
    }
    const home = active === 'primary';
    if (!home) await items.put('resources', { serviceId: service, subjectId: latchSubject('primary'), side: 'primary', shard: 'due#0', nextDueAt: at });
    await items.set(
      'services',
      { serviceId: service },
      {
        ...{ level: setting.level, activeSide: active, lastSnapshotAt: at, latched: home ? {} : { primary: at } },
        ...(setting.validated && { canary: { verdict: 'pass', at, target: otherSide(active), method: 'probes', reasons: ['validated before'] } }),
      },
    );
    this.#tick();
    runtime.clock.every(tick, () => this.#tick());
  }

  #tick(): void {
    this.#play.until(this.now, (at) => this.#watch.tick(at));
  }

  /** A side dies with everything in it; the cloud notices in its own time. */
  kill(side: SideName): void {
    this.weather.set(side, { deadSince: this.now });
    this.#reach(side, false);
  }

  /** A side is as well as it can be. */
  heal(side: SideName): void {
    this.weather.set(side, { latency: 1, errors: 0, hiddenErrors: 0, deadSince: null });
    this.#reach(side, true);
  }

  #reach(side: SideName, reachable: boolean): void {
    const { physical } = this.runtime.cloud;
    for (const { instanceId, state } of physical.instances(this.plan.sides[side].region)) if (state === 'running') physical.setReachable(instanceId, reachable);
  }

  /** What the invariants make of the run. Time is over afterwards. */
  async judge(): Promise<SafetyReport> {
    return this.#watch.end(this.now, await standingOf(this.runtime, this.plan));
  }

  close(): Promise<void> {
    return this.runtime.close();
  }
}
