// Gives the world's measurements to CloudWatch: each minute of them late, as the real one is, and the history all at once.
import type { SideName } from '../../core/contracts/plan.ts';
import { minute, second } from '../world/faults.ts';
import { binomialQuantile, poissonQuantile, stream } from '../world/random.ts';
import { fullStrength, historyOf, loadOf, type Run } from '../world/run.ts';
import { hostsOf, latencyQuantile, sideMoment } from '../world/side.ts';
import { type Datum, type ReportedHost, type SideMinute, Telemetry } from '../world/telemetry.ts';
import type { CloudView } from './cloud-view.ts';

interface Pending {
  readonly visibleAt: number;
  readonly datum: Datum;
}

/** What is due next is at the end, where it is cheap to take. */
const latestFirst = (a: Pending, b: Pending) => b.visibleAt - a.visibleAt;

export class Publisher {
  readonly #run: Run;
  readonly #cloud: Pick<CloudView, 'putMetric'>;
  readonly #telemetry: Telemetry;
  readonly #pending: Pending[] = [];
  /** Apart from the rest, since it is long and never grows. */
  readonly #recorded: Pending[] = [];

  constructor(run: Run, cloud: Pick<CloudView, 'putMetric'>) {
    this.#run = run;
    this.#cloud = cloud;
    this.#telemetry = new Telemetry(run);
  }

  /** Takes the measurements of one minute; they become visible later. */
  take(
    at: number,
    sides: Readonly<Record<SideName, SideMinute>>,
    hosts: Readonly<Record<SideName, readonly ReportedHost[]>>,
    checks: Readonly<Record<string, boolean>>,
  ): void {
    const data = [
      ...this.#telemetry.entry('primary', at, sides.primary),
      ...hosts.primary.flatMap((host) => this.#telemetry.host('primary', at, host, sides.primary)),
      ...Object.entries(checks).map(([id, healthy]) => this.#telemetry.healthCheck(id, at, healthy)),
      ...this.#telemetry.entry('standby', at, sides.standby),
      ...hosts.standby.flatMap((host) => this.#telemetry.host('standby', at, host, sides.standby)),
      ...this.#telemetry.replication(at),
    ];
    for (const [index, datum] of data.entries()) this.#pending.push({ visibleAt: this.#telemetry.visibleAt(datum, index), datum });
    this.#pending.sort(latestFirst);
  }

  /** Shows what is due by then. */
  publish(now: number): void {
    for (const queue of [this.#pending, this.#recorded])
      for (let next = queue.at(-1); next && next.visibleAt <= now; next = queue.at(-1)) {
        queue.pop();
        this.#cloud.putMetric(next.datum);
      }
  }

  /** The days before the run, minute by minute, with all traffic on the primary. What would still be on its way at the start comes later. */
  publishHistory(primary: readonly string[], checks: readonly string[]): void {
    const { start, recording } = this.#run;
    if (recording) {
      this.#takeRecording(recording);
      this.publish(start);
      return;
    }
    const load = loadOf(this.#run);
    const status = Object.fromEntries(checks.map((id) => [id, true]));
    for (let at = start - historyOf(this.#run); at < start; at += minute) {
      const sides = { primary: this.#pastMinute('primary', at, load(at)), standby: this.#pastMinute('standby', at, 0) };
      const hosts = primary.map((instanceId, index) => ({ index, instanceId, downSince: null }));
      this.take(at, sides, { primary: hosts, standby: [] }, at < start - 10 * minute ? {} : status);
      this.publish(start);
    }
  }

  /** All rows; those of the future are shown when their time has come. */
  #takeRecording({ telemetry, data, periodSeconds }: NonNullable<Run['recording']>): void {
    const { region } = this.#run.plan.sides.primary;
    const period = periodSeconds * second;
    for (const [row, values] of telemetry.rows.entries()) {
      const timestamp = Math.floor((telemetry.times[row] ?? 0) / period) * period;
      for (const [column, metricName] of data.metricNames.entries()) {
        const value = values[column] ?? Number.NaN;
        if (Number.isNaN(value)) continue;
        const datum = { region, namespace: data.namespace, metricName, dimensions: { InstanceId: data.instanceId }, timestamp, values: [value] };
        this.#recorded.push({ visibleAt: this.#telemetry.visibleAt(datum, column) + period - minute, datum });
      }
    }
    this.#recorded.sort(latestFirst);
  }

  #pastMinute(side: SideName, at: number, load: number): SideMinute {
    const { seed, environment, faults, plan } = this.#run;
    const moment = sideMoment({
      side,
      at,
      load,
      hosts: hostsOf(side, fullStrength(plan, side), at, faults),
      saturation: environment.saturation[side],
      nature: environment.nature[side],
      faults,
      objectiveSeconds: plan.objective.latencySeconds,
    });
    const minuteOfEpoch = at / minute;
    const requests = poissonQuantile(load * 60, stream(seed, 'history/requests').uniform(minuteOfEpoch));
    const failed = binomialQuantile(requests, moment.failure, stream(seed, 'history/failed').uniform(minuteOfEpoch));
    const atBalancer = moment.failure > 0 ? Math.round((failed * moment.failureAtBalancer) / moment.failure) : 0;
    return {
      requests,
      failedAtTarget: failed - atBalancer,
      failedAtBalancer: atBalancer,
      median: latencyQuantile(moment, 0.5),
      p90: latencyQuantile(moment, 0.9),
      p99: latencyQuantile(moment, 0.99),
      utilisation: moment.utilisation,
      reachable: true,
    };
  }
}
