// Thinning out keeps extremes, gaps and order; axes have round numbers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCount, formatDuration, formatValue, logTicks, timeTicks, valueTicks } from '../../../rehearsal/report/axis.ts';
import { type CurvePoint, cumulative, cut, downsample, envelope, held, runs } from '../../../rehearsal/report/series.ts';

const value = fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { nil: null, freq: 10 });
const curve = fc.array(fc.tuple(fc.integer({ min: 1, max: 10_000 }), value), { maxLength: 2000 }).map((steps) => {
  let at = 0;
  return steps.map(([step, given]): CurvePoint => {
    at += step;
    return { at, value: given };
  });
});
const buckets = fc.integer({ min: 1, max: 100 });
const numbers = (points: readonly CurvePoint[]) => points.flatMap((point) => (point.value === null ? [] : [point.value]));

describe('downsample', () => {
  it('keeps extremes, ends and gaps, in order, within its bound', () => {
    fc.assert(
      fc.property(curve, buckets, (points, count) => {
        const kept = downsample(points, count);
        expect(kept.length).toBeLessThanOrEqual(Math.max(count * 5, Math.min(points.length, count * 2)));
        expect(kept.every((point) => points.includes(point))).toBe(true);
        expect(kept.every((point, index) => index === 0 || point.at > (kept[index - 1]?.at ?? 0))).toBe(true);
        expect(kept[0]).toBe(points[0]);
        expect(kept.at(-1)).toBe(points.at(-1));
        expect(kept.some((point) => point.value === null)).toBe(points.some((point) => point.value === null));
        if (numbers(points).length > 0) {
          expect(Math.max(...numbers(kept))).toBe(Math.max(...numbers(points)));
          expect(Math.min(...numbers(kept))).toBe(Math.min(...numbers(points)));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('keeps a single peak among a month of minutes at its own time', () => {
    const points = Array.from({ length: 43_200 }, (_, index) => ({ at: index * 60_000, value: index === 31_111 ? 900 : index % 7 }));
    const kept = downsample(points, 500);
    expect(kept.length).toBeLessThanOrEqual(2500);
    expect(kept).toContainEqual({ at: 31_111 * 60_000, value: 900 });
  });

  it('leaves nothing as nothing', () => {
    expect(downsample([], 10)).toEqual([]);
  });
});

describe('envelope', () => {
  it('spans every value, with the mean between', () => {
    fc.assert(
      fc.property(curve, buckets, (points, count) => {
        const stretches = envelope(points, count);
        expect(stretches.length).toBeLessThanOrEqual(count);
        const known = stretches.filter(({ mean }) => mean !== null);
        for (const { mean, low, high } of known) {
          expect(low).toBeLessThanOrEqual((mean ?? 0) + 1e-6);
          expect(high).toBeGreaterThanOrEqual((mean ?? 0) - 1e-6);
        }
        if (numbers(points).length > 0) {
          expect(Math.max(...known.map(({ high }) => high))).toBe(Math.max(...numbers(points)));
          expect(Math.min(...known.map(({ low }) => low))).toBe(Math.min(...numbers(points)));
        } else expect(known).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('windows', () => {
  const points = [10, 20, 30, 40].map((at) => ({ at, value: at }));
  it('cuts with a neighbour on either side', () => {
    expect(cut(points, { from: 15, to: 25 }).map(({ at }) => at)).toEqual([10, 20, 30]);
    expect(cut(points, { from: 50, to: 60 }).map(({ at }) => at)).toEqual([40]);
    expect(cut([], { from: 0, to: 1 })).toEqual([]);
  });

  it('holds a step from the beginning of the window to its end', () => {
    expect(held(points, { from: 25, to: 35 })).toEqual([
      { at: 25, value: 20 },
      { at: 30, value: 30 },
      { at: 35, value: 30 },
    ]);
    expect(held(points, { from: 50, to: 60 })).toEqual([
      { at: 50, value: 40 },
      { at: 60, value: 40 },
    ]);
    expect(held(points, { from: 0, to: 5 })).toEqual([]);
  });

  it('sums, and takes a gap as nothing', () => {
    expect(
      cumulative([
        { at: 1, value: 2 },
        { at: 2, value: null },
        { at: 3, value: 5 },
      ]).map((point) => point.value),
    ).toEqual([2, 2, 7]);
  });

  it('joins equal neighbours into runs', () => {
    const entries = ['a', 'a', 'b', 'a'].map((given, index) => ({ at: index, value: given }));
    expect(runs(entries, 9)).toEqual([
      { from: 0, to: 2, value: 'a' },
      { from: 2, to: 3, value: 'b' },
      { from: 3, to: 9, value: 'a' },
    ]);
  });
});

describe('axes', () => {
  it('has round times in UTC, with the date at midnight', () => {
    const from = Date.parse('2026-11-16T22:10:00Z');
    expect(timeTicks({ from, to: from + 3 * 3_600_000 }, 12).map(({ label }) => label)).toEqual([
      '22:15',
      '22:30',
      '22:45',
      '23:00',
      '23:15',
      '23:30',
      '23:45',
      '17 Nov',
      '00:15',
      '00:30',
      '00:45',
      '01:00',
    ]);
  });

  it('never has more time ticks than asked for, but one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e12 }),
        fc.integer({ min: 1, max: 1e11 }),
        fc.integer({ min: 2, max: 20 }),
        (from, length, count) => timeTicks({ from, to: from + length }, count).length <= count + 1,
      ),
    );
  });

  it('covers the values in few steps', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (high) => {
        const ticks = valueTicks(0, high);
        expect(ticks[0]?.value).toBe(0);
        expect(ticks.at(-1)?.value).toBeGreaterThanOrEqual(high * 0.999);
        expect(ticks.length).toBeLessThanOrEqual(7);
      }),
    );
    expect(valueTicks(0, 100).map(({ label }) => label)).toEqual(['0', '50', '100']);
    expect(logTicks(500).map(({ label }) => label)).toEqual(['0', '1', '10', '100', '1000']);
  });

  it('writes values, counts and durations', () => {
    expect([0, 0.000123, 12.345, 1234, 45_678, 2_500_000, 3e9].map(formatValue)).toEqual(['0', '0.000123', '12.3', '1234', '45.7k', '2.5M', '3G']);
    expect(formatCount(1_234_567)).toBe('1\u202f234\u202f567');
    expect([0, 45_000, 200_000, 7_500_000, 90_000_000, -60_000].map(formatDuration)).toEqual(['0 s', '45 s', '3 min 20 s', '2 h 5 min', '1 d 1 h', '−1 min']);
  });
});
