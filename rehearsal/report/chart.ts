// One time chart as SVG, made here and not in the browser; the script only adds values under the pointer.
import { formatTime, logScale, logTicks, type Tick, timeTicks, valueTicks } from './axis.ts';
import { type Content, html, jsonForScript, type Markup } from './markup.ts';
import { type CurvePoint, cut, downsample, envelope, held, type Stretch, type Window } from './series.ts';

export interface Series {
  readonly name: string;
  /** CSS class that gives colour and dash */
  readonly look: string;
  readonly points: readonly CurvePoint[];
  readonly shape: 'line' | 'step';
}

export interface Strip {
  readonly label: string;
  readonly spans: readonly { from: number; to: number; look: string; title: string }[];
}

export interface ChartSpec {
  readonly title: string;
  readonly note?: string;
  /** shown with values, e.g. `%`, `per minute` */
  readonly unit: string;
  readonly scale: 'linear' | 'log';
  /** fixed upper end; default: what the curves need */
  readonly high?: number;
  readonly series: readonly Series[];
  readonly limits?: readonly { value: number; label: string; look: string }[];
  readonly strips?: readonly Strip[];
  readonly faults: readonly { at: number; until: number | null; label: string }[];
  readonly window: Window;
  /** px at full width */
  readonly width?: number;
  readonly height?: number;
  readonly buckets?: number;
}

const margin = { left: 62, right: 14, top: 10, bottom: 24 };
const stripHeight = 16;

/** Width 1100, or as asked; scales with the page. Curves without a point in the window are left out, and said to be so. */
export function renderChart(spec: ChartSpec): Markup {
  const width = spec.width ?? 1100;
  const plotHeight = spec.height ?? 170;
  const { window } = spec;
  const x = (at: number) =>
    round(
      margin.left +
        ((Math.min(Math.max(at, window.from - 1e10), window.to + 1e10) - window.from) / Math.max(1, window.to - window.from)) *
          (width - margin.left - margin.right),
    );
  const curves = spec.series.map((series) => drawable(series, window, spec.buckets ?? 500));
  const values = curves.flatMap(({ points, extremes }) => [
    ...points.flatMap(({ value }) => (value === null ? [] : [value])),
    ...extremes.flatMap(({ mean, low, high }) => (mean === null ? [] : [low, high])),
  ]);
  const { ticks, y } = vertical(spec, values, plotHeight);
  const strips = spec.strips ?? [];
  const bottom = margin.top + plotHeight;
  const height = bottom + margin.bottom + strips.length * stripHeight;
  const drawn = curves.filter(({ points }) => points.some(({ value }) => value !== null));
  const notes = [...(spec.note ? [spec.note] : []), ...(drawn.some(({ extremes }) => extremes.length > 0) ? ['line: mean, shade: least to greatest'] : [])];
  const clip = `clip-${slug(spec.title)}-${width}-${window.from}-${window.to}`;
  const data = {
    from: window.from,
    to: window.to,
    left: margin.left / width,
    right: margin.right / width,
    unit: spec.unit,
    series: drawn.map(({ name, look, points, shape, extremes }) => ({
      name,
      look,
      shape,
      at: points.map(({ at }) => Math.round((at - window.from) / 1000)),
      value: points.map(({ value }) => telling(value)),
      ...(extremes.length > 0 ? { low: extremes.map(({ low }) => telling(low)), high: extremes.map(({ high }) => telling(high)) } : {}),
    })),
  };
  return html`<figure class="chart">
<figcaption><b>${spec.title}</b> <span class="unit">${spec.unit}</span>${notes.length > 0 && html` <span class="note">${notes.join('; ')}</span>`}
${drawn.length > 1 && html`<span class="legend">${drawn.map(({ name, look }) => html`<span class="key"><svg width="22" height="8" aria-hidden="true"><path class="curve ${look}" d="M0 4H22"/></svg>${name}</span>`)}</span>`}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${spec.title}, ${spec.unit}, ${formatTime(window.from)} to ${formatTime(window.to)} UTC">
<clipPath id="${clip}"><rect x="${margin.left}" y="${margin.top - 2}" width="${width - margin.left - margin.right}" height="${plotHeight + 4}"/></clipPath>
${faultSpans(spec, x, bottom)}
${ticks.map(({ value, label }) => html`<path class="grid" d="M${margin.left} ${y(value)}H${width - margin.right}"/><text class="tick" x="${margin.left - 8}" y="${y(value)}" dy="4" text-anchor="end">${label}</text>`)}
${timeTicks(window, width > 700 ? 12 : 6).map((tick) => timeTick(tick, x(tick.value), bottom))}
<g clip-path="url(#${clip})">
${(spec.limits ?? []).map(({ value, label, look }) => html`<path class="limit ${look}" d="M${margin.left} ${y(value)}H${width - margin.right}"/><text class="limit-label ${look}" x="${width - margin.right - 4}" y="${round(y(value) - 4)}" text-anchor="end">${label}</text>`)}
${drawn.map(({ points, look, shape, extremes }) => html`${extremes.length > 0 && html`<path class="spread ${look}" d="${spreadOf(extremes, x, y)}"/>`}<path class="curve ${look}" d="${pathOf(points, x, y, shape)}"/>${lonely(points, shape).map((point) => html`<circle class="dot ${look}" cx="${x(point.at)}" cy="${y(point.value ?? 0)}" r="2"/>`)}`)}
</g>
${strips.map((strip, index) => stripOf(strip, window, x, bottom + margin.bottom + index * stripHeight))}
${drawn.length === 0 ? html`<text class="empty" x="${width / 2}" y="${margin.top + plotHeight / 2}" text-anchor="middle">nothing was recorded</text>` : null}
<path class="cursor" d="M0 ${margin.top}V${bottom}" visibility="hidden"/>
</svg><script type="application/json">${jsonForScript(data)}</script></figure>`;
}

