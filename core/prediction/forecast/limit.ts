// What is kept of a metric that has a limit: five-minute means, its forecasters and their record, and what they say now.
import { clamp, compact } from '../numbers.ts';
import { crossingProbability } from './exhaustion.ts';
import { extrapolating, type Forecaster, forecastAll, initialModels, learnModels, type Models, raceSteps, resetModels } from './forecasters.ts';
import { abandonOrigins, advanceRace, initialRace, isRefuted, isWorthless, promise, type Race, winnerOf } from './race.ts';
import { fewestCounted, type Tail } from './tail.ts';
import { bucketMinutes, gapBuckets, steadyRise } from './trend.ts';

const minute = 60_000;
const bucketTime = bucketMinutes * minute;
export const buckets = 18;
/** Longer without a point, and everything that was going on begins anew. */
const mostMissing = 12;
/** A fall between two buckets by this share of the limit, and by so many usual changes, is a reset (restart, rotation), not noise. */
const resetShare = 0.03;
const resetChanges = 6;
/** Values count up to ten limits in either direction, and never beyond what can be squared. */
const boundOf = (limit: number) => Math.min(10 * limit, 1e90);

/** Mean error of a young rise, as a share of what it says for an hour. */
const youngSpread = 0.25;

/** What the forecaster that won says, from the middle of the last bucket with a point on. */
export interface Outlook {
  readonly by: Forecaster;
  /** false of a rise that is too young for its forecasts to be verified: it is taken on trust, with a wide margin */
  readonly verified: boolean;
  /** whether it beat the metric's own base rate */
  readonly skill: boolean;
  /** the value that it starts from, and its rise per minute over the next hour */
  readonly value: number;
  readonly slope: number;
  /** its errors of the highest value within an hour: mean, and mean absolute deviation */
  readonly bias: number;
  readonly spread: number;
  /** how such forecasts were exceeded; undefined for a steady rise, which is too seldom to be counted */
  readonly tail: Tail | undefined;
  /** slope per minute of the steady rise; 0 without one */
  readonly steady: number;
  /** ms since the epoch, for which `value` stands */
  readonly at: number;
}

/** Values in the metric's unit, times in ms since the epoch. */
export interface LimitState {
  /** for which limit it was kept; another one begins anew */
  readonly limit: number;
  /** start of the open bucket; sum and count of its points */
  readonly open: number;
  readonly sum: number;
  readonly count: number;
  /** means of the closed buckets, oldest first; null where no point was */
  readonly means: readonly (number | null)[];
  /** values from which it came down by itself, the last two */
  readonly survived: readonly number[];
  readonly models: Models;
  readonly race: Race;
  /** undefined before enough is known */
  readonly outlook: Outlook | undefined;
}

export const initialLimit = (timestamp: number, limit: number): LimitState => ({
  limit,
  open: Math.floor(timestamp / bucketTime) * bucketTime,
  sum: 0,
  count: 0,
  means: [],
  survived: [],
  models: initialModels,
  race: initialRace,
  outlook: undefined,
});

/** What is said now; follows from the rest, so that it need not be stored. */
export function outlookOf({ means, models, race, open, limit }: Omit<LimitState, 'outlook'>): Outlook | undefined {
  const trailing = means.length - 1 - means.findLastIndex((mean) => mean !== null);
  if (trailing === means.length) return undefined;
  const rise = steadyRise(means, limit);
  // A mean stands for the middle of its bucket. After a gap what was said is held: the limit does not come nearer by the time that passed.
  const at = open - bucketTime * ((trailing > gapBuckets ? 0 : trailing) + 0.5);
  const steady = rise?.slope ?? 0;
  const winner = winnerOf(race);
  const extrapolates = winner !== undefined && extrapolating.includes(winner.by);
  if (rise !== undefined && !extrapolates && !isRefuted(race))
    return {
      by: 'trend',
      verified: false,
      skill: false,
      ...rise,
      bias: 0,
      spread: youngSpread * rise.slope * raceSteps * bucketMinutes,
      tail: undefined,
      steady,
      at,
    };
  if (winner === undefined) return undefined;
  const forecast = forecastAll(models, means, rise)[winner.index];
  if (forecast === undefined) return undefined;
  const steadily = extrapolates && steady > 0;
  const spread = race.spread[winner.index] ?? 0;
  return {
    by: winner.by,
    verified: true,
    skill: winner.skill && !isWorthless(race) && (steadily || race.tail.count >= fewestCounted),
    value: extrapolates ? forecast.from : forecast.to,
    slope: extrapolates ? (forecast.to - forecast.from) / (raceSteps * bucketMinutes) : 0,
    bias: race.bias[winner.index] ?? 0,
    // Three times twenty minutes are an hour, and forget sooner what was before the rise.
    spread: steadily ? Math.min(spread, 3 * (race.soonErrors[winner.index] ?? 0)) : spread,
    tail: steadily ? undefined : race.tail,
    steady,
    at,
  };
}

/** The bucket that was open is closed with `mean`, null when it had no point. */
function close(state: LimitState, mean: number | null): LimitState {
  const { limit } = state;
  let { means, survived, models, race } = state;
  const before = means.findLast((other) => other !== null) ?? null;
  if (mean !== null && before !== null && before - mean > Math.max(resetShare * limit, resetChanges * models.change)) {
    const peak = means.reduce<number>((highest, other) => Math.max(highest, other ?? highest), before);
    // What came down from the limit itself may have crashed there: that is nothing to rely on.
    if (peak < 0.98 * limit) survived = [...survived, peak].slice(-2);
    means = [];
    race = abandonOrigins(race);
  }
  means = [...means, mean].slice(-buckets);
  // The first mean after a reset or a long gap: its level counts, not that of before.
  if (mean !== null && means.length === 1) models = resetModels(models, mean, limit);
  if (mean !== null) models = learnModels(models, means, limit);
  const forecast = () => forecastAll(models, means, steadyRise(means, limit));
  const number = state.open / bucketTime;
  race = advanceRace(race, { number, means, bound: boundOf(limit), limit }, forecast);
  const next = { ...state, open: state.open + bucketTime, sum: 0, count: 0, means, survived, models, race };
  const outlook = outlookOf(next);
  const chance = mean === null || mean >= limit || !outlook?.verified ? null : crossingProbability(outlook, limit, raceSteps * bucketMinutes);
  return { ...next, race: promise(race, number, chance), outlook };
}

/** Closes every bucket that ended before `timestamp`. */
function advance(state: LimitState, timestamp: number): LimitState {
  if (timestamp < state.open + bucketTime) return state;
  const skipped = Math.floor((timestamp - state.open) / bucketTime) - 1;
  if (skipped > mostMissing) {
    const fresh = initialLimit(timestamp, state.limit);
    return { ...fresh, survived: state.survived, models: state.models, race: abandonOrigins(state.race) };
  }
  let next = close(state, state.count === 0 ? null : compact(state.sum / state.count, state.limit));
  for (let index = 0; index < skipped; index += 1) next = close(next, null);
  return next;
}

/** Takes one point in. Value and limit have the metric's unit; both are finite, the limit is above 0. */
export function observeLimit(before: LimitState, timestamp: number, value: number, limit: number): LimitState {
  const state = advance(before.limit === limit ? before : initialLimit(timestamp, limit), timestamp);
  const bound = boundOf(limit);
  return { ...state, sum: compact(state.sum + clamp(value, -bound, bound), limit), count: state.count + 1 };
}
