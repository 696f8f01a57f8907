// The compressed stories end as they should on the simulated cloud, in minutes.
import { describe, expect, it } from 'vitest';
import type { SideName } from '../../../core/contracts/plan.ts';
import { badStandby } from '../../../e2e/scenarios/bad-standby.ts';
import { compressedRun, troubleBefore } from '../../../e2e/scenarios/compressed.ts';
import { grayFailure } from '../../../e2e/scenarios/gray-failure.ts';
import { playForestall } from '../../../rehearsal/arms/forestall.ts';
import { hour, minute } from '../../../rehearsal/world/faults.ts';
import { loadOf } from '../../../rehearsal/world/run.ts';
import { plan } from '../world/plan.ts';

const start = Date.UTC(2026, 10, 21, 8, 31);
/** So long a test on the emulator may wait for it. */
const atMost = 12 * minute;

const firstOf = async (scenario: typeof grayFailure, seed: number, at = start) => {
  const { result, timeline } = await playForestall(compressedRun(scenario, seed, plan, at));
  const [first] = timeline.failovers;
  return {
    result,
    first,
    weights: timeline.weights.map(({ primary, standby }) => [primary, standby]),
    took: (first?.endedAt ?? Number.POSITIVE_INFINITY) - at,
  };
};

describe('the compressed scenarios, on the simulated cloud', () => {
  // At all hours: the test on the emulator runs whenever it is started.
  it.each([1, 2, 3])('gray-failure, seed %i: failed over within minutes, step by step', async (seed) => {
    const { result, first, weights, took } = await firstOf(grayFailure, seed, start + seed * 8 * hour);
    expect(result.outcome).toBe('failed-over');
    expect(first).toMatchObject({ kind: 'predictive', outcome: 'failed-over' });
    expect(took).toBeLessThan(atMost);
    expect(weights).toEqual([
      [100, 0],
      [90, 10],
      [50, 50],
      [0, 100],
    ]);
  });

  it.each([1, 2, 3])('bad-standby, seed %i: rolled back within minutes, with all traffic where it was', async (seed) => {
    const { result, first, weights, took } = await firstOf(badStandby, seed, start + seed * 8 * hour);
    expect(result.outcome).toBe('rolled-back');
    expect(first).toMatchObject({ kind: 'predictive', outcome: 'rolled-back' });
    expect(took).toBeLessThan(atMost);
    expect(weights.at(-1)).toEqual([100, 0]);
  });

  it('begin in trouble, with a load that falls', () => {
    const run = compressedRun(grayFailure, 1, plan, start + 12_345);
    expect(run.start).toBe(start);
    expect(run.onset).toBe(start - troubleBefore);
    const load = loadOf(run);
    const mean = (from: number) => Array.from({ length: 30 }, (_, index) => load(from + index * minute)).reduce((sum, value) => sum + value, 0) / 30;
    expect(mean(start)).toBeLessThan(mean(start - 2 * hour));
    const latency = (side: SideName) => run.faults.conditionOf(side, start).latency;
    expect(latency('primary')).toBeGreaterThan(2);
    expect(latency('standby')).toBe(1);
  });
});
