// The Numenta Anomaly Benchmark: the anomaly score of the detector, as a backtest feeds it, by the benchmark's own scoring.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { backtest } from '../../bin/commands/backtest.ts';
import { readTelemetry } from '../../rehearsal/telemetry/read-csv.ts';
import { bestThreshold, candidateThresholds, countNab, type NabSeries, nabProfiles, nabScore } from './nab-scoring.ts';
import { DataAbsentError, type Section } from './section.ts';

/** Where the detector itself tells that something is unusual; no other threshold is chosen on the data. */
const ownThreshold = 0.5;

/** Published detectors on these 31 series, standard profile, threshold chosen on the data as the benchmark does. */
const published = [
  ['ARTime', 78.2],
  ['CAD OSE', 74.1],
  ['HTM', 71.2],
  ['KNN-CAD', 64.4],
  ['random cut forest', 52.0],
  ['windowed Gaussian', 36.7],
] as const;

const timeOf = (text: string): number => Date.parse(`${text.replace(' ', 'T').slice(0, 23)}Z`);

/** Every series of the folder through the detector, in the order of their names. */
export async function scoreNab(folder: string): Promise<{ series: NabSeries[]; microseconds: number }> {
  const labels: unknown = JSON.parse(readFileSync(join(folder, 'windows.json'), 'utf8'));
  if (typeof labels !== 'object' || labels === null) throw new Error(`${join(folder, 'windows.json')} is not an object of windows by series`);
  const series: NabSeries[] = [];
  let rows = 0;
  let milliseconds = 0;
  for (const [name, given] of Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const telemetry = await readTelemetry(join(folder, name));
    const begun = performance.now();
    const scores = Array.from(backtest(telemetry), ({ anomalyScore }) => anomalyScore);
    milliseconds += performance.now() - begun;
    rows += scores.length;
    series.push({ name, scores, windows: windowsOf(given, telemetry.times) });
  }
  return { series, microseconds: (1000 * milliseconds) / Math.max(1, rows) };
}

function windowsOf(given: unknown, times: ArrayLike<number>): [number, number][] {
  if (!Array.isArray(given)) throw new Error('windows.json: the windows of a series are not a list');
  return given.map((window: unknown) => {
    const [from, until] = Array.isArray(window) ? window.map(String) : [];
    const rows = Array.from(times);
    const start = rows.findIndex((time) => time >= timeOf(from ?? ''));
    const end = rows.findLastIndex((time) => time <= timeOf(until ?? ''));
    if (start < 0 || end < start) throw new Error(`windows.json: no row lies in the window ${JSON.stringify(window)}`);
    return [start, end];
  });
}

/** Every second series by name: what one half chose is reported on the other. */
const halves = (series: readonly NabSeries[]): [NabSeries[], NabSeries[]] => [
  series.filter((_, index) => index % 2 === 0),
  series.filter((_, index) => index % 2 === 1),
];

const shown = (score: number): string => score.toFixed(1);

/** @throws DataAbsentError when the folder has no `nab` */
export async function run(data: string): Promise<Section> {
  const folder = join(data, 'nab');
  if (!existsSync(join(folder, 'windows.json'))) throw new DataAbsentError(`no Numenta Anomaly Benchmark at ${folder}`);
  const { series, microseconds } = await scoreNab(folder);
  const [first, second] = halves(series);
  const { standard, lowFalseAlarms, lowMisses } = nabProfiles;
  const candidates = [...candidateThresholds(series), ownThreshold];
  const at = (part: readonly NabSeries[], threshold: number) => [standard, lowFalseAlarms, lowMisses].map((profile) => nabScore(part, threshold, profile));
  const best = [standard, lowFalseAlarms, lowMisses].map((profile) => bestThreshold(series, profile, candidates));
  const byFirst = bestThreshold(first, standard, candidates).threshold;
  const bySecond = bestThreshold(second, standard, candidates).threshold;
  const row = (name: string, scores: readonly number[]) => [name, ...scores.map(shown)];
  const rows = [
    row(`anomalyScore, threshold ${ownThreshold}`, at(series, ownThreshold)),
    row(
      'anomalyScore, best threshold for all',
      best.map(({ score }) => score),
    ),
    row(`first half, threshold ${ownThreshold}`, at(first, ownThreshold)),
    row(`second half, threshold ${ownThreshold}`, at(second, ownThreshold)),
    row('first half, threshold of the second', at(first, bySecond)),
    row('second half, threshold of the first', at(second, byFirst)),
    ...published.map(([name, score]) => [name, shown(score), null, null]),
  ];
  const false_ = series.reduce((sum, one) => sum - countNab(one, ownThreshold).falseAlarms, 0);
  const missed = series.reduce((sum, one) => sum + countNab(one, ownThreshold).missed, 0);
  const windows = series.reduce((sum, one) => sum + one.windows.length, 0);
  return {
    name: 'nab',
    title: `Numenta Anomaly Benchmark, ${series.length} series, ${windows} windows`,
    target: 'standard profile, one threshold for all series: at least 68, aim above 74',
    columns: ['detector', 'standard', 'low false alarms', 'low misses'],
    rows,
    notes: [
      `One metric of unknown meaning through the detector: ${microseconds.toFixed(1)} us a point, all of the detector. At ${ownThreshold} ${windows - missed} of ${windows} windows are found, with ${false_.toFixed(0)} false alarms in ${series.reduce((sum, one) => sum + one.scores.length, 0).toLocaleString('en')} points.`,
      'Halves: every second series by name. Signals and constants were chosen with both halves in view, by what holds over wide ranges; docs/benchmarks.md says what constants chosen on one half alone are worth on the other.',
      'Published detectors: their results as the benchmark keeps them, on the same series.',
    ],
    figures: {
      'nab.standard': best[0]?.score ?? null,
      'nab.lowFalseAlarms': best[1]?.score ?? null,
      'nab.lowMisses': best[2]?.score ?? null,
      'nab.ownThreshold': nabScore(series, ownThreshold, standard),
      'nab.firstHalf': nabScore(first, bySecond, standard),
      'nab.secondHalf': nabScore(second, byFirst, standard),
      'nab.microsecondsPerPoint': microseconds,
    },
    demands: { 'nab.standard': { atLeast: 68 } },
  };
}
