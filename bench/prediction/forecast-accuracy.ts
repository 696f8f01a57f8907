// How far off each forecaster is over the next hour, at the same moments of the same series, and what a forecast costs.
import { type Forecaster, forecastAll, forecasters, raceSteps, soonSteps } from '../../core/prediction/forecast/forecasters.ts';
import { initialLimit, type LimitState, observeLimit } from '../../core/prediction/forecast/limit.ts';
import { bucketMinutes, steadyRise } from '../../core/prediction/forecast/trend.ts';
import type { Library } from './forecast-libraries.ts';
import { type BucketSeries, dayBuckets } from './forecast-series.ts';

const bucketTime = bucketMinutes * 60_000;
/** Libraries are slow: so many moments of each series, evenly spread. */
const moments = 48;

export interface Accuracy {
  readonly name: string;
  /** mean absolute error over the hour by series, in units of the series' scale; NaN where it gave no forecast */
  readonly errors: readonly number[];
  /** milliseconds a fit, for libraries */
  readonly fit?: number;
  readonly failed: number;
}

/** A limit that is far away: here nothing but the forecasts matter. */
const farLimit = (means: BucketSeries['means']): number => 1.25 * means.reduce<number>((most, mean) => Math.max(most, mean ?? most), 1e-9);

/** Value `step` buckets ahead, by the two that are known: the paths between are all but straight. */
const along = (from: number, soon: number, to: number, step: number): number =>
  step <= soonSteps ? from + ((soon - from) * step) / soonSteps : soon + ((to - soon) * (step - soonSteps)) / (raceSteps - soonSteps);

function paths(state: LimitState): { name: Forecaster | 'race'; at: (step: number) => number }[] {
  const forecasts = forecastAll(state.models, state.means, steadyRise(state.means, state.limit));
  const all = forecasters.map((name, index) => {
    const { from = 0, soon = 0, to = 0 } = forecasts[index] ?? {};
    return { name, at: (step: number) => along(from, soon, to, step) };
  });
  const { outlook } = state;
  const winner = all.find(({ name }) => name === outlook?.by) ?? all[forecasters.indexOf('median')];
  return [...all, { name: 'race', at: winner?.at ?? (() => Number.NaN) }];
}

interface Sums {
  error: number;
  count: number;
  failed: number;
  milliseconds: number;
}

/** Errors of every forecaster and of the libraries on one series, from its second day on. */
function measure({ means, start, scale }: BucketSeries, libraries: readonly Library[]): Map<string, Sums> {
  const found = new Map<string, Sums>();
  const sums = (name: string): Sums => {
    const known = found.get(name) ?? { error: 0, count: 0, failed: 0, milliseconds: 0 };
    found.set(name, known);
    return known;
  };
  const add = (name: string, forecast: (step: number) => number, actual: readonly number[]) => {
    const sum = sums(name);
    sum.error += actual.reduce((total, value, step) => total + Math.abs(value - forecast(step + 1)), 0) / actual.length / scale;
    sum.count += 1;
  };
  const every = Math.max(1, Math.floor((means.length - dayBuckets - raceSteps) / moments));
  const limit = farLimit(means);
  let state = initialLimit(start, limit);
  for (const [bucket, mean] of means.entries()) {
    if (mean === null) continue;
    // The point opens its bucket: what is known are the buckets before it, what is forecast begins with it.
    state = observeLimit(state, start + bucket * bucketTime, mean, limit);
    const actual = means.slice(bucket, bucket + raceSteps).filter((value) => value !== null);
    if (bucket < dayBuckets || (bucket - dayBuckets) % every !== 0 || actual.length < raceSteps || state.means.length === 0) continue;
    for (const { name, at } of paths(state)) add(name, at, actual);
    const history = filled(means.slice(bucket - dayBuckets, bucket));
    for (const library of libraries) {
      const sum = sums(library.name);
      const began = performance.now();
      try {
        const values = library.forecast(history, raceSteps);
        sum.milliseconds += performance.now() - began;
        if (!Array.from(values).every(Number.isFinite)) throw new Error('no forecast');
        add(library.name, (step) => values[step - 1] ?? Number.NaN, actual);
      } catch {
        sum.failed += 1;
      }
    }
  }
  return found;
}

function filled(means: readonly (number | null)[]): number[] {
  let last = means.find((mean) => mean !== null) ?? 0;
  return means.map((mean) => {
    last = mean ?? last;
    return last;
  });
}

export function accuracies(series: readonly BucketSeries[], libraries: readonly Library[]): Accuracy[] {
  const measured = series.map((one) => measure(one, libraries));
  const names = [...new Set(measured.flatMap((sums) => [...sums.keys()]))];
  return names.map((name) => {
    const each = measured.map((sums) => sums.get(name));
    const fits = each.reduce((sum, one) => sum + (one?.count ?? 0), 0);
    const milliseconds = each.reduce((sum, one) => sum + (one?.milliseconds ?? 0), 0);
    return {
      name,
      errors: each.map((one) => (one === undefined || one.count === 0 ? Number.NaN : one.error / one.count)),
      ...(milliseconds > 0 ? { fit: milliseconds / Math.max(1, fits) } : {}),
      failed: each.reduce((sum, one) => sum + (one?.failed ?? 0), 0),
    };
  });
}

/** Microseconds that one bucket costs, all forecasters and their verification together: best of some rounds. */
export function microsecondsPerBucket({ means, start }: BucketSeries): number {
  const limit = farLimit(means);
  const rounds = Array.from({ length: 5 }, () => {
    let state = initialLimit(start, limit);
    const began = performance.now();
    for (const [bucket, mean] of means.entries()) if (mean !== null) state = observeLimit(state, start + bucket * bucketTime, mean, limit);
    return ((performance.now() - began) * 1000) / means.length;
  });
  return Math.min(...rounds);
}
