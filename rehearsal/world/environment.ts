// The ordinary world of one run: load, hosts and clients as they are when nothing is wrong.
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import type { Draws } from './draws.ts';
import { type Burst, type Deployment, day, type Fault, hour, minute } from './faults.ts';
import { poissonQuantile, type Stream, stream } from './random.ts';

/** Latency in seconds; errors as a probability per request. */
export interface SideNature {
  readonly medianLatency: number;
  readonly sigma: number;
  readonly backgroundErrors: number;
}

export interface Environment {
  /** requests a second, mean over a day */
  readonly meanLoad: number;
  /** hour of the day, UTC */
  readonly peakHour: number;
  /** requests a second at which one host of the side refuses */
  readonly saturation: Readonly<Record<SideName, number>>;
  readonly nature: Readonly<Record<SideName, SideNature>>;
  /** percent; percent an hour */
  readonly memory: { readonly base: number; readonly growth: number };
  readonly disk: { readonly base: number; readonly growth: number };
  /** share of requests on long-lived connections, their mean length in ms */
  readonly keepAlive: { readonly share: number; readonly meanLength: number };
}

/** Draws the ordinary world as docs/rehearsal.md publishes it. */
export function drawEnvironment(draws: Draws, plan: Plan): Environment {
  const nature = (side: SideName): SideNature => ({
    medianLatency: draws.uniform(`${side} median latency, ms`, 60, 110) / 1000,
    sigma: draws.uniform(`${side} latency sigma`, 0.45, 0.6),
    backgroundErrors: draws.logUniform(`${side} background errors`, 1e-4, 1e-3),
  });
  const { primary } = plan.sides;
  const overPlanned = draws.uniform('saturation over planned capacity', 1.1, 1.3);
  return {
    // 180 to 220 requests a second where the primary is planned for 480.
    meanLoad: (draws.uniform('mean load on 480 planned, requests a second', 180, 220) * primary.instances * primary.requestsPerSecondPerInstance) / 480,
    peakHour: draws.uniform('peak hour', 17, 21),
    saturation: {
      primary: plan.sides.primary.requestsPerSecondPerInstance * overPlanned,
      standby: plan.sides.standby.requestsPerSecondPerInstance * overPlanned,
    },
    nature: { primary: nature('primary'), standby: nature('standby') },
    memory: { base: draws.uniform('memory after deployment, %', 45, 60), growth: draws.uniform('memory growth, % an hour', 0.02, 0.15) },
    disk: { base: draws.uniform('disk, %', 40, 60), growth: draws.uniform('disk growth, % an hour', 0.05, 0.4) },
    keepAlive: {
      share: draws.uniform('keep-alive share', 0.2, 0.5),
      meanLength: draws.logUniform('connection length, minutes', 1, 5) * minute,
    },
  };
}

/** Deployments and load peaks between two times, at the published rates. */
export function drawOrdinaryLife(seed: number, scope: string, from: number, until: number): Fault[] {
  const weeks = (until - from) / (7 * day);
  const source = stream(seed, `${scope}/ordinary-life`);
  const deployments = Array.from({ length: poissonQuantile(4 * weeks, source.uniform(0, 0)) }, (_, index): Deployment => {
    const days = Math.max(1, Math.floor((until - from) / day));
    const midnight = Math.floor(from / day) * day + Math.floor(source.uniform(1, index) * days) * day;
    const at = Math.round((midnight + (8 + 10 * source.uniform(2, index)) * hour) / minute) * minute;
    const length = Math.round(2 + 4 * source.uniform(3, index)) * minute;
    return {
      kind: 'deployment',
      label: 'deployment',
      from: at,
      until: at + length,
      latency: 1.2 + 0.6 * source.uniform(4, index),
      errors: 0.001 + 0.004 * source.uniform(5, index),
    };
  });
  const peaks = Array.from({ length: poissonQuantile(3 * weeks, source.uniform(6, 0)) }, (_, index): Burst => {
    const at = Math.round((from + (until - from) * source.uniform(7, index)) / minute) * minute;
    const length = Math.round(10 + 50 * source.uniform(8, index)) * minute;
    const factor = 1.2 + 0.6 * source.uniform(9, index);
    const ramp = length / 4;
    return {
      kind: 'burst',
      label: `load peak x${factor.toFixed(1)}`,
      from: at,
      until: at + length,
      factor: [
        [at, 1],
        [at + ramp, factor],
        [at + length - ramp, factor],
        [at + length, 1],
      ],
    };
  });
  return [...deployments, ...peaks].filter((fault) => fault.from >= from && (fault.until ?? fault.from) <= until);
}

const valueNoise = (source: Stream, at: number, grid: number) => {
  const cell = Math.floor(at / grid);
  const along = at / grid - cell;
  // Interpolation shrinks the variance in between; dividing by its norm keeps it 1.
  return ((1 - along) * source.normal(cell) + along * source.normal(cell + 1)) / Math.hypot(1 - along, along);
};

/** Requests a second by time, before bursts: the same for all arms. */
export function loadCurve(environment: Environment, seed: number): (at: number) => number {
  const slow = stream(seed, 'load/slow');
  const fast = stream(seed, 'load/fast');
  return (at) => {
    const hours = (at % day) / hour;
    const shape = 1 + 0.35 * Math.cos((2 * Math.PI * (hours - environment.peakHour)) / 24);
    const noise = 1 + 0.03 * valueNoise(slow, at, 5 * minute) + 0.02 * valueNoise(fast, at, minute);
    return environment.meanLoad * shape * Math.max(0.5, noise);
  };
}
