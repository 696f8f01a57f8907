// Load that the plan announces: what it explains while it lasts, and what it threatens before it begins.
import { z } from 'zod';
import type { MetricDefinition } from '../../contracts/metrics.ts';
import type { Plan } from '../../contracts/plan.ts';
import { weeklySpans } from '../../failover/windows.ts';
import { clamp } from '../numbers.ts';
import type { Part } from '../service-risk.ts';
import { duration, number } from '../wording.ts';
import type { Pointer } from './combine.ts';
import { beyondCapacity } from './probabilities.ts';

/** Announced load at one time. Times in ms. */
export interface Load {
  readonly name: string;
  readonly factor: number;
  readonly from: number;
  readonly until: number;
}

/** Load just before an announced one, as it is remembered: that one is a multiple of it. */
export const LoadBefore = z.object({ name: z.string(), from: z.number(), requestsPerSecond: z.number() });
export type LoadBefore = z.infer<typeof LoadBefore>;

/** More than announced by this much is still taken for what was announced. */
const tolerance = 1.2;
/** What announced load explains counts for no more than this: below what warms a standby by default. */
const explainedScore = 10;
/** Roles of metrics that grow with the load without harm to users. Latency, errors and exhaustion are never explained away. */
const loadRoles: readonly MetricDefinition['role'][] = ['requests', 'network', 'cpu'];

/** Announced load that lasts at `now` or begins within `minutes`, the one that lasts first, then by its beginning. */
export function loadsAround({ plannedLoad }: Pick<Plan, 'plannedLoad'>, now: number, minutes: number): Load[] {
  const until = now + minutes * 60_000;
  return plannedLoad
    .flatMap((load): Load[] => {
      const { name, factor } = load;
      if (load.weekly) return weeklySpans(load.weekly, now, until + 1).map((span) => ({ ...span, name, factor }));
      const span = { from: Date.parse(load.from ?? ''), until: Date.parse(load.until ?? '') };
      return span.from <= until && span.until > now ? [{ ...span, name, factor }] : [];
    })
    .sort((a, b) => a.from - b.from || b.factor - a.factor);
}

const beforeOf = ({ name, from }: Load, known: readonly LoadBefore[]): LoadBefore | undefined => known.find((one) => one.name === name && one.from === from);

/** What is to be remembered of the load before each announced one: the newest rate, until it begins. One may begin while another lasts. */
export function loadsBefore(loads: readonly Load[], known: readonly LoadBefore[], requestsPerSecond: number | null, now: number): LoadBefore[] {
  return loads.flatMap((load) => {
    const { name, from } = load;
    return now < from && requestsPerSecond !== null ? [{ name, from, requestsPerSecond }] : (beforeOf(load, known) ?? []);
  });
}

export interface Carried {
  readonly loads: readonly Load[];
  readonly before: readonly LoadBefore[];
  readonly requestsPerSecond: number | null;
  /** requests a second that the side carries within its objective */
  readonly capacity: number;
}

/** That announced load is more than the side carries, from the horizon before its beginning to its end. */
export const threatOf = ({ loads, before, capacity }: Carried, now: number): Pointer[] =>
  loads.flatMap((load) => threatOfOne(load, beforeOf(load, before), capacity, now));

function threatOfOne(load: Load, before: LoadBefore | undefined, capacity: number, now: number): Pointer[] {
  if (before === undefined || !(capacity > 0)) return [];
  const demand = before.requestsPerSecond * load.factor;
  const ratio = demand / capacity;
  if (!(ratio > 1)) return [];
  const { from, most } = beyondCapacity;
  const when = now < load.from ? `in ${duration(load.from - now)}` : `for ${duration(now - load.from)}`;
  return [
    {
      probability: clamp(from + (most - from) * (ratio - 1), from, most),
      fact: 'planned',
      minutes: Math.max(0, Math.round((load.from - now) / 60_000)),
      reason: {
        metric: 'load',
        kind: 'planned',
        detail: `planned load '${load.name}' ${when}: ${number(load.factor)} times the load before it is ${number(demand)} requests a second, and the side carries ${number(capacity)}`,
      },
    },
  ];
}

/**
 * The part without what announced load explains: when all that is unusual in it are metrics of load, and the requests are no more than announced.
 * `roles`: of its metrics, by name.
 */
export function withoutPlanned(
  part: Part,
  { loads, before, requestsPerSecond }: Carried,
  roles: ReadonlyMap<string, MetricDefinition['role']>,
  now: number,
): Part {
  if (requestsPerSecond === null || part.failureProbability === null || part.reasons.length === 0) return part;
  const load = loads.find((one) => one.from <= now && requestsPerSecond <= (beforeOf(one, before)?.requestsPerSecond ?? 0) * one.factor * tolerance);
  if (load === undefined) return part;
  const explained = part.reasons.every(({ metric, kind }) => (kind === 'level' || kind === 'trend') && loadRoles.includes(roles.get(metric) ?? 'other'));
  if (!explained) return part;
  const detail = `planned load '${load.name}' (${number(load.factor)} times the load before it) explains it`;
  return {
    ...part,
    failureProbability: Math.min(part.failureProbability, explainedScore),
    expectedInMinutes: null,
    reasons: [{ metric: 'load', kind: 'planned', detail }, ...part.reasons],
  };
}
