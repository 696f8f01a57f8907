// Announced load: what it explains, what it does not, and what it threatens.
import { describe, expect, it } from 'vitest';
import { PlannedLoad } from '../../../../core/contracts/plan-evidence.ts';
import { type Load, loadsAround, loadsBefore, threatOf, withoutPlanned } from '../../../../core/prediction/evidence/planned-load.ts';
import { minute, now } from './fixture.ts';

const hour = 60 * minute;
const sale: Load = { name: 'sale', factor: 3, from: now - hour, until: now + hour };
const before = { name: 'sale', from: sale.from, requestsPerSecond: 100 };
const roles = new Map([
  ['cpu', 'cpu'],
  ['requests', 'requests'],
  ['latency-p99', 'latency'],
  ['memory', 'memory'],
] as const);
const part = (...metrics: [metric: string, kind: 'level' | 'limit'][]) => ({
  failureProbability: 60,
  expectedInMinutes: 20,
  reasons: metrics.map(([metric, kind]) => ({ metric, kind, detail: metric })),
});

describe('the calendar', () => {
  it('knows what lasts and what begins within the horizon, in the time zone that people write', () => {
    // 12:00 UTC is 13:00 in Berlin; the 2nd of March 2026 is a Monday.
    const plannedLoad = PlannedLoad.parse([
      { name: 'lunch', factor: 2, weekly: { days: ['mon'], from: '12:30', until: '14:00', timeZone: 'Europe/Berlin' } },
      { name: 'campaign', factor: 5, from: '2026-03-02T12:45:00Z', until: '2026-03-02T15:00:00Z' },
      { name: 'evening', factor: 2, from: '2026-03-02T18:00:00Z', until: '2026-03-02T19:00:00Z' },
    ]);
    expect(loadsAround({ plannedLoad }, now, 60).map(({ name }) => name)).toEqual(['lunch', 'campaign']);
    expect(loadsAround({ plannedLoad }, now, 30).map(({ name }) => name)).toEqual(['lunch']);
    expect(loadsAround({ plannedLoad }, now + 3 * hour, 60)).toEqual([]);
  });
  it.each([
    [[{ name: 'x', factor: 1, from: '2026-03-02T12:00:00Z', until: '2026-03-02T13:00:00Z' }]],
    [[{ name: 'x', factor: Number.NaN, from: '2026-03-02T12:00:00Z', until: '2026-03-02T13:00:00Z' }]],
    [[{ name: 'x', factor: 2, from: '2026-03-02T13:00:00Z', until: '2026-03-02T12:00:00Z' }]],
    [[{ name: 'x', factor: 2, at: '2026-03-02T13:00:00Z' }]],
    [[{ name: 'x', factor: 2 }]],
    [[{ name: 'x', factor: 2, from: '2026-03-02T13:00:00Z' }]],
    [[{ name: 'x', factor: 2, from: '2026-03-02T12:00:00Z', until: '2026-03-02T13:00:00Z', weekly: { days: ['mon'], from: '12:30', until: '14:00' } }]],
    [[{ name: '', factor: 2, weekly: { days: ['mon'], from: '12:30', until: '14:00' } }]],
    [[{ name: 'x', factor: 2, weekly: { days: ['mon'], from: '25:00', until: '14:00' } }]],
  ])('refuses %j', (plannedLoad) => {
    expect(PlannedLoad.safeParse(plannedLoad).success).toBe(false);
  });
});

describe('the load before', () => {
  const next = { ...sale, from: now + hour, until: now + 2 * hour };
  it('is the newest one until it begins, and stands while it lasts', () => {
    const first = loadsBefore([next], [], 90, now);
    expect(first).toEqual([{ name: 'sale', from: next.from, requestsPerSecond: 90 }]);
    expect(loadsBefore([next], first, 110, now)).toEqual([{ ...first[0], requestsPerSecond: 110 }]);
    expect(loadsBefore([next], first, null, now)).toEqual(first);
    expect(loadsBefore([sale], [before], 300, now)).toEqual([before]);
    expect(loadsBefore([sale], [{ ...before, from: now - 200 * hour }], 300, now)).toEqual([]);
    expect(loadsBefore([], [before], 300, now)).toEqual([]);
  });
});

