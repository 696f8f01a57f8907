// What Route 53 answers for the service now: the cloud's records, the checkers' findings and the evacuation metric, put together.
import { evacuationAlarmName, evacuationMetric } from '../../core/contracts/deployment.ts';
import { controlRegionOf, type Plan, type SideName } from '../../core/contracts/plan.ts';
import type { HealthCheckView } from '../cloud/cloud.ts';
import { weightedAnswer } from '../world/dns.ts';
import { minute } from '../world/faults.ts';
import type { HealthCheckers } from '../world/health-checkers.ts';
import { stream } from '../world/random.ts';
import { sideNames } from '../world/world.ts';
import type { CloudView } from './cloud-view.ts';

/** Route 53 looks so far back for the newest value of an alarm's metric. */
const alarmWindow = 3 * minute;

export interface Routing {
  readonly weights: Readonly<Record<SideName, number>>;
  /** Health of each side's record. */
  readonly healthy: Readonly<Record<SideName, boolean>>;
  /** Probability that a look-up is answered with the primary. */
  readonly answer: number;
}

/** Reads the cloud, never changes it. */
export class Route53Answers {
  readonly #cloud: Pick<CloudView, 'effectiveRecords' | 'healthChecks' | 'metric'>;
  readonly #plan: Plan;
  readonly #checkers: Readonly<Record<SideName, HealthCheckers>>;
  /** Last known status of a side's evacuation check: insufficient data change nothing. */
  readonly #evacuated: Record<SideName, boolean> = { primary: false, standby: false };
  /** The other value is in CloudWatch, and when Route 53 goes by it. */
  readonly #changesAt: Record<SideName, number | undefined> = { primary: undefined, standby: undefined };
  readonly #seed: number;

  constructor(
    cloud: Pick<CloudView, 'effectiveRecords' | 'healthChecks' | 'metric'>,
    plan: Plan,
    checkers: Readonly<Record<SideName, HealthCheckers>>,
    seed: number,
  ) {
    this.#cloud = cloud;
    this.#plan = plan;
    this.#checkers = checkers;
    this.#seed = seed;
  }

  /** At a time (ms). Throws when a record is missing: then the world has no service any more. */
  at(time: number): Routing {
    const { record, sides } = this.#plan;
    const type = record.types[0];
    const views = new Map(this.#cloud.healthChecks().map((view) => [view.id, view]));
    const records = this.#cloud.effectiveRecords(record.hostedZoneId, record.name);
    const of = (side: SideName) => {
      const found = records.find((candidate) => candidate.type === type && candidate.setIdentifier === sides[side].setIdentifier);
      if (found?.weight === undefined) throw new Error(`the ${type} record ${record.name} of the ${side} is gone`);
      return { weight: found.weight, healthy: found.healthCheckId === undefined || this.#healthy(found.healthCheckId, views, time) };
    };
    const primary = of('primary');
    const standby = of('standby');
    return {
      weights: { primary: primary.weight, standby: standby.weight },
      healthy: { primary: primary.healthy, standby: standby.healthy },
      answer: weightedAnswer([primary, standby])[0] ?? 0,
    };
  }

  /** Status of a check by its id, as Route 53 reports it. */
  status(id: string, time: number): boolean {
    return this.#healthy(id, new Map(this.#cloud.healthChecks().map((view) => [view.id, view])), time);
  }

  #healthy(id: string, views: ReadonlyMap<string, HealthCheckView>, time: number): boolean {
    const view = views.get(id);
    if (view === undefined) throw new Error(`there is no health check ${id}`);
    if (view.disabled) return true;
    return this.#found(view, views, time) !== view.inverted;
  }

  #found(view: HealthCheckView, views: ReadonlyMap<string, HealthCheckView>, time: number): boolean {
    if (view.type === 'CALCULATED') return view.children.filter((child) => this.#healthy(child, views, time)).length >= view.healthThreshold;
    if (view.type === 'CLOUDWATCH_METRIC') {
      const side = sideNames.find((name) => view.alarm?.name === evacuationAlarmName(this.#plan.service, name));
      if (side === undefined) throw new Error(`the alarm ${view.alarm?.name} is not one of the service's`);
      return !this.#isEvacuated(side, time);
    }
    const side = sideNames.find((name) => view.url !== undefined && new URL(view.url).host === new URL(this.#plan.sides[name].endpoint.url).host);
    if (side === undefined) throw new Error(`nothing answers at ${view.url}`);
    return this.#checkers[side].healthy;
  }

  #isEvacuated(side: SideName, time: number): boolean {
    const [serviceDimension, sideDimension] = evacuationMetric.dimensions;
    const newest = this.#cloud
      .metric({
        region: controlRegionOf(this.#plan),
        namespace: evacuationMetric.namespace,
        metricName: evacuationMetric.metricName,
        dimensions: { [serviceDimension]: this.#plan.service, [sideDimension]: side },
        statistic: 'Maximum',
        periodSeconds: 60,
        from: time - alarmWindow,
        to: time + minute,
      })
      .at(-1);
    if (newest) {
      const changed = newest.value >= 1 !== this.#evacuated[side];
      this.#changesAt[side] = changed ? (this.#changesAt[side] ?? time + this.#delay(side, time)) : undefined;
    }
    const changesAt = this.#changesAt[side];
    if (changesAt !== undefined && time >= changesAt) {
      this.#evacuated[side] = !this.#evacuated[side];
      this.#changesAt[side] = undefined;
    }
    return this.#evacuated[side];
  }

  /** The minute's value has to be complete and evaluated before Route 53 sees it: U(1, 2) minutes, drawn for each change. */
  #delay(side: SideName, time: number): number {
    return minute * (1 + stream(this.#seed, `evacuation-metric/${side}`).uniform(Math.floor(time / minute)));
  }
}
