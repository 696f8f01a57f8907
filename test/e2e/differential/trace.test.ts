// Traces of runs that differ in timing only are equal; a run that did anything else is found out.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeDifference, differencesOf } from '../../../e2e/differential/compare.ts';
import { Names } from '../../../e2e/differential/names.ts';
import type { RunRecord, TracedCall } from '../../../e2e/differential/run-record.ts';
import { stepsOf, UntracedCallError } from '../../../e2e/differential/steps.ts';
import { type Trace, traceOf } from '../../../e2e/differential/trace.ts';
import { badStandby, grayFailure, play, rewritten, turningBad, withCalls } from './runs.ts';

let moved: RunRecord;
let back: RunRecord;
let trace: Trace;
beforeAll(async () => {
  moved = await play(grayFailure, 1);
  back = await play(turningBad, 2);
  trace = traceOf(moved);
});

const differences = (run: RunRecord) => differencesOf(trace, traceOf(run)).map(describeDifference);

describe('a trace', () => {
  it('tells what happened', () => {
    expect(trace.weights).toEqual(['100/0', '90/10', '50/50', '0/100']);
    expect(trace.failovers.map(({ phases }) => phases)).toEqual([['opened', 'target-checked', 'shift', 'drain', 'hand-over', 'closed']]);
    expect(trace.failovers[0]?.sections.map(({ name }) => name)).toEqual(trace.failovers[0]?.phases);
    expect(trace.failovers[0]?.sections.find(({ name }) => name === 'hand-over')?.steps).toContain('PutMetricData Forestall SideEvacuated of shop, primary: 1');
    expect(trace.ending).toEqual(['mode act', 'active side standby', 'latched: primary', 'the lock is free', 'last failover: failed-over']);
    expect(trace.threads.map(({ name }) => name)).toContain('snapshots of instance 4');
  });

  it('tells of a canary that failed', async () => {
    const { failovers, executions } = traceOf(await play(badStandby, 1));
    expect(failovers.map(({ phases }) => phases)).toEqual([['opened', 'target-checked', 'canary', 'closed']]);
    expect(executions.join('\n')).toMatch(
      /Mirror canary > Canary passed\? > Roll back[^\n]*\n {2}mirror-canary SUCCEEDED: .* > Tell fail > Done\n {2}roll-back/,
    );
  });

  it('tells of weights that went back', () => {
    const { weights, failovers } = traceOf(back);
    expect(weights).toEqual(['100/0', '90/10', '50/50', '100/0']);
    expect(failovers.map(({ outcome, phases }) => [outcome, phases.at(-2)])).toEqual([['rolled-back, before the point of no return', 'roll-back']]);
  });

  it('is the same for telemetry that comes sooner', async () => {
    const sooner = await play(grayFailure, 1, [1, 1]);
    expect(sooner.calls.length).not.toBe(moved.calls.length);
    expect(differences(sooner)).toEqual([]);
  });

  it('is another for another way', () => {
    const found = differencesOf(trace, traceOf(back)).map(({ where }) => where);
    expect(found).toEqual(expect.arrayContaining(['shop / weights', 'shop / ending', 'shop / failover 1 / outcome', 'shop / failover 1 / phases']));
  });
});

