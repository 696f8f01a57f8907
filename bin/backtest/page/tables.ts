// The page's tables: thresholds compared, each incident, decisions with their reasons.
import type { Evaluation } from '../../../core/prediction/evaluation/alarms.ts';
import { formatCount, formatTime } from '../../../rehearsal/report/axis.ts';
import { type Content, html, type Markup } from '../../../rehearsal/report/markup.ts';
import { decisionText } from '../../commands/backtest-summary.ts';
import { delayText, percent } from '../../commands/backtest-verdict.ts';
import type { Verdict } from '../evaluate.ts';
import type { Decision } from '../track.ts';

const mostRows = 200;
const table = (head: Content, rows: Content): Markup => html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;

export function thresholdTable({ thresholds, budget }: Verdict): Markup {
  const row = (
    name: Content,
    { found, foundByChance, incidents, medianDelayMinutes, falseAlarms, falseAlarmsPerDay, precision, recall }: Omit<Evaluation, 'threshold'>,
  ) =>
    html`<tr><td>${name}</td><td class="number">${found} of ${incidents.length}</td><td class="number">${incidents.length - found}</td><td class="number">${foundByChance.toFixed(1)}</td><td class="number">${delayText(medianDelayMinutes)}</td><td class="number">${formatCount(falseAlarms)}</td><td class="number">${falseAlarmsPerDay.toFixed(2)}</td><td class="number">${percent(precision)}</td><td class="number">${percent(recall)}</td></tr>`;
  const head = html`<th>threshold</th><th class="number">found</th><th class="number">missed</th><th class="number">by chance</th><th class="number">median delay</th><th class="number">false alarms</th><th class="number">per resource-day</th><th class="number">precision</th><th class="number">recall</th>`;
  return table(head, [
    ...thresholds.map(({ name, evaluation }) =>
      row(html`<span class="swatch ${name}"></span>${evaluation.threshold} <span class="dim">${name}</span>`, evaluation),
    ),
    ...(budget.own
      ? [row(html`${budget.own.threshold} <span class="dim">fits ${budget.perDay} a resource-day; chosen on this very history: optimistic</span>`, budget.own)]
      : []),
    ...(budget.others
      ? [
          row(
            html`<span class="dim">each series at the threshold that the others give: ${budget.others.each.map(({ name, threshold }) => `${name} ${threshold ?? 'none'}`).join(', ')}</span>`,
            budget.others,
          ),
        ]
      : []),
  ]);
}

export function incidentTable({ thresholds, judged }: Verdict): Markup {
  const incidents = thresholds[0]?.evaluation.incidents ?? [];
  if (incidents.length === 0) return html`<p>No incident lies in the labelled history.</p>`;
  const several = judged.length > 1;
  const rows = incidents.slice(0, mostRows).map(
    ({ series, from, until }, index) =>
      html`<tr>${several && html`<td>${series}</td>`}<td class="time">${formatTime(from)}</td><td class="time">${formatTime(until)}</td>${thresholds.map(
        ({ evaluation }) => {
          const found = evaluation.incidents[index];
          return found?.delayMinutes === null || found === undefined ? html`<td class="missed">missed</td>` : html`<td>${delayText(found.delayMinutes)}</td>`;
        },
      )}</tr>`,
  );
  const head = html`${several && html`<th>series</th>`}<th>start (UTC)</th><th>end</th>${thresholds.map(({ name, evaluation }) => html`<th>first alarm at ${evaluation.threshold} (${name})</th>`)}`;
  return html`${table(head, rows)}${incidents.length > mostRows && html`<p class="dim">The first ${mostRows} of ${formatCount(incidents.length)}; --report has all.</p>`}`;
}

export function decisionTable(decisions: readonly Decision[]): Markup {
  if (decisions.length === 0) return html`<p>None: the level would have stayed as it was.</p>`;
  // Moves of traffic come before changes of level, when not all can be shown.
  const critical = decisions.filter(({ what }) => what === 'critical');
  const told =
    decisions.length <= mostRows
      ? decisions
      : [...critical, ...decisions.filter(({ what }) => what !== 'critical')].slice(0, mostRows).sort((a, b) => a.time - b.time);
  const rows = told.map(
    (decision) =>
      html`<tr><td class="time">${formatTime(decision.time)}</td><td class="number">${decision.score === null ? 'none' : decision.score.toFixed(1)}</td><td><span class="swatch ${decision.what === 'critical' ? 'critical' : decision.level}"></span>${decision.what === 'critical' ? html`<b class="bad">${decisionText(decision)}</b>` : decisionText(decision)}</td><td>${decision.reasons.length === 0 ? html`<span class="dim">nothing unusual</span>` : html`<ul>${decision.reasons.slice(0, 5).map(({ detail }) => html`<li>${detail}</li>`)}</ul>`}</td></tr>`,
  );
  return html`${table(html`<th>time (UTC)</th><th class="number">score</th><th>decision</th><th>reasons</th>`, rows)}${told.length < decisions.length && html`<p class="dim">${told.length} of ${formatCount(decisions.length)}; --report has all.</p>`}`;
}
