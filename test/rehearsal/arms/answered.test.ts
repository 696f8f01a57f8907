import { describe, expect, it } from 'vitest';
import { atOnce, inSteps, movementWhen } from '../../../rehearsal/arms/answered.ts';
import { Movement } from '../../../rehearsal/arms/movement.ts';
import { grayFailure } from '../../../rehearsal/scenarios/gray-failure.ts';
import { drawRun } from '../../../rehearsal/scenarios/scenario.ts';
import { minute } from '../../../rehearsal/world/faults.ts';
import { shop } from '../plan.ts';

describe('Movement', () => {
  const tick = (at: number, answer: number, primaryShare: number, requests: number, lookUps: number) => ({
    at,
    answer,
    primaryShare,
    honouring: { requests, lookUps },
  });

  it('tells when look-ups, honouring users and all users had left, each once', () => {
    const movement = new Movement();
    // A share that was small before anything moved is no movement.
    movement.observe(tick(0, 1, 0, 0, 0));
    movement.observe(tick(1, 0.9, 0.95, 0.9, 0.9));
    movement.observe(tick(2, 0, 0.5, 0.3, 0.005));
    movement.observe(tick(3, 0, 0.2, 0.009, 0));
    movement.observe(tick(4, 0, 0.009, 0, 0));
    movement.observe(tick(5, 0, 0, 0, 0));
    expect(movement).toMatchObject({ firstShiftAt: 1, lookUpsMovedAt: 2, honouringMovedAt: 3, movedAt: 4, answer: 0 });
  });
});

describe('movementWhen', () => {
  it('is ordered: look-ups within a TTL, then their users, then all; and never sooner in steps than at once', () => {
    for (const seed of [1, 2, 3]) {
      const run = drawRun(grayFailure, seed, shop);
      const from = run.onset ?? run.start;
      const oracle = movementWhen(run, atOnce(from));
      const stepped = movementWhen(run, inSteps(from, [10, 50, 100], minute));
      const times = [oracle.firstShiftAt, oracle.lookUpsMovedAt, oracle.honouringMovedAt, oracle.movedAt].map((at) => (at ?? Number.NaN) - from);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times[0]).toBe(0);
      expect(times[1]).toBeLessThanOrEqual(minute);
      expect(stepped.lookUpsMovedAt).toBe((oracle.lookUpsMovedAt ?? 0) + 2 * minute);
      expect(stepped.movedAt).toBeGreaterThanOrEqual(oracle.movedAt ?? 0);
    }
  });
});

describe('inSteps', () => {
  it('bakes each step and stays at the last', () => {
    const answer = inSteps(10 * minute, [10, 50, 100], minute);
    expect([9, 10, 10.9, 11, 12, 60].map((at) => answer(at * minute))).toEqual([1, 0.9, 0.9, 0.5, 0, 0]);
  });
});
