import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { initialRisk, isWarm, type RiskState, readRisk } from '../../../../core/prediction/features/incident-risk.ts';
import { featureNames } from '../../../../core/prediction/features/resource-features.ts';
import { randomFrom } from '../telemetry.ts';

const minute = 60_000;
const day = 1440 * minute;
const start = Date.parse('2026-03-02T00:00:00Z');

/** A day's course with noise; `unusual` is added from the third day on, in spreads of the noise. */
function history(metrics: number, days: number, every: number, seed: number, unusual: (metric: number, elapsed: number) => number = () => 0): number[][] {
  const random = randomFrom(seed);
  return Array.from({ length: (days * day) / every }, (_, index) => {
    const at = index * every;
    return Array.from(
      { length: metrics },
      (_unused, metric) =>
        100 * (metric + 1) + 20 * Math.sin((2 * Math.PI * at) / day + metric) + random.normal() + (at < 3 * day ? 0 : unusual(metric, at - 3 * day)),
    );
  });
}

function play(rows: readonly (readonly number[])[], every: number, names = rows[0]?.map((_, index) => `m${index}`) ?? []) {
  let state: RiskState = initialRisk;
  let features: Float64Array | null = null;
  rows.forEach((row, index) => {
    ({ state, features } = readRisk(state, start + index * every, new Map(row.map((value, column) => [names[column] ?? '', value]))));
  });
  return { state, features: features as Float64Array | null };
}

const named = (features: Float64Array | null, name: string): number => features?.[featureNames.indexOf(name)] ?? Number.NaN;

describe('features of a resource', () => {
  test('do not depend on the order of the metrics', () => {
    const rows = history(8, 4, 10 * minute, 1, (metric) => (metric < 3 ? 6 : 0));
    const shuffled = rows.map((row) => row.toReversed());
    const [a, b] = [play(rows, 10 * minute), play(shuffled, 10 * minute)];
    expect(a.features).not.toBeNull();
    a.features?.forEach((value, index) => {
      expect(value, featureNames[index]).toBeCloseTo(b.features?.[index] ?? Number.NaN, 6);
    });
  });

  test('do not depend on the unit of a metric', () => {
    const rows = history(6, 4, 10 * minute, 2, (metric) => (metric < 3 ? 6 : 0));
    const units = [1e-6, 1000, 1, 1e9, 0.01, 7];
    const [a, b] = [
      play(rows, 10 * minute),
      play(
        rows.map((row) => row.map((value, metric) => value * (units[metric] ?? 1))),
        10 * minute,
      ),
    ];
    a.features?.forEach((value, index) => {
      expect(value, featureNames[index]).toBeCloseTo(b.features?.[index] ?? Number.NaN, 1);
    });
  });

  test('do not depend on how often a metric comes under another name', () => {
    const rows = history(4, 4, 10 * minute, 3, (metric) => (metric < 2 ? 6 : 0));
    const [a, b] = [
      play(rows, 10 * minute),
      play(
        rows.map((row) => [...row, ...row]),
        10 * minute,
      ),
    ];
    for (const name of ['residual top', 'change median', 'variance top', 'composite', 'sustained'])
      expect(named(a.features, name), name).toBeCloseTo(named(b.features, name), 6);
  });

  test('rise when many metrics leave their usual course, and remember it for hours', () => {
    const calm = play(history(8, 4, 5 * minute, 4), 5 * minute);
    const unusual = (until: number) =>
      play(
        history(8, 3.1, 5 * minute, 4, (_, elapsed) => (elapsed < until ? 8 : 0)),
        5 * minute,
      );
    expect(named(unusual(day).features, 'composite')).toBeGreaterThan(named(calm.features, 'composite') + 0.7);
    // Two hours and a half after the third day began, the disturbance of the first half hour is over.
    const over = unusual(30 * minute);
    expect(named(over.features, 'remembered')).toBeGreaterThan(0.3);
    expect(named(over.features, 'sustained')).toBeGreaterThan(named(over.features, 'composite'));
  });

  test('one absurd value does not blind a metric', () => {
    const last = (first: number) =>
      play(
        history(4, 6, 10 * minute, 5, (_, elapsed) => (elapsed === 0 ? first : elapsed > 2.9 * day ? 10 : 0)),
        10 * minute,
      ).features;
    const [blinded, clear] = [last(1e90), last(0)];
    for (const name of ['residual top', 'composite']) expect(named(blinded, name), name).toBeGreaterThan(named(clear, name) - 0.25);
    expect([...(blinded ?? [])].every(Number.isFinite)).toBe(true);
  });

  test('are finite, and null until a day and 120 points are known, whatever comes', () => {
    const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e90, max: 1e90 }), fc.constantFrom(0, 1, -1, 1e90, -1e90, 5e-324));
    const step = fc.record({
      gap: fc.integer({ min: -3 * 60, max: 26 * 60 }),
      values: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value, { maxKeys: 4 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 160 }), (steps) => {
        let state: RiskState = initialRisk;
        let at = start;
        for (const { gap, values } of steps) {
          at += gap * minute;
          const read = readRisk(state, at, new Map(Object.entries(values)));
          if (read.features !== null) {
            expect([...read.features].every(Number.isFinite)).toBe(true);
            expect(Object.values(read.state.metrics).some(({ memory }) => isWarm(memory))).toBe(true);
          }
          state = read.state;
        }
        for (const { memory } of Object.values(state.metrics)) expect(JSON.stringify(memory)).not.toMatch(/null,"level"|NaN|"level":null/);
      }),
      { numRuns: 60 },
    );
    expect(play(history(3, 0.9, 5 * minute, 6), 5 * minute).features).toBeNull();
    expect(play(history(3, 1.2, 5 * minute, 6), 5 * minute).features).not.toBeNull();
  });

  test('need a point of half of the metrics', () => {
    const { state } = play(history(6, 2, 10 * minute, 7), 10 * minute);
    const at = start + 2 * day;
    const points = (count: number) => new Map(Array.from({ length: count }, (_, index) => [`m${index}`, 100 * (index + 1)]));
    expect(readRisk(state, at, points(2)).features).toBeNull();
    expect(readRisk(state, at, points(3)).features).not.toBeNull();
  });
});
