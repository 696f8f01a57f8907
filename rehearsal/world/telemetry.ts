// What CloudWatch is told of the world: one minute of one side, as load balancer, hypervisor and agent would report it.
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import { minute } from './faults.ts';
import { type Stream, stream } from './random.ts';
import { levelOf, type Run } from './run.ts';

/** One datum. Timestamps in ms, start of the period; `counts` says how often each value was seen. */
export interface Datum {
  readonly region: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly timestamp: number;
  readonly values: readonly number[];
  readonly counts?: readonly number[];
}

/** What happened on a side in one minute. Latencies in seconds. */
export interface SideMinute {
  readonly requests: number;
  readonly failedAtTarget: number;
  readonly failedAtBalancer: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  /** Of the side's living hosts. */
  readonly utilisation: number;
  readonly reachable: boolean;
}

/** A host that is reported on. */
export interface ReportedHost {
  readonly index: number;
  readonly instanceId: string;
  readonly downSince: number | null;
}

/** CloudWatch's data are late by so many minutes. */
const usualLateness = [1, 3] as const;

/** Turns minutes into data, with measurement noise that is the same in all arms. */
export class Telemetry {
  readonly #run: Run;
  readonly #noise: Stream;
  readonly #delays: Stream;

  constructor(run: Run) {
    this.#run = run;
    this.#noise = stream(run.seed, 'telemetry/noise');
    this.#delays = stream(run.seed, 'telemetry/delay');
  }

  /** When a datum becomes visible: U(1, 3) minutes after its minute's end, unless the run says otherwise. `index`: which of the minute's data. */
  visibleAt(datum: Datum, index: number): number {
    const [from, to] = this.#run.telemetry?.lateness ?? usualLateness;
    return datum.timestamp + minute + (from + (to - from) * this.#delays.uniform(Math.round(datum.timestamp / minute), index)) * minute;
  }

  /** Load-balancer data of a side. Like the real one it reports no latency without requests, and its own errors only when there are some. */
  entry(side: SideName, at: number, of: SideMinute): Datum[] {
    const { region, loadBalancer } = this.#run.plan.sides[side];
    if (!of.reachable) return [];
    const datum = (metricName: string, values: readonly number[], counts?: readonly number[]): Datum => ({
      region,
      namespace: 'AWS/ApplicationELB',
      metricName,
      dimensions: { LoadBalancer: loadBalancer.dimension },
      timestamp: at,
      values,
      ...(counts && { counts }),
    });
    const data = [datum('RequestCount', [of.requests]), datum('HTTPCode_Target_5XX_Count', [of.failedAtTarget])];
    if (of.failedAtBalancer > 0) data.push(datum('HTTPCode_ELB_5XX_Count', [of.failedAtBalancer]));
    const answered = of.requests - of.failedAtBalancer;
    if (answered > 0 && Number.isFinite(of.p99)) {
      const wobble = Math.exp((0.03 + 0.25 / Math.sqrt(answered)) * this.#draw(at, side === 'primary' ? 0 : 1));
      // Three values whose counts put each percentile where it belongs.
      data.push(
        datum(
          'TargetResponseTime',
          [of.median, of.p90, of.p99].map((seconds) => Number((seconds * wobble).toPrecision(5))),
          [0.6, 0.35, 0.05].map((share) => Math.max(1, Math.round(share * answered))),
        ),
      );
    }
    return data;
  }

  /** Data of one host. A dead one fails its status check and reports nothing else; in an unreachable side there is nothing at all. */
  host(side: SideName, at: number, host: ReportedHost, of: SideMinute): Datum[] {
    const { region } = this.#run.plan.sides[side];
    if (!of.reachable) return [];
    const datum = (namespace: string, metricName: string, value: number): Datum => ({
      region,
      namespace,
      metricName,
      dimensions: { InstanceId: host.instanceId },
      timestamp: at,
      values: [Number(value.toPrecision(6))],
    });
    const down = host.downSince !== null && host.downSince < at + minute;
    const status = datum('AWS/EC2', 'StatusCheckFailed', host.downSince !== null && host.downSince <= at ? 1 : 0);
    if (down) return [status];
    const noise = (what: number) => this.#draw(at, 16 + host.index * 8 + what + (side === 'standby' ? 4096 : 0));
    const utilisation = Math.min(1, of.utilisation);
    const { environment, faults } = this.#run;
    const memory =
      (side === 'primary' ? levelOf('memory', host.index, at, environment, faults) : environment.memory.base) + 4 * Math.min(1, utilisation) + 0.4 * noise(1);
    const disk = (side === 'primary' ? levelOf('disk', host.index, at, environment, faults) : environment.disk.base) + 0.1 * noise(2);
    const perHost = of.requests / Math.max(1, hostsOn(this.#run.plan, side));
    return [
      status,
      datum('AWS/EC2', 'CPUUtilization', clamp(5 + 70 * utilisation + 2 * noise(0))),
      datum('AWS/EC2', 'NetworkIn', perHost * 2_000 * Math.exp(0.05 * noise(3))),
      datum('AWS/EC2', 'NetworkOut', perHost * 20_000 * Math.exp(0.05 * noise(4))),
      datum('CWAgent', 'mem_used_percent', clamp(memory)),
      datum('CWAgent', 'disk_used_percent', clamp(disk)),
    ];
  }

  /** Status of a health check, as Route 53 reports it in us-east-1. */
  healthCheck(id: string, at: number, healthy: boolean): Datum {
    return {
      region: 'us-east-1',
      namespace: 'AWS/Route53',
      metricName: 'HealthCheckStatus',
      dimensions: { HealthCheckId: id },
      timestamp: at,
      values: [healthy ? 1 : 0],
    };
  }

  /** The plan's metric of replication, if it has one. */
  replication(at: number): Datum[] {
    const { plan, faults } = this.#run;
    if (!plan.replication || !faults.lagIsMeasured(at)) return [];
    const { lag, region = plan.sides.standby.region } = plan.replication;
    return [{ region, namespace: lag.namespace, metricName: lag.metric, dimensions: lag.dimensions ?? {}, timestamp: at, values: [faults.replicationLag(at)] }];
  }

  #draw(at: number, index: number): number {
    return this.#noise.normal(Math.round(at / minute), index);
  }
}

const clamp = (percent: number) => Math.min(100, Math.max(0, percent));
const hostsOn = (plan: Plan, side: SideName) => (side === 'primary' ? plan.sides.primary.instances : plan.sides.standby.instances.full);
