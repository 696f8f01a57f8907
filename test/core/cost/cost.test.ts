// Prices and units, with values worked out by hand.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anomalyAlarms, fixedPolling } from '../../../core/cost/alternatives.ts';
import { costOfUsage, prices, sumOfUsage, timesUsage } from '../../../core/cost/prices.ts';
import { gigabyteSeconds, indexUnits, itemBytes, readUnits, writeUnits } from '../../../core/cost/units.ts';

describe('prices', () => {
  it('all say what they are for and where they are from', () => {
    for (const { dollars, unit, source } of Object.values(prices)) {
      expect(dollars).toBeGreaterThan(0);
      expect(unit).not.toBe('');
      expect(source).toMatch(/20\d\d|from memory/);
    }
  });

  it('of a usage add up, the dearest first', () => {
    // 1,000,000 metrics: $10; 2,000,000 writes: $1.25; 8,000,000 reads: $1.
    const { lines, dollars } = costOfUsage({ readUnit: 8e6, metricRead: 1e6, writeUnit: 2e6 });
    expect(lines.map(({ name }) => name)).toEqual(['metricRead', 'writeUnit', 'readUnit']);
    expect(lines.map((line) => line.dollars)).toEqual([10, 1.25, 1].map((expected) => expect.closeTo(expected, 9)));
    expect(dollars).toBeCloseTo(12.25, 9);
  });

  it('of a usage many times over and of several together are linear', () => {
    const counts = fc.record({ metricRead: fc.nat(1e9), queueRequest: fc.nat(1e9), invocation: fc.nat(1e9) });
    fc.assert(
      fc.property(counts, counts, fc.nat(1000), (a, b, factor) => {
        expect(costOfUsage(timesUsage(a, factor)).dollars).toBeCloseTo(costOfUsage(a).dollars * factor, 3);
        expect(costOfUsage(sumOfUsage([a, b])).dollars).toBeCloseTo(costOfUsage(a).dollars + costOfUsage(b).dollars, 6);
      }),
    );
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('of %d units are refused', (count) => {
    expect(() => costOfUsage({ metricRead: count })).toThrow(/is no count of metric requested/);
  });
});

describe('what 1,000 resources of 8 metrics cost otherwise', () => {
  it('is $691.20 for polling each 5 minutes, $230.40 for each 15', () => {
    expect(fixedPolling(1000, 8, 5)).toMatchObject({ dollars: expect.closeTo(691.2, 6) as number, meanDelayMinutes: 2.5, worstDelayMinutes: 5 });
    expect(fixedPolling(1000, 8, 15).dollars).toBeCloseTo(230.4, 6);
  });
  it('is $2,400 for alarms on anomaly bands', () => expect(anomalyAlarms(1000, 8).dollars).toBeCloseTo(2400, 6));
});

describe('units', () => {
  it('of DynamoDB count begun blocks', () => {
    expect([writeUnits(0, 1), writeUnits(0, 1024), writeUnits(0, 1025), writeUnits(5000, 10)]).toEqual([1, 1, 2, 5]);
    expect([readUnits(0, true), readUnits(4096, true), readUnits(4097, true), readUnits(4097, false)]).toEqual([1, 1, 2, 1]);
    expect([indexUnits(true), indexUnits(false)]).toEqual([2, 0]);
  });

  it('of an item count names and values', () => {
    // 'id' 2 + 'shop' 4; 'n' 1 + two digits in one byte and one more; 'ä' 2 + true 1; 'list' 4 + 3 + (1 + 1) + (1 + 2).
    expect(itemBytes({ id: 'shop', n: 12, ä: true, list: ['a', 'bb'] })).toBe(6 + 3 + 3 + 12);
    expect(itemBytes({ m: { a: null } })).toBe(1 + 3 + 1 + 1 + 1);
  });

  it('of Lambda stretch computing, not waiting, by the share of a processor', () => {
    // 512 MB have 512/1769 of one: a tenth of a second takes 0.3455 s; with one second of waiting 1.3455 s of 0.5 GB.
    expect(gigabyteSeconds(512, 0.1, 1)).toBeCloseTo(0.67275, 4);
    expect(gigabyteSeconds(1769, 1, 0)).toBeCloseTo(1.7275, 4);
    expect(gigabyteSeconds(3538, 1, 0)).toBeCloseTo(3.4551, 4);
  });
});
