// The page of a backtest: one HTML file that needs nothing else, neither network nor server.
import { alarmRules, type Incident } from '../../../core/prediction/evaluation/labels.ts';
import { formatCount, formatDuration, formatTime } from '../../../rehearsal/report/axis.ts';
import { hoverScript } from '../../../rehearsal/report/hover.ts';
import { type Content, html, Markup } from '../../../rehearsal/report/markup.ts';
import { page } from '../../../rehearsal/report/report.ts';
import { crossingsOf, plural, timeAtLevels } from '../../commands/backtest-summary.ts';
import { delayText, percent } from '../../commands/backtest-verdict.ts';
import type { Verdict } from '../evaluate.ts';
import type { History } from '../score.ts';
import type { Settings } from '../settings.ts';
import type { Highlight, Track } from '../track.ts';
import { anomalyChart, metricCharts, reasonsData, scoreChart, spansOf, windowOf, withReasons } from './charts.ts';
import { reasonsScript, reasonsStyle } from './reasons-script.ts';
import { decisionTable, incidentTable, thresholdTable } from './tables.ts';
import { reliabilityPlot, tradeOffPlot } from './xy-plot.ts';

export interface PageInput {
  readonly series: readonly { readonly title: string; readonly history: History; readonly track: Track }[];
  readonly settings: Settings;
  readonly notes: readonly string[];
  readonly verdict: Verdict | undefined;
}

type Shown = PageInput['series'][number];
const hour = 3_600_000;
/** Moments that are shown from near, over all series. */
const mostMoments = 30;
/** Metric charts are thinned out further when there are many, so that the page stays some megabytes. */
const metricPoints = 6000;

/** Curves are thinned out (extremes stay), long tables are cut and say so. */
export function renderBacktest(input: PageInput): string {
  const { series, verdict, notes, settings } = input;
  const title = series.length === 1 ? (series[0]?.title ?? '') : `${series[0]?.title ?? ''} and ${plural(series.length - 1, 'more', 'more')}`;
  const charts = series.reduce((sum, { history }) => sum + history.columns.length, 0);
  const buckets = Math.max(40, Math.min(220, Math.floor(metricPoints / Math.max(1, charts))));
  const moments = Math.floor(mostMoments / Math.max(1, series.length)) || 1;
  const first = series[0]?.track;
  return page(
    `Backtest: ${title}`,
    html`<style>${new Markup(reasonsStyle)}</style><header><h1>Backtest: ${title}</h1>
<p>What Forestall would have said of this history, each moment judged by itself and what came before it. Nothing was moved; interlocks, approvals and what a failover would have changed are not simulated. Times are UTC.</p>
${tiles(input)}
${notes.length > 0 && html`<details open><summary>What was missing, or has to be known</summary><ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul></details>`}
<nav>${verdict && html`<a href="#evaluation">Against the incidents</a>`}${series.map(({ title: name }, index) => html`<a href="#series-${index}">${name}</a>`)}</nav></header>
${verdict && evaluationSection(verdict)}
${series.map((one, index) => seriesSection(one, index, settings, verdict, buckets, moments))}
<p class="dim">Horizon ${settings.horizonMinutes} minutes; levels at ${settings.thresholds.partial}, ${settings.thresholds.full} and ${settings.thresholds.critical}, left ${settings.thresholds.exitBelow} below and after ${settings.thresholds.dwellMinutes} minutes at the earliest; objective ${settings.objective.latencySeconds} s and ${settings.objective.errorRate * 100} % errors.${first && ` Rows from ${formatTime(windowOf(first).from)} to ${formatTime(windowOf(first).to)}.`}</p>`,
    `${hoverScript}${reasonsScript}`,
  );
}

