// State machines in virtual time: waits, retries, catches, time-outs, nesting, names and the API.
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { clientFor } from '../../../lambdas/adapters/clients.ts';
import { named, placeholder, rehearse, start, task } from './rehearsal.ts';

const seconds = (time: number) => (time - start) / 1000;
const arnOf = (machine: string) => `arn:aws:states:eu-central-1:123456789012:stateMachine:forestall-${machine}`;

describe('time', () => {
  it('passes exactly: Wait, Retry with back-off, and nothing in between', async () => {
    const at: number[] = [];
    const runtime = await rehearse(
      {
        'check-drain': async () => {
          at.push(seconds(Date.now()));
          if (at.length < 4) throw named('Flaky');
          return { done: true };
        },
      },
      {
        'fail-over': {
          StartAt: 'Pause',
          States: {
            Pause: { Type: 'Wait', Seconds: 3600, Next: 'Work' },
            Work: task('CheckDrain', { Retry: [{ ErrorEquals: ['Flaky'], IntervalSeconds: 7, BackoffRate: 3, MaxAttempts: 3 }], End: true }),
          },
        },
      },
    );
    runtime.startExecution('fail-over', {});
    await runtime.runUntil(start + 4_000_000);
    expect(at).toEqual([3600, 3607, 3628, 3691]);
    expect(runtime.executions()).toMatchObject([{ status: 'SUCCEEDED', output: { done: true }, endedAt: start + 3_691_000 }]);
    // Two states entered, three retries.
    expect(runtime.stateTransitions).toBe(5);
  });

  it('is the same for the same seed, with jitter', async () => {
    const run = async (seed: number) => {
      const at: number[] = [];
      const runtime = await rehearse(
        {
          'check-drain': async () => {
            at.push(Date.now());
            throw named('Flaky');
          },
        },
        {
          'fail-over': {
            StartAt: 'Work',
            States: {
              Work: task('CheckDrain', { Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 60, MaxAttempts: 4, JitterStrategy: 'FULL' }], End: true }),
            },
          },
        },
        { seed },
      );
      runtime.startExecution('fail-over', {});
      await runtime.runUntil(start + 3_600_000);
      await runtime.close();
      return at.map(seconds);
    };
    const first = await run(5);
    expect(await run(5)).toEqual(first);
    expect(await run(6)).not.toEqual(first);
    expect(first).toHaveLength(5);
  });
});

describe('errors', () => {
  it.each<[string, string[], string]>([
    ['its own name', ['TargetUnfit'], 'caught'],
    ['States.TaskFailed', ['States.TaskFailed'], 'caught'],
    ['States.ALL', ['States.ALL'], 'caught'],
    ['another name', ['Other', 'States.Timeout'], 'FAILED'],
  ])('of a function are caught by %s', async (_what, ErrorEquals, expected) => {
    const runtime = await rehearse(
      {
        'check-target': async () => {
          throw named('TargetUnfit', 'too small');
        },
      },
      {
        'fail-over': {
          StartAt: 'Work',
          States: {
            Work: task('CheckTarget', { Catch: [{ ErrorEquals, ResultPath: '$.failure', Next: 'Caught' }], End: true }),
            Caught: { Type: 'Pass', End: true },
          },
        },
      },
    );
    runtime.startExecution('fail-over', { serviceId: 'shop' });
    await runtime.runUntil(start + 60_000);
    const [execution] = runtime.executions();
    if (expected === 'FAILED') expect(execution).toMatchObject({ status: 'FAILED', error: 'TargetUnfit' });
    else
      expect(execution).toMatchObject({
        status: 'SUCCEEDED',
        output: {
          serviceId: 'shop',
          failure: { Error: 'TargetUnfit', Cause: JSON.stringify({ errorType: 'TargetUnfit', errorMessage: 'too small', trace: [] }) },
        },
      });
  });

  it('that fail an execution reach settle-execution as an event', async () => {
    const settled: unknown[] = [];
    const runtime = await rehearse(
      {
        'check-target': async () => {
          throw named('TargetUnfit');
        },
        'settle-execution': async (event) => {
          settled.push(event);
        },
      },
      { 'fail-over': { StartAt: 'Work', States: { Work: task('CheckTarget', { End: true }) } } },
    );
    runtime.startExecution('fail-over', { a: 1 }, 'one');
    await runtime.runUntil(start + 5_000);
    expect(settled).toMatchObject([
      {
        source: 'aws.states',
        'detail-type': 'Step Functions Execution Status Change',
        detail: { status: 'FAILED', name: 'one', input: '{"a":1}', stateMachineArn: arnOf('fail-over') },
      },
    ]);
  });

  it('of a state that gets no value are States.Runtime and cannot be caught', async () => {
    const runtime = await rehearse({}, { 'fail-over': { StartAt: 'Bad', States: { Bad: { Type: 'Pass', Parameters: { 'x.$': '$.absent' }, End: true } } } });
    runtime.startExecution('fail-over', {});
    await runtime.runUntil(start + 1_000);
    expect(runtime.executions()).toMatchObject([{ status: 'FAILED', error: 'States.Runtime' }]);
  });
});

