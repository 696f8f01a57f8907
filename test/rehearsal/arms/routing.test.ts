// What Route 53 answers when a side is latched: not before the metric's minute has come and been judged.
import { describe, expect, it } from 'vitest';
import { evacuationMetric } from '../../../core/contracts/deployment.ts';
import { controlRegionOf } from '../../../core/contracts/plan.ts';
import { buildAccount } from '../../../rehearsal/arms/account.ts';
import { viewOf } from '../../../rehearsal/arms/cloud-view.ts';
import { Route53Answers } from '../../../rehearsal/arms/routing.ts';
import { minute, second } from '../../../rehearsal/world/faults.ts';
import { HealthCheckers } from '../../../rehearsal/world/health-checkers.ts';
import { noon, testAccount } from '../cloud/account.ts';
import { shop } from '../plan.ts';

const start = noon + 10 * minute;

/** Latches the primary (1) and lifts the latch (0) at minutes since the start; answers with the seconds after which routing followed. */
async function play(seed: number, reports: Readonly<Record<number, number>>): Promise<{ readonly at: number; readonly healthy: boolean }[]> {
  const { cloud, clock } = testAccount(seed);
  await buildAccount(cloud, shop);
  clock.now = start;
  const checkers = { primary: new HealthCheckers(seed, 'primary'), standby: new HealthCheckers(seed, 'standby') };
  const answers = new Route53Answers(viewOf(cloud), shop, checkers, seed);
  const changes: { at: number; healthy: boolean }[] = [];
  let healthy = true;
  for (let seconds = 0; seconds < 20 * 60; seconds += 10) {
    clock.now = start + seconds * second;
    const value = reports[seconds / 60];
    if (value !== undefined)
      cloud.physical.putMetric({
        region: controlRegionOf(shop),
        namespace: evacuationMetric.namespace,
        metricName: evacuationMetric.metricName,
        dimensions: { Service: shop.service, Side: 'primary' },
        timestamp: clock.now,
        values: [value],
      });
    const routing = answers.at(clock.now);
    expect(routing.answer).toBe(routing.healthy.primary ? 1 : 0);
    if (routing.healthy.primary !== healthy) changes.push({ at: seconds, healthy: routing.healthy.primary });
    healthy = routing.healthy.primary;
  }
  return changes;
}
const seeds = Array.from({ length: 30 }, (_, seed) => seed);

describe('a latched side', () => {
  it('is left 1 to 2 minutes after the first report, which differs by seed', async () => {
    const took: number[] = [];
    for (const seed of seeds) {
      const [change, ...others] = await play(seed, { 0: 1, 1: 1, 2: 1, 3: 1 });
      expect(others).toEqual([]);
      took.push(change?.at ?? 0);
    }
    expect(Math.min(...took)).toBeGreaterThanOrEqual(60);
    expect(Math.max(...took)).toBeLessThanOrEqual(130);
    expect(new Set(took).size).toBeGreaterThan(3);
  });

  it('stays left when reports cease, and returns 1 to 2 minutes after the latch is lifted', async () => {
    const [left, back, ...others] = await play(1, { 0: 1, 12: 0 });
    expect(others).toEqual([]);
    expect(left?.healthy).toBe(false);
    expect((back?.at ?? 0) - 12 * 60).toBeGreaterThanOrEqual(60);
    expect((back?.at ?? 0) - 12 * 60).toBeLessThanOrEqual(130);
  });

  it('is the same in every run of a seed, and is not left for a report that is taken back at once', async () => {
    expect(await play(2, { 0: 1, 1: 1 })).toEqual(await play(2, { 0: 1, 1: 1 }));
    expect(await play(2, { 0: 1, 1: 0 })).toEqual([]);
  });
});
