// The same work with libraries that one would take instead, in the same process: for each new point of each metric, is it unusual?
import { readFileSync } from 'node:fs';
import { AutoETS, initSync } from '@bsull/augurs/ets';
import * as statistics from 'simple-statistics';
import { observationsOf, resourceMetrics } from './fleet.ts';
import { learnedUntil, seconds } from './pure.ts';

const minute = 60_000;
/** History that is kept and gone over for each point: neither library has a state that one new point could change. */
const windowMinutes = 1440;
const forecastPoints = 288;

export interface ByLibrary {
  readonly library: string;
  readonly work: string;
  /** of one observation of eight metrics */
  readonly millisecondsAResource: number;
}

function histories(): number[][] {
  const from = learnedUntil - windowMinutes * minute;
  const series = observationsOf(1, resourceMetrics, from, learnedUntil);
  return resourceMetrics.map(({ name }) => series.map(({ values }) => values[name] ?? 0));
}

/** Rolling z-scores of a day with simple-statistics, for as many observations as are asked for. */
function rollingZScores(observations: number): number {
  const series = histories();
  let unusual = 0;
  const began = seconds();
  for (let index = 0; index < observations; index += 1)
    for (const window of series) {
      const mean = statistics.mean(window);
      const deviation = statistics.standardDeviation(window);
      if (deviation > 0 && Math.abs(statistics.zScore(window.at(-1) ?? 0, mean, deviation)) > 5) unusual += 1;
    }
  const took = seconds() - began;
  return unusual >= 0 ? took / observations : 0;
}

/** Exponential smoothing of a day of five minutes with augurs: is the new point within the interval that was forecast? A constant metric has no model. */
function exponentialSmoothing(observations: number): number {
  initSync({ module: readFileSync(new URL('ets_bg.wasm', import.meta.resolve('@bsull/augurs/ets'))) });
  const series = histories().map((values) => Float64Array.from(values.filter((_, index) => index % 5 === 0).slice(-forecastPoints)));
  const began = seconds();
  for (let index = 0; index < observations; index += 1)
    for (const values of series) {
      const model = new AutoETS(1, 'ZZN');
      try {
        model.fit(values);
        model.predict(1, 0.999);
      } catch {
        // No model is an answer, and takes its time too.
      } finally {
        model.free();
      }
    }
  return (seconds() - began) / observations;
}

export const measureLibraries = (observations = 200): ByLibrary[] => [
  {
    library: 'simple-statistics 7.12.1',
    work: `z-scores over a day of minutes (${windowMinutes.toLocaleString('en')} points a metric)`,
    millisecondsAResource: 1e3 * rollingZScores(observations),
  },
  {
    library: '@bsull/augurs 0.10.2',
    work: `exponential smoothing (AutoETS) fitted on ${forecastPoints} points a metric`,
    millisecondsAResource: 1e3 * exponentialSmoothing(Math.max(2, Math.round(observations / 50))),
  },
];
