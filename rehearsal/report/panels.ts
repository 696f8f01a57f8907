// Which charts a report has, from what each draws, and over which time.
import { armNames, type RehearsalReport, type TrafficSample } from '../results.ts';
import { type ChartSpec, renderChart, type Series, type Strip } from './chart.ts';
import { html, type Markup } from './markup.ts';
import { type CurvePoint, cumulative, runs, type Window } from './series.ts';

const minute = 60_000;
const hour = 60 * minute;

/** From the first sample to the last, of whatever was recorded. */
export function wholeRun(report: RehearsalReport): Window {
  const { forestall, metrics, traffic, faults } = report;
  const lists = [...armNames.map((arm) => traffic[arm]), forestall.assessments, forestall.weights, ...metrics.map(({ samples }) => samples)];
  const times = lists.flatMap((list) => [list[0]?.at, list.at(-1)?.at]).filter((at) => at !== undefined);
  const known = times.length > 0 ? times : faults.map(({ at }) => at);
  if (known.length === 0) return { from: 0, to: hour };
  const from = Math.min(...known);
  return { from, to: Math.max(from + minute, ...known) };
}

/** The part in which something happened, when that is less than half of a run of more than two hours; else undefined. */
export function focusOf(report: RehearsalReport, whole: Window): Window | undefined {
  const { forestall, faults, result } = report;
  const critical = forestall.assessments.filter((assessment) => assessment.critical).map(({ at }) => at);
  const moves = forestall.weights
    .slice(1)
    .filter((entry, index) => entry.primary !== forestall.weights[index]?.primary || entry.standby !== forestall.weights[index]?.standby);
  const arms = armNames
    .flatMap((arm) => [result.arms[arm].detectedAt, result.arms[arm].firstShiftAt, result.arms[arm].movedAt])
    .flatMap((time) => (time === null ? [] : [Date.parse(time)]));
  const happened = [
    ...arms,
    ...critical,
    ...moves.map(({ at }) => at),
    ...forestall.failovers.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt ?? startedAt]),
  ];
  if (faults.length <= 5) happened.push(...faults.flatMap(({ at, until }) => [at, until ?? at]));
  const inside = happened.filter((at) => at >= whole.from && at <= whole.to);
  if (inside.length === 0 || whole.to - whole.from <= 2 * hour) return undefined;
  const [first, last] = inside.reduce(([low, high], at) => [Math.min(low, at), Math.max(high, at)], [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  const padding = Math.max(20 * minute, (last - first) * 0.1);
  const focus = { from: Math.max(whole.from, first - padding), to: Math.min(whole.to, last + padding) };
  return focus.to - focus.from < (whole.to - whole.from) / 2 ? focus : undefined;
}

type Part = Pick<ChartSpec, 'faults' | 'window'>;

/** Score, weights and failures: the run at a glance. */
export function overviewCharts(report: RehearsalReport, part: Part): Markup[] {
  return [scoreChart(report, part), weightsChart(report, part), trafficChart(report, part, 'Failed requests', ({ failed }) => failed)];
}

export function armCharts(report: RehearsalReport, part: Part): Markup[] {
  const { latencySeconds } = report.objective;
  const slow = `succeeded, but took more than ${latencySeconds} s`;
  return [
    trafficChart(report, part, 'Failed requests', ({ failed }) => failed),
    totalChart(report, part, 'Failed requests in total', ({ failed }) => failed),
    trafficChart(report, part, 'Slow requests', ({ slow: count }) => count, slow),
    totalChart(report, part, 'Slow requests in total', ({ slow: count }) => count),
  ];
}

export function movementCharts(report: RehearsalReport, part: Part): Markup[] {
  const share: Series[] = armNames.map((arm) => ({
    name: arm,
    look: arm,
    shape: 'line',
    points: report.traffic[arm].map(({ at, standbyShare }) => ({ at, value: standbyShare * 100 })),
  }));
  const ready: Series = {
    name: 'ready instances',
    look: 'standby',
    shape: 'step',
    points: report.forestall.mirroring.map(({ at, readyInstances }) => ({ at, value: readyInstances })),
  };
  return [
    weightsChart(report, part),
    renderChart({
      ...part,
      title: 'Requests that reached the standby',
      unit: '%',
      note: 'what clients really did, which follows the weights with the TTL',
      scale: 'linear',
      high: 100,
      series: share,
      height: 150,
    }),
    renderChart({
      ...part,
      title: 'Standby',
      unit: 'instances',
      scale: 'linear',
      series: [ready],
      height: 90,
      strips: [levelStrip('level', report.forestall.mirroring, part.window)],
    }),
  ];
}

export function scoreChart({ forestall, thresholds }: RehearsalReport, part: Part): Markup {
  const { assessments } = forestall;
  const critical = runs(
    assessments.map((entry) => ({ at: entry.at, value: entry.critical ? 'critical' : '' })),
    part.window.to,
  ).filter(({ value }) => value !== '');
  return renderChart({
    ...part,
    title: 'Failure probability score',
    unit: '0 to 100',
    note: 'gaps: no score, because it was warming up or blind',
    scale: 'linear',
    high: 100,
    series: [{ name: 'score', look: 'forestall', shape: 'line', points: assessments.map(({ at, score }) => ({ at, value: score })) }],
    limits: (['partial', 'full', 'critical'] as const).map((name) => ({ value: thresholds[name], label: `${name} ${thresholds[name]}`, look: name })),
    strips: [
      levelStrip('level', assessments, part.window),
      { label: 'critical', spans: critical.map(({ from, to }) => ({ from, to, look: 'critical', title: 'critical' })) },
    ],
  });
}

const levelStrip = (label: string, entries: readonly { at: number; level: string }[], window: Window): Strip => ({
  label,
  spans: runs(
    entries.map(({ at, level }) => ({ at, value: level })),
    window.to,
  ).map(({ from, to, value }) => ({ from, to, look: value, title: value })),
});

function weightsChart({ forestall }: RehearsalReport, part: Part): Markup {
  const series = (['primary', 'standby'] as const).map(
    (side): Series => ({ name: side, look: side, shape: 'step', points: forestall.weights.map((entry) => ({ at: entry.at, value: entry[side] })) }),
  );
  return renderChart({ ...part, title: 'Record weights', unit: 'weight', note: 'of the forestall arm', scale: 'linear', high: 100, series, height: 120 });
}

function trafficChart(report: RehearsalReport, part: Part, title: string, count: (sample: TrafficSample) => number, note?: string): Markup {
  return renderChart({
    ...part,
    title,
    unit: 'per minute, logarithmic from 1',
    ...(note ? { note } : {}),
    scale: 'log',
    series: armSeries(report, (samples) => countsOf(samples, count)),
  });
}

function totalChart(report: RehearsalReport, part: Part, title: string, count: (sample: TrafficSample) => number): Markup {
  return renderChart({
    ...part,
    title,
    unit: 'since the beginning, logarithmic from 1',
    scale: 'log',
    series: armSeries(report, (samples) => cumulative(countsOf(samples, count))),
    height: 140,
  });
}

const countsOf = (samples: readonly TrafficSample[], count: (sample: TrafficSample) => number): CurvePoint[] =>
  samples.map((sample) => ({ at: sample.at, value: count(sample) }));

const armSeries = (report: RehearsalReport, points: (samples: readonly TrafficSample[]) => readonly CurvePoint[]): Series[] =>
  armNames.map((arm) => ({ name: arm, look: arm, shape: 'line', points: points(report.traffic[arm]) }));

/** Two beside each other. A metric in seconds has the objective drawn in. */
export function metricCharts({ metrics, objective }: RehearsalReport, part: Part): Markup {
  return html`<div class="pair">${metrics.slice(0, 24).map(({ name, unit, samples }) =>
    renderChart({
      ...part,
      title: name,
      unit,
      scale: 'linear',
      series: [{ name, look: 'primary', shape: 'line', points: samples }],
      ...(unit === 's' || unit === 'seconds' ? { limits: [{ value: objective.latencySeconds, label: 'objective', look: 'objective' }] } : {}),
      width: 540,
      height: 120,
      buckets: 200,
    }),
  )}</div>`;
}
