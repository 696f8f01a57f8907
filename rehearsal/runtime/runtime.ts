// One rehearsal: the product's own functions and state machines on a simulated cloud, in virtual time.
import type { FunctionName, StateMachineName, TableName } from '../../core/contracts/deployment.ts';
import type { SimulatedCloud } from '../cloud/cloud.ts';

export interface RuntimeOptions {
  readonly seed: number;
  /** ms since the epoch */
  readonly startAt: number;
  readonly regions: readonly string[];
  readonly controlRegion: string;
  /** Answers the prober's HTTP requests. It may wait in virtual time. */
  readonly fetch: typeof fetch;
  /** Share of events and queue messages that are delivered a second time. Default: 0.1. */
  readonly duplicateShare?: number;
  /** Whether the schedules run. Default: true. */
  readonly schedules?: boolean;
  /** Log level of the handlers (Powertools). Default: SILENT. */
  readonly logLevel?: string;
}

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface ExecutionView {
  readonly arn: string;
  readonly machine: StateMachineName;
  readonly name: string;
  /** ARN of the execution that started it as a nested one. */
  readonly parent: string | undefined;
  readonly status: ExecutionStatus;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly input: unknown;
  readonly output: unknown;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** States entered, in order. */
  readonly history: readonly { readonly state: string; readonly at: number; readonly inputBytes: number }[];
}

/** One delivery of an event or a queue message to a function. */
export interface Delivery {
  readonly at: number;
  readonly kind: 'event' | 'message';
  readonly to: FunctionName;
  /** The event's or message's id; the same for its duplicates. */
  readonly id: string;
  readonly duplicate: boolean;
  readonly payload: unknown;
}

export interface InvocationRecord {
  readonly at: number;
  readonly functionName: FunctionName;
  readonly requestId: string;
  readonly error: Error | undefined;
}

export interface VirtualClock {
  /** ms since the epoch */
  now(): number;
  /** Runs once at a moment (at once if it is past). The returned function cancels. */
  at(time: number, action: () => void | Promise<void>): () => void;
  /** Runs every `ms`, first at the next multiple of `ms` since the epoch plus `offsetMs`. The returned function cancels. */
  every(ms: number, action: () => void | Promise<void>, offsetMs?: number): () => void;
}

export interface RehearsalRuntime {
  readonly clock: VirtualClock;
  readonly cloud: SimulatedCloud;
  /**
   * Lets time pass until `time` (ms since the epoch), including what is due at that moment.
   * Throws what failed the rehearsal: NotSimulatedError, MalformedInputError, or an error of an action of the world.
   */
  runUntil(time: number): Promise<void>;
  /** Invokes a function as Lambda does. Rejects with the handler's error (its name kept), or `Sandbox.Timedout`. */
  invoke(functionName: FunctionName, event: unknown): Promise<unknown>;
  /** Starts a state machine by name, as StartExecution does; resolves with its ARN. */
  startExecution(machine: StateMachineName, input: unknown, name?: string): string;
  executions(): readonly ExecutionView[];
  /** State transitions of all executions so far (what Step Functions bills). */
  readonly stateTransitions: number;
  /** Puts an event on a bus, from outside of Forestall (duplicates may follow). `bus`: default `forestall`. */
  deliverEvent(event: { readonly source: string; readonly detailType: string; readonly detail: unknown; readonly bus?: 'forestall' | 'default' }): void;
  /** Is told of each delivery of an event or message, just before the function is invoked. */
  onDelivery(listener: (delivery: Delivery) => void): () => void;
  onInvocation(listener: (record: InvocationRecord) => void): () => void;
  /** Items of a table in native form, read beside the API (not counted). */
  items(table: TableName): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Events and messages that were given up after their retries. */
  readonly deadLetters: readonly Delivery[];
  /** Ends the rehearsal: restores time, randomness, environment and clients. Another may follow in this process. */
  close(): Promise<void>;
}

/** Builds the account, wires the functions as core/contracts/deployment.ts says, and stops the clock at `startAt`. */
export function createRuntime(_options: RuntimeOptions): Promise<RehearsalRuntime> {
  throw new Error('not built yet');
}