describe('time-outs', () => {
  const slow = () => new Promise((resolve) => setTimeout(resolve, 25_000, { late: true }));

  it('of a task are States.Timeout, in virtual time', async () => {
    const runtime = await rehearse(
      { 'check-drain': slow },
      {
        'fail-over': {
          StartAt: 'Work',
          States: {
            Work: task('CheckDrain', { TimeoutSeconds: 20, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Late' }], End: true }),
            Late: { Type: 'Pass', Result: 'late', End: true },
          },
        },
      },
    );
    runtime.startExecution('fail-over', {});
    await runtime.runUntil(start + 60_000);
    expect(runtime.executions()).toMatchObject([{ status: 'SUCCEEDED', output: 'late', endedAt: start + 20_000 }]);
  });

  it("of a function are Sandbox.Timedout at the function's own limit", async () => {
    const runtime = await rehearse(
      { 'verify-shift': () => new Promise(() => {}) },
      { 'fail-over': { StartAt: 'Work', States: { Work: task('VerifyShift', { End: true }) } } },
    );
    runtime.startExecution('fail-over', {});
    await runtime.runUntil(start + 60_000);
    expect(runtime.executions()).toMatchObject([{ status: 'FAILED', error: 'Sandbox.Timedout', endedAt: start + 30_000 }]);
  });

  it('of a machine end the execution and what it waits for', async () => {
    const runtime = await rehearse(
      {},
      {
        'fail-over': {
          StartAt: 'Nested',
          TimeoutSeconds: 100,
          States: {
            Nested: {
              Type: 'Task',
              Resource: 'arn:aws:states:::states:startExecution.sync:2',
              Parameters: { StateMachineArn: placeholder('ShiftTrafficStateMachineArn'), Input: {} },
              End: true,
            },
          },
        },
        'shift-traffic': { StartAt: 'Pause', States: { Pause: { Type: 'Wait', Seconds: 9999, End: true } } },
      },
    );
    runtime.startExecution('fail-over', {});
    await runtime.runUntil(start + 200_000);
    expect(runtime.executions().map(({ machine, status, endedAt }) => [machine, status, endedAt])).toEqual([
      ['fail-over', 'TIMED_OUT', start + 100_000],
      ['shift-traffic', 'ABORTED', start + 100_000],
    ]);
  });

  it('do not end a task that states none', async () => {
    const runtime = await rehearse(
      {},
      {
        'fail-over': {
          StartAt: 'Nested',
          States: {
            Nested: {
              Type: 'Task',
              Resource: 'arn:aws:states:::states:startExecution.sync:2',
              Parameters: { StateMachineArn: placeholder('ShiftTrafficStateMachineArn'), Input: { 'x.$': '$.x' } },
              OutputPath: '$.Output',
              End: true,
            },
          },
        },
        'shift-traffic': { StartAt: 'Pause', States: { Pause: { Type: 'Wait', Seconds: 7200, End: true } } },
      },
    );
    runtime.startExecution('fail-over', { x: 5 });
    await runtime.runUntil(start + 8_000_000);
    expect(runtime.executions()[0]).toMatchObject({ status: 'SUCCEEDED', output: { x: 5 }, endedAt: start + 7_200_000 });
  });
});

describe('nesting', () => {
  it('fails the parent with States.TaskFailed and the description of the child', async () => {
    const runtime = await rehearse(
      {},
      {
        'fail-over': {
          StartAt: 'Nested',
          States: {
            Nested: {
              Type: 'Task',
              Resource: 'arn:aws:states:::states:startExecution.sync:2',
              Parameters: { StateMachineArn: placeholder('RollBackStateMachineArn'), 'Name.$': "States.Format('{}-back', $$.Execution.Name)", Input: {} },
              Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'Caught' }],
              End: true,
            },
            Caught: { Type: 'Pass', End: true },
          },
        },
        'roll-back': { StartAt: 'No', States: { No: { Type: 'Fail', Error: 'Stuck', Cause: 'on purpose' } } },
      },
    );
    runtime.startExecution('fail-over', {}, 'one');
    await runtime.runUntil(start + 1_000);
    const [parent, child] = runtime.executions();
    expect(child).toMatchObject({ machine: 'roll-back', name: 'one-back', parent: parent?.arn, status: 'FAILED', error: 'Stuck', cause: 'on purpose' });
    const output = parent?.output as { Error: string; Cause: string };
    expect(output.Error).toBe('States.TaskFailed');
    expect(JSON.parse(output.Cause)).toMatchObject({ Status: 'FAILED', Error: 'Stuck', Name: 'one-back' });
  });
});

