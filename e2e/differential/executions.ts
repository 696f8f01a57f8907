// Executions of a run by what they did: which machine, how it ended, the way through its states, and what it started.
import { readFileSync } from 'node:fs';
import { type StateMachineName, stateMachines } from '../../core/contracts/deployment.ts';
import { decisionKind } from './names.ts';
import type { TracedExecution } from './run-record.ts';

/** Wait states by machine: whether one is entered is a matter of time. */
const waits = new Map<string, ReadonlySet<string>>(
  stateMachines.map((machine) => {
    const file = new URL(`../../statemachines/${machine}.asl.json`, import.meta.url);
    const { States } = JSON.parse(readFileSync(file, 'utf8')) as { readonly States: Readonly<Record<string, { readonly Type: string }>> };
    return [machine, new Set(Object.entries(States).flatMap(([name, { Type }]) => (Type === 'Wait' ? [name] : [])))];
  }),
);

/** The states in the order in which they were first entered: how often a loop was gone through is a matter of time. */
export const way = ({ machine, states }: Pick<TracedExecution, 'machine' | 'states'>): string[] => [
  ...new Set(states.filter((state) => !waits.get(machine)?.has(state))),
];

const failoverMachines: readonly StateMachineName[] = ['fail-over', 'evacuate', 'roll-back'];

export const failoverOf = ({ input }: TracedExecution): string | undefined => {
  const { failoverId } = (input ?? {}) as { readonly failoverId?: unknown };
  return typeof failoverId === 'string' ? failoverId : undefined;
};

/** What started it: a decision by its kind, a settlement, or somebody by hand. */
const startedFor = (name: string): string => (name.startsWith('settle.') ? 'settlement' : (decisionKind(name) ?? 'other'));

const byStart = (a: TracedExecution, b: TracedExecution) => a.startedAt - b.startedAt;

/** What a failover does to make the standby fit and to prove it, unless mirroring has done it just before: a matter of seconds. */
const preparing = ['Warm standby', 'Mirror canary', 'Canary passed?'];
/** A canary that did not pass decides the failover, and stays. */
const isPreparation = ({ machine, states }: TracedExecution): boolean =>
  machine === 'warm-standby' || (machine === 'mirror-canary' && states.includes('Tell pass'));

/** An execution and, indented below it, those nested in it. */
function tree(execution: TracedExecution, all: readonly TracedExecution[], depth = 0): string[] {
  const { machine, name, status, parent, arn } = execution;
  const children = all.filter((other) => other.parent === arn).sort(byStart);
  const nested = children.filter((child) => !isPreparation(child));
  const decides = nested.some((child) => child.machine === 'mirror-canary');
  const states = way(execution).filter((state) => machine !== 'fail-over' || !preparing.includes(state) || (decides && state !== 'Warm standby'));
  const title = `${'  '.repeat(depth)}${machine}${parent === undefined ? ` for ${startedFor(name)}` : ''} ${status}: ${states.join(' > ')}`;
  return [title, ...nested.flatMap((one) => tree(one, all, depth + 1))];
}

/**
 * Failovers and evacuations one after the other, each as a tree. `wanted`: whether a failover belongs to the trace.
 * Those that only mirror are many or few by how long the run went on: of those that began before `until` (ms) it counts
 * that there were some, and whether one failed; they may go on for longer than the run.
 */
export function executionLines(
  executions: readonly TracedExecution[],
  wanted: (failoverId: string) => boolean,
  until: number,
): { readonly failovers: readonly string[]; readonly mirroring: readonly string[] } {
  const roots = executions.filter(({ parent }) => parent === undefined).sort(byStart);
  const failovers = roots.filter((root) => failoverMachines.includes(root.machine) && wanted(failoverOf(root) ?? ''));
  const mirroring = roots.filter(({ machine, startedAt }) => !failoverMachines.includes(machine) && startedAt < until);
  return {
    failovers: failovers.flatMap((root) => tree(root, executions)),
    mirroring: [...new Set(mirroring.map(({ machine, status }) => `${machine}${status === 'SUCCEEDED' || status === 'RUNNING' ? '' : ` ${status}`}`))].sort(),
  };
}
