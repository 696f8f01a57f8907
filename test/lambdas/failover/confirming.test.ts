// Confirming an evacuation: two witnesses, and no absence of data.
import { beforeEach, describe, expect, it } from 'vitest';
import { closeFailover } from '../../../lambdas/close-failover/close-failover.ts';
import { confirmEvacuation } from '../../../lambdas/confirm-evacuation/confirm-evacuation.ts';
import { latchSide } from '../../../lambdas/latch-side/latch-side.ts';
import type { Services } from '../../../lambdas/services.ts';
import { shiftTraffic } from '../../../lambdas/shift-traffic/shift-traffic.ts';
import { sweepOrphans } from '../../../lambdas/sweep-orphans/sweep-orphans.ts';
import { entryItem, failoverTest, minute, step } from '../../fixtures/failover.ts';
import { newOutside } from '../../fixtures/services.ts';

const test = failoverTest();

describe('confirming an evacuation', () => {
  const evacuation = { ...step, from: 'primary', to: 'standby', decidedAt: '2026-03-02T11:59:00.000Z' } as const;
  beforeEach(async () => {
    await test.tables.put('resources', entryItem);
    test.outside.health = { primary: 0, standby: 1 };
    test.outside.probes.primary = { failed: 50, slow: 0 };
  });

  it('needs both witnesses', async () => {
    expect(await confirmEvacuation(evacuation, test.services)).toEqual({ decision: 'confirmed' });
    expect((await test.service()).lock?.holder).toBe('f1');
  });

  it('warms a serving side that is overloaded before it decides, for a bounded time', async () => {
    test.outside.probes.standby = { failed: 25, slow: 0 };
    expect(await confirmEvacuation(evacuation, test.services)).toEqual({ decision: 'warm' });
    expect((await test.service()).lock?.holder).toBe('f1');
    expect(test.outside.evacuated).toEqual([]);
    test.outside.probes.standby = { failed: 0, slow: 0 };
    test.outside.now += 4 * minute;
    expect(await confirmEvacuation(evacuation, test.services)).toEqual({ decision: 'confirmed' });
  });

  it('gives up on a serving side that stays bad, without a latch', async () => {
    test.outside.probes.standby = { failed: 25, slow: 0 };
    await confirmEvacuation(evacuation, test.services);
    test.outside.now += 31 * minute;
    expect(await confirmEvacuation(evacuation, test.services)).toEqual({ decision: 'end' });
    expect(await test.record()).toMatchObject({
      outcome: 'refused',
      reasons: [expect.anything(), 'the prober finds standby failing: 25 of 50 requests failed'],
    });
    expect((await test.service()).lock).toBeUndefined();
    expect(test.outside.evacuated).toEqual([]);
  });

  it("takes the word of the event when Route 53's Region cannot be reached, for a while", async () => {
    test.outside.unreachable = true;
    test.outside.now += 30 * minute;
    expect(await confirmEvacuation({ ...evacuation, failoverId: 'f0' }, test.services)).toEqual({ decision: 'end' });
    test.outside.now -= 30 * minute;
    expect(await confirmEvacuation(evacuation, test.services)).toEqual({ decision: 'confirmed' });
  });

  it.each<[string, () => unknown]>([
    ['the prober reaches the side', () => Object.assign(test.outside.probes, { primary: { failed: 0, slow: 0 } })],
    ["Route 53's checkers say nothing", () => Object.assign(test.outside.health, { primary: undefined })],
    ['the other side is unhealthy', () => Object.assign(test.outside.health, { standby: 0 })],
  ])('is refused when %s', async (_what, change) => {
    change();
    expect(await confirmEvacuation(evacuation, test.services)).toEqual({ decision: 'end' });
    expect(await test.record()).toMatchObject({ outcome: 'refused' });
    expect((await test.service()).lock).toBeUndefined();
    expect(test.outside.evacuated).toEqual([]);
  });
});

describe('a service that only advises', () => {
  beforeEach(async () => {
    await test.tables.put('services', { ...(await test.service()), mode: 'advise' });
    await test.tables.put('resources', entryItem);
    test.outside.health = { primary: 0, standby: 1 };
  });
  const evacuation = { ...step, from: 'primary', to: 'standby', decidedAt: '2026-03-02T11:59:00.000Z' } as const;

  it('is advised when everything else would have allowed it, and nothing is latched', async () => {
    test.outside.probes.primary = { failed: 50, slow: 0 };
    expect(await confirmEvacuation(evacuation, test.services)).toEqual({ decision: 'end' });
    expect(await test.record()).toMatchObject({ outcome: 'advised' });
    expect(test.outside.evacuated).toEqual([]);
    expect((await test.service()).lock).toBeUndefined();
  });

  it('is not advised what would be refused', async () => {
    expect(await confirmEvacuation(evacuation, test.services)).toEqual({ decision: 'end' });
    expect(await test.record()).toMatchObject({ outcome: 'refused' });
  });
});

