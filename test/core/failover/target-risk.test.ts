import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkTargetRisk, type TargetRisk } from '../../../core/failover/target-risk.ts';

const thresholds: TargetRisk['thresholds'] = { partial: 30, full: 70, critical: 85, exitBelow: 10, dwellMinutes: 10 };
const check = (kind: TargetRisk['move']['kind'], target: number | null, losing: number | null) =>
  checkTargetRisk({ move: { kind, from: 'primary', to: 'standby' }, thresholds, target, losing });

describe('the risk of the target', () => {
  it.each<[TargetRisk['move']['kind'], number | null, number | null, RegExp | undefined]>([
    ['predictive', 20, 90, undefined],
    ['predictive', 69, 90, undefined],
    ['predictive', 70, 90, /expected to fail itself/],
    ['predictive', 60, 60, /would lower no risk/],
    ['predictive', 60, 50, /would lower no risk/],
    ['predictive', 60, null, undefined],
    ['predictive', null, 90, undefined],
    ['fail-back', 29, 5, undefined],
    ['fail-back', 30, 5, /calm side/],
    ['fail-back', null, 5, undefined],
    ['fail-back', 40, 90, undefined],
    ['fail-back', 95, 90, /expected to fail itself/],
    ['drill', 5, 5, undefined],
    ['drill', 7, 5, undefined],
    ['drill', 30, 5, /calm side/],
    ['drill', 5, 30, /leaves a side that is calm/],
    ['drill', null, null, undefined],
  ])('%s to a side with the score %s from one with %s', (kind, target, losing, refusal) => {
    const checked = check(kind, target, losing);
    if (refusal === undefined) expect(checked.refusal).toBeUndefined();
    else expect(checked.refusal).toMatch(refusal);
  });

  it('that is not known is said, so that the record tells on what the move was made', () => {
    expect(check('predictive', null, 90).finding).toBe('standby has no fresh score: only the canary says that it is fit');
    expect(check('predictive', 12.34, 90).finding).toBe('standby has the score 12.3, primary 90');
  });

  it('that is higher never helps, and nothing goes to a side that is expected to fail', () => {
    const score = fc.option(fc.double({ min: 0, max: 100, noNaN: true }));
    const kind = fc.constantFrom<TargetRisk['move']['kind']>('predictive', 'fail-back', 'drill');
    fc.assert(
      fc.property(kind, fc.double({ min: 0, max: 100, noNaN: true }), fc.double({ min: 0, max: 100, noNaN: true }), score, (move, a, b, losing) => {
        const [lower, higher] = [Math.min(a, b), Math.max(a, b)];
        if (check(move, higher, losing).refusal === undefined) expect(check(move, lower, losing).refusal).toBeUndefined();
        if (higher >= thresholds.full) expect(check(move, higher, losing).refusal).toBeDefined();
        if (losing !== null && move === 'predictive' && higher >= losing) expect(check(move, higher, losing).refusal).toBeDefined();
      }),
    );
  });
});