describe('the context object', () => {
  it('knows execution, state and machine', async () => {
    const runtime = await rehearse(
      {},
      {
        'fail-over': {
          StartAt: 'First',
          States: {
            First: { Type: 'Wait', Seconds: 60, Next: 'Second' },
            Second: {
              Type: 'Pass',
              Parameters: {
                'name.$': '$$.Execution.Name',
                'started.$': '$$.Execution.StartTime',
                'input.$': '$$.Execution.Input.x',
                'state.$': '$$.State.Name',
                'entered.$': '$$.State.EnteredTime',
                'machine.$': '$$.StateMachine.Name',
              },
              End: true,
            },
          },
        },
      },
    );
    runtime.startExecution('fail-over', { x: 1 }, 'one');
    await runtime.runUntil(start + 60_000);
    expect(runtime.executions()[0]?.output).toEqual({
      name: 'one',
      started: new Date(start).toISOString(),
      input: 1,
      state: 'Second',
      entered: new Date(start + 60_000).toISOString(),
      machine: 'forestall-fail-over',
    });
    expect(runtime.executions()[0]?.history).toEqual([
      { state: 'First', at: start, inputBytes: 7 },
      { state: 'Second', at: start + 60_000, inputBytes: 7 },
    ]);
  });
});

describe('the API', () => {
  it('starts a name once: the same while it runs with the same input, an error otherwise', async () => {
    const runtime = await rehearse({}, { 'fail-over': { StartAt: 'Pause', States: { Pause: { Type: 'Wait', Seconds: 60, End: true } } } });
    const client = clientFor(SFNClient, 'eu-central-1');
    const begin = (input: string) => client.send(new StartExecutionCommand({ stateMachineArn: arnOf('fail-over'), name: 'one', input }));
    const first = await begin('{"x":1}');
    expect((await begin('{"x":1}')).executionArn).toBe(first.executionArn);
    await expect(begin('{"x":2}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await runtime.runUntil(start + 61_000);
    await expect(begin('{"x":1}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    expect(await client.send(new DescribeExecutionCommand({ executionArn: first.executionArn }))).toMatchObject({ status: 'SUCCEEDED', output: '{"x":1}' });
    await expect(client.send(new StartExecutionCommand({ stateMachineArn: arnOf('evacuate') }))).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
  });

  it('lists and stops', async () => {
    const runtime = await rehearse({}, { 'fail-over': { StartAt: 'Pause', States: { Pause: { Type: 'Wait', Seconds: 600, End: true } } } });
    const arn = runtime.startExecution('fail-over', {});
    const client = clientFor(SFNClient, 'eu-central-1');
    const list = async (statusFilter: 'RUNNING' | 'ABORTED') =>
      (await client.send(new ListExecutionsCommand({ stateMachineArn: arnOf('fail-over'), statusFilter }))).executions?.length;
    await runtime.runUntil(start + 10_000);
    expect(await list('RUNNING')).toBe(1);
    await client.send(new StopExecutionCommand({ executionArn: arn, error: 'Enough' }));
    await runtime.runUntil(start + 10_001);
    expect([await list('RUNNING'), await list('ABORTED')]).toEqual([0, 1]);
    expect(runtime.executions()).toMatchObject([{ status: 'ABORTED', error: 'Enough', endedAt: start + 10_000 }]);
  });

  it('refuses a machine that uses what this rehearsal cannot run', async () => {
    const map = { StartAt: 'Each', States: { Each: { Type: 'Map', ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }, End: true } } };
    await expect(rehearse({}, { 'fail-over': map })).rejects.toMatchObject({ name: 'NotSimulatedError' });
    await expect(rehearse({}, { 'fail-over': { StartAt: 'A', States: { A: task('Absent', { End: true }) } } })).rejects.toThrow(
      placeholder('AbsentFunctionArn'),
    );
    expect(new Date().getFullYear()).toBeGreaterThan(2020);
    expect(process.env['FORESTALL_SERVICES_TABLE']).toBeUndefined();
  });
});
