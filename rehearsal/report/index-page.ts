// The table of contents over several rehearsals.
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import type { ScenarioResult } from '../results.ts';
import { formatCount, formatDuration } from './axis.ts';
import { type Content, html } from './markup.ts';
import { page } from './report.ts';

/** Writes `index.html` into the directory, with links to the reports relative to it. Returns its path. */
export async function writeIndex(results: readonly ScenarioResult[], directory: string): Promise<string> {
  const path = join(directory, 'index.html');
  await mkdir(directory, { recursive: true });
  await writeFile(path, renderIndex(results, directory));
  return path;
}

export function renderIndex(results: readonly ScenarioResult[], directory: string): string {
  const scenarios = [...new Set(results.map(({ scenario }) => scenario))];
  return page(
    'Rehearsals',
    html`<header><h1>Rehearsals</h1><p class="dim">${results.length} ${results.length === 1 ? 'run' : 'runs'} of ${scenarios.length} ${scenarios.length === 1 ? 'scenario' : 'scenarios'}. Ratio: failed requests of forestall to those of reactive.</p></header>
${scenarios.map((scenario) =>
  section(
    scenario,
    results.filter((result) => result.scenario === scenario),
    directory,
  ),
)}`,
  );
}

function section(scenario: string, results: readonly ScenarioResult[], directory: string): Content {
  const sum = (arm: keyof ScenarioResult['arms']) => results.reduce((total, { arms }) => total + arms[arm].failed, 0);
  return html`<section><h2>${scenario}</h2><div class="scroll"><table><thead><tr><th>seed</th><th>outcome</th><th class="number">failed: forestall</th><th class="number">reactive</th><th class="number">none</th><th class="number">oracle</th><th class="number">ratio</th><th class="number">slow: forestall</th><th class="number">critical to moved</th><th>invariants</th></tr></thead>
<tbody>${results.map((result) => row(result, directory))}
${results.length > 1 && html`<tr class="own"><td>all</td><td>${outcomes(results)}</td><td class="number">${formatCount(sum('forestall'))}</td><td class="number">${formatCount(sum('reactive'))}</td><td class="number">${formatCount(sum('none'))}</td><td class="number">${formatCount(sum('oracle'))}</td><td class="number">${ratio(sum('forestall'), sum('reactive'))}</td><td></td><td></td><td></td></tr>`}</tbody></table></div></section>`;
}

function row({ seed, arms, invariants, report }: ScenarioResult, directory: string): Content {
  const { forestall, reactive, none, oracle } = arms;
  const broken = invariants.filter(({ held }) => !held).map(({ id }) => id);
  const moved =
    forestall.detectedAt !== null && forestall.movedAt !== null ? formatDuration(Date.parse(forestall.movedAt) - Date.parse(forestall.detectedAt)) : '';
  return html`<tr><td>${report === null ? seed : html`<a href="${linkTo(report, directory)}">${seed}</a>`}</td><td>${forestall.outcome}</td><td class="number">${formatCount(forestall.failed)}</td><td class="number">${formatCount(reactive.failed)}</td><td class="number">${formatCount(none.failed)}</td><td class="number">${formatCount(oracle.failed)}</td><td class="number">${ratio(forestall.failed, reactive.failed)}</td><td class="number">${formatCount(forestall.slow)}</td><td class="number">${moved}</td><td class="${broken.length === 0 ? 'good' : 'bad'}">${broken.length === 0 ? 'held' : broken.join(', ')}</td></tr>`;
}

const ratio = (own: number, other: number): string => (other === 0 ? '' : (own / other).toFixed(3));

function outcomes(results: readonly ScenarioResult[]): string {
  const counts = Map.groupBy(results, ({ arms }) => arms.forestall.outcome);
  return [...counts].map(([outcome, group]) => `${group.length} ${outcome}`).join(', ');
}

/** A link that works where the directory is put, each part of the path encoded. */
function linkTo(report: string, directory: string): string {
  const path = relative(resolve(directory), resolve(report)) || basename(report);
  return path.split(/[\\/]/).map(encodeURIComponent).join('/');
}
