// Every state machine file keeps to the dialect that AWS, an emulator and the rehearsal all run, and fails in an orderly way.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import validate from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { functionPlaceholder, functions, stateMachinePlaceholder, stateMachines } from '../../core/contracts/deployment.ts';
import { NotActingError } from '../../lambdas/acting.ts';
import { UnknownFailoverError } from '../../lambdas/adapters/failover-store.ts';
import { RecordsUnfitError, WeightsChangedError } from '../../lambdas/adapters/record-router.ts';
import { UnknownServiceError } from '../../lambdas/adapters/service-store.ts';
import { DriverRefusedError } from '../../lambdas/drivers/port.ts';
import { FailoverEndedError, LockLostError } from '../../lambdas/failover/session.ts';
import { TargetLostError } from '../../lambdas/hand-over/hand-over.ts';
import { SnapshotError } from '../../lambdas/mirroring/snapshot-error.ts';
import { CapacityError } from '../../lambdas/shift-traffic/shift-traffic.ts';
import { readWorkflows } from '../../lib/workflows.ts';

const folder = join(import.meta.dirname, '..', '..', 'statemachines');

const Transition = z.looseObject({ Next: z.string().optional() });
const State = z.looseObject({
  Type: z.string(),
  Comment: z.string().optional(),
  Next: z.string().optional(),
  End: z.boolean().optional(),
  Default: z.string().optional(),
  Choices: z.array(Transition).default([]),
  Resource: z.string().optional(),
  Parameters: z.looseObject({ FunctionName: z.string().optional(), StateMachineArn: z.string().optional() }).optional(),
  TimeoutSeconds: z.number().optional(),
  Retry: z.array(z.looseObject({ ErrorEquals: z.array(z.string()).min(1), MaxAttempts: z.int().optional() })).default([]),
  Catch: z.array(z.looseObject({ ErrorEquals: z.array(z.string()).min(1), Next: z.string() })).default([]),
});
type State = z.infer<typeof State>;
const Machine = z.looseObject({
  Comment: z.string().min(10),
  StartAt: z.string(),
  TimeoutSeconds: z.number().positive(),
  States: z.record(z.string(), State),
});
type Machine = z.infer<typeof Machine>;

/** Errors by which a function says no: trying again would get the same answer, later. */
const refusals = [
  new CapacityError(),
  new DriverRefusedError(),
  new FailoverEndedError(''),
  new LockLostError(''),
  new NotActingError(''),
  new RecordsUnfitError(),
  new SnapshotError(),
  new TargetLostError(),
  new UnknownFailoverError(''),
  new UnknownServiceError(''),
  new WeightsChangedError(),
]
  .map(({ name }) => name)
  .sort();

/** All others of our errors: worth another try, or thrown by no step of a machine. */
const noRefusals = [
  'AssessmentsNotWrittenError',
  'ControlPlaneError',
  'EventNotAcceptedError',
  'LaunchError',
  'MessagesNotSentError',
  'NotNow',
  'NotReadError',
  'PlanRefusedError',
  'PropagationError',
  'RecordError',
  'RestError',
];

test('every error of the functions is known to be a refusal, or not', () => {
  const lambdas = join(import.meta.dirname, '..', '..', 'lambdas');
  const found = readdirSync(lambdas, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join(lambdas, file), 'utf8').matchAll(/\bclass (\w+) extends Error\b/g)].map(([, name]) => name));
  expect(found.sort()).toEqual([...refusals, ...noRefusals].sort());
});

const text = (name: string) => readFileSync(join(folder, `${name}.asl.json`), 'utf8');
const followers = (state: State): string[] =>
  [state.Next, state.Default, ...state.Choices.map(({ Next }) => Next), ...state.Catch.map(({ Next }) => Next)].filter((next) => next !== undefined);

function reachable({ States }: Machine, from: string): Set<string> {
  const seen = new Set<string>();
  const waiting = [from];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const state = States[name];
    if (state !== undefined) waiting.push(...followers(state));
  }
  return seen;
}

const functionsByPlaceholder = new Map(Object.entries(functions).map(([name, of]) => [`\${${functionPlaceholder(name as keyof typeof functions)}}`, of]));
const machinePlaceholders = stateMachines.map((name) => `\${${stateMachinePlaceholder(name)}}`);

test('there is a file for every machine, and none besides', () => {
  expect(readdirSync(folder).sort()).toEqual(stateMachines.map((name) => `${name}.asl.json`).sort());
});