function tiles({ series, verdict, settings }: PageInput): Content {
  const rows = series.reduce((sum, { track }) => sum + track.times.length, 0);
  // A service's parts are shown below it; what it would have done is its own.
  const leading = verdict ? verdict.judged.map(({ track }) => track) : series.slice(0, 1).map(({ track }) => track);
  const highest = leading.reduce((most, { episodes }) => Math.max(most, ...episodes.map(({ peak }) => peak.score ?? 0)), 0);
  const asked = leading.reduce((sum, { decisions }) => sum + decisions.filter(({ what }) => what === 'critical').length, 0);
  const full = leading.reduce((sum, track) => sum + timeAtLevels(track).full, 0);
  const span = series[0] ? windowOf(series[0].track) : { from: 0, to: 0 };
  const critical = verdict?.thresholds.find(({ name }) => name === 'critical')?.evaluation;
  const tile = (value: Content, text: Content) => html`<div class="fact"><b>${value}</b><span>${text}</span></div>`;
  return html`<div class="facts">
${tile(formatDuration(span.to - span.from), `${formatCount(rows)} rows of ${plural(series.length, 'series', 'series')}`)}
${tile(highest > 0 ? highest.toFixed(1) : `below ${settings.thresholds.partial}`, 'highest score')}
${tile(plural(asked, 'time'), 'a failover would have been asked for, in the whole history')}
${tile(formatDuration(full), 'at full mirroring')}
${
  critical === undefined
    ? tile(
        plural(
          leading.reduce((sum, track) => sum + crossingsOf(track, settings.thresholds.partial), 0),
          'time',
        ),
        `the score rose to ${settings.thresholds.partial}`,
      )
    : html`${tile(`${critical.found} of ${critical.incidents.length}`, `incidents found at ${critical.threshold}`)}
${tile(delayText(critical.medianDelayMinutes), `median alarm at ${critical.threshold}, of an incident's start`)}
${tile(critical.falseAlarmsPerDay.toFixed(2), `false alarms per resource-day at ${critical.threshold}`)}
${tile(percent(critical.precision), `precision at ${critical.threshold}`)}
${verdict?.reliability && tile(verdict.reliability.brier.toFixed(4), `Brier score; the base rate has ${verdict.reliability.baseBrier.toFixed(4)}`)}`
}</div>`;
}

function evaluationSection(verdict: Verdict): Content {
  const { days, failovers, reliability, rocAuc, judged } = verdict;
  const outside = judged.reduce((sum, one) => sum + one.outside, 0);
  return html`<section id="evaluation"><h2>Against the incidents</h2>
<p class="dim">${days.toFixed(1)} labelled resource-days.${outside > 0 && ` ${plural(outside, 'incident')} of the file outside the labelled history are not judged.`} Found: a row at or above the threshold inside the incident or up to an hour before it. False alarm: a begun hour with such a row outside incidents, with an hour of grace before and 30 minutes after. Precision: found incidents, of these and the false alarms together. By chance: incidents that as many false alarms at random times would have found.</p>
${thresholdTable(verdict)}
<p>A failover would have been asked for <b>${plural(failovers.asked, 'time')}</b> in the labelled history: ${failovers.inIncident} in an incident or up to an hour before one, ${failovers.after} within half an hour after one, ${failovers.stray} at none.${rocAuc !== null && ` The score ranks rows inside incidents over rows outside with a ROC AUC of ${rocAuc.toFixed(3)}.`}</p>
<div class="pair">${tradeOffPlot(verdict)}${reliability && reliabilityPlot(reliability)}</div>
${reliability && html`<p class="dim">As a probability that an incident is there or begins within the horizon: Brier score ${reliability.brier.toFixed(4)} (the base rate of ${(reliability.baseRate * 100).toFixed(1)} % alone: ${reliability.baseBrier.toFixed(4)}), expected calibration error ${reliability.ece.toFixed(3)}, over ${formatCount(reliability.count)} scored rows.${reliability.brier >= reliability.baseBrier && html` <b class="bad">On this history the number is no better than always saying the base rate.</b>`}</p>`}
<h3>Each incident</h3>${incidentTable(verdict)}</section>`;
}

