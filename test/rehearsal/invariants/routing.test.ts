// I1: a good trace holds, and each way to break it is caught.
import { beforeEach, describe, expect, it } from 'vitest';
import { ReachesHealthySide } from '../../../rehearsal/invariants/routing.ts';
import { start, worldOf } from './trace.ts';

const second = 1000;
let world: ReturnType<typeof worldOf>;
beforeEach(() => {
  world = worldOf();
});

describe('I1', () => {
  const sampled = (invariant: ReachesHealthySide, from: number, to: number) => {
    for (let at = from; at <= to; at += 10 * second) invariant.sample(start + at);
  };
  const run = (seconds: number) => {
    const invariant = new ReachesHealthySide(world.view);
    sampled(invariant, 0, seconds * second);
    return invariant.tally;
  };

  it('holds while a healthy side is reached, and says nothing while none is healthy', () => {
    expect(run(600).result).toEqual({ id: 'I1', held: true, checks: 61 });
    world.state.healthy = { primary: false, standby: false };
    expect(run(600).result.checks).toBe(0);
  });

  it('allows the time that health checks need, and no more', () => {
    world.state.healthy.primary = false;
    expect(run(70).result.held).toBe(true);
    expect(run(80).violations).toMatchObject([{ invariant: 'I1', at: start + 80 * second }]);
  });

  it('catches a healthy side that gets a small share', () => {
    world.state.healthy.primary = false;
    world.state.routed = { primary: 0.9, standby: 0.1 };
    expect(run(80).violations[0]?.detail).toContain('standby is healthy, but primary, which is lost, gets 90 % of what is resolved anew');
    world.state.routed = { primary: 0.4, standby: 0.6 };
    expect(run(600).result.held).toBe(true);
  });

  it('leaves a degraded side to prediction: health checkers do not see it', () => {
    world.state.healthy.primary = false;
    world.state.degraded.primary = true;
    expect(run(600).result).toEqual({ id: 'I1', held: true, checks: 61 });
  });

  it('begins to count anew when the sides change places, or when it was reached meanwhile', () => {
    const invariant = new ReachesHealthySide(world.view);
    world.state.healthy.primary = false;
    sampled(invariant, 0, 60 * second);
    world.state.healthy = { primary: true, standby: false };
    world.state.routed = { primary: 0, standby: 1 };
    sampled(invariant, 70 * second, 140 * second);
    world.state.routed = { primary: 1, standby: 0 };
    sampled(invariant, 150 * second, 150 * second);
    world.state.routed = { primary: 0, standby: 1 };
    sampled(invariant, 160 * second, 230 * second);
    expect(invariant.tally.result.held).toBe(true);
    sampled(invariant, 240 * second, 240 * second);
    expect(invariant.tally.result.held).toBe(false);
  });
});
