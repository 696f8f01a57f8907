// One run of a scenario, drawn from its seed: everything that is the same for all arms.
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import type { Telemetry } from '../telemetry/read-csv.ts';
import { type Environment, loadCurve } from './environment.ts';
import { day, type Faults, hour, type Leak, leakedLevel } from './faults.ts';
import type { CheckSettings } from './health-checkers.ts';

/** Metrics that were recorded elsewhere, replayed as those of one of the primary's instances. Times in ms since the epoch. */
export interface Recording {
  readonly telemetry: Telemetry;
  /** Nothing before it is labelled. */
  readonly labelledFrom: number;
  /** `until` is inclusive, as it was labelled. */
  readonly incidents: readonly { readonly from: number; readonly until: number }[];
}

/** Times in ms since the epoch. */
export interface Run {
  readonly scenario: string;
  readonly seed: number;
  readonly description: string;
  readonly plan: Plan;
  readonly start: number;
  readonly end: number;
  readonly onset: number | null;
  /** Whether moving away is right: the oracle does. */
  readonly primaryFails: boolean;
  readonly tick: number;
  readonly environment: Environment;
  /** How Route 53 checks the endpoints, where it is not as Forestall has it: for comparisons. */
  readonly endpointCheck?: CheckSettings;
  readonly faults: Faults;
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  /** Where it is not the usual one: how long the history is that CloudWatch has (ms), and by how much its data are late (minutes, from-to). */
  readonly telemetry?: { readonly history: number; readonly lateness: readonly [number, number] };
  readonly recording?: Recording & { readonly periodSeconds: 60 | 300; readonly data: RecordedData };
}

/** Under which names the recorded metrics are in CloudWatch; `metricNames` by column. */
export interface RecordedData {
  readonly namespace: string;
  readonly metricNames: readonly string[];
  readonly instanceId: string;
}

/** CloudWatch has so much when a run begins. */
export const historyLength = 3 * day;
export const historyOf = (run: Pick<Run, 'telemetry'>): number => run.telemetry?.history ?? historyLength;

/** Instances that serve on a side at full strength. */
export const fullStrength = (plan: Plan, side: SideName): number => (side === 'primary' ? plan.sides.primary.instances : plan.sides.standby.instances.full);

/** Requests a second of users at a time, with bursts. */
export function loadOf(run: Pick<Run, 'environment' | 'seed' | 'faults'>): (at: number) => number {
  const ordinary = loadCurve(run.environment, run.seed);
  return (at) => ordinary(at) * run.faults.loadFactor(at);
}

/** Percent of memory or disk in use on a primary host, noise and load aside. */
export function levelOf(resource: 'memory' | 'disk', host: number, at: number, environment: Environment, faults: Faults): number {
  const leak: Leak | undefined = faults.leakAt(at);
  if (leak?.resource === resource) return leakedLevel(leak, host, at);
  if (resource === 'disk') return environment.disk.base + (environment.disk.growth * (at % day)) / hour;
  const fresh = faults.deployedBefore(at) ?? faults.all[0]?.from ?? at;
  return environment.memory.base + (environment.memory.growth * Math.max(0, at - fresh)) / hour;
}
