// The world of one arm, tick by tick: users' requests, health checks and what can be measured.
import type { SideName } from '../../core/contracts/plan.ts';
import type { TrafficSample } from '../results.ts';
import { DnsClients, type HonouringShares } from './dns.ts';
import { minute } from './faults.ts';
import { HealthCheckers } from './health-checkers.ts';
import { binomialQuantile, poissonQuantile, type Stream, stream } from './random.ts';
import { loadOf, type Run } from './run.ts';
import { type Host, latencyQuantile, type SideMoment, sideMoment } from './side.ts';
import type { SideMinute } from './telemetry.ts';

/** What an arm decides: where look-ups lead, and which hosts stand behind a side. */
export interface ArmControl {
  /** Probability that a look-up at this time is answered with the primary. */
  answer(at: number): number;
  /** Hosts that the side's load balancer sends requests to, the newly dead included. */
  hosts(side: SideName, at: number): readonly Host[];
  /** Share (0-1) of what comes to the primary's balancers that they forward to the standby. Default: nothing. */
  forwarded?(at: number): number;
}

export const sideNames: readonly SideName[] = ['primary', 'standby'];

/** One tick. `at`: its beginning, ms. */
export interface Tick {
  readonly at: number;
  readonly requests: number;
  readonly failed: number;
  readonly slow: number;
  /** Share of requests that went to the primary. */
  readonly primaryShare: number;
  /** What Route 53 answered at the tick's beginning. */
  readonly answer: number;
  /** The primary's shares among users whose resolvers honour the TTL. */
  readonly honouring: HonouringShares;
}

interface Accumulated {
  requests: number;
  failedAtTarget: number;
  failedAtBalancer: number;
  logMedian: number;
  logP90: number;
  logP99: number;
  latencyWeight: number;
  utilisation: number;
  ticks: number;
  reachable: boolean;
}

const nothing = (): Accumulated => ({
  requests: 0,
  failedAtTarget: 0,
  failedAtBalancer: 0,
  logMedian: 0,
  logP90: 0,
  logP99: 0,
  latencyWeight: 0,
  utilisation: 0,
  ticks: 0,
  reachable: false,
});

/** Advances by one tick at a time from the run's start to its end. All its randomness comes from the run's seed and the tick's number. */
export class World {
  readonly checkers: Readonly<Record<SideName, HealthCheckers>>;
  readonly samples: TrafficSample[] = [];
  readonly totals = { requests: 0, failed: 0, slow: 0 };
  readonly #run: Run;
  readonly #control: ArmControl;
  readonly #load: (at: number) => number;
  readonly #dns: DnsClients;
  readonly #arrivals: Stream;
  readonly #failures: Stream;
  readonly #slowness: Stream;
  #at: number;
  #moments: Readonly<Record<SideName, SideMoment>>;
  #loads: Readonly<Record<SideName, number>>;
  #minute = { requests: 0, failed: 0, slow: 0, standby: 0 };
  #sides: Record<SideName, Accumulated> = { primary: nothing(), standby: nothing() };
  #finished: { readonly at: number; readonly sides: Readonly<Record<SideName, SideMinute>> } | undefined;

  constructor(run: Run, control: ArmControl) {
    this.#run = run;
    this.#control = control;
    this.#load = loadOf(run);
    this.#at = run.start;
    this.#dns = new DnsClients(run.seed, run.start, run.plan.record.ttlSeconds, run.environment.keepAlive);
    this.#arrivals = stream(run.seed, 'requests');
    this.#failures = stream(run.seed, 'requests/failed');
    this.#slowness = stream(run.seed, 'requests/slow');
    const checkers = (side: SideName) => new HealthCheckers(run.seed, side, run.endpointCheck);
    this.checkers = { primary: checkers('primary'), standby: checkers('standby') };
    this.#loads = { primary: this.#load(run.start), standby: 0 };
    this.#moments = this.#momentsAt(run.start, this.#loads);
  }

  /** Beginning of the next tick. */
  get now(): number {
    return this.#at;
  }

  /** How a side stands in the present tick. */
  moment(side: SideName): SideMoment {
    return this.#moments[side];
  }

  /** The present tick again, with the hosts that stand behind the sides by now. What was counted in it stays. */
  lookAgain(at: number): void {
    this.#moments = this.#momentsAt(at, this.#loads);
  }

  /** Users' requests a second by time. */
  load(at: number): number {
    return this.#load(at);
  }

  /** The newest whole minute of both sides, once. */
  takeMinute(): { readonly at: number; readonly sides: Readonly<Record<SideName, SideMinute>> } | undefined {
    const finished = this.#finished;
    this.#finished = undefined;
    return finished;
  }

