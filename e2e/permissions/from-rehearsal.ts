// Observed calls of a rehearsal: those of functions at the SDK's boundary, and what state machines and schedules call.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { functionPlaceholder, functions, type StateMachineName, schedules, stateMachinePlaceholder, stateMachines } from '../../core/contracts/deployment.ts';
import type { CallRecord } from '../../rehearsal/cloud/call.ts';
import type { RehearsalRuntime } from '../../rehearsal/runtime/runtime.ts';
import type { ObservedCall } from './observed-call.ts';

const Made = z.object({
  Instances: z.array(z.object({ InstanceId: z.string() })).default([]),
  Snapshots: z.array(z.object({ SnapshotId: z.string() })).default([]),
  SnapshotId: z.string().optional(),
});

/** undefined: no function made the call. */
export function fromRecord({ functionName, service, operation, region, input, output }: CallRecord): ObservedCall | undefined {
  if (functionName === undefined) return undefined;
  const call = { caller: `forestall-${functionName}`, service, operation, region, input };
  if (service !== 'ec2' || output === undefined || !/^(Run|Create|Copy)/.test(operation)) return call;
  const { Instances, Snapshots, SnapshotId } = Made.parse(output);
  return {
    ...call,
    made: [...Instances.map(({ InstanceId }) => InstanceId), ...Snapshots.map((made) => made.SnapshotId), ...(SnapshotId === undefined ? [] : [SnapshotId])],
  };
}

export interface Collected {
  readonly calls: ObservedCall[];
  /** To be called before the runtime is closed: adds what state machines called. */
  finish(): void;
}

/** Collects from now on. `controlRegion`: where functions and machines are. */
export function collectCalls(runtime: RehearsalRuntime, controlRegion: string, account: string): Collected {
  const calls: ObservedCall[] = [];
  const seen = new Set<string>();
  runtime.cloud.onCall((record) => {
    const call = fromRecord(record);
    if (call === undefined) return;
    // Most calls are reads and writes of items, which differ in nothing that IAM sees: a month of them is not kept.
    const essence = call.made === undefined && JSON.stringify([call.caller, call.service, call.operation, call.region, essenceOf(call)]);
    if (essence !== false && seen.has(essence)) return;
    if (essence !== false) seen.add(essence);
    calls.push(call);
  });
  const arn = (service: string, resource: string) => `arn:aws:${service}:${controlRegion}:${account}:${resource}`;
  const invoke = (caller: string, name: string): ObservedCall => ({
    caller,
    service: 'lambda',
    operation: 'Invoke',
    region: controlRegion,
    input: { FunctionName: arn('lambda', `function:forestall-${name}`) },
  });
  runtime.onInvocation(({ functionName }) => {
    if (Object.hasOwn(schedules, functionName)) calls.push(invoke(`schedule forestall-${functionName}`, functionName));
  });
  return {
    calls,
    finish() {
      for (const { machine, history } of runtime.executions())
        for (const { state } of history) {
          const task = tasksOf(machine).get(state);
          const caller = `state machine forestall-${machine}`;
          if (task?.invokes !== undefined) calls.push(invoke(caller, task.invokes));
          if (task?.starts !== undefined)
            calls.push({
              caller,
              service: 'states',
              operation: 'StartExecution',
              region: controlRegion,
              input: { stateMachineArn: arn('states', `stateMachine:forestall-${task.starts}`) },
            });
        }
    },
  };
}

/** What IAM sees of the calls that are made most. Of others, everything. */
function essenceOf({ service, input }: ObservedCall): unknown {
  if (service === 'dynamodb') return [input['TableName'], input['IndexName'], Object.keys(input['RequestItems'] ?? {})];
  if (service === 'cloudwatch') return input['Namespace'];
  if (service === 'sqs') return input['QueueUrl'];
  return input;
}

interface Task {
  readonly invokes?: string;
  readonly starts?: string;
}

const Definition = z.object({
  States: z.record(
    z.string(),
    z.object({ Type: z.string(), Parameters: z.object({ FunctionName: z.string().optional(), StateMachineArn: z.string().optional() }).optional() }),
  ),
});
const byPlaceholder = {
  functions: new Map((Object.keys(functions) as (keyof typeof functions)[]).map((name) => [`\${${functionPlaceholder(name)}}`, name])),
  machines: new Map(stateMachines.map((name) => [`\${${stateMachinePlaceholder(name)}}`, name])),
};
const tasks = new Map<StateMachineName, ReadonlyMap<string, Task>>();

function tasksOf(machine: StateMachineName): ReadonlyMap<string, Task> {
  const known = tasks.get(machine);
  if (known !== undefined) return known;
  const { States } = Definition.parse(JSON.parse(readFileSync(new URL(`../../statemachines/${machine}.asl.json`, import.meta.url), 'utf8')));
  const read = new Map(
    Object.entries(States).map(([state, { Parameters }]): [string, Task] => {
      const invokes = byPlaceholder.functions.get(Parameters?.FunctionName ?? '');
      const starts = byPlaceholder.machines.get(Parameters?.StateMachineArn ?? '');
      return [state, { ...(invokes === undefined ? {} : { invokes }), ...(starts === undefined ? {} : { starts }) }];
    }),
  );
  tasks.set(machine, read);
  return read;
}
