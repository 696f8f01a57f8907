// Step Functions' API over the executions that the runtime runs.
import * as sdk from '@aws-sdk/client-sfn';
import { faultsOf } from './fault.ts';
import { page, reads, type Service } from './service.ts';

const fault = faultsOf(sdk, 'SFNServiceException');

/** One execution as the API shows it. `input` and `output` are JSON text. */
export interface ExecutionFacts {
  readonly arn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly input: string;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

/** What runs the executions. */
export interface ExecutionEngine {
  hasMachine(stateMachineArn: string): boolean;
  find(executionArn: string): ExecutionFacts | undefined;
  list(stateMachineArn: string): readonly ExecutionFacts[];
  start(stateMachineArn: string, name: string | undefined, input: string): ExecutionFacts;
  stop(executionArn: string, error: string | undefined, cause: string | undefined): void;
}

/** Name of an execution: characters that need no quoting. */
const validName = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]+$/u;
const maxNameLength = 80;
const maxInputLength = 262_144;

/**
 * Starts an execution as StartExecution does: a running one of the same name and input is returned again, any other
 * use of a name is ExecutionAlreadyExists.
 */
export function startOnce(engine: ExecutionEngine, stateMachineArn: string, name: string | undefined, input: string): ExecutionFacts {
  // Lengths are looked at before anything else.
  if (name !== undefined && (name.length < 1 || name.length > maxNameLength))
    throw fault('ValidationException', `1 validation error detected: Value at 'name' must have length from 1 to ${maxNameLength}`);
  if (Buffer.byteLength(input) > maxInputLength)
    throw fault('ValidationException', `1 validation error detected: Value at 'input' must have length less than or equal to ${maxInputLength}`);
  requireMachine(engine, stateMachineArn);
  if (name !== undefined && !validName.test(name)) throw fault('InvalidName', `Invalid Name: '${name}'`);
  try {
    JSON.parse(input);
  } catch {
    throw fault('InvalidExecutionInput', 'Invalid State Machine Execution Input: not JSON');
  }
  const known = name === undefined ? undefined : engine.find(`${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`);
  if (known) {
    if (known.status === 'RUNNING' && known.input === input) return known;
    throw fault('ExecutionAlreadyExists', `Execution Already Exists: '${known.arn}'`);
  }
  return engine.start(stateMachineArn, name, input);
}

const isArn = (text: string, resource: string) => new RegExp(`^arn:[^:]+:states:[^:]+:\\d{12}:${resource}:.+$`).test(text);

function requireMachine(engine: ExecutionEngine, arn: string): void {
  if (!isArn(arn, 'stateMachine')) throw fault('InvalidArn', `Invalid Arn: '${arn}'`);
  if (!engine.hasMachine(arn)) throw fault('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
}

/** Whether Step Functions would run an execution again from where it failed. */
function redrive(status: ExecutionFacts['status']): object {
  if (status === 'FAILED' || status === 'TIMED_OUT' || status === 'ABORTED') return { redriveStatus: 'REDRIVABLE' };
  return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: `Execution is ${status} and cannot be redriven` };
}

/** Step Functions over an engine. */
export function states(engine: ExecutionEngine): Service {
  const find = (arn: string | undefined): ExecutionFacts => {
    if (!isArn(arn ?? '', 'execution')) throw fault('InvalidArn', `Invalid Arn: '${arn}'`);
    const execution = engine.find(arn ?? '');
    if (!execution) throw fault('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  };
  const dates = ({ startedAt, endedAt }: ExecutionFacts) => ({
    startDate: new Date(startedAt),
    ...(endedAt === undefined ? {} : { stopDate: new Date(endedAt) }),
  });
  return {
    name: 'states',
    operations: {
      StartExecution: reads((input: sdk.StartExecutionCommandInput) => {
        const { arn, startedAt } = startOnce(engine, input.stateMachineArn ?? '', input.name, input.input ?? '{}');
        return { executionArn: arn, startDate: new Date(startedAt) };
      }),
      DescribeExecution: reads((input: sdk.DescribeExecutionCommandInput) => {
        const execution = find(input.executionArn);
        const { arn, stateMachineArn, name, status, output, error, cause } = execution;
        return {
          executionArn: arn,
          stateMachineArn,
          name,
          status,
          ...dates(execution),
          input: execution.input,
          inputDetails: { included: true },
          ...(output === undefined ? {} : { output, outputDetails: { included: true } }),
          ...(error === undefined ? {} : { error }),
          ...(cause === undefined ? {} : { cause }),
          redriveCount: 0,
          ...redrive(status),
        };
      }),
      ListExecutions: reads((input: sdk.ListExecutionsCommandInput) => {
        const { stateMachineArn = '', statusFilter, maxResults } = input;
        requireMachine(engine, stateMachineArn);
        // Newest first.
        const found = engine.list(stateMachineArn).filter(({ status }) => statusFilter === undefined || status === statusFilter);
        const { items, next } = page(found.toReversed(), maxResults || 100, input.nextToken, () =>
          fault('InvalidToken', `Invalid Token: '${input.nextToken}'`),
        );
        return {
          executions: items.map((execution) => ({
            executionArn: execution.arn,
            stateMachineArn,
            name: execution.name,
            status: execution.status,
            ...dates(execution),
          })),
          ...(next === undefined ? {} : { nextToken: next }),
        };
      }),
      StopExecution: reads((input: sdk.StopExecutionCommandInput, { at }) => {
        const { arn, status } = find(input.executionArn);
        if (status === 'RUNNING') engine.stop(arn, input.error, input.cause);
        return { stopDate: new Date(find(arn).endedAt ?? at) };
      }),
    },
  };
}
