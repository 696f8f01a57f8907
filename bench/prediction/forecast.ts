// The forecasters behind `time to exhaustion`: errors of one hour ahead beside two libraries, and whether the probability of crossing a limit is one.
import { join } from 'node:path';
import { loadPlan } from '../../bin/commands/plan-files.ts';
import { exhaustion, leakStops } from '../../rehearsal/scenarios/exhaustion.ts';
import { type Accuracy, accuracies, microsecondsPerBucket } from './forecast-accuracy.ts';
import { type Crossings, judged, leakCrossings, merged, ownBaseBrier, seriesCrossings } from './forecast-crossing.ts';
import { libraries } from './forecast-libraries.ts';
import { halvesOf, readSeries } from './forecast-series.ts';
import type { Cell, Section } from './section.ts';

/** Share of the first half's values below the limit. */
const shares = [0.95, 0.99];
const leakSeeds = 24;

const median = (numbers: readonly number[]): number => {
  const sorted = numbers.filter((one) => !Number.isNaN(one)).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
};
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / Math.max(1, numbers.length);

const said: Readonly<Record<string, string>> = {
  race: 'whoever leads the rolling backtest (what the engine uses)',
  last: 'last value',
  mean: 'long-run mean',
  median: 'median of the last hour',
  holt: 'Holt',
  damped: 'Holt, damped',
  autoregressive: 'AR(1) of the median of the last hour',
  trend: 'steady rise of the last 90 minutes',
};

function accuracyRow({ name, errors, fit, failed }: Accuracy, microseconds: number): Cell[] {
  const [chose, reported] = halvesOf(errors);
  const shown = (some: readonly number[]) => `${median(some).toFixed(3)} / ${mean(some.filter((one) => !Number.isNaN(one))).toFixed(3)}`;
  const cost = fit === undefined ? (name === 'race' ? `${microseconds.toFixed(1)} us a bucket, all together` : null) : `${fit.toFixed(1)} ms a fit`;
  return [`MASE, ${said[name] ?? name}`, shown(chose), shown(reported), failed > 0 ? `${cost}; no model ${failed} times` : cost];
}

function crossingCell(all: readonly Crossings[]): Cell {
  const pooled = merged(all);
  const found = judged(pooled);
  if (found === undefined) return null;
  return `${found.brier.toFixed(4)}, base rate's ${found.baseBrier.toFixed(4)} (each its own: ${ownBaseBrier(all).toFixed(4)}), ECE ${found.ece.toFixed(3)}, AUC ${found.auc?.toFixed(3) ?? '-'}; given at ${Math.round((100 * found.count) / pooled.asked)} %`;
}

const percent = (share: number) => `${Math.round(100 * share)} %`;

export async function run(data: string): Promise<Section> {
  const series = await readSeries(data);
  const known = await libraries();
  const microseconds = microsecondsPerBucket(series[0] ?? { name: '', start: 0, means: [], scale: 1 });
  const measured = accuracies(series, known);
  const race = measured.find(({ name }) => name === 'race');
  const baseline = measured.find(({ name }) => name === 'median');
  const byShare = shares.map((share) => ({ share, halves: halvesOf(series.map((one) => seriesCrossings(one, share))) }));
  const plan = loadPlan(join(import.meta.dirname, '..', '..', 'plans', 'shop.yaml'));
  const leaks = [exhaustion, leakStops].flatMap((scenario) => Array.from({ length: leakSeeds }, (_, seed) => leakCrossings(scenario, 701 + seed, plan)));
  const pooled = merged(leaks);
  const leakFound = judged(pooled);
  const critical = leaks.flatMap(({ criticalBefore }) => (criticalBefore !== null && Number.isFinite(criticalBefore) ? [criticalBefore] : []));
  const falsely = leaks.filter(({ criticalBefore }) => criticalBefore === Number.POSITIVE_INFINITY).length;
  const reported = byShare.map(({ halves }) => judged(merged(halves[1])));
  return {
    name: 'forecast',
    title: 'Forecasts to a limit: one hour ahead',
    target: 'no worse than the median of the last hour; a lower Brier score than the base rate wherever a probability is given',
    columns: ['what', 'half that chose', 'half that reported', 'cost'],
    rows: [
      ...measured.map((one) => accuracyRow(one, microseconds)),
      ...byShare.map(({ share, halves }): Cell[] => [
        `crossing the ${percent(share)} quantile of the history: Brier`,
        crossingCell(halves[0]),
        crossingCell(halves[1]),
        null,
      ]),
      ['crossing 100 %, simulated leaks: Brier', null, crossingCell(leaks), null],
    ],
    notes: [
      `${series.length} public series of five minutes; MASE: median / mean over the series of the mean absolute error over the next hour, in mean differences to the same time of the day before; up to 48 moments each, the same for all; libraries fit the last day.`,
      `Libraries: ${known.map(({ name, loading, bytes }) => `${name}: ${loading.toFixed(0)} ms to load, ${Math.round(bytes / 1024)} kB`).join('; ')}.`,
      `Simulated leaks: ${leakSeeds} seeds from 701 on of exhaustion and of leak-stops, one host each. Critical at ${median(critical).toFixed(0)} minutes before the crash (${Math.min(...critical).toFixed(0)} to ${Math.max(...critical).toFixed(0)}), never in ${leakSeeds - critical.length} of ${leakSeeds}; ${falsely} of ${leakSeeds} leaks that stop became critical. The interval of 80 % held the crash at ${percent(pooled.held / Math.max(1, pooled.intervals))} of ${pooled.intervals} moments.`,
    ],
    figures: {
      'forecast.mase': race === undefined ? null : median(halvesOf(race.errors)[1]),
      'forecast.masePerMedian': race === undefined || baseline === undefined ? null : mean(halvesOf(race.errors)[1]) / mean(halvesOf(baseline.errors)[1]),
      ...Object.fromEntries(
        shares.flatMap((share, index) => [
          [`forecast.q${Math.round(100 * share)}.brier`, reported[index]?.brier ?? null],
          [`forecast.q${Math.round(100 * share)}.skill`, skill(reported[index])],
        ]),
      ),
      'forecast.series.skill': skill(judged(merged(byShare.flatMap(({ halves }) => halves[1])))),
      'forecast.leaks.skill': skill(leakFound),
      'forecast.leaks.criticalMinutes': median(critical),
      'forecast.leaks.falselyCritical': falsely,
      'forecast.microseconds': microseconds,
    },
    demands: {
      'forecast.masePerMedian': { atMost: 1.02 },
      'forecast.series.skill': { atLeast: 0 },
      'forecast.leaks.skill': { atLeast: 0.5 },
      'forecast.leaks.falselyCritical': { atMost: 0 },
    },
  };
}

/** Brier skill score: 1 is perfect, 0 is no better than the base rate. */
const skill = (found: { brier: number; baseBrier: number } | undefined): number | null =>
  found === undefined || found.baseBrier === 0 ? null : 1 - found.brier / found.baseBrier;
