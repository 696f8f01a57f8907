// A zone that turns unusual: found when it is one, and not by chance.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hypergeometricTail, type Neighbour, unusualSince, unusualZones } from '../../../../core/prediction/evidence/neighbourhood.ts';
import { minute, now } from './fixture.ts';

const of = (zone: string, resources: number, unusual: number, minutesAgo: (index: number) => number = () => 5, serviceId = 'shop'): Neighbour[] =>
  Array.from({ length: resources }, (_, index) => ({ serviceId, zone, unusualSince: index < unusual ? now - minutesAgo(index) * minute : null }));
const zones = (neighbours: readonly Neighbour[], at = now) => unusualZones(neighbours, at).map(({ zone }) => zone);

describe('the hypergeometric tail', () => {
  it('is that of the lottery', () => {
    // Six of 49: at least three right numbers.
    expect(hypergeometricTail({ all: 49, marked: 6, drawn: 6, found: 3 })).toBeCloseTo(260_624 / 13_983_816, 9);
    expect(hypergeometricTail({ all: 40, marked: 20, drawn: 20, found: 20 })).toBeCloseTo(1 / 137_846_528_820, 15);
  });
  it('falls with what is found, from 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(300), fc.nat(300), (all, m, d) => {
        const [marked, drawn] = [m % (all + 1), d % (all + 1)];
        let before = hypergeometricTail({ all, marked, drawn, found: 0 });
        expect(before).toBeCloseTo(1, 6);
        for (let found = 1; found <= Math.min(marked, drawn); found++) {
          const tail = hypergeometricTail({ all, marked, drawn, found });
          expect(tail).toBeLessThanOrEqual(before + 1e-9);
          before = tail;
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('a zone', () => {
  it('with seven of nine unusual and one of twenty-two elsewhere is named so', () => {
    const [pattern] = unusualZones([...of('use1-az2', 9, 7), ...of('use1-az1', 11, 1), ...of('use1-az3', 11, 0)], now);
    expect(pattern?.detail).toBe('7 of 9 resources in use1-az2 turned unusual within 15 minutes; 1 of 22 elsewhere');
  });
  it.each<[string, Neighbour[]]>([
    ['two of forty', [...of('a', 20, 2), ...of('b', 20, 0)]],
    ['everything everywhere', [...of('a', 10, 10), ...of('b', 10, 10)]],
    ['no elsewhere', of('a', 20, 20)],
    ['they turned one by one over hours', [...of('a', 9, 7, (index) => 5 + index * 20), ...of('b', 22, 0)]],
    ['they have been so for long', [...of('a', 9, 7, () => 90), ...of('b', 22, 0)]],
    ['less than half of the zone', [...of('a', 40, 10), ...of('b', 400, 0)]],
    ['one service in one zone, another in another', [...of('a', 9, 9), ...of('b', 22, 0, () => 5, 'till')]],
    ['no zone is known', [...of('a', 9, 9).map((one) => ({ ...one, zone: undefined })), ...of('b', 22, 0)]],
    ['nobody', []],
  ])('is nothing with %s', (_what, neighbours) => {
    expect(zones(neighbours)).toEqual([]);
  });
  it('is seen across services that share it', () => {
    expect(zones([...of('a', 5, 5), ...of('a', 5, 5, () => 9, 'till'), ...of('b', 12, 0, () => 5, 'desk')])).toEqual(['a']);
  });
  it('seldom is, where each resource is unusual by itself now and then', () => {
    // Each of 30 resources in three zones is unusual with probability 10 %, independently: looked at 20,000 times. By the tail it may be no more than one in 133 (three zones, 0.25 % each).
    let state = 1;
    // mulberry32
    const uniform = () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    let found = 0;
    for (let look = 0; look < 20_000; look++)
      found += zones(
        ['a', 'b', 'c'].flatMap((zone) => of(zone, 10, 0).map((one) => ({ ...one, unusualSince: uniform() < 0.1 ? now - 14 * uniform() * minute : null }))),
      ).length;
    expect(found).toBeLessThanOrEqual(60);
  });
  it('is named for no nonsense', () => {
    const neighbour = fc.record({
      serviceId: fc.constantFrom('a', 'b'),
      zone: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
      unusualSince: fc.option(fc.double()),
    });
    fc.assert(
      fc.property(fc.array(neighbour, { maxLength: 60 }), (neighbours) => {
        for (const { tail } of unusualZones(neighbours, now)) expect(tail).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('unusual since', () => {
  const assessment = (failureProbability: number | null, anomalyScore: number) => ({ timestamp: now, failureProbability, anomalyScore });
  it('is the first of a run', () => {
    expect(unusualSince(null, assessment(20, 0))).toBe(now);
    expect(unusualSince(now - minute, assessment(null, 0.7))).toBe(now - minute);
    expect(unusualSince(now - minute, assessment(14, 0.3))).toBeNull();
  });
});
