// Where something outside may interfere with Step Functions, Lambda and EventBridge, as faults do.
import type { FunctionName, StateMachineName } from '../../core/contracts/deployment.ts';
import type { EventEnvelope } from '../cloud/eventbridge.ts';

/** One attempt of a Task state. */
export interface TaskAttempt {
  readonly machine: StateMachineName;
  readonly state: string;
  readonly executionArn: string;
  /** Whether the Task starts another machine and waits for it; else it invokes a function. */
  readonly nested: boolean;
  /** Of the state, seconds. */
  readonly timeoutSeconds: number;
}

/** A state that an execution has come to. */
export interface StateEntered {
  readonly machine: StateMachineName;
  readonly state: string;
  readonly executionArn: string;
  /** Of the execution that started it as a nested one. */
  readonly parent: string | undefined;
}

/**
 * Each part stands between one service and its caller; what is left out leaves things as they are. Whatever waits, waits in virtual time.
 * Errors that are thrown are seen by the caller as the service's own: their `name` counts.
 */
export interface Interference {
  /** Between a state machine and what its Task does. */
  task?(attempt: TaskAttempt, proceed: () => Promise<unknown>): Promise<unknown>;
  /** Between whoever invokes a function, and the function. `timeoutSeconds`: the function's own. */
  invocation?(name: FunctionName, timeoutSeconds: number, proceed: () => Promise<unknown>): Promise<unknown>;
  /** Just before the state does anything. */
  entered?(entered: StateEntered): void;
  /** When an event that a rule selects is delivered, ms from now, once for each entry; undefined: as usual. */
  deliveries?(event: EventEnvelope, to: FunctionName): readonly number[] | undefined;
}
