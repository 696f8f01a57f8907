// The report's tables: arms compared, the story, calls, invariants, parameters.
import { type ArmName, armNames, type RehearsalReport } from '../results.ts';
import { formatCount, formatDuration, formatTime } from './axis.ts';
import { type Content, html, type Markup } from './markup.ts';
import { renderTimeline } from './timeline.ts';

const mostRows = 300;
const listed = (reasons: readonly string[]): Content => reasons.length > 0 && html`<ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`;
const more = (count: number): Content => count > mostRows && html`<p class="dim">The first ${mostRows} of ${formatCount(count)}.</p>`;
const table = (head: Content, rows: Content): Markup => html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;

const share = (part: number, whole: number): string => (whole === 0 ? '' : part === 0 ? '0 %' : `${((part / whole) * 100).toPrecision(2)} %`);

/** A time and how long after the first fault that was. */
function when(time: string | null, onset: number | undefined): Content {
  if (time === null) return html`<span class="dim">never</span>`;
  const at = Date.parse(time);
  return html`${formatTime(at)}${onset === undefined ? null : html`<br><span class="dim">${at < onset ? `${formatDuration(onset - at)} before` : `${formatDuration(at - onset)} after`} the fault</span>`}`;
}

const armCell = (arm: ArmName): Markup =>
  html`<td class="time"><svg width="22" height="8" aria-hidden="true"><path class="curve ${arm}" d="M0 4H22"/></svg> ${arm}</td>`;
const own = (arm: ArmName) => (arm === 'forestall' ? 'own' : '');

export function armsTable({ result, faults }: RehearsalReport): Markup {
  const onset = faults.length <= 5 ? faults[0]?.at : undefined;
  const row = (arm: ArmName) => {
    const { requests, failed, slow, outcome, detectedAt, firstShiftAt, movedAt, finalWeights } = result.arms[arm];
    return html`<tr class="${own(arm)}">${armCell(arm)}<td class="time">${outcome}</td>
<td class="number">${formatCount(failed)}<br><span class="dim">${share(failed, requests)}</span></td><td class="number">${formatCount(slow)}<br><span class="dim">${share(slow, requests)}</span></td><td class="number">${formatCount(requests)}</td>
<td>${when(detectedAt, onset)}</td><td>${when(firstShiftAt, onset)}</td><td>${when(movedAt, onset)}</td><td class="number">${finalWeights.primary} / ${finalWeights.standby}</td></tr>`;
  };
  const head = html`<th>arm</th><th>outcome</th><th class="number">failed</th><th class="number">slow</th><th class="number">requests</th><th>detected</th><th>first shift</th><th>moved</th><th class="number">weights at the end</th>`;
  return table(head, armNames.map(row));
}

export function costTable({ result }: RehearsalReport): Markup {
  const row = (arm: ArmName) => {
    const { apiCalls, stateTransitions, mirrorHours } = result.arms[arm].cost;
    const calls = Object.values(apiCalls).reduce((sum, count) => sum + count, 0);
    return html`<tr class="${own(arm)}">${armCell(arm)}<td class="number">${formatCount(calls)}</td><td class="number">${formatCount(stateTransitions)}</td>${(['minimal', 'partial', 'full'] as const).map((level) => html`<td class="number">${mirrorHours[level].toFixed(1)} h</td>`)}</tr>`;
  };
  const head = html`<th>arm</th><th class="number">API calls</th><th class="number">state transitions</th><th class="number">at level minimal</th><th class="number">at level partial</th><th class="number">at level full</th>`;
  return table(head, armNames.map(row));
}

export function story(report: RehearsalReport): Markup {
  const { failovers } = report.forestall;
  if (failovers.length === 0) return html`<p>No failover was begun.</p>`;
  return html`${failovers.slice(0, 40).map((failover, index) => {
    const rows = failover.events
      .slice(0, mostRows)
      .map(
        ({ at, phase, message, reasons, verdict, weights }) =>
          html`<tr><td class="time">${formatTime(at)}<br><span class="dim">${at === failover.startedAt ? 'begin' : `+ ${formatDuration(at - failover.startedAt)}`}</span></td><td>${phase}</td><td>${message}${listed(reasons)}</td><td class="${verdict === 'pass' ? 'good' : verdict === 'fail' ? 'bad' : 'warn'}">${verdict}</td><td class="number">${weights && html`${weights.primary} / ${weights.standby}`}</td></tr>`,
      );
    return html`<details${index < 3 ? html` open` : null}><summary>${failover.kind} failover, ${failover.outcome ?? 'not ended'}: ${formatTime(failover.startedAt)}${failover.endedAt === null ? null : `, for ${formatDuration(failover.endedAt - failover.startedAt)}`}</summary>
${listed(failover.reasons)}${renderTimeline(failover, report.faults)}${table(html`<th>time (UTC)</th><th>phase</th><th>what happened, and why</th><th>verdict</th><th class="number">weights</th>`, rows)}${more(failover.events.length)}</details>`;
  })}${failovers.length > 40 && html`<p class="dim">The first 40 of ${failovers.length} failovers.</p>`}`;
}