interface Drawable extends Series {
  /** of thinned-out lines; as many as points */
  readonly extremes: readonly Stretch[];
}

/** Steps keep their corners. A line of more points than can be told apart becomes its mean between its extremes. */
function drawable(series: Series, window: Window, buckets: number): Drawable {
  if (series.shape === 'step') return { ...series, points: downsample(held(series.points, window), buckets), extremes: [] };
  const points = cut(series.points, window);
  if (points.length <= buckets * 2) return { ...series, points, extremes: [] };
  const extremes = envelope(points, buckets);
  return { ...series, points: extremes.map(({ at, mean }) => ({ at, value: mean })), extremes };
}

const telling = (value: number | null) => (value === null ? null : Number(value.toPrecision(4)));

/** The area between the extremes, one piece for each stretch between gaps. */
function spreadOf(extremes: readonly Stretch[], x: (at: number) => number, y: (value: number) => number): string {
  const pieces: Stretch[][] = [[]];
  for (const stretch of extremes)
    if (stretch.mean === null) pieces.push([]);
    else pieces.at(-1)?.push(stretch);
  return pieces
    .filter((piece) => piece.length > 0)
    .map(
      (piece) =>
        `M${piece.map(({ at, high }) => `${x(at)} ${y(high)}`).join('L')}L${piece
          .toReversed()
          .map(({ at, low }) => `${x(at)} ${y(low)}`)
          .join('L')}Z`,
    )
    .join('');
}

function vertical(spec: ChartSpec, values: readonly number[], plotHeight: number): { ticks: Tick[]; y: (value: number) => number } {
  const needed = [...values, ...(spec.limits ?? []).map(({ value }) => value)].reduce((most, value) => Math.max(most, value), 0);
  const least = values.reduce((low, value) => Math.min(low, value), 0);
  const ticks = spec.scale === 'log' ? logTicks(Math.max(1, needed)) : valueTicks(least, spec.high ?? (needed > least ? needed : least + 1));
  const scale = spec.scale === 'log' ? logScale : (value: number) => value;
  const low = scale(ticks[0]?.value ?? 0);
  const high = scale(ticks.at(-1)?.value ?? 1);
  return { ticks, y: (value) => round(margin.top + plotHeight * (1 - (scale(value) - low) / (high - low || 1))) };
}

const timeTick = ({ label }: Tick, at: number, bottom: number): Content =>
  html`<path class="grid time" d="M${at} ${margin.top}V${bottom}"/><text class="tick" x="${at}" y="${bottom + 16}" text-anchor="middle">${label}</text>`;

/** Faults as shaded spans; one without an end reaches the edge. More than 60 would be a curtain: then only their beginnings are drawn. */
function faultSpans({ faults, window }: ChartSpec, x: (at: number) => number, bottom: number): Content {
  const visible = faults.filter(({ at, until }) => at <= window.to && (until ?? window.to) >= window.from);
  return visible.slice(0, 400).map(({ at, until, label }) => {
    const from = x(Math.max(at, window.from));
    const to = x(Math.min(until ?? window.to, window.to));
    const span =
      visible.length <= 60 &&
      html`<rect class="fault" x="${from}" y="${margin.top}" width="${round(Math.max(1, to - from))}" height="${bottom - margin.top}"/>`;
    return html`<g><title>${label}: ${formatTime(at)}${until === null ? ' and on' : ` to ${formatTime(until)}`}</title>${span}<path class="onset" d="M${from} ${margin.top}V${bottom}"/></g>`;
  });
}

function stripOf({ label, spans }: Strip, window: Window, x: (at: number) => number, top: number): Content {
  const visible = spans.filter(({ from, to }) => to > window.from && from < window.to);
  return html`<text class="tick" x="${margin.left - 8}" y="${top + 10}" text-anchor="end">${label}</text>${visible.map(({ from, to, look, title }) => {
    const left = x(Math.max(from, window.from));
    return html`<rect class="band ${look}" x="${left}" y="${top}" width="${round(Math.max(1, x(Math.min(to, window.to)) - left))}" height="${stripHeight - 4}"><title>${title}</title></rect>`;
  })}`;
}

/** A null begins a new stretch. */
function pathOf(points: readonly CurvePoint[], x: (at: number) => number, y: (value: number) => number, shape: Series['shape']): string {
  let path = '';
  let pen = false;
  for (const { at, value } of points) {
    if (value === null) pen = false;
    else {
      path += pen && shape === 'step' ? `H${x(at)}V${y(value)}` : `${pen ? 'L' : 'M'}${x(at)} ${y(value)}`;
      pen = true;
    }
  }
  return path;
}

/** Points between two gaps, of which a line shows nothing. */
const lonely = (points: readonly CurvePoint[], shape: Series['shape']) =>
  shape === 'step'
    ? []
    : points.filter(({ value }, index) => value !== null && (points[index - 1]?.value ?? null) === null && (points[index + 1]?.value ?? null) === null);

export const round = (value: number): number => Math.round(value * 10) / 10;
export const slug = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
