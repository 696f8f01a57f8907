// Every Task state of every state machine, read from the ASL files: what the stories have to come to.
import { type StateMachineName, stateMachines } from '../../core/contracts/deployment.ts';
import { fromStateMachines } from '../runtime/machines.ts';

export interface TaskState {
  readonly machine: StateMachineName;
  readonly state: string;
  /** Whether it starts another machine. */
  readonly nested: boolean;
}

/** `machine.State`, as faults name places. */
export const placeOf = ({ machine, state }: Pick<TaskState, 'machine' | 'state'>): string => `${machine}.${state}`;

/** All of them, in the order of the files. */
export function taskStates(source: (name: StateMachineName) => string | undefined = fromStateMachines): TaskState[] {
  return stateMachines.flatMap((machine) => {
    const text = source(machine);
    if (text === undefined) return [];
    const { States } = JSON.parse(text) as { States: Record<string, { Type: string; Resource?: string }> };
    return Object.entries(States).flatMap(([state, { Type, Resource = '' }]) =>
      Type === 'Task' ? [{ machine, state, nested: Resource.includes(':states:startExecution') }] : [],
    );
  });
}

/** Task states that nothing leads to, with the reason. test/rehearsal/chaos tests that the reasons are true. */
export const exceptions: Readonly<Record<string, string>> = {};