function seriesSection(shown: Shown, index: number, settings: Settings, verdict: Verdict | undefined, buckets: number, moments: number): Content {
  const { title, history, track } = shown;
  const incidents = verdict?.judged.find((judged) => judged.track === track)?.labels.incidents ?? [];
  const part = { window: windowOf(track), faults: spansOf(incidents) };
  const id = `reasons-${index}`;
  return html`<section class="series" id="series-${index}"><h2>${title}</h2>
<p class="dim">${incidents.length > 0 && html`<span class="swatch fault"></span>incident `}<span class="swatch minimal"></span>minimal: snapshots only <span class="swatch partial"></span>partial: a warm standby <span class="swatch full"></span>full: full capacity, validated <span class="swatch critical"></span>critical: a failover is asked for.</p>
${withReasons(scoreChart(track, settings, part), id)}${withReasons(anomalyChart(track, part), id)}${reasonsData(track, id)}
<details><summary>Decisions that would have been taken (${formatCount(track.decisions.length)})</summary>${decisionTable(track.decisions)}</details>
${closer(track, settings, incidents, id, moments, verdict)}
<h3>Metrics</h3>${metricCharts(history, part, settings, buckets)}</section>`;
}

/** Incidents from near, or the highest episodes where none are known, each with the reasons of its highest row. */
function closer(track: Track, settings: Settings, incidents: readonly Incident[], id: string, most: number, verdict: Verdict | undefined): Content {
  const whole = windowOf(track);
  const known = incidents.filter(({ from, until }) => until >= whole.from && from <= whole.to);
  const episodes = track.episodes.toSorted((a, b) => (b.peak.score ?? 0) - (a.peak.score ?? 0)).map(({ from, to, peak }) => ({ from, until: to, peak }));
  const moments = known.length > 0 ? known.map((incident) => ({ ...incident, peak: highestIn(track, incident) })) : episodes;
  if (moments.length === 0) return null;
  const views = moments.slice(0, most).map(({ from, until, peak }) => {
    const window = { from: Math.max(whole.from, from - 3 * hour), to: Math.min(whole.to, until + 2 * hour) };
    const alarms = verdict?.thresholds.flatMap(({ evaluation }) => {
      const found = evaluation.incidents.find((incident) => incident.series === track.name && incident.from === from && incident.until === until);
      return found ? [`${evaluation.threshold}: ${found.delayMinutes === null ? 'missed' : delayText(found.delayMinutes)}`] : [];
    });
    const what =
      known.length > 0 ? `${formatTime(from)} to ${formatTime(until)}` : `score ${peak?.score?.toFixed(1)}: ${formatTime(from)} to ${formatTime(until)}`;
    const chart = scoreChart(track, settings, { window, faults: spansOf(incidents) }, { height: 130, buckets: 150 });
    return html`<details><summary>${what}${alarms && alarms.length > 0 && html` <span class="dim">first alarm at ${alarms.join('; at ')}</span>`}</summary>${withReasons(chart, id)}${peak && peak.reasons.length > 0 && html`<p class="dim">Highest at ${formatTime(peak.time)}:</p><ul class="notes">${peak.reasons.map(({ detail }) => html`<li>${detail}</li>`)}</ul>`}</details>`;
  });
  return html`<h3>From near: ${known.length > 0 ? 'the incidents' : 'the highest episodes'}</h3>${views}${moments.length > most && html`<p class="dim">${most} of ${formatCount(moments.length)}.</p>`}`;
}

const highestIn = ({ highlights }: Track, { from, until }: Incident): Highlight | undefined =>
  highlights
    .filter(({ time }) => time >= from - alarmRules.before && time <= until)
    .reduce<Highlight | undefined>((most, one) => (most === undefined || (one.score ?? -1) > (most.score ?? -1) ? one : most), undefined);
