// The time charts of one series: score with levels, anomaly score, and each metric small.

import type { Incident } from '../../../core/prediction/evaluation/labels.ts';
import { type ChartSpec, renderChart, type Strip } from '../../../rehearsal/report/chart.ts';
import { html, jsonForScript, type Markup } from '../../../rehearsal/report/markup.ts';
import { type CurvePoint, downsample, runs, type Window } from '../../../rehearsal/report/series.ts';
import type { History } from '../score.ts';
import { namedThresholds, type Settings } from '../settings.ts';
import type { Track } from '../track.ts';

type Part = Pick<ChartSpec, 'faults' | 'window'>;
const minute = 60_000;

/** Every row is drawn up to so many; beyond, each pixel or so has its least and its greatest. */
const scoreBuckets = 450;
/** More than any curve here has points: `renderChart` shall not average what was thinned out by extremes. */
const keepAll = 1e6;

export const windowOf = ({ times }: Pick<Track, 'times'>): Window => ({
  from: times[0] ?? 0,
  to: Math.max(times.at(-1) ?? 0, (times[0] ?? 0) + minute),
});

export const spansOf = (incidents: readonly Incident[]): ChartSpec['faults'] => incidents.map(({ from, until }) => ({ at: from, until, label: 'incident' }));

/** Curve of a window; NaN is a gap, and so is a hole of several usual steps. */
function curve(times: ArrayLike<number>, value: (index: number) => number, { from, to }: Window, step: number): CurvePoint[] {
  const points: CurvePoint[] = [];
  for (let index = 0; index < times.length; index += 1) {
    const at = times[index] ?? 0;
    if (at < from || at > to) continue;
    const before = points.at(-1);
    if (before && at - before.at > 3.5 * step) points.push({ at: before.at + step, value: null });
    const found = value(index);
    points.push({ at, value: Number.isNaN(found) ? null : found });
  }
  return points;
}

/** The usual time between two rows. */
export function usualStep(times: ArrayLike<number>): number {
  const steps = Array.from({ length: Math.min(2000, Math.max(0, times.length - 1)) }, (_, index) => (times[index + 1] ?? 0) - (times[index] ?? 0));
  return Math.max(1000, steps.sort((a, b) => a - b)[steps.length >> 1] ?? minute);
}

/** The score with the thresholds, and below it the mirroring level and when it was critical. */
export function scoreChart(track: Track, settings: Settings, part: Part, size: { height?: number; buckets?: number } = {}): Markup {
  const points = downsample(
    curve(track.times, (index) => track.scores[index] ?? Number.NaN, part.window, usualStep(track.times)),
    size.buckets ?? scoreBuckets,
  );
  return renderChart({
    ...part,
    title: 'Failure probability',
    unit: '0 to 100',
    note: 'gaps: no score, because it was warming up or had nothing to tell by',
    scale: 'linear',
    high: 100,
    series: [{ name: 'score', look: 'forestall', shape: 'line', points }],
    limits: namedThresholds(settings).map(({ name, score }) => ({ value: score, label: `${name} ${score}`, look: name })),
    strips: [levelStrip(track, part.window), criticalStrip(track)],
    buckets: keepAll,
    height: size.height ?? 190,
  });
}

export function anomalyChart(track: Track, part: Part): Markup {
  const points = downsample(
    curve(track.times, (index) => track.anomalyScores[index] ?? Number.NaN, part.window, usualStep(track.times)),
    scoreBuckets,
  );
  return renderChart({
    ...part,
    title: 'Anomaly score',
    unit: '0 to 1',
    note: 'how newly unusual the metrics are, whatever it means; one thing is told once',
    scale: 'linear',
    high: 1,
    limits: [{ value: 0.5, label: 'worth telling', look: 'partial' }],
    series: [{ name: 'anomaly', look: 'anomaly', shape: 'line', points }],
    buckets: keepAll,
    height: 90,
  });
}

const order = ['minimal', 'partial', 'full'] as const;
const pixels = 1000;

