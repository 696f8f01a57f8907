// The probability that an incident is under way or near, for metrics of unknown meaning: features of the resource, a learned model, what it is worth.
import { calibrated, logOddsOf, sigmoid } from '../model/calibration.ts';
import type { FailureModel, Horizon } from '../model/format.ts';
import { rawScore, scorerOf } from '../model/trees.ts';
import { compact } from '../numbers.ts';
import { beginMetric, hoursOfDay, type MetricMemory } from './metric-signals.ts';
import { beginWhole, type MetricPoint, observeResource, type WholeMemory } from './resource-features.ts';

/** Points that a metric needs before it counts. */
const warmPoints = 120;

export interface RiskMetric {
  readonly memory: MetricMemory;
  /** time of the last point, ms since the epoch, and its value */
  readonly at: number;
  readonly value: number;
}

export interface RiskState {
  /** time of the last observation, ms; null before the first */
  readonly at: number | null;
  readonly metrics: Readonly<Record<string, RiskMetric>>;
  readonly whole: WholeMemory;
  /** 0 to 1; null while warming up. Held while too few of the metrics have a point. */
  readonly probability: number | null;
}

export const initialRisk: RiskState = { at: null, metrics: {}, whole: beginWhole, probability: null };

/** Known after 120 points and a whole day: before, the hours of the day have no usual value, and every morning is unusual. */
export const isWarm = ({ n, hoursSeen }: MetricMemory): boolean => n >= warmPoints && hoursSeen >= hoursOfDay;

/** Share of rows of a horizon at which it came true: what is said of a resource of which nothing is known. */
const baseRateOf = ({ heldOut: { positives, rows } }: Horizon): number => (rows > 0 ? positives / rows : 0);

const nearest = ({ horizons }: FailureModel, target: Horizon['target'], minutes: number): Horizon | undefined => {
  const distance = (horizon: Horizon) => Math.abs(Math.log((horizon.minutes + 1) / (minutes + 1)));
  return horizons
    .filter((horizon) => horizon.target === target)
    .reduce<Horizon | undefined>((best, horizon) => (best === undefined || distance(horizon) < distance(best) ? horizon : best), undefined);
};

/**
 * Fewer metrics than a model learned from are less evidence: what they say of an incident is drawn to the base rate. Measured by leaving metrics out of
 * servers with 19.
 * @param enough the fewest that it learned from
 */
const halfAt = 3;
export const creditOf = (metrics: number, enough: number): number => Math.min(1, ((metrics / (metrics + halfAt)) * (enough + halfAt)) / enough);

/** What a horizon makes of a raw score; undefined where it has no skill. */
function saidBy(horizon: Horizon | undefined, raw: number, credit: number): number | undefined {
  if (horizon === undefined || !horizon.skill) return undefined;
  const probability = calibrated(horizon.calibration, raw);
  if (probability === null) return undefined;
  const base = logOddsOf(baseRateOf(horizon), 1e-3);
  const logOdds = logOddsOf(probability, 1e-5);
  // What speaks against an incident is not doubted: only alarms need many witnesses.
  return sigmoid(logOdds > base ? base + credit * (logOdds - base) : logOdds);
}

/**
 * That an incident is there, or begins within `minutes`. An incident that is there is one of the horizon too, and of that the model is surer: what begins can
 * hardly be seen coming. null where the model has no skill.
 */
export function probabilityOf(model: FailureModel, features: Float64Array, metrics: number, minutes: number): number | null {
  const raw = rawScore(scorerOf(model), features);
  const credit = creditOf(metrics, model.metrics);
  const said = [nearest(model, 'present', 0), nearest(model, 'either', minutes)].flatMap((horizon) => saidBy(horizon, raw, credit) ?? []);
  return said.length === 0 ? null : Math.max(...said);
}

/** Copies, so that the state that was given stays as it was. */
const copied = (memory: MetricMemory): MetricMemory => ({ ...memory });

export interface RiskReading {
  readonly state: RiskState;
  /** in the order of `featureNames`; null while warming up, or when too few metrics have a point */
  readonly features: Float64Array | null;
  /** metrics behind the features */
  readonly counted: number;
}

/**
 * Takes one observation in. Metrics that are warming up learn and do not count; a reading needs a point of half of those that count.
 * @param points finite values by metric, not older than the metric's last
 */
export function readRisk(state: RiskState, timestamp: number, points: ReadonlyMap<string, number>): RiskReading {
  if (points.size === 0) return { state, features: null, counted: 0 };
  const metrics: Record<string, RiskMetric> = { ...state.metrics };
  const counting: MetricPoint[] = [];
  const learning: MetricPoint[] = [];
  let known = 0;
  for (const { memory } of Object.values(state.metrics)) if (isWarm(memory)) known += 1;
  for (const [name, value] of points) {
    const before = state.metrics[name];
    if (before === undefined) {
      metrics[name] = { memory: beginMetric(value), at: timestamp, value };
      continue;
    }
    const memory = copied(before.memory);
    metrics[name] = { memory, at: timestamp, value };
    (isWarm(memory) ? counting : learning).push({ memory, value, before: before.value, last: before.at });
  }
  const elapsed = timestamp - (state.at ?? timestamp);
  const next = { at: timestamp, metrics, probability: state.probability };
  const learned = learning.length > 0 ? observeResource(state.whole, timestamp, learning, elapsed).whole : state.whole;
  // While all warm up, what they have in common is learned from them; later it is learned from those that count.
  if (counting.length === 0) return { state: { ...next, whole: known === 0 ? learned : state.whole }, features: null, counted: 0 };
  const { whole, features } = observeResource(state.whole, timestamp, counting, elapsed);
  if (2 * counting.length < known) return { state: { ...next, whole: state.whole }, features: null, counted: 0 };
  return { state: { ...next, whole }, features, counted: counting.length };
}

/** Takes one observation in and judges it. See `readRisk`. */
export function observeRisk(state: RiskState, timestamp: number, points: ReadonlyMap<string, number>, model: FailureModel, minutes: number): RiskState {
  const { state: next, features, counted } = readRisk(state, timestamp, points);
  if (features === null) return next;
  const probability = probabilityOf(model, features, counted, minutes);
  return { ...next, probability: probability === null ? null : compact(probability, 0.01) };
}
