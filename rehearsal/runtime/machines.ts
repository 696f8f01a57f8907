// State machines: the ASL files, run by aws-local-stepfunctions in virtual time.
import { existsSync, readFileSync } from 'node:fs';
import { ExecutionAbortedError, ExecutionError, ExecutionTimeoutError, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { type StateMachineName, stateMachines } from '../../core/contracts/deployment.ts';
import { NotSimulatedError } from '../cloud/call.ts';
import type { Draws } from '../cloud/draw.ts';
import { type ExecutionEngine, type ExecutionFacts, startOnce } from '../cloud/states.ts';
import type { Functions } from './functions.ts';
import type { Interference } from './interference.ts';
import type { Names } from './names.ts';
import type { ExecutionStatus, ExecutionView } from './runtime.ts';
import type { VirtualTime } from './virtual-time.ts';

/** State data larger than this fails an execution on AWS. */
const maxStateBytes = 262_144;
const nestedResource = 'arn:aws:states:::states:startExecution.sync:2';
/** aws-local-stepfunctions ends a task without TimeoutSeconds after a minute; AWS practically never. */
const longestTaskSeconds = 2_000_000;

interface Execution extends Omit<ExecutionView, 'status' | 'endedAt' | 'output' | 'error' | 'cause' | 'history'> {
  status: ExecutionStatus;
  endedAt: number | undefined;
  output: unknown;
  error: string | undefined;
  cause: string | undefined;
  history: { state: string; at: number; inputBytes: number }[];
  readonly inputText: string;
  readonly ended: Promise<void>;
  abort: () => void;
  stoppedWith: { error: string | undefined; cause: string | undefined } | undefined;
}

/** An error as a state machine sees it: `name` is the Error, `message` the Cause. */
class TaskError extends Error {
  override readonly name: string;
  constructor(error: string, cause: string) {
    super(cause);
    this.name = error;
  }
}

const isAtWork = ({ status, stoppedWith }: Execution): boolean => status === 'RUNNING' && stoppedWith === undefined;

type States = StateMachineDefinition['States'];
type DefinitionSource = (name: StateMachineName) => string | undefined;

/** The text of a machine's ASL file, or undefined when there is none. */
export const fromStateMachines: DefinitionSource = (name) => {
  const url = new URL(`../../statemachines/${name}.asl.json`, import.meta.url);
  return existsSync(url) ? readFileSync(url, 'utf8') : undefined;
};

export interface MachineEvents {
  /** On every change of an execution's status, as EventBridge tells it. */
  onStatus(execution: ExecutionFacts): void;
  fatal(error: Error): Error;
}

export class Machines implements ExecutionEngine {
  readonly #definitions = new Map<string, { readonly name: StateMachineName; readonly definition: StateMachineDefinition }>();
  readonly #executions = new Map<string, Execution>();
  readonly #functions: Functions;
  readonly #names: Names;
  readonly #time: VirtualTime;
  readonly #draws: Draws;
  readonly #events: MachineEvents;
  readonly #interference: Interference;
  #transitions = 0;
  #started = 0;

  constructor(functions: Functions, names: Names, time: VirtualTime, draws: Draws, events: MachineEvents, interference: Interference = {}) {
    this.#functions = functions;
    this.#names = names;
    this.#time = time;
    this.#draws = draws;
    this.#events = events;
    this.#interference = interference;
  }

  get transitions(): number {
    return this.#transitions;
  }

  /** Reads every machine that has a file. Throws on what this rehearsal cannot run; the test of the ASL files says whether they are valid. */
  load(source: DefinitionSource): void {
    for (const name of stateMachines) {
      const text = source(name);
      if (text === undefined) continue;
      const substituted = text.replace(/\$\{(\w+)\}/g, (placeholder, key: string) => this.#names.substitutions[key] ?? placeholder);
      const open = /\$\{\w+\}/.exec(substituted);
      if (open) throw new Error(`statemachines/${name}.asl.json has the placeholder ${open[0]}, which core/contracts/deployment.ts does not define`);
      const definition = JSON.parse(substituted) as StateMachineDefinition;
      if (definition.TimeoutSeconds !== undefined) definition.TimeoutSeconds = Math.min(definition.TimeoutSeconds, longestTaskSeconds);
      for (const [stateName, state] of Object.entries(definition.States)) {
        if (['Map', 'Parallel'].includes(state.Type) || 'Assign' in state)
          throw new NotSimulatedError(
            `statemachines/${name}.asl.json: ${stateName} uses ${state.Type === 'Task' ? 'Assign' : state.Type}, which this rehearsal does not run`,
          );
        if (state.Type === 'Task' && state.TimeoutSecondsPath === undefined)
          state.TimeoutSeconds = Math.min(state.TimeoutSeconds ?? longestTaskSeconds, longestTaskSeconds);
      }
      this.#definitions.set(this.#names.stateMachineArn(name), { name, definition });
    }
  }

  hasMachine(stateMachineArn: string): boolean {
    return this.#definitions.has(stateMachineArn);
  }

  find(executionArn: string): ExecutionFacts | undefined {
    const execution = this.#executions.get(executionArn);
    return execution && this.#facts(execution);
  }

  list(stateMachineArn: string): ExecutionFacts[] {
    const machine = this.#definitions.get(stateMachineArn)?.name;
    return [...this.#executions.values()].filter((execution) => execution.machine === machine).map((execution) => this.#facts(execution));
  }

  views(): ExecutionView[] {
    return [...this.#executions.values()].map(({ inputText: _text, ended: _ended, abort: _abort, stoppedWith: _stopped, ...view }) => view);
  }

  stop(executionArn: string, error: string | undefined, cause: string | undefined): void {
    const execution = this.#executions.get(executionArn);
    if (execution?.status !== 'RUNNING') return;
    execution.stoppedWith = { error, cause };
    execution.abort();
  }

  start(stateMachineArn: string, name: string | undefined, input: string, parent?: string): ExecutionFacts {
    const machine = this.#definitions.get(stateMachineArn);
    if (!machine) throw new NotSimulatedError(`there is no state machine ${stateMachineArn} in this rehearsal`);
    this.#started++;
    const executionName = name ?? this.#draws.hex(32, 'states/execution', this.#started);
    const arn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${executionName}`;
    const { promise: ended, resolve: settled } = Promise.withResolvers<void>();
    const execution: Execution = {
      arn,
      machine: machine.name,
      name: executionName,
      parent,
      status: 'RUNNING',
      startedAt: this.#time.now(),
      endedAt: undefined,
      input: JSON.parse(input),
      inputText: input,
      output: undefined,
      error: undefined,
      cause: undefined,
      history: [],
      ended,
      abort: () => {},
      stoppedWith: undefined,
    };
    this.#executions.set(arn, execution);
    this.#events.onStatus(this.#facts(execution));
    this.#run(execution, machine.definition, stateMachineArn).then(settled, (error: unknown) => {
      this.#events.fatal(error instanceof Error ? error : new Error(String(error)));
      settled();
    });
    return this.#facts(execution);
  }

  async #run(execution: Execution, definition: StateMachineDefinition, stateMachineArn: string): Promise<void> {
    const state = { Name: '', EnteredTime: '', RetryCount: 0 };
    // The library looks a state up when it enters it: that is where `$$.State` is filled in.
    const states = new Proxy<States>(definition.States, {
      get: (target, name) => {
        if (typeof name === 'string' && Object.hasOwn(target, name)) {
          Object.assign(state, { Name: name, EnteredTime: new Date().toISOString() });
          if (isAtWork(execution))
            this.#interference.entered?.({ machine: execution.machine, state: name, executionArn: execution.arn, parent: execution.parent });
        }
        return Reflect.get(target, name) as unknown;
      },
    });
    const context = {
      Execution: { Id: execution.arn, Name: execution.name, RoleArn: 'arn:aws:iam::123456789012:role/forestall', RedriveCount: 0 },
      StateMachine: { Id: stateMachineArn, Name: stateMachineArn.split(':').at(-1) },
      State: state,
    };
    const running = new StateMachine({ ...definition, States: states }, { validationOptions: { noValidate: true } }).run(execution.input as never, {
      context,
      overrides: { taskResourceLocalHandlers: this.#taskHandlers(definition, execution) as never },
    });
    execution.abort = running.abort;
    const recorded = this.#record(execution, running.eventLogs);
    try {
      execution.output = await running.result;
      execution.status = 'SUCCEEDED';
    } catch (error) {
      this.#failed(execution, error);
    }
    execution.endedAt = this.#time.now();
    await recorded;
    if (execution.status === 'TIMED_OUT' || execution.status === 'ABORTED') this.#stopChildren(execution);
    this.#events.onStatus(this.#facts(execution));
  }

  async #record(execution: Execution, events: ReturnType<StateMachine['run']>['eventLogs']): Promise<void> {
    for await (const event of events) {
      if (event.type === 'StateRetried') this.#transitions++;
      if (event.type !== 'StateEntered') continue;
      this.#transitions++;
      const inputBytes = Buffer.byteLength(JSON.stringify(event.state.input) ?? '');
      execution.history.push({ state: event.state.name, at: event.timestamp, inputBytes });
    }
  }

  #failed(execution: Execution, error: unknown): void {
    if (error instanceof ExecutionTimeoutError) {
      execution.status = 'TIMED_OUT';
      execution.error = 'States.Timeout';
    } else if (error instanceof ExecutionAbortedError) {
      execution.status = 'ABORTED';
      execution.error = execution.stoppedWith?.error;
      execution.cause = execution.stoppedWith?.cause;
    } else {
      const reason = error instanceof ExecutionError && error.cause instanceof Error ? error.cause : error;
      execution.status = 'FAILED';
      execution.error = reason instanceof Error ? reason.name : 'Error';
      execution.cause = reason instanceof Error ? reason.message : String(reason);
    }
  }

  /** Step Functions stops what a `.sync` task waits for. */
  #stopChildren({ arn }: Execution): void {
    for (const child of this.#executions.values()) if (child.parent === arn) this.stop(child.arn, undefined, 'the parent execution was stopped');
  }

  #taskHandlers(definition: StateMachineDefinition, execution: Execution): Record<string, (input: unknown) => Promise<unknown>> {
    const handlers: Record<string, (input: unknown) => Promise<unknown>> = {};
    for (const [stateName, state] of Object.entries(definition.States))
      if (state.Type === 'Task')
        handlers[stateName] = async (input) => {
          // The library ends a pause before a retry when the execution is stopped, and would try once more.
          if (!isAtWork(execution)) throw new TaskError('States.Runtime', 'the execution has been stopped');
          const proceed = () => {
            const work = this.#task(state.Resource, input as Record<string, unknown>, execution, stateName);
            // It may fail when nobody waits for it any more: its state has timed out, or its execution was stopped.
            work.catch(() => {});
            return work;
          };
          const attempt = {
            ...{ machine: execution.machine, state: stateName, executionArn: execution.arn },
            ...{ nested: state.Resource === nestedResource, timeoutSeconds: state.TimeoutSeconds ?? longestTaskSeconds },
          };
          return this.#limited(await (this.#interference.task?.(attempt, proceed) ?? proceed()));
        };
    return handlers;
  }

  #limited(output: unknown): unknown {
    if (Buffer.byteLength(JSON.stringify(output)) > maxStateBytes)
      throw Object.assign(new TaskError('States.DataLimitExceeded', `The state/task returned a result with a size exceeding ${maxStateBytes} bytes.`), {
        isRetryable: false,
        isCatchable: false,
      });
    return output;
  }

  #task(resource: string, input: Record<string, unknown>, execution: Execution, stateName: string): Promise<unknown> {
    if (resource === 'arn:aws:states:::lambda:invoke') return this.#invoke(input);
    if (resource === nestedResource) return this.#nested(input, execution);
    throw this.#events.fatal(new NotSimulatedError(`${execution.machine}: the resource ${resource} of ${stateName} is not simulated`));
  }

  async #invoke(input: Record<string, unknown>): Promise<unknown> {
    const { FunctionName, Payload, ...rest } = input;
    const name = typeof FunctionName === 'string' ? this.#names.functionOf(FunctionName) : undefined;
    if (name === undefined || Object.keys(rest).length > 0)
      throw this.#events.fatal(
        new NotSimulatedError(`lambda:invoke with ${JSON.stringify({ FunctionName, ...rest })}: give FunctionName (one of ours) and Payload only`),
      );
    try {
      return { ExecutedVersion: '$LATEST', Payload: await this.#functions.invoke(name, Payload ?? {}), StatusCode: 200 };
    } catch (error) {
      const { name: errorType, message: errorMessage } = error instanceof Error ? error : new Error(String(error));
      throw new TaskError(errorType, JSON.stringify({ errorType, errorMessage, trace: [] }));
    }
  }

  async #nested(input: Record<string, unknown>, parent: Execution): Promise<unknown> {
    const { StateMachineArn, Name, Input, ...rest } = input;
    if (typeof StateMachineArn !== 'string' || Object.keys(rest).length > 0)
      throw this.#events.fatal(new NotSimulatedError('states:startExecution takes StateMachineArn, Name and Input only'));
    const text = typeof Input === 'string' ? Input : JSON.stringify(Input ?? {});
    let started: ExecutionFacts;
    try {
      const engine: ExecutionEngine = {
        hasMachine: (arn) => this.hasMachine(arn),
        find: (arn) => this.find(arn),
        list: (arn) => this.list(arn),
        stop: () => {},
        start: (arn, name, json) => this.start(arn, name, json, parent.arn),
      };
      started = startOnce(engine, StateMachineArn, typeof Name === 'string' ? Name : undefined, text);
    } catch (error) {
      if (!(error instanceof Error) || error instanceof NotSimulatedError) throw error;
      throw new TaskError(`StepFunctions.${error.name}${error.name.endsWith('Exception') ? '' : 'Exception'}`, error.message);
    }
    await this.#executions.get(started.arn)?.ended;
    const child = this.find(started.arn) ?? started;
    const description = {
      ExecutionArn: child.arn,
      Input: JSON.parse(child.input) as unknown,
      InputDetails: { Included: true },
      Name: child.name,
      StartDate: child.startedAt,
      StateMachineArn,
      Status: child.status,
      StopDate: child.endedAt,
    };
    if (child.status === 'SUCCEEDED') return { ...description, Output: JSON.parse(child.output ?? 'null') as unknown, OutputDetails: { Included: true } };
    throw new TaskError('States.TaskFailed', JSON.stringify({ ...description, Error: child.error, Cause: child.cause }));
  }

  #facts(execution: Execution): ExecutionFacts {
    return {
      arn: execution.arn,
      stateMachineArn: this.#names.stateMachineArn(execution.machine),
      name: execution.name,
      status: execution.status,
      startedAt: execution.startedAt,
      endedAt: execution.endedAt,
      input: execution.inputText,
      output: execution.status === 'SUCCEEDED' ? JSON.stringify(execution.output) : undefined,
      error: execution.error,
      cause: execution.cause,
    };
  }
}
