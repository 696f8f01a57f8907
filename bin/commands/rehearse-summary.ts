// The readable summary of rehearsals.
import type { JobDone } from '../../rehearsal/job.ts';
import { type ArmResult, armNames } from '../../rehearsal/results.ts';

/** A paragraph for each run, and for several runs of a scenario what they have in common. */
export function summarise(done: readonly JobDone[]): string {
  const names = [...new Set(done.map(({ result }) => result.scenario))];
  const pooled = names.flatMap((name) => {
    const runs = done.filter(({ result }) => result.scenario === name);
    return runs.length > 1 ? [pool(name, runs)] : [];
  });
  return [...done.map(one), ...pooled].join('\n\n');
}

function one({ result, description, notes, violations }: JobDone): string {
  const speed = result.simulatedSeconds / Math.max(0.001, result.wallSeconds);
  const broken = result.invariants.filter(({ held }) => !held);
  return [
    `${result.scenario}, seed ${result.seed}`,
    description,
    table([['arm', 'outcome', 'requests', 'failed', 'slow', 'detected', 'first shift', 'moved'], ...armNames.map((name) => row(name, result.arms[name]))]),
    ...notes,
    broken.length === 0
      ? `${result.invariants.length} invariants held.`
      : `Invariants violated: ${broken.map(({ id, checks }) => (checks === 0 ? `${id} (never checked)` : id)).join(', ')}.`,
    ...violations.slice(0, 10).map(({ invariant, at, detail }) => `  ${invariant} at ${new Date(at).toISOString()}: ${detail}`),
    `${duration(result.simulatedSeconds)} in ${result.wallSeconds.toFixed(1)} s (${Math.round(speed).toLocaleString('en')} times real time).`,
    ...(result.report === null ? [] : [`Report: ${result.report}`]),
  ].join('\n');
}

const row = (name: string, arm: ArmResult) => [
  name,
  arm.outcome,
  arm.requests.toLocaleString('en'),
  arm.failed.toLocaleString('en'),
  arm.slow.toLocaleString('en'),
  clock(arm.detectedAt),
  clock(arm.firstShiftAt),
  clock(arm.movedAt),
];

function pool(name: string, runs: readonly JobDone[]): string {
  const failed = (arm: (typeof armNames)[number]) => runs.reduce((sum, { result }) => sum + result.arms[arm].failed, 0);
  const outcomes = new Map<string, number>();
  for (const { result } of runs) outcomes.set(result.arms.forestall.outcome, (outcomes.get(result.arms.forestall.outcome) ?? 0) + 1);
  const reactive = failed('reactive');
  const ratios = runs.map(({ result }) => result.arms.forestall.failed / Math.max(1, result.arms.reactive.failed));
  return [
    `${name}, ${runs.length} seeds together`,
    `failed requests: ${armNames.map((arm) => `${arm} ${failed(arm).toLocaleString('en')}`).join(', ')}`,
    `forestall fails ${percent(failed('forestall') / Math.max(1, reactive))} of what reactive fails (worst seed ${percent(Math.max(...ratios))}), the oracle ${percent(failed('oracle') / Math.max(1, reactive))}`,
    `outcomes of forestall: ${[...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ')}`,
  ].join('\n');
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  return rows.map((cells) => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd()).join('\n');
}

const clock = (time: string | null) => (time === null ? '-' : time.slice(5, 19).replace('T', ' '));
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const duration = (seconds: number) => (seconds >= 2 * 86_400 ? `${(seconds / 86_400).toFixed(1)} days` : `${(seconds / 3600).toFixed(1)} hours`);