test('every placeholder is a function or a machine that is deployed, and nesting is no circle', () => {
  expect(readWorkflows(folder)).toHaveLength(stateMachines.length);
});

test('every function that is a step is a step of some machine', () => {
  const used = new Set(readWorkflows(folder).flatMap((workflow) => workflow.functions));
  const steps = Object.entries(functions).filter(([, { trigger }]) => trigger === 'task');
  expect([...used].sort()).toEqual(steps.map(([name]) => name).sort());
});

describe.each(stateMachines)('%s', (name) => {
  const machine = Machine.parse(JSON.parse(text(name)));
  const states = Object.entries(machine.States);
  const tasks = states.filter(([, { Type }]) => Type === 'Task');

  test('is valid Amazon States Language', () => {
    // The validator wants ARNs where placeholders stand.
    const filled: unknown = JSON.parse(text(name).replaceAll(/\$\{\w+\}/g, 'arn:aws:lambda:eu-central-1:123456789012:function:filled'));
    expect(validate(filled).errorsText()).toBe('');
  });

  test('is JSONPath without what not every engine runs', () => {
    expect(text(name)).not.toMatch(/"(QueryLanguage|Assign|Arguments|Output|HeartbeatSeconds|HeartbeatSecondsPath)"\s*:/);
    expect(text(name)).not.toMatch(/Task\.Token|waitForTaskToken/);
    expect(states.map(([, { Type }]) => Type).filter((type) => !['Task', 'Choice', 'Wait', 'Pass', 'Succeed', 'Fail'].includes(type))).toEqual([]);
  });

  test('has state names that read as short phrases', () => {
    for (const [state] of states) expect(state).toMatch(/^(?=.{3,50}$)[A-Z][A-Za-z0-9]*([ '-][A-Za-z0-9%]+)*\??$/);
  });

  test('has no state that is never reached', () => {
    expect([...reachable(machine, machine.StartAt)].sort()).toEqual(states.map(([state]) => state).sort());
  });

  test('decides every case', () => {
    for (const [state, { Type, Default }] of states) if (Type === 'Choice') expect(Default, state).toBeDefined();
  });

  test('calls functions and nested machines only', () => {
    for (const [state, { Resource, Parameters }] of tasks)
      if (Resource === 'arn:aws:states:::lambda:invoke') expect([...functionsByPlaceholder.keys()], state).toContain(Parameters?.FunctionName);
      else {
        expect(Resource, state).toBe('arn:aws:states:::states:startExecution.sync:2');
        expect(machinePlaceholders, state).toContain(Parameters?.StateMachineArn);
      }
  });

  test('has a limit of time for every task, not below that of the function', () => {
    for (const [state, { TimeoutSeconds = 0, Parameters }] of tasks) {
      expect(TimeoutSeconds, state).toBeGreaterThan(0);
      expect(TimeoutSeconds, state).toBeLessThanOrEqual(machine.TimeoutSeconds);
      expect(TimeoutSeconds, state).toBeGreaterThanOrEqual(functionsByPlaceholder.get(Parameters?.FunctionName ?? '')?.timeoutSeconds ?? 0);
    }
  });

  test('retries what is known to pass, by name', () => {
    for (const [state, { Retry }] of tasks) {
      expect(Retry.length, state).toBeGreaterThan(0);
      expect(
        Retry.flatMap(({ ErrorEquals }) => ErrorEquals),
        state,
      ).not.toContain('States.ALL');
    }
  });

  test('repeats a function that crashed, and takes no for an answer', () => {
    for (const [state, { Resource, Retry }] of tasks) {
      if (!Resource?.endsWith('lambda:invoke')) continue;
      const [answers] = Retry;
      expect(answers, state).toMatchObject({ MaxAttempts: 0 });
      expect(answers?.ErrorEquals.toSorted(), state).toEqual(refusals);
      expect(Retry.at(-1), state).toMatchObject({ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 2 });
    }
  });

  test('catches everything else', () => {
    for (const [state, { Catch }] of tasks) expect(Catch.at(-1)?.ErrorEquals, state).toEqual(['States.ALL']);
  });

  test('can end as failed after whatever is caught', () => {
    const fails = states.filter(([, { Type }]) => Type === 'Fail').map(([state]) => state);
    expect(fails.length).toBeGreaterThan(0);
    for (const [state, { Catch }] of tasks)
      for (const { Next } of Catch)
        expect(
          fails.some((fail) => reachable(machine, Next).has(fail)),
          `${state} -> ${Next}`,
        ).toBe(true);
  });
});
