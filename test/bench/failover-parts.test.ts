import { describe, expect, it } from 'vitest';
import { type Call, costOf, type Execution, invokedBy, partsOf, treeOf } from '../../bench/failover-parts.ts';
import { fromStateMachines } from '../../rehearsal/runtime/machines.ts';

const second = 1000;
const execution = (
  arn: string,
  machine: Execution['machine'],
  parent: string | undefined,
  endedAt: number,
  states: readonly (readonly [string, number])[],
): Execution => ({
  ...{ arn, machine, parent, endedAt: endedAt * second },
  startedAt: (states[0]?.[1] ?? 0) * second,
  history: states.map(([state, at]) => ({ state, at: at * second })),
});

// Critical at 0, started at 5, all weight at 100, then drained and handed over.
const shift = execution('shift', 'shift-traffic', 'over', 110, [
  ['Shift traffic', 10],
  ['Wait for propagation', 10],
  ['Verify shift', 20],
  ['Wait for propagation', 20],
  ['Verify shift', 30],
  ['Bake', 30],
  ['Probe sides', 90],
  ['Judge step', 95],
  ['Shift traffic', 96],
  ['Wait for propagation', 96],
]);
const over = execution('over', 'fail-over', undefined, 400, [
  ['Open failover', 5],
  ['Shift traffic', 10],
  ['Check drain', 110],
  ['Wait for drain', 110],
  ['Hand over', 390],
  ['Close failed over', 400],
]);
const other = execution('other', 'adjust-mirroring', undefined, 500, [['Plan mirroring', 0]]);
const all = [over, shift, other];

describe('treeOf', () => {
  it('is an execution with what it started, and nothing else', () => {
    expect(treeOf(over, all).map(({ arn }) => arn)).toEqual(['over', 'shift']);
  });
});

describe('partsOf', () => {
  it('tells where the time went, clipped to what was asked for', () => {
    expect(partsOf(over, all, 0, 100 * second)).toEqual({
      start: 5 * second,
      propagation: 24 * second,
      bake: 60 * second,
      probes: 5 * second,
      evidence: 1 * second,
      ...{ capacity: 0, approval: 0, drain: 0, 'hand-over': 0 },
      other: 5 * second,
    });
  });

  it('sums up to all of the time', () => {
    for (const until of [3, 50, 100, 250, 400]) {
      const parts = partsOf(over, all, 0, until * second);
      expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(until * second);
    }
    expect(partsOf(over, all, 0, 400 * second)).toMatchObject({ drain: 280 * second, 'hand-over': 10 * second });
  });
});

describe('costOf', () => {
  const invoked = invokedBy(fromStateMachines);

  it('finds the functions of the Task states in the ASL files', () => {
    expect(invoked('shift-traffic', 'Verify shift')).toBe('verify-shift');
    expect(invoked('fail-over', 'Hand over')).toBe('hand-over');
    expect(invoked('fail-over', 'Shift traffic')).toBeUndefined();
    expect(invoked('shift-traffic', 'Bake')).toBeUndefined();
  });

  it('counts states, invocations, and the calls of the functions while the workflow ran', () => {
    const call = (at: number, functionName: Call['functionName'], operation: string, metrics = 0): Call => ({
      at: at * second,
      functionName,
      operation,
      metrics,
    });
    const cost = costOf(
      over,
      all,
      [
        call(15, 'shift-traffic', 'route53:ChangeResourceRecordSets'),
        call(120, 'check-drain', 'cloudwatch:GetMetricData', 8),
        call(150, 'check-drain', 'cloudwatch:GetMetricData', 8),
        // Too early, too late, of another workflow, of nobody.
        call(1, 'check-drain', 'cloudwatch:GetMetricData', 8),
        call(401, 'check-drain', 'cloudwatch:GetMetricData', 8),
        call(120, 'score-risk', 'cloudwatch:GetMetricData', 500),
        call(120, undefined, 'dynamodb:GetItem'),
      ],
      invoked,
    );
    expect(cost).toMatchObject({
      transitions: 16,
      metrics: 16,
      apiCalls: { 'cloudwatch:GetMetricData': 2, 'route53:ChangeResourceRecordSets': 1 },
    });
    // Open, shift twice, verify twice, probe, judge, drain, hand over, close.
    expect(cost.invocations).toBe(10);
    expect(cost.dollars.transitions).toBeCloseTo(0.0004, 10);
    expect(cost.dollars.metrics).toBeCloseTo(0.00016, 10);
    expect(cost.dollars.sum).toBeCloseTo(cost.dollars.transitions + cost.dollars.metrics + cost.dollars.lambda, 12);
  });
});
