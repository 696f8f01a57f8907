// What goes wrong, as functions of time alone: no fault depends on what an arm does.
import type { SideName } from '../../core/contracts/plan.ts';

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** Piecewise linear over [ms since the epoch, value], constant beyond both ends. Times rise or are equal (a step). */
export type Curve = readonly (readonly [number, number])[];

export function valueAt(curve: Curve, at: number): number {
  let before = curve[0];
  if (before === undefined) return 0;
  for (const point of curve) {
    if (point[0] > at) {
      const span = point[0] - before[0];
      return span <= 0 ? before[1] : before[1] + ((point[1] - before[1]) * Math.max(0, at - before[0])) / span;
    }
    before = point;
  }
  return before[1];
}

interface Span {
  readonly label: string;
  /** ms since the epoch; `until` is null when it lasts to the end of the run */
  readonly from: number;
  readonly until: number | null;
}

/** Slower and failing answers of one side. Latency is a factor, errors a probability per request. */
export interface Degradation extends Span {
  readonly kind: 'degradation';
  readonly side: SideName;
  readonly latency: Curve;
  readonly errors: Curve;
  /** Whether the health checkers' path suffers too. */
  readonly seenByChecks: boolean;
}

/** `hosts`: the load balancer goes on answering 503. `everything`: nothing answers and nothing is measured. */
export type DeathMode = 'hosts' | 'everything';
export interface Death extends Span {
  readonly kind: 'death';
  readonly side: SideName;
  readonly mode: DeathMode;
}

/** Memory or disk of all the primary's hosts fills at a constant rate; a host crashes when it is full. */
export interface Leak extends Span {
  readonly kind: 'leak';
  readonly resource: 'memory' | 'disk';
  /** Percent used at `from`. */
  readonly startLevel: number;
  /** Time from `from` until a host of factor 1 is full, in ms; a host's own time is this times its factor. */
  readonly fillTime: number;
  readonly hostFactors: readonly number[];
  /** The leak ends here, without a crash where it has not come yet. */
  readonly stopsAt: number | null;
  /** A host suffers for so long before its crash, up to these. */
  readonly agony: { readonly time: number; readonly latency: number; readonly errors: number };
}

/** More requests than usual, by this factor. */
export interface Burst extends Span {
  readonly kind: 'burst';
  readonly factor: Curve;
}

/** Latency and errors for some minutes, then fresh processes. Ordinary life. */
export interface Deployment extends Span {
  readonly kind: 'deployment';
  readonly latency: number;
  readonly errors: number;
}

/** The standby's data are behind, by so many seconds; whether the metric tells is another matter. */
export interface ReplicationLag extends Span {
  readonly kind: 'replication-lag';
  readonly seconds: Curve;
  readonly measured: boolean;
}

export type Fault = Degradation | Death | Leak | Burst | Deployment | ReplicationLag;

/** Seconds by which the standby's data are behind in ordinary life. */
const usualLag = 1;

/** How things stand for one host of a side, load aside. */
export interface Condition {
  readonly latency: number;
  readonly errors: number;
  /** Errors that the health checkers do not see. */
  readonly hiddenErrors: number;
}

/** When a host of this leak crashes: null when the leak stops before. */
export function crashTime(leak: Leak, host: number): number | null {
  const at = leak.from + leak.fillTime * (leak.hostFactors[host] ?? 1);
  return leak.stopsAt !== null && leak.stopsAt < at ? null : at;
}

/** Percent used by the leak's resource on a host at a time after `from`. */
export function leakedLevel(leak: Leak, host: number, at: number): number {
  const until = leak.stopsAt === null ? at : Math.min(at, leak.stopsAt);
  const share = (until - leak.from) / (leak.fillTime * (leak.hostFactors[host] ?? 1));
  return Math.min(100, leak.startLevel + (100 - leak.startLevel) * share);
}

/** All faults of a run, asked by time. */
export class Faults {
  readonly all: readonly Fault[];
  readonly #bursts: readonly Burst[];
  readonly #deployments: readonly Deployment[];
  readonly #degradations: readonly Degradation[];
  readonly #deaths: readonly Death[];
  readonly #leaks: readonly Leak[];
  readonly #lags: readonly ReplicationLag[];

  constructor(all: readonly Fault[]) {
    this.all = [...all].sort((a, b) => a.from - b.from);
    this.#bursts = this.all.filter((fault) => fault.kind === 'burst');
    this.#deployments = this.all.filter((fault) => fault.kind === 'deployment');
    this.#degradations = this.all.filter((fault) => fault.kind === 'degradation');
    this.#deaths = this.all.filter((fault) => fault.kind === 'death');
    this.#leaks = this.all.filter((fault) => fault.kind === 'leak');
    this.#lags = this.all.filter((fault) => fault.kind === 'replication-lag');
  }

  loadFactor(at: number): number {
    let factor = 1;
    for (const burst of this.#bursts) if (during(burst, at)) factor *= valueAt(burst.factor, at);
    return factor;
  }

  /** Seconds by which the standby's data are behind. */
  replicationLag(at: number): number {
    return this.#lags.reduce((lag, fault) => (during(fault, at) ? Math.max(lag, valueAt(fault.seconds, at)) : lag), usualLag);
  }

  /** Whether the lag can be measured. */
  lagIsMeasured(at: number): boolean {
    return this.#lags.every((fault) => fault.measured || !during(fault, at));
  }

  /** What all hosts of a side have in common. */
  conditionOf(side: SideName, at: number): Condition {
    let latency = 1;
    let healthy = 1;
    let hidden = 1;
    for (const fault of this.#degradations) {
      if (fault.side !== side || !during(fault, at)) continue;
      latency *= valueAt(fault.latency, at);
      if (fault.seenByChecks) healthy *= 1 - valueAt(fault.errors, at);
      else hidden *= 1 - valueAt(fault.errors, at);
    }
    if (side === 'primary')
      for (const fault of this.#deployments)
        if (during(fault, at)) {
          latency *= fault.latency;
          healthy *= 1 - fault.errors;
        }
    return { latency, errors: 1 - healthy, hiddenErrors: 1 - hidden };
  }

  /** Since when the hosts of a side are dead, and how; undefined while they live. */
  deathOf(side: SideName, at: number): { since: number; mode: DeathMode } | undefined {
    for (const fault of this.#deaths) if (fault.side === side && during(fault, at)) return { since: fault.from, mode: fault.mode };
    return undefined;
  }

  /** The leak that a primary host has by then, if any. */
  leakAt(at: number): Leak | undefined {
    for (const leak of this.#leaks) if (at >= leak.from) return leak;
    return undefined;
  }

  /** Start of the newest deployment that is over by then. */
  deployedBefore(at: number): number | undefined {
    let newest: number | undefined;
    for (const fault of this.#deployments) {
      if (fault.from > at) break;
      newest = fault.until ?? fault.from;
    }
    return newest;
  }
}

const during = (span: Span, at: number) => at >= span.from && (span.until === null || at < span.until);
