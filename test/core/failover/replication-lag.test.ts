import { describe, expect, it } from 'vitest';
import { Plan } from '../../../core/contracts/plan.ts';
import { checkLag } from '../../../core/failover/replication-lag.ts';
import { planInput } from '../../fixtures/plan.ts';

const now = Date.parse('2026-03-02T12:00:00Z');
const minute = 60_000;
const plan = Plan.parse(planInput({ recovery: { rpoSeconds: 60 } }));
const predictive = { kind: 'predictive' } as const;
const points = (...values: [minutesAgo: number, value: number][]) => values.map(([ago, value]) => ({ timestamp: now - ago * minute, value }));

describe('the replication lag', () => {
  it('of the newest point decides', () => {
    expect(checkLag(plan, 60, points([5, 900], [3, 12.34]), predictive, now)).toEqual({
      refusal: undefined,
      finding: 'the replication lag is 12.3 s, the recovery point objective 60 s',
      seconds: 12.34,
    });
    expect(checkLag(plan, 60, points([5, 1], [3, 61]), predictive, now)).toMatchObject({ refusal: expect.stringMatching(/lose more writes/), seconds: 61 });
    expect(checkLag(plan, 60, points([3, 60]), predictive, now).refusal).toBeUndefined();
  });

  it.each([
    ['there is none', []],
    ['it is too old', points([12, 1])],
    ['it is no lag', points([3, -1])],
  ])('stops a prediction when %s', (_name, given) => {
    expect(checkLag(plan, 60, given, predictive, now)).toMatchObject({
      refusal: expect.stringMatching(/what a move would lose is not known/),
      seconds: undefined,
    });
  });

  it('stops a prediction when it cannot be read, and says so', () => {
    expect(checkLag(plan, 60, undefined, predictive, now).refusal).toMatch(/could not be read/);
  });

  it('of a period that has just ended is fresh, however long the period', () => {
    expect(checkLag(plan, 300, points([14, 1]), predictive, now).refusal).toBeUndefined();
    expect(checkLag(plan, 300, points([16, 1]), predictive, now).refusal).toBeDefined();
  });

  it('without data is answered for by the person who asked for the way home, not by the plan', () => {
    expect(checkLag(plan, 60, [], { kind: 'fail-back', approvedBy: 'Ann' }, now)).toMatchObject({
      refusal: undefined,
      finding: expect.stringMatching(/Ann, who asked/),
    });
    expect(checkLag(plan, 60, [], { kind: 'fail-back', approvedBy: 'plan' }, now).refusal).toBeDefined();
    expect(checkLag(plan, 60, [], { kind: 'fail-back' }, now).refusal).toBeDefined();
    expect(checkLag(plan, 60, points([3, 61]), { kind: 'fail-back', approvedBy: 'Ann' }, now).refusal).toBeDefined();
  });
});
