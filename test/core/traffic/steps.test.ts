import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Plan } from '../../../core/contracts/plan.ts';
import { bakeSeconds, checkCapacity, nextStep, profileFor, rollBackStep, shareOf, weightsFor } from '../../../core/traffic/steps.ts';
import { planWith, ruleDriver } from '../../fixtures/drivers.ts';
import { planInput } from '../../fixtures/plan.ts';

const plan = Plan.parse(planInput());

describe('weights', () => {
  it('give the receiving side its percentage, whichever side it is', () => {
    expect(weightsFor('standby', 10)).toEqual({ primary: 90, standby: 10 });
    expect(weightsFor('primary', 10)).toEqual({ primary: 10, standby: 90 });
  });

  it('never leave both sides without weight', () => {
    fc.assert(
      fc.property(fc.constantFrom('primary', 'standby'), fc.integer({ min: 0, max: 100 }), (side, percent) => {
        const weights = weightsFor(side, percent);
        expect(weights.primary + weights.standby).toBe(100);
        expect(shareOf(side, weights)).toBeCloseTo(percent / 100);
      }),
    );
    expect(() => weightsFor('standby', 101)).toThrow(RangeError);
    expect(() => weightsFor('standby', 0.5)).toThrow(RangeError);
  });

  it('split evenly when all are zero, as Route 53 does', () => {
    expect(shareOf('standby', { primary: 0, standby: 0 })).toBe(0.5);
  });
});

describe('steps', () => {
  it('rise to 100 and end', () => {
    const steps = plan.shift.urgent.steps;
    const taken: number[] = [];
    for (let next = nextStep(steps, 0); next !== undefined; next = nextStep(steps, next)) taken.push(next);
    expect(taken).toEqual([10, 50, 100]);
  });

  it('continue from whatever stands', () => {
    expect(nextStep([10, 50, 100], 37)).toBe(50);
    expect(nextStep([10, 50, 100], 100)).toBeUndefined();
  });

  it('bake for at least the TTL', () => {
    expect(bakeSeconds({ ...plan, record: { ...plan.record, ttlSeconds: 300 } }, 'urgent')).toBe(300);
    expect(bakeSeconds(plan, 'calm')).toBe(120);
  });

  it('are urgent when failure is near or cannot be told', () => {
    expect(profileFor(plan, null)).toBe('urgent');
    expect(profileFor(plan, 30)).toBe('urgent');
    expect(profileFor(plan, 61)).toBe('calm');
  });
});

describe('capacity', () => {
  it('is enough when ready instances carry the share', () => {
    expect(checkCapacity(plan, 'standby', 3, 360, 1).enough).toBe(true);
    expect(checkCapacity(plan, 'standby', 3, 361, 1).enough).toBe(false);
    expect(checkCapacity(plan, 'standby', 3, 720, 0.5).enough).toBe(true);
  });

  it('is never enough with nothing ready', () => {
    expect(checkCapacity(plan, 'standby', 0, 0, 1).enough).toBe(false);
  });

  it('asks for all that the plan names when the demand is unknown', () => {
    expect(checkCapacity(plan, 'standby', 3, undefined, 0.1).enough).toBe(false);
    expect(checkCapacity(plan, 'standby', 4, undefined, 0.1).enough).toBe(true);
  });
});

describe('roll-back', () => {
  it('goes back at once to a side that carries everything', () => {
    expect(rollBackStep(plan, 'primary', 4, 200, 50)).toBe(0);
  });

  it('goes back only as far as a cold side carries', () => {
    // one instance of 120/s carries 60 % of 200/s
    expect(rollBackStep(plan, 'primary', 1, 200, 100)).toBe(40);
    expect(rollBackStep(plan, 'primary', 0, 200, 100)).toBe(100);
  });

  it('goes back as far as what is ready of the plan when the demand is unknown', () => {
    expect(rollBackStep(plan, 'primary', 4, undefined, 100)).toBe(0);
    expect(rollBackStep(plan, 'primary', 1, undefined, 100)).toBe(75);
    expect(rollBackStep(plan, 'primary', 0, undefined, 50)).toBe(50);
  });

  it('counts what a balancer behind the records divides again: of half of the requests by each, three quarters come back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 1, max: 2000 }), (ready, demand) => {
        const stays = rollBackStep(planWith(ruleDriver), 'primary', ready, demand, 100);
        const back = 1 - (stays / 100) ** 2;
        if (stays < 100) expect(demand * back).toBeLessThanOrEqual(ready * 120 + 1e-9);
      }),
    );
    expect(rollBackStep(planWith(ruleDriver), 'primary', 1, 160, 100)).toBe(50);
  });

  it('never sends traffic forward', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 100 }), (ready, demand, current) => {
        const stays = rollBackStep(plan, 'primary', ready, demand, current);
        expect(stays).toBeGreaterThanOrEqual(0);
        expect(stays).toBeLessThanOrEqual(current);
        if (demand > 0) expect(ready * 120).toBeGreaterThanOrEqual(stays === current ? 0 : demand * (1 - stays / 100) - 1e-9);
      }),
    );
  });
});
