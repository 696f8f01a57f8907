// The rolling backtest: forecasts are kept until their hour is over, and every forecaster's errors are remembered for this metric.
import { clamp, compact, compactTo } from '../numbers.ts';
import { type Forecast, type Forecaster, forecasters, models, raceSteps, soonSteps } from './forecasters.ts';
import { countExcess, initialTail, type Tail } from './tail.ts';
import type { Means } from './trend.ts';

/** Forecasts are made every twenty minutes, so that those of twenty minutes are just over and three of an hour are under way. */
const originEvery = soonSteps;
export const originSlots = raceSteps / originEvery;
/** The last value is known without being kept, and what is flat is not kept twice. */
export const keptFrom = forecasters.indexOf('mean');
export const soonFrom = forecasters.indexOf('holt');
/** Memory of the choice, and of the errors' spread, as weights of one verified forecast: about half a day and a day. */
const choiceRate = 0.03;
const spreadRate = 0.015;
/** The errors of twenty minutes are smaller than those of an hour, and are to count as much. */
const soonWeight = 2;
/** Fewer verified forecasts of twenty minutes choose nothing, and one of an hour is needed. */
const fewestVerified = 3;
/** A model is used only when its error is below this share of both baselines', and has skill only when it is below it of the long-run mean's. */
const better = 0.95;
const skilful = 0.8;
/** Memory of what probabilities were worth: some seventeen hours. */
const worthRate = 0.02;

/** A spread below a ten-thousandth of the limit is rounding. */
export const leastSpread = (spread: number, limit: number): number => Math.max(spread, 1e-4 * limit);

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
  /** how the forecasts of whoever led were exceeded */
  readonly tail: Tail;
  /** share of hours in which the limit was reached, and by how much the probabilities' Brier score was below that of this share, both of late */
  readonly reached: number;
  readonly gain: number;
  /** probabilities that are under way, to a hundredth; null where none was given. Their slots are those of `origins` */
  readonly chances: readonly (number | null)[];
  /** forecasts of an hour ahead that are under way, of the forecasters from `keptFrom` on; their slots take turns */
  readonly origins: readonly (readonly number[] | null)[];
  /** the newest forecasts of twenty minutes ahead, from `soonFrom` on */
  readonly soon: readonly number[] | null;
}

const zeros = forecasters.map(() => 0);
const none = new Array<null>(originSlots).fill(null);
export const initialRace: Race = {
  verified: 0,
  verifiedSoon: 0,
  errors: zeros,
  soonErrors: zeros,
  bias: zeros,
  spread: zeros,
  tail: initialTail,
  reached: 0,
  gain: 0,
  chances: none,
  origins: none,
  soon: null,
};

/** Forecasts that were under way are given up: what they are about did not go on. */
export const abandonOrigins = (race: Race): Race => ({ ...race, chances: none, origins: none, soon: null });

/** One verified forecast, by forecaster, moves means of absolute errors. */
const learnedErrors = (errors: readonly number[], forecasts: readonly number[], value: number, rate: number, limit: number) => {
  const kept = compactTo(limit / 100);
  return errors.map((error, index) => kept(error + rate * (Math.abs(value - (forecasts[index] ?? value)) - error)));
};

function verifySoon(race: Race, forecasts: readonly number[], value: number, limit: number): Race {
  const verifiedSoon = Math.min(race.verifiedSoon + 1, 9999);
  return { ...race, verifiedSoon, soonErrors: learnedErrors(race.soonErrors, forecasts, value, Math.max(choiceRate, 1 / verifiedSoon), limit) };
}

function verify(race: Race, forecasts: readonly number[], value: number, highest: number, limit: number): Race {
  const verified = Math.min(race.verified + 1, 9999);
  const rate = Math.max(spreadRate, 1 / verified);
  const fine = compactTo(limit / 100);
  const learned = (means: readonly number[], sample: (error: number, index: number) => number) =>
    means.map((mean, index) => (index === keptFrom ? 0 : fine(mean + rate * (sample(highest - (forecasts[index] ?? highest), index) - mean))));
  const leader = winnerOf(race)?.index;
  const excess = leader === undefined ? 0 : highest - (forecasts[leader] ?? highest) - (race.bias[leader] ?? 0);
  return {
    ...race,
    verified,
    tail: leader === undefined ? race.tail : countExcess(race.tail, excess / leastSpread(race.spread[leader] ?? 0, limit)),
    errors: learnedErrors(race.errors, forecasts, value, Math.max(choiceRate, 1 / verified), limit),
    bias: learned(race.bias, (error) => error),
    spread: learned(race.spread, (error, index) => Math.abs(error - (race.verified === 0 ? 0 : (race.bias[index] ?? 0)))),
  };
}

function verifyChance(race: Race, chance: number, reached: boolean): Race {
  const outcome = reached ? 1 : 0;
  const gain = (race.reached - outcome) ** 2 - (chance - outcome) ** 2;
  const learned = (before: number, sample: number) => compact(before + worthRate * (sample - before), 0.1);
  return { ...race, reached: learned(race.reached, outcome), gain: learned(race.gain, gain) };
}

const slotOf = (number: number): number => (((number / originEvery) % originSlots) + originSlots) % originSlots;

/** Keeps the probability that was given at a bucket at which forecasts were made; at others nothing is kept. */
export function promise(race: Race, number: number, chance: number | null): Race {
  if (number % originEvery !== 0) return race;
  return { ...race, chances: race.chances.with(slotOf(number), chance === null ? null : Math.round(chance * 100) / 100) };
}

/** Whether the limit was reached before, and this share of hours alone would have told as much as the probabilities did. */
export const isWorthless = ({ reached, gain }: Race): boolean => reached > 0 && gain <= 0;

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
  const slot = slotOf(number);
  const value = means.at(-1) ?? null;
  if (value === null) return { ...race, soon: null, chances: race.chances.with(slot, null), origins: race.origins.with(slot, null) };
  let next = race;
  const [due, newest] = [race.origins[slot] ?? null, race.origins[slotOf(number - originEvery)] ?? null];
  if (race.soon !== null && newest !== null) {
    const last = means.at(-1 - soonSteps) ?? value;
    next = verifySoon(next, [last, ...newest.slice(0, soonFrom - keptFrom), ...race.soon], value, limit);
  }
  if (due !== null) {
    const highest = means.slice(-raceSteps).reduce<number>((most, other) => Math.max(most, other ?? most), value);
    const chance = race.chances[slot] ?? null;
    if (chance !== null) next = verifyChance(next, chance, highest >= limit);
    next = verify(next, [means.at(-1 - raceSteps) ?? value, ...due], value, highest, limit);
  }
  const made = forecast();
  const coarse = compactTo(limit);
  const kept = (values: readonly number[]) => values.map((one) => coarse(clamp(one, -bound, bound)));
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
  const beats = (name: Forecaster, other: Forecaster) => errorOf(name) < better * errorOf(other);
  const baseline: Forecaster = beats('last', 'median') ? 'last' : 'median';
  const model = models.reduce((least, name) => (errorOf(name) < errorOf(least) ? name : least));
  const by = beats(model, 'last') && beats(model, 'median') ? model : baseline;
  return { by, index: forecasters.indexOf(by), skill: errorOf(by) < skilful * errorOf('mean') };
}
