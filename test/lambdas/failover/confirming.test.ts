// Confirming an evacuation: two witnesses, and no absence of data.
import { beforeEach, describe, expect, it } from 'vitest';
import { confirmEvacuation } from '../../../lambdas/confirm-evacuation/confirm-evacuation.ts';
import { entryItem, failoverTest, minute, step } from '../../fixtures/failover.ts';

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
