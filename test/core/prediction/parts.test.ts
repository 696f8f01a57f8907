// The parts of the detector by themselves: usual values, load, errors.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countSurprise, judgeErrors } from '../../../core/prediction/errors.ts';
import { explain, type LoadCurve, learnLoad } from '../../../core/prediction/load.ts';
import { compact, interpolate, median } from '../../../core/prediction/numbers.ts';
import { degradationScore } from '../../../core/prediction/scores.ts';
import { expectedAt, initialUsual, learn, spreadOf } from '../../../core/prediction/usual.ts';
import { duration, number } from '../../../core/prediction/wording.ts';
import { day, hour, minute, randomFrom, start } from './telemetry.ts';

describe('usual', () => {
  function learned(days: number, at: (timestamp: number) => number) {
    const random = randomFrom(1);
    const usual = initialUsual();
    for (let timestamp = start; timestamp < start + days * day; timestamp += 5 * minute) learn(usual, timestamp, at(timestamp) + random.normal(), 1);
    return usual;
  }
  const wave = (timestamp: number) => 100 + 20 * Math.sin((2 * Math.PI * (timestamp % day)) / day);

  test('the hour of the day is known after a few days', () => {
    const usual = learned(4, wave);
    for (let at = start + 4 * day; at < start + 5 * day; at += hour) expect(Math.abs(expectedAt(usual, at) - wave(at))).toBeLessThan(4);
  });

  test('an anomaly of an hour teaches little', () => {
    const usual = learned(4, () => 100);
    const before = expectedAt(usual, start + 4 * day);
    for (let index = 0; index < 12; index += 1) learn(usual, start + 4 * day + index * 5 * minute, 1e6, 1);
    expect(Math.abs(expectedAt(usual, start + 4 * day + hour) - before)).toBeLessThan(5 * spreadOf(usual));
  });
});

describe('load', () => {
  let curve: LoadCurve = [];
  for (let index = 0; index < 4000; index += 1) {
    const load = 1000 + (index % 1000);
    curve = learnLoad(curve, load, load / 1000, 1, 10);
  }
  test('within the known range the usual value is between its neighbours', () => {
    const { expected, beyond } = explain(curve, 1500);
    expect(expected).toBeGreaterThan(1.3);
    expect(expected).toBeLessThan(1.7);
    expect(beyond).toBe(0);
  });
  test('beyond it more is allowed, and it is said how far beyond', () => {
    const { expected, beyond } = explain(curve, 8000);
    expect(expected).toBeGreaterThan(3);
    expect(beyond).toBeGreaterThan(1.5);
  });
  test('one burst teaches nothing about its load', () => {
    let burst = curve;
    for (let index = 0; index < 20; index += 1) burst = learnLoad(burst, 9000, 5, 1, 10);
    expect(explain(burst, 9000)).toEqual(explain(curve, 9000));
  });
  test('whatever the loads, the curve stays small and sorted', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e15, noNaN: true }), { maxLength: 200 }), (loads) => {
        const grown = loads.reduce<LoadCurve>((before, load) => learnLoad(before, load, 1, 1, 1), []);
        expect(grown.length).toBeLessThanOrEqual(14);
        expect(grown).toEqual(grown.toSorted((a, b) => a[0] - b[0]));
      }),
    );
  });
});

describe('errors', () => {
  test.each([
    ['as usual', 10, 10_000, 0.001, undefined, false],
    ['one where none was', 1, 10_000, 0, undefined, false],
    ['more than usual, tolerable', 50, 10_000, 0.0005, 0.1, false],
    ['more than the objective', 300, 10_000, 0.0005, 0.4772, true],
    ['everything', 10_000, 10_000, 0.0005, 0.53, true],
    ['errors without requests', 50, 0, 0, 0.53, true],
    ['few requests', 2, 20, 0, undefined, false],
  ])('%s', (_what, errors, requests, usual, gain, intolerable) => {
    const judged = judgeErrors(errors, requests, usual, 0.01);
    expect(judged.intolerable).toBe(intolerable);
    if (gain === undefined) expect(judged.gain).toBeUndefined();
    else expect(judged.gain).toBeCloseTo(gain, 1);
  });
  test('the surprise is close to the Poisson tail', () => {
    // P(X >= 10 | 2) = 4.65e-5, P(X >= 30 | 10) = 7.98e-7; Chernoff's bound is within a factor of ten.
    expect(countSurprise(10, 2)).toBeGreaterThan(3.3);
    expect(countSurprise(10, 2)).toBeLessThan(4.4);
    expect(countSurprise(30, 10)).toBeGreaterThan(5);
    expect(countSurprise(30, 10)).toBeLessThan(6.2);
  });
});

describe('numbers', () => {
  test('stored numbers are close and finite', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e90, max: 1e90 }),
        fc.double({ min: 1e-9, max: 1e90, noNaN: true }),
        (value, unit) => {
          const kept = compact(value, unit);
          expect(Number.isFinite(kept)).toBe(true);
          expect(Math.abs(kept - value)).toBeLessThanOrEqual(unit / 1000 + Math.abs(value) * 1e-12);
        },
      ),
    );
  });
  test('median and interpolation', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([10, 9, 1, 2])).toBe(5.5);
    expect(
      interpolate(
        [
          [0, 0],
          [2, 10],
        ],
        1,
      ),
    ).toBe(5);
    expect(
      interpolate(
        [
          [0, 1],
          [2, 10],
        ],
        -5,
      ),
    ).toBe(1);
    expect(
      interpolate(
        [
          [0, 0],
          [2, 10],
        ],
        9,
      ),
    ).toBe(10);
  });
  test('scores rise with what they are made of', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 20, noNaN: true }),
        fc.double({ min: 0, max: 20, noNaN: true }),
        (a, b) => degradationScore(Math.min(a, b)) <= degradationScore(Math.max(a, b)),
      ),
    );
  });
  test('wording', () => {
    expect([0, 0.6214, 12.345, 12_345, 1e12, 1e-9].map(number)).toEqual(['0', '0.621', '12.3', '12,350', '1.00e+12', '1.00e-9']);
    expect([20_000, minute, 90 * minute, 3.4 * hour, 3 * day].map(duration)).toEqual(['less than a minute', '1 minute', '90 minutes', '3.4 hours', '3 days']);
  });
});
