// How likely a limit is crossed within the horizon, when it is reached, and what score follows.
import { clamp, interpolate } from '../numbers.ts';
import type { LimitState, Outlook } from './limit.ts';
import { leastSpread } from './race.ts';
import { belowT, quantileT } from './student.ts';
import { shareBeyond } from './tail.ts';

const minute = 60_000;
/** Errors are known for forecasts of so many minutes. */
const raceMinutes = 60;
/** What moves without a steady rise, or has twice come down by itself from here, is worth preparing for, not moving for. */
const mostUnsteady = 60;
/** What was not verified yet is prepared for, but nothing moves for it: below the usual threshold of critical. */
const mostUnverified = 84;
/** Nearer than this, in minutes, there is no time to verify anything: a failover takes about 15. */
const imminent = 20;
/** From this share of the limit on it is reached: what is measured there stands still, and no forecast rises any more. */
const full = 0.99;
/** A metric whose long-run mean is there lives at its limit, and fails nothing by it. */
const usuallyFull = 0.97;
const fullScore = 98;

/** Equally likely forecast errors, in mean absolute errors: the middles of ten tenths. */
const tenths = Array.from({ length: 10 }, (_, index) => quantileT((index + 0.5) / 10));
const decile = quantileT(0.9);

export interface Exhaustion {
  /** 0-100, see `lastingScore` */
  readonly score: number;
  /** probability that the metric's five-minute mean reaches its limit within the horizon; null without skill beyond its base rate */
  readonly probability: number | null;
  /** until the limit is reached at this pace; null when it is not on its way there */
  readonly minutes: number | null;
  /** in eight of ten cases it takes between these; the second is infinite when it may well not come at all; null beside 0 minutes: it is reached */
  readonly interval: readonly [number, number] | null;
  /** per minute */
  readonly slope: number;
  /** minutes that the trend rests on */
  readonly observedMinutes: number;
}

/**
 * Percentage of rises that last for `minutes` more: many leaks are stopped, restarted or cleaned up before they fill anything. Chosen
 * so that a failover, which takes about 15 minutes, begins with half an hour left: 85 at 32 minutes, 70 at 52; and that beyond the horizon it is
 * no probability within it: 30 at one and a quarter, next to nothing at two.
 */
export function lasting(minutes: number, horizonMinutes: number): number {
  return interpolate(
    [
      [0, 98],
      [15, 94],
      [32, 85],
      [52, 70],
      [Math.max(1.25 * horizonMinutes, 60), 30],
      [Math.max(1.75 * horizonMinutes, 90), 5],
      [Math.max(8 * horizonMinutes, 240), 0],
    ],
    minutes,
  );
}

/** Minutes until `distance` is covered at `rate` per minute; infinite when it never is. */
const timeFor = (distance: number, rate: number): number => (distance <= 0 ? 0 : rate > 0 ? distance / rate : Number.POSITIVE_INFINITY);

/** Errors of a rise grow with time, those of a level with its square root, as a random walk's do. */
function growth({ slope }: Outlook, minutes: number): number {
  const hours = minutes / raceMinutes;
  return slope > 0 ? hours : Math.sqrt(hours);
}

/**
 * Probability, 0-1, that the highest five-minute mean of the next `horizonMinutes` reaches `limit`: the winner's forecast, and around it how
 * its verified forecasts of that highest value were exceeded (for a steady rise, Student's t with four degrees of freedom). Falls with the limit.
 */
export function crossingProbability(outlook: Outlook, limit: number, horizonMinutes: number): number {
  const factor = growth(outlook, horizonMinutes);
  const expected = outlook.value + outlook.slope * horizonMinutes + outlook.bias * factor;
  const excess = (limit - expected) / (leastSpread(outlook.spread, limit) * factor);
  return outlook.tail === undefined ? 1 - belowT(excess) : shareBeyond(outlook.tail, excess);
}

/** A rise to its limit: the score is the probability that it lasts until then, over all the paces that the forecaster's errors allow. */
function ofRise(outlook: Outlook, value: number, limit: number, horizonMinutes: number): Pick<Exhaustion, 'score' | 'minutes' | 'interval'> {
  const distance = limit - value;
  const spread = leastSpread(outlook.spread, limit) / raceMinutes;
  const timeAt = (error: number) => timeFor(distance, outlook.slope + spread * error);
  const score = tenths.reduce((sum, error) => sum + lasting(timeAt(error), horizonMinutes), 0) / tenths.length;
  return { score, minutes: timeAt(0), interval: [timeAt(decile), timeAt(-decile)] };
}

/** The last closed bucket and the open one are both at the limit: a single point there is not. */
function isFull({ means, sum, count }: LimitState, limit: number): boolean {
  const last = means.at(-1) ?? Number.NEGATIVE_INFINITY;
  return last >= full * limit && (count === 0 || sum / count >= full * limit);
}

/** What is to be expected at `timestamp`; undefined when nothing is known or nothing nears the limit. */
export function exhaustionAt(state: LimitState, timestamp: number, limit: number, horizonMinutes: number): Exhaustion | undefined {
  const { outlook } = state;
  if (state.limit !== limit) return undefined;
  if (isFull(state, limit)) {
    const score = state.models.mean >= usuallyFull * limit ? mostUnsteady : fullScore;
    return { score, probability: null, minutes: 0, interval: null, slope: 0, observedMinutes: state.means.length * 5 };
  }
  if (outlook === undefined) return undefined;
  const elapsed = clamp((timestamp - outlook.at) / minute, 0, 10);
  const value = outlook.value + outlook.slope * elapsed;
  const probability = outlook.skill ? crossingProbability({ ...outlook, value }, limit, horizonMinutes) : null;
  const rising = outlook.slope > 0 ? ofRise(outlook, value, limit, horizonMinutes) : undefined;
  const near = rising !== undefined && rising.minutes !== null && rising.minutes <= 3 * Math.max(2 * horizonMinutes, 60);
  const chance = probability === null ? 0 : 100 * probability;
  const soon = outlook.steady > 0 && timeFor(limit - value, outlook.steady) <= imminent;
  const score =
    near && outlook.steady > 0
      ? Math.min(rising.score, outlook.verified || soon ? 100 : mostUnverified)
      : Math.min(mostUnsteady, Math.max(near ? rising.score : soon ? mostUnsteady : 0, chance));
  const lowest = state.survived.length === 2 ? Math.min(...state.survived) : Number.NEGATIVE_INFINITY;
  return {
    score: value <= lowest + 0.01 * limit ? Math.min(score, mostUnsteady) : score,
    probability,
    minutes: near ? rising.minutes : null,
    interval: near ? rising.interval : null,
    slope: outlook.slope,
    observedMinutes: state.means.length * 5,
  };
}
