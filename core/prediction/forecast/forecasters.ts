// The forecasters that compete on every metric with a limit: cheap, incremental, one mean of five minutes at a time.
import { clamp, compact, compactTo, median } from '../numbers.ts';
import { bucketMinutes, type Means, type Trend } from './trend.ts';

/**
 * `last`: the last value. `mean`: the long-run mean, what the base rate rests on. `median`: of the last hour. `holt`, `damped`: exponential
 * smoothing with a trend, undamped and damped (Holt 1957; Gardner and McKenzie 1985; the additive ETS models with and without damping).
 * `autoregressive`: the last hour's median on its way back to the mean, at the pace this metric has (AR(1), Yule and Walker's estimate, over
 * exponentially weighted moments). `trend`: the steady rise of the last hour and a half, the last value when there is none.
 */
export const forecasters = ['last', 'mean', 'median', 'holt', 'damped', 'autoregressive', 'trend'] as const;
export type Forecaster = (typeof forecasters)[number];

/** Those that have to beat the last value and the median of the last hour, which always run. */
export const models = ['holt', 'damped', 'autoregressive', 'trend'] as const satisfies readonly Forecaster[];
/** Those that may say that a rise goes on. */
export const extrapolating: readonly Forecaster[] = ['holt', 'damped', 'trend'];

/** Buckets ahead that are backtested: an hour, and twenty minutes, which tell sooner who follows a change. */
export const raceSteps = 12;
export const soonSteps = 4;

const hourBuckets = 12;
/** A day of buckets. */
const longRun = 288;
const holt = { level: 0.3, slope: 0.1 };
/** Chosen with the other constants on one half of public series; the decision record has the figures. */
const damped = { level: 0.2, slope: 0.05, damping: 0.95 };

/** A change counts for at most so many usual ones: a restart is not soon usual. */
const mostChange = 5;

/** What the models have learned. Levels in the metric's unit, slopes in units per bucket. */
export interface Models {
  readonly points: number;
  readonly mean: number;
  readonly holtLevel: number;
  readonly holtSlope: number;
  readonly dampedLevel: number;
  readonly dampedSlope: number;
  /** standard deviation of the last hour's median from the mean, and its correlation with that of one bucket earlier */
  readonly deviation: number;
  readonly correlation: number;
  /** usual change from one bucket to the next, either way */
  readonly change: number;
}

export const initialModels: Models = {
  points: 0,
  mean: 0,
  holtLevel: 0,
  holtSlope: 0,
  dampedLevel: 0,
  dampedSlope: 0,
  deviation: 0,
  correlation: 0,
  change: 0,
};

const present = (means: Means): number[] => means.filter((mean) => mean !== null);
const lastHour = (means: Means): number => median(present(means.slice(-hourBuckets)));

/** Learns the newest of the means, which is not null. Numbers are kept to a ten-millionth of `limit`. */
export function learnModels(models: Models, means: Means, limit: number): Models {
  const value = means.at(-1) ?? 0;
  const points = Math.min(models.points + 1, 99_999);
  if (models.points === 0) return resetModels({ ...initialModels, points, mean: compact(value, limit / 1000) }, value, limit);
  const kept = compactTo(limit / 1000);
  const rate = Math.max(1 / points, 1 / longRun);
  const mean = models.mean + rate * (value - models.mean);
  const forecast = models.holtLevel + models.holtSlope;
  const dampedForecast = models.dampedLevel + damped.damping * models.dampedSlope;
  const now = lastHour(means) - mean;
  const before = means.length > 1 ? lastHour(means.slice(0, -1)) - mean : now;
  const change = means.length > 1 ? Math.abs(value - (present(means.slice(0, -1)).at(-1) ?? value)) : undefined;
  const variance = models.deviation ** 2;
  const nextVariance = variance + rate * (now * now - variance);
  const covariance = models.correlation * variance;
  const nextCovariance = covariance + rate * (now * before - covariance);
  return {
    points,
    mean: kept(mean),
    holtLevel: kept(forecast + holt.level * (value - forecast)),
    holtSlope: kept(models.holtSlope + holt.level * holt.slope * (value - forecast)),
    dampedLevel: kept(dampedForecast + damped.level * (value - dampedForecast)),
    dampedSlope: kept(damped.damping * models.dampedSlope + damped.level * damped.slope * (value - dampedForecast)),
    deviation: kept(Math.sqrt(Math.max(0, nextVariance))),
    change:
      change === undefined
        ? models.change
        : kept(models.change + rate * (Math.min(change, points < 12 ? change : mostChange * models.change + limit / 1000) - models.change)),
    correlation: nextVariance > 0 ? compact(clamp(nextCovariance / nextVariance, 0, 1), 0.01) : 0,
  };
}

/** After a restart or a rotation, or a gap that is too long: the level is the new one, and nothing rises; what is usual in the long run stays. */
export function resetModels(models: Models, value: number, limit: number): Models {
  const level = compact(value, limit / 1000);
  return { ...models, holtLevel: level, holtSlope: 0, dampedLevel: level, dampedSlope: 0 };
}

/** Sum of the first `steps` powers of the damping: how far a damped slope carries. */
const dampedSteps = (steps: number): number => (damped.damping * (1 - damped.damping ** steps)) / (1 - damped.damping);

export interface Forecast {
  /** value now, as this forecaster sees it */
  readonly from: number;
  /** value after twenty minutes, and after an hour */
  readonly soon: number;
  readonly to: number;
}

/** What every forecaster says, in the order of `forecasters`. `means` is not empty; `rise` is `steadyRise(means)`. */
export function forecastAll(models: Models, means: Means, rise: Trend | undefined): Forecast[] {
  const values = present(means);
  const last = values.at(-1) ?? 0;
  const hour = lastHour(means);
  const along = (from: number, after: (steps: number) => number): Forecast => ({ from, soon: after(soonSteps), to: after(raceSteps) });
  const flat = (value: number): Forecast => ({ from: value, soon: value, to: value });
  return [
    flat(last),
    flat(models.mean),
    flat(hour),
    along(models.holtLevel, (steps) => models.holtLevel + steps * models.holtSlope),
    along(models.dampedLevel, (steps) => models.dampedLevel + dampedSteps(steps) * models.dampedSlope),
    along(hour, (steps) => models.mean + models.correlation ** steps * (hour - models.mean)),
    rise === undefined ? flat(last) : along(rise.value, (steps) => rise.value + steps * bucketMinutes * rise.slope),
  ];
}
