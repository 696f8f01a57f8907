// The report of one rehearsal: a single HTML file that needs nothing else, neither network nor script.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RehearsalReport } from '../results.ts';
import { formatCount, formatDuration } from './axis.ts';
import { hoverScript } from './hover.ts';
import { type Content, html, Markup } from './markup.ts';
import { armCharts, focusOf, metricCharts, movementCharts, overviewCharts, scoreChart, wholeRun } from './panels.ts';
import { style } from './style.ts';
import { armsTable, callTables, costTable, decisions, invariantsTable, scenarioTables, story } from './tables.ts';

/** Writes the report, making its directory if need be. */
export async function writeReport(report: RehearsalReport, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, renderReport(report));
}

/** At most some 2 MB however long the run: curves are thinned out (extremes stay), long tables are cut and say so. */
export function renderReport(report: RehearsalReport): string {
  const { result } = report;
  const whole = wholeRun(report);
  const focus = focusOf(report, whole);
  const part = { window: focus ?? whole, faults: report.faults };
  const title = `${result.scenario}, seed ${result.seed}`;
  return page(
    `Rehearsal: ${title}`,
    html`<header><h1>${title}</h1><p>${report.description}</p>${facts(report)}
<nav><a href="#arms">Arms compared</a><a href="#score">Score</a><a href="#traffic">Traffic</a><a href="#requests">Requests</a><a href="#metrics">Metrics</a><a href="#story">Story</a><a href="#calls">Calls</a><a href="#invariants">Invariants</a><a href="#scenario">Scenario</a></nav></header>
<section id="arms"><h2>Arms compared</h2><p class="dim">The same world, the same requests and the same faults: <b>forestall</b> predicts and moves; <b>reactive</b> waits for Route 53's health checks in front of a warm standby of full capacity; <b>none</b> does nothing; <b>oracle</b> moves at the onset of the fault, perfectly.</p>${armsTable(report)}<details><summary>What each arm cost</summary>${costTable(report)}</details></section>
${focus && html`<section><h2>The whole run</h2><p class="dim">${formatDuration(whole.to - whole.from)}. What follows shows the ${formatDuration(focus.to - focus.from)} in which something happened.</p>${overviewCharts(report, { window: whole, faults: report.faults })}</section>`}
<section id="score"><h2>Score</h2><p class="dim"><span class="swatch fault"></span>fault <span class="swatch minimal"></span>minimal: snapshots only <span class="swatch partial"></span>partial: a warm standby <span class="swatch full"></span>full: full capacity, validated <span class="swatch critical"></span>critical: traffic is moved. Times are UTC.</p>
${scoreChart(report, part)}<details><summary>Decisions and their reasons</summary>${decisions(report)}</details></section>
<section id="traffic"><h2>Traffic</h2>${movementCharts(report, part)}</section>
<section id="requests"><h2>Requests</h2>${armCharts(report, part)}</section>
<section id="metrics"><h2>Metrics of the primary</h2>${report.metrics.length === 0 ? html`<p>None were kept.</p>` : metricCharts(report, part)}</section>
<section id="story"><h2>The story</h2>${story(report)}</section>
<section id="calls"><h2>Calls to AWS</h2>${callTables(report)}</section>
<section id="invariants"><h2>Safety invariants</h2>${invariantsTable(report)}</section>
<section id="scenario"><h2>Scenario</h2>${scenarioTables(report)}</section>`,
    hoverScript,
  );
}

/** A whole document. Its policy forbids loading anything from anywhere. */
export function page(title: string, body: Content, script?: string): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${title}</title><style>${new Markup(style)}</style></head>
<body>${body}${script ? html`<script>${new Markup(script)}</script>` : null}</body></html>
`.text;
}

function facts({ result }: RehearsalReport): Content {
  const { forestall, reactive } = result.arms;
  const broken = result.invariants.filter(({ held }) => !held);
  const against = forestall.failed > 0 || reactive.failed > 0 ? compared(forestall.failed, reactive.failed) : 'neither arm failed any';
  const speed = result.wallSeconds > 0 ? `${formatCount(result.simulatedSeconds / result.wallSeconds)} times real time` : '';
  return html`<div class="facts">
<div class="fact"><b>${forestall.outcome}</b><span>outcome</span></div>
<div class="fact"><b>${formatCount(forestall.failed)} failed</b><span>${against}</span></div>
<div class="fact"><b>${formatCount(forestall.slow)} slow</b><span>reactive: ${formatCount(reactive.slow)}</span></div>
<div class="fact"><b>${leadOf(forestall.detectedAt, forestall.movedAt)}</b><span>from critical to moved</span></div>
<div class="fact"><b class="${broken.length === 0 && result.invariants.length > 0 ? 'good' : 'bad'}">${verdictOf(result.invariants)}</b><span>invariants</span></div>
<div class="fact"><b>${formatDuration(result.simulatedSeconds * 1000)}</b><span>simulated per arm in ${result.wallSeconds.toPrecision(3)} s; ${speed}</span></div></div>`;
}

/** Invariants that were never evaluated have not held. */
function verdictOf(invariants: RehearsalReport['result']['invariants']): string {
  const broken = invariants.filter(({ held }) => !held).map(({ id }) => id);
  return invariants.length === 0 ? 'not checked' : broken.length === 0 ? 'all held' : `${broken.join(', ')} not held`;
}

const compared = (own: number, other: number): string =>
  other === 0 ? `reactive: ${formatCount(other)}` : `${((own / other) * 100).toPrecision(3)} % of reactive's ${formatCount(other)}`;

const leadOf = (detectedAt: string | null, movedAt: string | null): string =>
  detectedAt === null || movedAt === null ? 'did not move' : formatDuration(Date.parse(movedAt) - Date.parse(detectedAt));