/** At most one span for each pixel; a pixel shows the highest level in it. */
function levelStrip({ levels }: Track, window: Window): Strip {
  const shown = levels.length <= pixels ? levels : highestByPixel(levels, window);
  return {
    label: 'level',
    spans: runs(
      shown.map(({ at, value }) => ({ at, value })),
      window.to,
    ).map(({ from, to, value }) => ({ from, to, look: value, title: value })),
  };
}

function highestByPixel(levels: Track['levels'], { from, to }: Window): { at: number; value: Track['levels'][number]['value'] }[] {
  const width = Math.max(1, to - from) / pixels;
  let change = 0;
  let current = levels[0]?.value ?? 'minimal';
  return Array.from({ length: pixels }, (_, pixel) => {
    const end = from + (pixel + 1) * width;
    let highest = current;
    for (let next = levels[change]; next !== undefined && next.at < end; next = levels[change]) {
      current = next.value;
      if (order.indexOf(current) > order.indexOf(highest)) highest = current;
      change += 1;
    }
    return { at: from + pixel * width, value: highest };
  });
}

const criticalStrip = ({ critical }: Track): Strip => ({
  label: 'critical',
  spans: critical
    .slice(0, pixels)
    .map(({ from, until }) => ({ from, to: Math.max(until, from + minute), look: 'critical', title: 'critical: a failover would be asked for' })),
});

/** Two beside each other, in the order of the file. Metrics without any value are named, not drawn. */
export function metricCharts({ telemetry, columns }: History, part: Part, settings: Settings, buckets: number): Markup {
  const step = usualStep(telemetry.times);
  const drawn = columns.map(({ metric, factor }, column) => ({
    metric,
    points: curve(telemetry.times, (index) => (telemetry.rows[index]?.[column] ?? Number.NaN) * factor, part.window, step),
  }));
  const absent = drawn.filter(({ points }) => points.every(({ value }) => value === null));
  return html`<div class="pair">${drawn
    .filter((one) => !absent.includes(one))
    .map(({ metric, points }) =>
      renderChart({
        ...part,
        title: metric.name,
        unit: unitOf(metric.role),
        scale: 'linear',
        series: [{ name: metric.name, look: 'primary', shape: 'line', points: downsample(points, buckets) }],
        ...limitsOf(metric, settings),
        width: 540,
        height: 110,
        buckets: keepAll,
      }),
    )}</div>${absent.length > 0 && html`<p class="dim">Without any value: ${absent.map(({ metric }) => metric.name).join(', ')}.</p>`}`;
}

type Metric = History['columns'][number]['metric'];

function unitOf(role: Metric['role']): string {
  if (role === 'latency') return 'seconds';
  if (role === 'cpu' || role === 'memory' || role === 'disk') return 'percent';
  return role === 'requests' || role === 'errors' ? 'per period' : '';
}

function limitsOf({ role, limit }: Metric, { objective }: Settings): Pick<ChartSpec, 'limits'> {
  if (role === 'latency') return { limits: [{ value: objective.latencySeconds, label: 'objective', look: 'objective' }] };
  return limit === undefined ? {} : { limits: [{ value: limit, label: 'limit', look: 'objective' }] };
}

/** A chart under whose pointer the reasons of that time are shown. `id`: of the reasons' element. */
export const withReasons = (chart: Markup, id: string): Markup => html`<div data-reasons="${id}">${chart}</div>`;

/** The reasons of a series for the script: of each stretch of time its most telling row. Texts are listed once. */
export function reasonsData({ highlights }: Track, id: string): Markup {
  const texts = new Map<string, number>();
  const rows = highlights
    .filter(({ reasons }) => reasons.length > 0)
    .map(({ time, score, reasons }) => ({
      at: Math.round(time / 1000),
      score,
      of: reasons.slice(0, 4).map(({ detail }) => {
        const known = texts.get(detail) ?? texts.size;
        texts.set(detail, known);
        return known;
      }),
    }));
  return html`<script type="application/json" id="${id}">${jsonForScript({ texts: [...texts.keys()], rows })}</script>`;
}
