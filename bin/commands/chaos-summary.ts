// The readable summary of chaos.
import type { ChaosRun } from '../../rehearsal/chaos/chaos.ts';
import type { CasePlayed } from '../../rehearsal/chaos/player.ts';

/** What is told of one invariant at most: the JSON has all. */
const mostCases = 20;

const replayOf = (caseId: string, seed: number) =>
  `npm run -s chaos -- --replay '${caseId}'${seed === 1 || caseId.startsWith('combo-') ? '' : ` --seed ${seed}`}`;

/** What came of all runs, and each violation with the command that replays it. */
export function summarise({ report, unmet }: ChaosRun, seed: number, seconds: number): string {
  const { runs, faultsInjected, byKind, violations, outcomes } = report;
  const count = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .sort(([, a], [, b]) => b - a)
      .map(([name, number]) => `${name} ${number}`)
      .join(', ');
  const groups = [...Map.groupBy(violations, ({ invariant }) => invariant)].sort(([a], [b]) => a.localeCompare(b));
  return [
    `${runs} runs with ${faultsInjected} faults in ${seconds.toFixed(0)} s`,
    `faults: ${count(byKind)}`,
    `outcomes: ${count(outcomes)}`,
    ...(unmet.length === 0 ? [] : [`in ${unmet.length} runs not every fault had an occasion to strike`]),
    ...(violations.length === 0 ? ['I1 to I8 held in every run.'] : []),
    ...groups.flatMap(([invariant, found]) => [
      '',
      `${invariant}: ${found.length} violations in ${new Set(found.map(({ caseId }) => caseId)).size} runs`,
      ...found.slice(0, mostCases).flatMap(({ caseId, detail }) => [`  ${caseId}: ${detail}`, `    ${replayOf(caseId, seed)}`]),
      ...(found.length > mostCases ? [`  and ${found.length - mostCases} more; --json prints all`] : []),
    ]),
  ].join('\n');
}

/** The story of one run, line by line. */
export function tell({ lines, outcome, violations, struck }: CasePlayed, faults: number): string {
  return [
    ...lines,
    '',
    `ended as ${outcome}; ${struck.length} of ${faults} faults struck`,
    ...(violations.length === 0 ? ['I1 to I8 held.'] : violations.map(({ invariant, detail }) => `${invariant} ${detail}`)),
  ].join('\n');
}
