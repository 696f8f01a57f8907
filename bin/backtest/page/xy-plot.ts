// Charts that have no time on their axis: the reliability diagram, and found incidents against false alarms.

import { evaluateAt } from '../../../core/prediction/evaluation/alarms.ts';
import type { Reliability } from '../../../core/prediction/evaluation/reliability.ts';
import { formatValue, valueTicks } from '../../../rehearsal/report/axis.ts';
import { round } from '../../../rehearsal/report/chart.ts';
import { type Content, html, type Markup } from '../../../rehearsal/report/markup.ts';
import type { Verdict } from '../evaluate.ts';

interface Plot {
  readonly title: string;
  readonly note: string;
  readonly x: { readonly label: string; readonly high: number };
  readonly y: { readonly label: string; readonly high: number };
  readonly lines: readonly { readonly look: string; readonly points: readonly (readonly [x: number, y: number])[] }[];
  readonly dots: readonly {
    readonly x: number;
    readonly y: number;
    readonly radius: number;
    readonly look: string;
    readonly label: string;
    readonly title: string;
  }[];
}

const size = { width: 540, height: 300, left: 56, right: 16, top: 10, bottom: 42 };

function render({ title, note, x, y, lines, dots }: Plot): Markup {
  const across = (value: number) => round(size.left + (Math.min(value, x.high) / x.high) * (size.width - size.left - size.right));
  const up = (value: number) => round(size.top + (1 - Math.min(value, y.high) / y.high) * (size.height - size.top - size.bottom));
  const bottom = size.height - size.bottom;
  const ticks = (high: number) => valueTicks(0, high).filter(({ value }) => value <= high * 1.0001);
  return html`<figure><figcaption><b>${title}</b> <span class="note">${note}</span></figcaption>
<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${title}">
${ticks(y.high).map(({ value, label }) => html`<path class="grid" d="M${size.left} ${up(value)}H${size.width - size.right}"/><text class="tick" x="${size.left - 8}" y="${up(value)}" dy="4" text-anchor="end">${label}</text>`)}
${ticks(x.high).map(({ value, label }) => html`<path class="grid time" d="M${across(value)} ${size.top}V${bottom}"/><text class="tick" x="${across(value)}" y="${bottom + 16}" text-anchor="middle">${label}</text>`)}
<text class="tick" x="${(size.left + size.width - size.right) / 2}" y="${size.height - 6}" text-anchor="middle">${x.label}</text>
<text class="tick" x="14" y="${(size.top + bottom) / 2}" text-anchor="middle" transform="rotate(-90 14 ${(size.top + bottom) / 2})">${y.label}</text>
${lines.map(({ look, points }) => html`<path class="${look}" d="${points.map(([px, py], index) => `${index === 0 ? 'M' : 'L'}${across(px)} ${up(py)}`).join('')}"/>`)}
${dots.map((dot) => html`<g><title>${dot.title}</title><circle class="dot ${dot.look}" cx="${across(dot.x)}" cy="${up(dot.y)}" r="${round(dot.radius)}"/><text class="limit-label" x="${across(dot.x) + (across(dot.x) > size.width * 0.8 ? -dot.radius - 4 : dot.radius + 4)}" y="${up(dot.y) + (up(dot.y) < 24 ? 12 : -4)}" text-anchor="${across(dot.x) > size.width * 0.8 ? 'end' : 'start'}">${dot.label}</text></g>`)}
</svg></figure>`;
}

/** Observed share against the probability said, in tenths; on the diagonal a probability is what it says. */
export function reliabilityPlot({ bins, baseRate, count }: Reliability): Markup {
  return render({
    title: 'Reliability',
    note: 'dots on the diagonal: it happens as often as was said; dashed: the base rate',
    x: { label: 'failure probability that was given', high: 1 },
    y: { label: 'share followed by, or in, an incident', high: 1 },
    lines: [
      {
        look: 'grid',
        points: [
          [0, 0],
          [1, 1],
        ],
      },
      {
        look: 'limit full',
        points: [
          [0, baseRate],
          [1, baseRate],
        ],
      },
      { look: 'curve forestall', points: bins.map(({ mean, observed }) => [mean, observed]) },
    ],
    dots: bins.map((bin) => ({
      x: bin.mean,
      y: bin.observed,
      radius: 2.5 + 7 * Math.sqrt(bin.count / count),
      look: 'forestall',
      label: bins.length <= 6 || bin.count / count > 0.01 ? String(bin.count) : '',
      title: `${bin.count} rows: said ${(bin.mean * 100).toFixed(1)} %, observed ${(bin.observed * 100).toFixed(1)} %`,
    })),
  });
}

/** What each threshold costs and brings: a lower threshold lies further to the right. */
export function tradeOffPlot({ judged, thresholds, budget }: Verdict): Content {
  const outlines = judged.map(({ outline }) => outline);
  const all = [...new Set(outlines.flatMap(({ scores }) => [...scores]))].filter((score) => score > 0).sort((a, b) => b - a);
  if (all.length === 0) return null;
  const step = Math.max(1, Math.floor(all.length / 250));
  const curve = all.filter((_score, index) => index % step === 0 || index === all.length - 1).map((score) => evaluateAt(outlines, score));
  const marked = [
    ...thresholds.map(({ name, evaluation }) => ({ look: name as string, evaluation })),
    ...(budget.own ? [{ look: 'budget', evaluation: budget.own }] : []),
  ];
  const high = Math.max(1, budget.perDay * 2, ...marked.map(({ evaluation }) => evaluation.falseAlarmsPerDay * 1.3));
  const shown = curve.filter(({ falseAlarmsPerDay }) => falseAlarmsPerDay <= high);
  return render({
    title: 'Found against false alarms',
    note: 'each point a threshold; the higher and the further left, the better',
    x: { label: 'false alarms per resource-day', high: valueTicks(0, high).at(-1)?.value ?? high },
    y: { label: 'share of incidents found', high: 1 },
    lines: [{ look: 'curve forestall', points: shown.map(({ falseAlarmsPerDay, recall }) => [falseAlarmsPerDay, recall ?? 0]) }],
    dots: marked.map(({ look, evaluation }) => ({
      x: evaluation.falseAlarmsPerDay,
      y: evaluation.recall ?? 0,
      radius: 5,
      look,
      label: look === 'budget' ? `${formatValue(evaluation.threshold)} (budget)` : String(evaluation.threshold),
      title: `threshold ${evaluation.threshold}: ${evaluation.found} of ${evaluation.incidents.length} found, ${evaluation.falseAlarmsPerDay.toFixed(2)} false alarms per resource-day`,
    })),
  });
}