describe('an evacuation', () => {
  beforeEach(async () => {
    await test.tables.put('resources', entryItem);
    test.outside.health = { primary: 0, standby: 1 };
    test.outside.probes.primary = { failed: 50, slow: 0 };
  });
  const evacuation = { ...step, from: 'primary', to: 'standby', decidedAt: '2026-03-02T11:59:00.000Z' } as const;

  it("needs neither the primary's Region nor Route 53's control plane, and its weights are aligned when that is back", async () => {
    const asked = new Set<string>();
    const { telemetry, targets } = test.services;
    const read: typeof telemetry.read = (region, ...rest) => {
      asked.add(region);
      return telemetry.read(region, ...rest);
    };
    const health: typeof targets.health = (region, arn) => {
      asked.add(region);
      return targets.health(region, arn);
    };
    test.services = {
      ...test.services,
      ...({ telemetry: { ...telemetry, read }, targets: { ...targets, health } } as unknown as Pick<Services, 'telemetry' | 'targets'>),
    };
    test.outside.controlPlaneDown = true;
    expect(await confirmEvacuation(evacuation, test.services)).toEqual({ decision: 'confirmed' });
    expect(await latchSide(step, test.services)).toEqual({ decision: 'latched' });
    await expect(shiftTraffic(step, test.services)).rejects.toMatchObject({ name: 'ControlPlaneError' });
    await closeFailover({ ...step, outcome: 'evacuated' }, test.services);
    expect([...asked]).toEqual(['us-east-1']);
    expect(await test.service()).toMatchObject({ activeSide: 'standby', latched: { primary: expect.any(String) } });
    expect(await test.record()).toMatchObject({ outcome: 'evacuated' });

    test.outside.now += 10 * minute;
    expect(await sweepOrphans(test.services)).toMatchObject({ aligned: 0 });
    test.outside.controlPlaneDown = false;
    // Found at one sweep, changed at the next when nobody has touched them.
    expect(await sweepOrphans(test.services)).toMatchObject({ aligned: 0 });
    expect(await sweepOrphans(test.services)).toMatchObject({ aligned: 1 });
    expect(test.outside.weights).toEqual({ primary: 0, standby: 100 });
    expect(await sweepOrphans(test.services)).toMatchObject({ aligned: 0 });
  });

  describe('that never saw the weights', () => {
    const told = () => test.outside.told.filter(({ subject }) => /somebody else/.test(subject));
    const sweep = async () => (await sweepOrphans(test.services)).aligned;
    beforeEach(async () => {
      test.outside.controlPlaneDown = true;
      await confirmEvacuation(evacuation, test.services);
      await latchSide(step, test.services);
      await closeFailover({ ...step, outcome: 'evacuated' }, test.services);
      test.outside.now += 10 * minute;
      test.outside.controlPlaneDown = false;
    });

    it('leaves those that were set by hand before the sweeper looked', async () => {
      test.outside.weights = { primary: 70, standby: 30 };
      expect([await sweep(), await sweep()]).toEqual([0, 0]);
      expect(test.outside.weights).toEqual({ primary: 70, standby: 30 });
      expect(told()).toHaveLength(1);
    });

    it('leaves those that were set by hand between two looks, also when they are set once more', async () => {
      expect(await sweep()).toBe(0);
      test.outside.weights = { primary: 50, standby: 0 };
      expect([await sweep(), await sweep()]).toEqual([0, 0]);
      expect(test.outside.weights).toEqual({ primary: 50, standby: 0 });
      expect(told()).toHaveLength(1);
    });

    it('leaves those that are not what the move before had left', async () => {
      const before = { ...(await test.record()), failoverId: 'f0', weights: { primary: 90, standby: 10 } };
      await test.tables.put('failovers', before);
      const moved = { failoverId: 'f0', outcome: 'held', endedAt: '2026-03-01T12:00:00.000Z' };
      await test.tables.put('services', { ...(await test.service()), recentMoves: [moved] });
      expect([await sweep(), await sweep()]).toEqual([0, 0]);
      test.outside.weights = { primary: 90, standby: 10 };
      expect([await sweep(), await sweep()]).toEqual([0, 1]);
    });

    it('keeps no other sweep waiting while the control plane is silent, and asks it for one service only', async () => {
      test.outside.controlPlaneDown = true;
      await test.tables.put('failovers', { ...(await test.record()), failoverId: 'g1', serviceId: 'shop2' });
      const other = await test.service();
      await test.tables.put('services', { ...other, serviceId: 'shop2', lastFailover: { ...other.lastFailover, failoverId: 'g1' } });
      const { router } = test.services;
      let asked = 0;
      const read: typeof router.read = (...plan) => {
        asked++;
        return router.read(...plan);
      };
      test.services = { ...test.services, router: { ...router, read } as unknown as Services['router'] };
      expect(await sweep()).toBe(0);
      const once = asked;
      expect(once).toBeGreaterThan(0);
      await test.tables.put('services', { ...other, mode: 'observe' });
      asked = 0;
      await sweep();
      expect(asked).toBe(once);
    });
  });

  it.each<[string, () => unknown]>([
    ['a partition: the prober reaches neither side', () => Object.assign(test.outside.probes, { standby: { failed: 50, slow: 0 } })],
    ['telemetry that is missing', () => Object.assign(test.outside, { health: { primary: undefined, standby: undefined } })],
    ['an API that does not answer, with an old event', () => Object.assign(test.outside, { unreachable: true, now: test.outside.now + 20 * minute })],
    ['a control plane that is silent, while the side serves', () => Object.assign(test.outside, { controlPlaneDown: true, probes: newOutside().probes })],
  ])('is not begun by %s alone', async (_what, change) => {
    change();
    expect((await confirmEvacuation(evacuation, test.services)).decision).not.toBe('confirmed');
    expect(test.outside.evacuated).toEqual([]);
    expect((await test.service()).activeSide).toBe('primary');
  });
});