const isoTime = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z\b/g;
const compactTime = /\b(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z\b/g;

/** All of a run so many minutes later. */
function later(run: RunRecord, minutes: number): RunRecord {
  const shifted = (time: number) => new Date(time + minutes * 60_000).toISOString();
  const moved = rewritten(run, (text) =>
    text
      .replace(compactTime, (_whole, y, m, d, h, i, s) => shifted(Date.parse(`${y}-${m}-${d}T${h}:${i}:${s}Z`)).replace(/[-:]|\.\d+/g, ''))
      .replace(isoTime, (time) => shifted(Date.parse(time))),
  );
  return {
    ...moved,
    calls: moved.calls.map((call) => ({ ...call, at: call.at + minutes * 60_000 })),
    executions: moved.executions.map((execution) => ({ ...execution, startedAt: execution.startedAt + minutes * 60_000 })),
  };
}

/** Identifiers that EC2 and Route 53 drew otherwise. */
const renamed = (run: RunRecord, salt: number): RunRecord =>
  rewritten(run, (text) =>
    text.replace(/\b((?:i|snap|vol)-)([0-9a-f]{17})\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, (whole, kind?: string) => {
      const drawn = [...whole].reduce((hash, character) => (hash * 31n + BigInt(character.codePointAt(0) ?? 0) + BigInt(salt)) % 2n ** 64n, 7n);
      const digits = drawn.toString(16).padStart(17, '0');
      return kind ? `${kind}${digits}` : `${digits.slice(0, 8)}-0000-4000-8000-${digits.slice(5, 17)}`;
    }),
  );

const changing = (run: RunRecord) => run.calls.flatMap((call, index) => (/^(Get|Describe|List|Query$|Scan$)/.test(call.operation) ? [] : [index]));
const isIdempotent = ({ operation }: TracedCall) => operation !== 'ChangeResourceRecordSets';

describe('a trace does not change', () => {
  it('with time', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 100_000 }), (minutes) => {
        expect(differences(later(moved, minutes))).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });

  it('with identifiers', () => {
    fc.assert(
      fc.property(fc.nat(), (salt) => {
        expect(differences(renamed(moved, salt))).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });

  it('with calls that are repeated, or refused and made again', () => {
    const indices = changing(moved);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...indices), fc.boolean()), { maxLength: 40 }), (repeated) => {
        const chosen = new Map(repeated);
        const calls = moved.calls.flatMap((call, index) => {
          const refused = chosen.get(index);
          if (refused === undefined) return [call];
          return refused || !isIdempotent(call) ? [{ ...call, error: 'ThrottlingException' }, call] : [call, call];
        });
        expect(differences(withCalls(moved, calls))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('with whether the failover proved the standby itself, or found it proved by mirroring', () => {
    const canaries = new Set(moved.executions.filter(({ machine, parent }) => machine === 'mirror-canary' && parent?.includes(':forestall-fail-over:')));
    expect(canaries.size).toBe(1);
    const skipped = ['Mirror canary', 'Canary passed?'];
    const executions = moved.executions
      .filter((execution) => !canaries.has(execution))
      .map((execution) =>
        execution.machine === 'fail-over' ? { ...execution, states: execution.states.filter((state) => !skipped.includes(state)) } : execution,
      );
    const events = moved.events.filter(({ phase }) => phase !== 'canary');
    const calls = moved.calls.filter(({ input }) => !/030-canary/.test(JSON.stringify(input)));
    expect(calls.length).toBeLessThan(moved.calls.length);
    const proved = rewritten({ ...moved, executions, events, calls }, (text) => text.replace('020-target-canary', '020-target-shift'));
    expect(differences(proved)).toEqual([]);
  });

  it('with what is read and scored beside it', () => {
    const calls = moved.calls.filter((call, index) => changing(moved).includes(index) && call.operation !== 'BatchWriteItem' && call.service !== 'sqs');
    expect(calls.length).toBeLessThan(moved.calls.length);
    expect(differences(withCalls(moved, calls))).toEqual([]);
  });
});

/** Calls that say something that no other call of the run says, before the failover has ended. */
function singular(run: RunRecord): number[] {
  const context = { plan: run.plan, names: new Names(run.plan, run.calls) };
  const until = Math.max(...run.failovers.map(({ endedAt = '' }) => Date.parse(endedAt)));
  const said = run.calls.map((call) => stepsOf(call, context).map(({ thread, text }) => `${thread} ${text}`));
  const counts = new Map<string, number>();
  for (const text of said.flat()) counts.set(text, (counts.get(text) ?? 0) + 1);
  return said.flatMap((texts, index) => ((run.calls[index]?.at ?? 0) < until && texts.some((text) => counts.get(text) === 1) ? [index] : []));
}

/** The first text or number within an input that a predicate takes is changed. */
function altered(call: TracedCall, key: string, change: (value: unknown) => unknown): TracedCall {
  let done = false;
  const deep = (value: unknown, name: string): unknown => {
    if (!done && name === key && typeof value !== 'object') {
      done = true;
      return change(value);
    }
    if (value instanceof Date || typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => deep(item, name));
    return Object.fromEntries(Object.entries(value).map(([member, item]) => [member, deep(item, member)]));
  };
  return { ...call, input: deep(call.input, '') as TracedCall['input'] };
}

describe('a trace changes', () => {
  it.each(['moved', 'back'] as const)('when any call of the run "%s" is left out', (which) => {
    const run = which === 'moved' ? moved : back;
    const before = traceOf(run);
    const indices = singular(run);
    expect(indices.length).toBeGreaterThan(40);
    fc.assert(
      fc.property(fc.constantFrom(...indices), (left) => {
        const without = withCalls(
          run,
          run.calls.filter((_call, index) => index !== left),
        );
        expect(differencesOf(before, traceOf(without)).length, JSON.stringify(run.calls[left])).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['ChangeResourceRecordSets', 'Weight', (value: unknown) => Number(value) + 1],
    ['ChangeResourceRecordSets', 'HealthCheckId', () => undefined],
    ['ChangeResourceRecordSets', 'TTL', (value: unknown) => Number(value) * 2],
    ['RunInstances', 'ClientToken', (value: unknown) => `${value}1`],
    ['RunInstances', 'LaunchTemplateId', () => 'lt-00000000000000000'],
    ['RunInstances', 'AvailabilityZone', () => 'eu-central-1b'],
    ['RegisterTargets', 'Id', () => 'i-00000000000000000'],
    ['CreateSnapshots', 'InstanceId', () => 'i-00000000000000000'],
    ['CopySnapshot', 'Encrypted', () => false],
    ['CopySnapshot', 'KmsKeyId', () => 'arn:aws:kms:eu-central-1:123456789012:key/other'],
    ['PutMetricData', 'Value', () => 0],
    ['Publish', 'StringValue', () => 'page'],
    ['Publish', 'Subject', () => 'Forestall: shop: predictive rolled-back'],
    ['StartExecution', 'stateMachineArn', (value: unknown) => `${value}-other`],
  ])('when %s has another %s', (operation, key, change) => {
    const index = moved.calls.findIndex(
      (call) => call.operation === operation && altered(call, key, change) !== call && JSON.stringify(call.input).includes(`"${key}"`),
    );
    const calls = moved.calls.map((call, at) => (at === index ? altered(call, key, change) : call));
    expect(index).toBeGreaterThanOrEqual(0);
    expect(differences(withCalls(moved, calls))).not.toEqual([]);
  });

  it('when weights are set in another order, or once more', () => {
    const changes = moved.calls.flatMap(({ operation }, index) => (operation === 'ChangeResourceRecordSets' ? [index] : []));
    const [first = 0, second = 0, third = 0] = changes;
    const order = (indices: readonly number[]) =>
      withCalls(
        moved,
        moved.calls.flatMap((call, index) => (index === third ? indices.flatMap((at) => moved.calls[at] ?? []) : changes.includes(index) ? [] : [call])),
      );
    expect(differences(order([first, third, second]))).not.toEqual([]);
    expect(differences(order([first, second, third, second]))).not.toEqual([]);
    expect(differences(order([second, third])).join('\n')).toContain('shop / weights');
  });

  it('when a mirror is ended that was not, or a call that counts is refused', () => {
    const at = moved.calls.findIndex(({ operation }) => operation === 'RegisterTargets');
    const registered = moved.calls[at];
    const [target] = (registered?.input['Targets'] ?? []) as readonly { readonly Id: string }[];
    if (registered === undefined || target === undefined) throw new Error('nothing was registered');
    const ended: TracedCall = { ...registered, service: 'ec2', operation: 'TerminateInstances', input: { InstanceIds: [target.Id] } };
    expect(differences(withCalls(moved, moved.calls.toSpliced(at + 1, 0, ended)))).toEqual([
      expect.stringContaining('+ TerminateInstances in standby: <mirror '),
    ]);
    expect(differences(withCalls(moved, moved.calls.with(at, { ...registered, error: 'TargetGroupNotFound' })))).not.toEqual([]);
  });

  it('when a phase, an execution or the ending is another', () => {
    expect(differences({ ...moved, events: moved.events.filter(({ phase }) => phase !== 'drain') })).toEqual([expect.stringContaining('/ phases')]);
    expect(differences({ ...moved, service: { ...moved.service, latched: {} } })).toEqual([expect.stringContaining('latched: none')]);
    const executions = moved.executions.map((execution) => (execution.machine === 'shift-traffic' ? { ...execution, status: 'FAILED' } : execution));
    expect(differences({ ...moved, executions })).toEqual([expect.stringContaining('shift-traffic FAILED')]);
    expect(differences({ ...moved, executions: moved.executions.filter(({ machine }) => machine !== 'shift-traffic') })).not.toEqual([]);
  });

  it('or is refused, when a call has no rule', () => {
    const call: TracedCall = { at: 0, service: 'ec2', operation: 'ModifyInstanceAttribute', region: 'eu-west-1', input: {} };
    expect(() => traceOf(withCalls(moved, [...moved.calls, call]))).toThrow(UntracedCallError);
    const write: TracedCall = { ...call, service: 'dynamodb', operation: 'PutItem', input: { TableName: 'other', Item: { id: { S: 'x' } } } };
    expect(() => traceOf(withCalls(moved, [...moved.calls, write]))).toThrow(/table 'other'/);
  });
});