  /** Plays the tick that begins now. */
  step(): Tick {
    const { tick, start, faults } = this.#run;
    const at = this.#at;
    const number = Math.round((at - start) / tick);
    const answer = this.#control.answer(at);
    const unreachable = {
      primary: faults.deathOf('primary', at)?.mode === 'everything',
      standby: faults.deathOf('standby', at)?.mode === 'everything',
    };
    const primaryShare = this.#dns.step(at - tick, at, answer, unreachable) * (1 - (this.#control.forwarded?.(at) ?? 0));
    const load = this.#load(at + tick / 2);
    this.#loads = { primary: load * primaryShare, standby: load * (1 - primaryShare) };
    this.#moments = this.#momentsAt(at, this.#loads);

    const requests = poissonQuantile((load * tick) / 1000, this.#arrivals.uniform(number));
    const toPrimary = Math.round(requests * primaryShare);
    let failed = 0;
    let slow = 0;
    for (const [index, side] of sideNames.entries()) {
      const moment = this.#moments[side];
      const reached = side === 'primary' ? toPrimary : requests - toPrimary;
      const sideFailed = binomialQuantile(reached, moment.failure, this.#failures.uniform(number, index));
      const sideSlow = binomialQuantile(reached - sideFailed, moment.slow, this.#slowness.uniform(number, index));
      failed += sideFailed;
      slow += sideSlow;
      this.#measure(side, moment, reached, sideFailed);
      this.checkers[side].step(at, at + tick, { failure: moment.checkFailure, reachable: moment.reachable });
    }
    this.#count(requests, failed, slow, requests - toPrimary);
    this.#at = at + tick;
    if (this.#at % minute === 0) this.#finishMinute();
    return { at, requests, failed, slow, primaryShare, answer, honouring: this.#dns.honouring };
  }

  #momentsAt(at: number, load: Readonly<Record<SideName, number>>): Record<SideName, SideMoment> {
    const of = (side: SideName) =>
      sideMoment({
        side,
        at,
        load: load[side],
        hosts: this.#control.hosts(side, at),
        saturation: this.#run.environment.saturation[side],
        nature: this.#run.environment.nature[side],
        faults: this.#run.faults,
        objectiveSeconds: this.#run.plan.objective.latencySeconds,
      });
    return { primary: of('primary'), standby: of('standby') };
  }

  #measure(side: SideName, moment: SideMoment, requests: number, failed: number): void {
    const minuteOf = this.#sides[side];
    const atBalancer = moment.failure > 0 ? Math.round((failed * moment.failureAtBalancer) / moment.failure) : 0;
    minuteOf.requests += requests;
    minuteOf.failedAtBalancer += atBalancer;
    minuteOf.failedAtTarget += failed - atBalancer;
    minuteOf.ticks += 1;
    minuteOf.reachable ||= moment.reachable;
    if (moment.components.length === 0) return;
    minuteOf.utilisation += moment.utilisation;
    minuteOf.latencyWeight += 1;
    minuteOf.logMedian += Math.log(latencyQuantile(moment, 0.5));
    minuteOf.logP90 += Math.log(latencyQuantile(moment, 0.9));
    minuteOf.logP99 += Math.log(latencyQuantile(moment, 0.99));
  }

  #count(requests: number, failed: number, slow: number, standby: number): void {
    this.totals.requests += requests;
    this.totals.failed += failed;
    this.totals.slow += slow;
    this.#minute.requests += requests;
    this.#minute.failed += failed;
    this.#minute.slow += slow;
    this.#minute.standby += standby;
  }

  #finishMinute(): void {
    const at = this.#at - minute;
    const { requests, failed, slow, standby } = this.#minute;
    this.samples.push({ at, requests, failed, slow, standbyShare: requests > 0 ? standby / requests : 0 });
    this.#finished = { at, sides: { primary: summarise(this.#sides.primary), standby: summarise(this.#sides.standby) } };
    this.#minute = { requests: 0, failed: 0, slow: 0, standby: 0 };
    this.#sides = { primary: nothing(), standby: nothing() };
  }
}

function summarise(of: Accumulated): SideMinute {
  const mean = (sum: number) => (of.latencyWeight > 0 ? Math.exp(sum / of.latencyWeight) : Number.NaN);
  return {
    requests: of.requests,
    failedAtTarget: of.failedAtTarget,
    failedAtBalancer: of.failedAtBalancer,
    median: mean(of.logMedian),
    p90: mean(of.logP90),
    p99: mean(of.logP99),
    utilisation: of.latencyWeight > 0 ? of.utilisation / of.latencyWeight : 0,
    reachable: of.reachable,
  };
}
