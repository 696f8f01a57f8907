import { describe, expect, it } from 'vitest';
import { second } from '../../../rehearsal/world/faults.ts';
import { HealthCheckers } from '../../../rehearsal/world/health-checkers.ts';

const start = Date.UTC(2026, 2, 2, 12);
const play = (checkers: HealthCheckers, from: number, seconds: number, failure: number, reachable = true) => {
  for (let at = from; at < from + seconds * second; at += 10 * second) checkers.step(at, at + 10 * second, { failure, reachable });
};

describe('HealthCheckers', () => {
  it.each([
    { settings: { intervalSeconds: 30, failureThreshold: 2 }, soonest: 30, latest: 64 },
    { settings: { intervalSeconds: 30, failureThreshold: 3 }, soonest: 60, latest: 94 },
    { settings: { intervalSeconds: 10, failureThreshold: 3 }, soonest: 20, latest: 34 },
  ])('find a dead side after $soonest to $latest seconds, and no sooner', ({ settings, soonest, latest }) => {
    for (let seed = 0; seed < 50; seed += 1)
      for (const reachable of [true, false]) {
        const checkers = new HealthCheckers(seed, 'primary', settings);
        play(checkers, start, 300, 0.0005);
        play(checkers, start + 300 * second, 200, 1, reachable);
        expect(checkers.changes).toHaveLength(1);
        const took = ((checkers.changes[0]?.at ?? 0) - start) / second - 300;
        expect(took).toBeGreaterThanOrEqual(soonest);
        expect(took).toBeLessThanOrEqual(latest);
        expect(checkers.healthy).toBe(false);
      }
  });

  it('find a side that is back, after two good checks of more than 18 % of them', () => {
    const checkers = new HealthCheckers(1, 'primary');
    play(checkers, start, 200, 1);
    play(checkers, start + 200 * second, 200, 0);
    expect(checkers.changes.map(({ healthy }) => healthy)).toEqual([false, true]);
    expect(((checkers.changes[1]?.at ?? 0) - start) / second - 200).toBeLessThan(45);
  });

  it('do not see a side that fails a fifth of its requests', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const checkers = new HealthCheckers(seed, 'primary');
      play(checkers, start, 3600, 0.2);
      expect(checkers.changes).toEqual([]);
    }
  });

  it('come to the same whatever the length of a tick', () => {
    const one = new HealthCheckers(3, 'primary');
    const other = new HealthCheckers(3, 'primary');
    for (let at = start; at < start + 600 * second; at += 10 * second) one.step(at, at + 10 * second, { failure: 0.9, reachable: true });
    for (let at = start; at < start + 600 * second; at += 60 * second) other.step(at, at + 60 * second, { failure: 0.9, reachable: true });
    expect(other.healthyShare).toBe(one.healthyShare);
    expect(other.healthy).toBe(one.healthy);
  });
});