/** Where level or criticality changed, with the reasons given at that moment. */
export function decisions({ forestall }: RehearsalReport): Markup {
  const changes = forestall.assessments.filter(
    ({ level, critical }, index, all) => index === 0 || all[index - 1]?.level !== level || all[index - 1]?.critical !== critical,
  );
  const rows = changes
    .slice(0, mostRows)
    .map(
      ({ at, score, level, critical, reasons }) =>
        html`<tr><td class="time">${formatTime(at)}</td><td class="number">${score === null ? 'none' : score.toFixed(1)}</td><td><span class="swatch ${level}"></span>${level}${critical && html` <b class="bad">critical</b>`}</td><td>${reasons.length === 0 ? html`<span class="dim">nothing unusual</span>` : listed(reasons.map(({ metric, kind, detail }) => `${metric} (${kind}): ${detail}`))}</td></tr>`,
    );
  return changes.length === 0
    ? html`<p>Nothing was assessed.</p>`
    : html`${table(html`<th>time (UTC)</th><th class="number">score</th><th>level</th><th>reasons</th>`, rows)}${more(changes.length)}`;
}

export function callTables({ result, forestall }: RehearsalReport): Markup {
  const { mutatingCalls } = forestall;
  const rows = mutatingCalls
    .slice(0, mostRows)
    .map(
      ({ at, operation, region, summary }) =>
        html`<tr><td class="time">${formatTime(at)}</td><td><code>${operation}</code></td><td class="time">${region}</td><td>${summary}</td></tr>`,
    );
  const made =
    mutatingCalls.length === 0
      ? html`<p>None: nothing of the customer's was changed.</p>`
      : html`${table(html`<th>time (UTC)</th><th>operation</th><th>Region</th><th>what</th>`, rows)}${more(mutatingCalls.length)}`;
  const arms = armNames.filter((arm) => Object.keys(result.arms[arm].cost.apiCalls).length > 0);
  const operations = [...new Set(arms.flatMap((arm) => Object.keys(result.arms[arm].cost.apiCalls)))].sort();
  const counts = operations.map(
    (operation) =>
      html`<tr><td><code>${operation}</code></td>${arms.map((arm) => html`<td class="number">${formatCount(result.arms[arm].cost.apiCalls[operation] ?? 0)}</td>`)}</tr>`,
  );
  return html`<h3>Calls that changed something</h3>${made}<h3>API calls</h3>${
    operations.length === 0
      ? html`<p>None.</p>`
      : html`<details open><summary>${operations.length} operations</summary>${table(html`<th>operation</th>${arms.map((arm) => html`<th class="number">${arm}</th>`)}`, counts)}</details>`
  }`;
}

/** What each invariant says, in the words of the design. */
const meanings: Record<string, string> = {
  I1: 'while a side is healthy, effective routing reaches a healthy one',
  I2: 'a side never gets more than its ready capacity carries, except in an evacuation',
  I3: 'one failover at a time per service, and no more than the caps allow',
  I4: 'nothing destructive on the old side before the point of no return, and no data lost beyond the objective',
  I5: 'whatever a workflow creates is recorded first, and is in use or cleaned up',
  I6: 'a repeated event, a retry or a crash changes nothing more than once',
  I7: 'in observe and advise no mutating call reaches the resources',
  I8: 'after any ending the lock is free and the record says what happened and why',
};

export function invariantsTable({ result, violations }: RehearsalReport): Markup {
  const rows = result.invariants.map(
    ({ id, held, checks }) =>
      html`<tr><td>${id}</td><td>${meanings[id]}</td><td class="${held ? 'good' : 'bad'}">${held ? 'held' : checks === 0 ? 'not checked' : 'violated'}</td><td class="number">${formatCount(checks)}</td></tr>`,
  );
  const found = violations
    .slice(0, mostRows)
    .map(({ invariant, at, detail }) => html`<tr><td>${invariant}</td><td class="time">${formatTime(at)}</td><td>${detail}</td></tr>`);
  return html`${table(html`<th>id</th><th>invariant</th><th></th><th class="number">checks</th>`, rows)}${violations.length > 0 && html`<h3 class="bad">Violations</h3>${table(html`<th>id</th><th>time (UTC)</th><th>detail</th>`, found)}${more(violations.length)}`}`;
}

export function scenarioTables({ parameters, faults }: RehearsalReport): Markup {
  const drawn = Object.entries(parameters).map(
    ([name, value]) =>
      html`<tr><td>${name}</td><td class="number">${typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value)}</td></tr>`,
  );
  const happened = faults
    .slice(0, mostRows)
    .map(
      ({ at, until, label }) =>
        html`<tr><td>${label}</td><td class="time">${formatTime(at)}</td><td class="time">${until === null ? 'the end' : formatTime(until)}</td><td class="time">${until === null ? '' : formatDuration(until - at)}</td></tr>`,
    );
  return html`<div class="pair"><div><h3>Parameters</h3>${drawn.length === 0 ? html`<p>None.</p>` : table(html`<th>parameter</th><th class="number">value</th>`, drawn)}</div>
<div><h3>What happened to the world</h3>${faults.length === 0 ? html`<p>Nothing.</p>` : html`${table(html`<th>event</th><th>from (UTC)</th><th>until</th><th>lasted</th>`, happened)}${more(faults.length)}`}</div></div>`;
}
