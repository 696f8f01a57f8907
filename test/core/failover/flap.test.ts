import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Plan } from '../../../core/contracts/plan.ts';
import { flapping } from '../../../core/failover/flap.ts';
import { planInput } from '../../fixtures/plan.ts';

const now = Date.parse('2026-03-02T12:00:00Z');
const hour = 3_600_000;
const plan = Plan.parse(planInput({ failover: { flap: { moves: 3, withinHours: 24 } } }));
const move = (hoursAgo: number) => ({ failoverId: `f${hoursAgo}`, outcome: 'failed-over', endedAt: new Date(now - hoursAgo * hour).toISOString() });

describe('flapping', () => {
  it('is so many moves within so many hours, not fewer and not older ones', () => {
    expect(flapping(plan, [], now)).toBeUndefined();
    expect(flapping(plan, [move(5), move(2)], now)).toBeUndefined();
    expect(flapping(plan, [move(25), move(5), move(2)], now)).toBeUndefined();
    expect(flapping(plan, [move(23), move(5), move(2)], now)).toEqual({ moves: 3, until: now + hour, newest: 'f2' });
  });

  it('ends when few enough are left, also after more than the limit', () => {
    expect(flapping(plan, [move(23), move(20), move(5), move(2)], now)?.until).toBe(now + 4 * hour);
  });

  it('stands until the time that it tells and not longer, in whatever order the moves are stored', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 60, noNaN: true }), { maxLength: 20 }), (ages) => {
        const moves = ages.map(move);
        const found = flapping(plan, moves, now);
        expect(found === undefined).toBe(ages.filter((age) => Date.parse(move(age).endedAt) > now - 24 * hour).length < 3);
        if (!found) return;
        expect(flapping(plan, moves.toReversed(), now)).toEqual(found);
        expect(flapping(plan, moves, found.until - 1)).toBeDefined();
        expect(flapping(plan, moves, found.until)).toBeUndefined();
      }),
    );
  });
});
