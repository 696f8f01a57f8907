// The phases of failovers as bars over time, one row per phase.
import type { ForestallTimeline } from '../results.ts';
import { formatDuration, formatTime, timeTicks } from './axis.ts';
import { round } from './chart.ts';
import { html, type Markup } from './markup.ts';
import type { Window } from './series.ts';

type Failover = ForestallTimeline['failovers'][number];

const width = 1100;
const margin = { left: 130, right: 14, top: 6, bottom: 24 };
const rowHeight = 24;

/** A phase lasts from its first event to the first event of another phase; the last one to the failover's end. */
export function phasesOf({ events, endedAt }: Failover): { phase: string; from: number; to: number; messages: string[] }[] {
  const phases: { phase: string; from: number; to: number; messages: string[] }[] = [];
  for (const { at, phase, message } of [...events].sort((a, b) => a.at - b.at)) {
    const last = phases.at(-1);
    if (last) last.to = at;
    if (last?.phase === phase) last.messages.push(message);
    else phases.push({ phase, from: at, to: at, messages: [message] });
  }
  const last = phases.at(-1);
  if (last) last.to = Math.max(last.to, endedAt ?? last.to);
  return phases;
}

/** Undefined when the failover has fewer than two phases: one bar tells nothing. */
export function renderTimeline(failover: Failover, faults: readonly { at: number; until: number | null; label: string }[]): Markup | undefined {
  const phases = phasesOf(failover);
  const [first, last] = [phases[0], phases.at(-1)];
  if (first === undefined || last === undefined || phases.length < 2) return undefined;
  const padding = Math.max(30_000, (last.to - first.from) * 0.03);
  const window: Window = { from: first.from - padding, to: last.to + padding };
  const x = (at: number) => round(margin.left + ((at - window.from) / (window.to - window.from)) * (width - margin.left - margin.right));
  const rows = [...new Set(phases.map(({ phase }) => phase))];
  const bottom = margin.top + rows.length * rowHeight;
  return html`<figure class="chart"><figcaption><b>Phases</b> <span class="note">${failover.failoverId}, ${formatDuration(last.to - first.from)}</span></figcaption>
<svg viewBox="0 0 ${width} ${bottom + margin.bottom}" role="img" aria-label="Phases of ${failover.failoverId}">
${faults
  .filter(({ at, until }) => at < window.to && (until ?? window.to) > window.from)
  .slice(0, 60)
  .map(({ at, until, label }) => {
    const from = x(Math.max(at, window.from));
    return html`<rect class="fault" x="${from}" y="${margin.top}" width="${round(Math.max(1, x(Math.min(until ?? window.to, window.to)) - from))}" height="${bottom - margin.top}"><title>${label}</title></rect>`;
  })}
${timeTicks(window, 12).map(({ value, label }) => html`<path class="grid time" d="M${x(value)} ${margin.top}V${bottom}"/><text class="tick" x="${x(value)}" y="${bottom + 16}" text-anchor="middle">${label}</text>`)}
${rows.map((phase, row) => html`<text class="row" x="${margin.left - 10}" y="${margin.top + row * rowHeight + 16}" text-anchor="end">${phase}</text>`)}
${phases.map(({ phase, from, to, messages }) => {
  const top = margin.top + rows.indexOf(phase) * rowHeight + 4;
  const length = Math.max(3, x(to) - x(from));
  const label = to > from ? formatDuration(to - from) : formatTime(from).slice(-8);
  const inside = length > 70;
  const left = x(from) + length + 5;
  const flipped = !inside && left > width - 90;
  return html`<g><title>${phase}: ${formatTime(from)} to ${formatTime(to)}\n${messages.join('\n')}</title><rect class="phase ${phase}" x="${x(from)}" y="${top}" width="${round(length)}" height="16" rx="2"/><text class="bar ${inside ? 'inside' : ''}" x="${round(inside ? x(from) + 6 : flipped ? x(from) - 5 : left)}" y="${top + 12}"${flipped ? html` text-anchor="end"` : null}>${label}</text></g>`;
})}
</svg></figure>`;
}
