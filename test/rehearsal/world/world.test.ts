// The present tick of the world, looked at again.
import { describe, expect, it } from 'vitest';
import { grayFailure } from '../../../rehearsal/scenarios/gray-failure.ts';
import { drawRun } from '../../../rehearsal/scenarios/scenario.ts';
import type { Host } from '../../../rehearsal/world/side.ts';
import { World } from '../../../rehearsal/world/world.ts';
import { shop } from '../plan.ts';

describe('World.lookAgain', () => {
  it('sees hosts that have come since the tick began, and counts nothing twice', () => {
    const run = drawRun(grayFailure, 1, shop);
    const hosts: Host[] = [];
    const world = new World(run, { answer: () => 1, hosts: (side) => (side === 'primary' ? [{ index: 0, downSince: null }] : hosts) });
    world.step();
    const { requests } = world.totals;
    expect(world.moment('standby').failure).toBe(1);
    hosts.push({ index: 0, downSince: null });
    expect(world.moment('standby').failure).toBe(1);
    world.lookAgain(world.now);
    expect(world.moment('standby').failure).toBeLessThan(0.01);
    expect(world.totals.requests).toBe(requests);
    expect(world.now).toBe(run.start + run.tick);
  });
});