describe('while it lasts', () => {
  const explain = (changed: ReturnType<typeof part>, requestsPerSecond: number | null) =>
    withoutPlanned(changed, { loads: [sale], before: [before], requestsPerSecond, capacity: 400 }, roles, now);
  it('metrics of load are explained as far as it was announced', () => {
    const explained = explain(part(['cpu', 'level']), 290);
    expect(explained.failureProbability).toBe(10);
    expect(explained.reasons[0]).toMatchObject({ kind: 'planned', detail: expect.stringContaining("planned load 'sale'") });
    expect(explain(part(['cpu', 'level']), 400).failureProbability).toBe(60);
  });
  it.each([['latency-p99', 'level'] as const, ['memory', 'limit'] as const, ['cpu', 'limit'] as const, ['unknown', 'level'] as const])(
    'nothing explains %s (%s)',
    (metric, kind) => {
      expect(explain(part(['requests', 'level'], [metric, kind]), 290).failureProbability).toBe(60);
    },
  );
  it('nothing is explained without a load before, a present one, or a reason', () => {
    expect(explain(part(['cpu', 'level']), null).failureProbability).toBe(60);
    expect(withoutPlanned(part(['cpu', 'level']), { loads: [sale], before: [], requestsPerSecond: 290, capacity: 400 }, roles, now).failureProbability).toBe(
      60,
    );
    expect(explain(part(), 290).failureProbability).toBe(60);
  });
});

describe('a load that begins while another lasts', () => {
  const hours: Load = { name: 'office hours', factor: 1.5, from: now - 3 * hour, until: now + 5 * hour };
  const campaign: Load = { name: 'campaign', factor: 4, from: now + 30 * minute, until: now + 2 * hour };
  const loads = [hours, campaign];
  const morning = { name: hours.name, from: hours.from, requestsPerSecond: 100 };
  it('is announced beforehand, and explains itself when it has begun', () => {
    const known = loadsBefore(loads, [morning], 150, now);
    expect(known).toEqual([morning, { name: campaign.name, from: campaign.from, requestsPerSecond: 150 }]);
    expect(threatOf({ loads, before: known, requestsPerSecond: 150, capacity: 400 }, now)).toMatchObject([{ minutes: 30 }]);
    const later = campaign.from + minute;
    const carried = { loads, before: loadsBefore(loads, known, 600, later), requestsPerSecond: 600, capacity: 1000 };
    expect(withoutPlanned(part(['requests', 'level']), carried, roles, later)).toMatchObject({
      failureProbability: 10,
      reasons: [{ detail: expect.stringContaining("'campaign'") }, {}],
    });
  });
});

describe('beforehand', () => {
  const threat = (capacity: number, at = now) => threatOf({ loads: [sale], before: [before], requestsPerSecond: 100, capacity }, at);
  it('more than the side carries raises the risk, the more the more, and says so', () => {
    expect(threat(300)).toEqual([]);
    const [little] = threat(280);
    const [much] = threat(150);
    expect(little?.probability).toBeGreaterThanOrEqual(0.3);
    expect(much?.probability).toBeGreaterThan(little?.probability ?? 1);
    expect(much?.probability).toBeLessThan(0.7);
    expect(
      threatOf(
        { loads: [{ ...sale, from: now + 40 * minute }], before: [{ ...before, from: now + 40 * minute }], requestsPerSecond: 100, capacity: 150 },
        now,
      )[0],
    ).toMatchObject({
      minutes: 40,
      reason: { detail: "planned load 'sale' in 40 minutes: 3 times the load before it is 300 requests a second, and the side carries 150" },
    });
  });
  it('nothing is said without a capacity or a load before', () => {
    expect(threat(0)).toEqual([]);
    expect(threat(Number.NaN)).toEqual([]);
    expect(threatOf({ loads: [sale], before: [], requestsPerSecond: 100, capacity: 1 }, now)).toEqual([]);
  });
});
