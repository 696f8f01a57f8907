// A small fleet through the bench of scoring: every call that it makes of AWS is accounted for.
import { beforeAll, describe, expect, it } from 'vitest';
import { pointsOf, resourceMetrics, valueAt } from '../../bench/scoring/fleet.ts';
import { learn, learnEntries } from '../../bench/scoring/pure.ts';
import type { FleetResult } from '../../bench/scoring/through-handler.ts';

const minutes = 30;
const services = 2;
const each = 2;
let calm: FleetResult;
let uneasy: FleetResult;

beforeAll(async () => {
  // The logger keeps the level that it was loaded with.
  process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
  const { runFleet } = await import('../../bench/scoring/through-handler.ts');
  const resources = Array.from({ length: services * each }, (_, profile) => learn(profile, resourceMetrics));
  const entries = learnEntries();
  calm = await runFleet({ services, each, minutes, latency: 1 }, resources, entries, 1);
  uneasy = await runFleet({ services, each, minutes, latency: 6 }, resources, entries, 1);
}, 120_000);

describe('a calm fleet', () => {
  it("asks each minute for the active entry's four metrics and its side's health, each 15 for the other entry, and at least once for each resource", () => {
    const { counts, scored } = calm;
    const readings = counts.resourceMetrics / resourceMetrics.length;
    expect(counts.metrics - counts.resourceMetrics).toBe(services * (minutes * 5 + 2 * 4));
    expect(readings).toBe(scored);
    expect(readings).toBeGreaterThanOrEqual(services * each);
    expect(calm.metricsAResourceDay).toBeCloseTo((counts.resourceMetrics / (services * each)) * (1440 / minutes), 6);
  });

  it('sends one message for each service and minute, and writes each scoring once', () => {
    const { counts, batches, scored } = calm;
    expect(counts.messages).toBe(services * minutes);
    expect([counts.queueRequests, batches]).toEqual([minutes, minutes]);
    expect(counts.calls['dynamodb:UpdateItem']).toBe(services * (minutes + 2) + scored);
    expect(counts.calls['dynamodb:GetItem']).toBe(services * minutes);
    expect(counts.events).toBe(0);
  });

  it('is billed for what it stores: each write at least its item, and two units for the moved key of the index', () => {
    const { counts, stateBytes } = calm;
    const updates = counts.calls['dynamodb:UpdateItem'] ?? 0;
    expect(counts.writeUnits).toBeGreaterThan(updates * (2 + 2));
    expect(counts.writeUnits).toBeLessThan(updates * (Math.ceil(stateBytes.largest / 1024) + 3 + 2 + 2));
  });
});

describe('an uneasy fleet', () => {
  it('is read at every minute once the services are uneasy, which costs that much more', () => {
    expect(uneasy.metricsAResourceDay).toBeGreaterThan(2 * calm.metricsAResourceDay);
    expect(uneasy.metricsAResourceDay).toBeLessThanOrEqual(1440 * resourceMetrics.length);
    expect(uneasy.counts.metrics - uneasy.counts.resourceMetrics).toBe(services * (minutes * 5 + 2 * 4));
  });
});

it('what is stored of a resource of eight metrics stays below 4 KB, calm or not', () => {
  for (const { stateBytes } of [calm, uneasy]) {
    expect(stateBytes.largest).toBeLessThanOrEqual(4096);
    expect(stateBytes.median).toBeGreaterThan(1000);
  }
});

describe('telemetry by formula', () => {
  it('is the same for the same minute, whoever asks, and follows the profile', () => {
    const at = Date.UTC(2026, 0, 8, 9);
    const [first, second] = pointsOf(3, 'CPUUtilization', 60, at, at + 4 * 60_000);
    expect([first?.timestamp, second?.timestamp]).toEqual([at, at + 60_000]);
    expect(first?.value).toBe(valueAt(3, 'CPUUtilization', at));
    expect(valueAt(4, 'CPUUtilization', at)).not.toBe(first?.value);
    expect(pointsOf(3, 'CPUUtilization', 60, at, at + 60_000)).toEqual([]);
  });
});
