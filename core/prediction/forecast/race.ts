// The rolling backtest: forecasts are kept until their hour is over, and every forecaster's errors are remembered for this metric.
import { clamp, compact } from '../numbers.ts';
import { baselines, type Forecast, type Forecaster, forecasters, raceSteps, soonSteps } from './forecasters.ts';
import type { Means } from './trend.ts';

/** Forecasts are made every twenty minutes, so that those of twenty minutes are just over and three of an hour are under way. */
const originEvery = soonSteps;
export const originSlots = raceSteps / originEvery;
/** The last value is known without being kept, and what is flat is not kept twice. */
export const keptFrom = forecasters.indexOf('mean');
export const soonFrom = forecasters.indexOf('holt');
/** Memory of the choice, and of the error distributions, as weights of one verified forecast: about three hours and half a day. */
const choiceRate = 0.1;
const spreadRate = 0.03;
/** The errors of twenty minutes are smaller than those of an hour, and are to count as much. */
const soonWeight = 2;
/** Fewer verified forecasts of twenty minutes choose nothing, and one of an hour is needed. */
const fewestVerified = 3;
/** A model is used only when its error is below this share of the better baseline's, and has skill only when it is below it of the long-run mean's. */
const better = 0.95;

/** Errors by forecaster, in the metric's unit. */
export interface Race {
  /** how many forecasts of an hour, and of twenty minutes, were verified */
  readonly verified: number;
  readonly verifiedSoon: number;
  /** mean absolute error after an hour and after twenty minutes, of late */
  readonly errors: readonly number[];
  readonly soonErrors: readonly number[];
  /** highest value within the hour, less the forecast: mean, and mean absolute deviation from that; 0 for the long-run mean, which nothing asks */
  readonly bias: readonly number[];
  readonly spread: readonly number[];
  /** forecasts of an hour ahead that are under way, of the forecasters from `keptFrom` on; their slots take turns */
  readonly origins: readonly (readonly number[] | null)[];
  /** the newest forecasts of twenty minutes ahead, from `soonFrom` on */
  readonly soon: readonly number[] | null;
}

const zeros = forecasters.map(() => 0);
const none = new Array<null>(originSlots).fill(null);
export const initialRace: Race = { verified: 0, verifiedSoon: 0, errors: zeros, soonErrors: zeros, bias: zeros, spread: zeros, origins: none, soon: null };

/** Forecasts that were under way are given up: what they are about did not go on. */
export const abandonOrigins = (race: Race): Race => ({ ...race, origins: none, soon: null });

/** One verified forecast, by forecaster, moves means of absolute errors. */
const learnedErrors = (errors: readonly number[], forecasts: readonly number[], value: number, rate: number, limit: number) =>
  errors.map((error, index) => compact(error + rate * (Math.abs(value - (forecasts[index] ?? value)) - error), limit / 100));

function verifySoon(race: Race, forecasts: readonly number[], value: number, limit: number): Race {
  const verifiedSoon = Math.min(race.verifiedSoon + 1, 9999);
  return { ...race, verifiedSoon, soonErrors: learnedErrors(race.soonErrors, forecasts, value, Math.max(choiceRate, 1 / verifiedSoon), limit) };
}

function verify(race: Race, forecasts: readonly number[], value: number, highest: number, limit: number): Race {
  const verified = Math.min(race.verified + 1, 9999);
  const rate = Math.max(spreadRate, 1 / verified);
  const learned = (means: readonly number[], sample: (error: number, index: number) => number) =>
    means.map((mean, index) => (index === keptFrom ? 0 : compact(mean + rate * (sample(highest - (forecasts[index] ?? highest), index) - mean), limit / 100)));
  return {
    ...race,
    verified,
    errors: learnedErrors(race.errors, forecasts, value, Math.max(choiceRate, 1 / verified), limit),
    bias: learned(race.bias, (error) => error),
    spread: learned(race.spread, (error, index) => Math.abs(error - (race.verified === 0 ? 0 : (race.bias[index] ?? 0)))),
  };
}

export interface Bucket {
  /** how many buckets there were before it since the epoch */
  readonly number: number;
  /** means up to this bucket's own, which is the last */
  readonly means: Means;
  /** forecasts are kept within plus or minus this */
  readonly bound: number;
  /** numbers are kept to a ten-thousandth of it, errors to a millionth */
  readonly limit: number;
}

/**
 * Takes one bucket in: verifies what was forecast for it, and keeps new forecasts. Where the bucket has no point, what was to be verified there is dropped.
 * @param forecast makes the forecasts, in the order of `forecasters`; called where they are kept only
 */
export function advanceRace(race: Race, { number, means, bound, limit }: Bucket, forecast: () => readonly Forecast[]): Race {
  if (number % originEvery !== 0) return race;
  const slots = (at: number) => ((at % originSlots) + originSlots) % originSlots;
  const slot = slots(number / originEvery);
  const value = means.at(-1) ?? null;
  if (value === null) return { ...race, soon: null, origins: race.origins.with(slot, null) };
  let next = race;
  const [due, newest] = [race.origins[slot] ?? null, race.origins[slots(number / originEvery - 1)] ?? null];
  if (race.soon !== null && newest !== null) {
    const last = means.at(-1 - soonSteps) ?? value;
    next = verifySoon(next, [last, ...newest.slice(0, soonFrom - keptFrom), ...race.soon], value, limit);
  }
  if (due !== null) {
    const highest = means.slice(-raceSteps).reduce<number>((most, other) => Math.max(most, other ?? most), value);
    next = verify(next, [means.at(-1 - raceSteps) ?? value, ...due], value, highest, limit);
  }
  const made = forecast();
  const kept = (values: readonly number[]) => values.map((one) => compact(clamp(one, -bound, bound), limit));
  return {
    ...next,
    soon: kept(made.slice(soonFrom).map(({ soon }) => soon)),
    origins: next.origins.with(slot, kept(made.slice(keptFrom).map(({ to }) => to))),
  };
}

export interface Winner {
  readonly by: Forecaster;
  readonly index: number;
  /** false when the metric's long-run mean does as well: then its base rate is all that can be said */
  readonly skill: boolean;
}

const totalErrors = (race: Race): number[] => race.errors.map((error, index) => error + soonWeight * (race.soonErrors[index] ?? 0));

/** Whether the steady rises of this metric were worse forecasts of late than its last value. Without a rise both say the same. */
export function isRefuted(race: Race): boolean {
  const errors = totalErrors(race);
  return (errors[forecasters.indexOf('trend')] ?? 0) > (errors[forecasters.indexOf('last')] ?? 0);
}

/** Who forecasts this metric best; undefined before enough forecasts were verified. */
export function winnerOf(race: Race): Winner | undefined {
  if (race.verified === 0 || race.verifiedSoon < fewestVerified) return undefined;
  const errors = totalErrors(race);
  const errorOf = (name: Forecaster) => errors[forecasters.indexOf(name)] ?? 0;
  const best = (names: readonly Forecaster[]) => names.reduce((least, name) => (errorOf(name) < errorOf(least) ? name : least));
  const baseline = best([...baselines].reverse());
  const model = best(forecasters.filter((name) => name !== 'mean'));
  const by = errorOf(model) < better * errorOf(baseline) ? model : baseline;
  return { by, index: forecasters.indexOf(by), skill: errorOf(by) < better * errorOf('mean') };
}
