// Is the probability of crossing a limit one? On public series with a high quantile as the limit, and on simulated leaks of memory and disk.

import type { Plan } from '../../core/contracts/plan.ts';
import { rocAuc } from '../../core/prediction/evaluation/ranking.ts';
import { type Reliability, reliability } from '../../core/prediction/evaluation/reliability.ts';
import { exhaustionAt } from '../../core/prediction/forecast/exhaustion.ts';
import { initialLimit, observeLimit } from '../../core/prediction/forecast/limit.ts';
import { bucketMinutes } from '../../core/prediction/forecast/trend.ts';
import type { Scenario } from '../../rehearsal/scenarios/scenario.ts';
import { drawRun } from '../../rehearsal/scenarios/scenario.ts';
import { crashTime, day, type Leak, minute } from '../../rehearsal/world/faults.ts';
import { stream } from '../../rehearsal/world/random.ts';
import { levelOf, loadOf } from '../../rehearsal/world/run.ts';
import type { BucketSeries } from './forecast-series.ts';

const bucketTime = bucketMinutes * minute;
const horizonMinutes = 60;
const horizonBuckets = horizonMinutes / bucketMinutes;
/** One moment in twenty minutes: the next one tells little else. */
const every = 4;

/** Moments at which a probability was given, of how many; with the outcome of each. */
export interface Crossings {
  readonly asked: number;
  readonly probabilities: readonly number[];
  readonly outcomes: readonly number[];
  /** of rises that did reach the limit: how many, and in how many of them the interval held the time */
  readonly intervals: number;
  readonly held: number;
}

export const merged = (all: readonly Crossings[]): Crossings => ({
  asked: all.reduce((sum, { asked }) => sum + asked, 0),
  probabilities: all.flatMap(({ probabilities }) => probabilities),
  outcomes: all.flatMap(({ outcomes }) => outcomes),
  intervals: all.reduce((sum, { intervals }) => sum + intervals, 0),
  held: all.reduce((sum, { held }) => sum + held, 0),
});

/** The share of values below which a limit lies, taken from the first half of a series; judged on the second, at moments when the limit is not crossed already. */
export function seriesCrossings({ means, start }: BucketSeries, share: number): Crossings {
  const half = Math.floor(means.length / 2);
  const history = Float64Array.from(means.slice(0, half).filter((mean) => mean !== null)).sort();
  const limit = history[Math.floor(share * (history.length - 1))] ?? 0;
  const probabilities: number[] = [];
  const outcomes: number[] = [];
  let asked = 0;
  if (limit <= 0) return { asked, probabilities, outcomes, intervals: 0, held: 0 };
  let state = initialLimit(start, limit);
  for (const [bucket, mean] of means.entries()) {
    if (mean === null) continue;
    const at = start + bucket * bucketTime;
    state = observeLimit(state, at, mean, limit);
    const ahead = means.slice(bucket, bucket + horizonBuckets).filter((value) => value !== null);
    const last = state.means.at(-1) ?? null;
    if (bucket < half || bucket % every !== 0 || ahead.length < horizonBuckets || last === null || last >= limit) continue;
    asked += 1;
    const probability = exhaustionAt(state, at, limit, horizonMinutes)?.probability ?? null;
    if (probability === null) continue;
    probabilities.push(probability);
    outcomes.push(Math.max(...ahead) >= limit ? 1 : 0);
  }
  return { asked, probabilities, outcomes, intervals: 0, held: 0 };
}

/** One host of a scenario with a leak, minute by minute from a day before it begins, its memory or its disk, whichever leaks. */
export function leakCrossings(scenario: Scenario, seed: number, plan: Plan): Crossings & { readonly criticalBefore: number | null } {
  const run = drawRun(scenario, seed, plan);
  const leak = run.faults.all.find((fault): fault is Leak => fault.kind === 'leak');
  if (leak === undefined) throw new Error(`the scenario ${scenario.name} has no leak`);
  const crash = crashTime(leak, 0);
  const load = loadOf(run);
  const noise = stream(seed, 'bench/forecast');
  const capacity = run.plan.sides.primary.instances * run.plan.sides.primary.requestsPerSecondPerInstance;
  const probabilities: number[] = [];
  const outcomes: number[] = [];
  let [asked, intervals, held] = [0, 0, 0];
  let criticalBefore: number | null = null;
  const limit = 100;
  let state = initialLimit(leak.from - day, limit);
  for (let at = leak.from - day; at < (crash ?? run.end); at += minute) {
    const level = levelOf(leak.resource, 0, at, run.environment, run.faults);
    const drawn = noise.normal(Math.round(at / minute));
    const value = level + (leak.resource === 'memory' ? 4 * Math.min(1, load(at) / capacity) + 0.4 * drawn : 0.1 * drawn);
    state = observeLimit(state, at, Math.min(100, Math.max(0, value)), limit);
    const exhaustion = exhaustionAt(state, at, limit, horizonMinutes);
    const left = crash === null ? Number.POSITIVE_INFINITY : (crash - at) / minute;
    if (at >= leak.from && (exhaustion?.score ?? 0) >= 85) criticalBefore ??= left;
    if (at % (every * bucketTime) !== 0) continue;
    asked += 1;
    if (exhaustion?.interval && crash !== null && at >= leak.from) {
      intervals += 1;
      if (left >= exhaustion.interval[0] && left <= exhaustion.interval[1]) held += 1;
    }
    const probability = exhaustion?.probability ?? null;
    if (probability === null) continue;
    probabilities.push(probability);
    outcomes.push(left <= horizonMinutes ? 1 : 0);
  }
  return { asked, probabilities, outcomes, intervals, held, criticalBefore };
}

export interface Judged extends Reliability {
  readonly auc: number | null;
}

/** undefined when no probability was given */
export function judged({ probabilities, outcomes }: Crossings): Judged | undefined {
  const found = reliability(probabilities, outcomes);
  return found && { ...found, auc: rocAuc(probabilities, outcomes) };
}

/** Brier score of always saying each series' own base rate: it knows the series' outcomes, which no forecaster does. */
export function ownBaseBrier(all: readonly Crossings[]): number {
  let [sum, count] = [0, 0];
  for (const { outcomes } of all) {
    const rate = outcomes.reduce((total, outcome) => total + outcome, 0) / Math.max(1, outcomes.length);
    sum += outcomes.length * rate * (1 - rate);
    count += outcomes.length;
  }
  return sum / Math.max(1, count);
}
