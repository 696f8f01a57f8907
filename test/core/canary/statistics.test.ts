// The statistics under the judge, against values that can be counted out or are published.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialCdf, rateLowerBound, rateUpperBound } from '../../../core/canary/binomial.ts';
import { addLatencies, classesOfFactor, countLatencies, latencyClass, latencyOfClass, sampleOfLatencies } from '../../../core/canary/latencies.ts';
import { normalQuantileOfTail, normalTail } from '../../../core/canary/normal.ts';
import { precedence, rankAboveQuantile, rankBelowQuantile } from '../../../core/canary/order-statistics.ts';
import { rankTest, typicalDifference } from '../../../core/canary/ranks.ts';
import { countAbove, nthLargest, quantileOf, sampleOf, shifted } from '../../../core/canary/sample.ts';
import { exceedsByChance, excludesDifference } from '../../../core/canary/two-rates.ts';

describe('bounds of a rate', () => {
  it('agree with published Clopper-Pearson limits', () => {
    // One-sided 99 %: 0 of 500 -> 1 - 0.01^(1/500).
    expect(rateUpperBound(0, 500)).toBeCloseTo(1 - 0.01 ** (1 / 500), 9);
    expect(rateLowerBound(500, 500)).toBeCloseTo(0.01 ** (1 / 500), 9);
    expect(rateUpperBound(0, 500, 0.05)).toBeCloseTo(1 - 0.05 ** (1 / 500), 9);
    expect(rateLowerBound(0, 10)).toBe(0);
    expect(rateUpperBound(10, 10)).toBe(1);
  });

  it('hold the true rate between them, and meet where the exact sum gives way to the score interval', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (trials, share) => {
        const events = Math.round(trials * share);
        const [low, high] = [rateLowerBound(events, trials), rateUpperBound(events, trials)];
        expect(low).toBeLessThanOrEqual(events / trials + 1e-9);
        expect(high).toBeGreaterThanOrEqual(events / trials - 1e-9);
        expect(low).toBeGreaterThanOrEqual(-1e-9);
        expect(high).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
    expect(rateUpperBound(201, 20_000) - rateUpperBound(200, 20_000)).toBeLessThan(0.0005);
  });

  it('rise with the events and narrow with the trials', () => {
    expect(rateUpperBound(3, 500)).toBeGreaterThan(rateUpperBound(2, 500));
    expect(rateUpperBound(10, 1000)).toBeLessThan(rateUpperBound(5, 500));
  });

  it('the distribution sums to one and does not underflow', () => {
    expect(binomialCdf(10, 10, 0.3)).toBeCloseTo(1, 12);
    expect(binomialCdf(2, 3, 0.5)).toBeCloseTo(0.875, 12);
    expect(binomialCdf(50_000, 100_000, 0.5)).toBeGreaterThan(0.5);
  });

  it('refuse what is not a rate', () => {
    for (const [events, trials] of [
      [1, 0],
      [-1, 5],
      [6, 5],
      [0.5, 5],
      [Number.NaN, 5],
    ] as const)
      expect(() => rateUpperBound(events, trials)).toThrow(RangeError);
  });
});

describe('the normal distribution', () => {
  it('has the tail that tables have, and the way back', () => {
    expect(normalTail(1.644854)).toBeCloseTo(0.05, 6);
    expect(normalTail(-2.326348)).toBeCloseTo(0.99, 6);
    expect(normalQuantileOfTail(0.01)).toBeCloseTo(2.326348, 3);
  });
});

describe('two rates', () => {
  it("agree with Fisher's tea: 3 of 4 against 1 of 4 is 17 in 70", () => {
    expect(exceedsByChance({ events: 3, trials: 4 }, { events: 1, trials: 4 })).toBeCloseTo(17 / 70, 12);
    expect(exceedsByChance({ events: 0, trials: 10 }, { events: 5, trials: 10 })).toBeCloseTo(1, 12);
    // 7 of 7 events on the first of equal sides: (1000 over 7) of (2000 over 7).
    expect(exceedsByChance({ events: 7, trials: 1000 }, { events: 0, trials: 1000 })).toBeCloseTo(0.00773, 4);
  });

  it('exclude a difference of 1 % after 500 requests without an error, not after 400', () => {
    expect(excludesDifference({ events: 0, trials: 500 }, { events: 0, trials: 500 }, 0.01)).toBeLessThan(0.01);
    expect(excludesDifference({ events: 0, trials: 400 }, { events: 0, trials: 400 }, 0.01)).toBeGreaterThan(0.01);
  });

  it('exclude it wrongly at most once in a hundred, counted out over all outcomes', () => {
    for (const [trials, rate] of [
      [500, 0],
      [500, 0.004],
      [1000, 0.002],
    ] as const) {
      const mass = (events: number, p: number) => binomialCdf(events, trials, p) - (events === 0 ? 0 : binomialCdf(events - 1, trials, p));
      let wrong = 0;
      for (let second = 0; second < 14; second++)
        for (let first = 0; first < 30; first++)
          if (excludesDifference({ events: first, trials }, { events: second, trials }, 0.01) <= 0.01) wrong += mass(first, rate + 0.01) * mass(second, rate);
      expect(wrong).toBeLessThanOrEqual(0.01);
    }
  });

  it('say the same of many events as of few', () => {
    const just = excludesDifference({ events: 150, trials: 6000 }, { events: 148, trials: 6000 }, 0.01);
    const beyond = excludesDifference({ events: 151, trials: 6000 }, { events: 149, trials: 6000 }, 0.01);
    expect(Math.abs(Math.log(beyond / just))).toBeLessThan(1);
  });
});

describe('ranks', () => {
  it('of small samples are counted out', () => {
    // All 5 above all 5: one of 252 ways.
    expect(rankTest(sampleOf([6, 7, 8, 9, 10]), sampleOf([1, 2, 3, 4, 5]))).toEqual({ p: 1 / 252, superiority: 1 });
    // Ties: of 3 + 3 with values 1 1 2 | 1 2 2 each of the 20 choices is equally likely; 10 have at least as many twos.
    expect(rankTest(sampleOf([1, 2, 2]), sampleOf([1, 1, 2])).p).toBeCloseTo(0.5, 12);
    expect(rankTest(sampleOf([4, 4]), sampleOf([4, 4, 4]))).toEqual({ p: 1, superiority: 0.5 });
    expect(() => rankTest(sampleOf([]), sampleOf([1]))).toThrow(RangeError);
  });

  it('of large samples meet those that are counted out', () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 20, maxLength: 24 });
    fc.assert(
      fc.property(numbers, numbers, (first, second) => {
        const exact = rankTest(sampleOf(first), sampleOf(second));
        // Twice each observation is above the limit of counting; its p has a normal deviate larger by the root of two.
        const twice = rankTest(sampleOf([...first, ...first]), sampleOf([...second, ...second]));
        expect(twice.superiority).toBeCloseTo(exact.superiority, 12);
        if (exact.p > 0.001 && exact.p < 0.999 && twice.p > 1e-6 && twice.p < 1 - 1e-6)
          expect(normalQuantileOfTail(twice.p)).toBeCloseTo(normalQuantileOfTail(exact.p) * Math.SQRT2, 0);
      }),
    );
  });

  it('have the median of all differences as the size of the effect', () => {
    const numbers = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 15 });
    fc.assert(
      fc.property(numbers, numbers, (first, second) => {
        const all = first.flatMap((a) => second.map((b) => a - b)).sort((a, b) => a - b);
        expect(typicalDifference(sampleOf(first), sampleOf(second))).toBeCloseTo(all[Math.ceil(all.length / 2) - 1] ?? Number.NaN, 6);
      }),
    );
  });
});

describe('the largest observations', () => {
  it('are ordered by chance as counting says', () => {
    // The largest of 2 below the largest of 1: two of three places are below.
    expect(precedence(1, 2, 1, 1)).toBeCloseTo(1 / 3, 12);
    // The largest of 500 below the 8th of 500: the 8 uppermost are all of one side.
    let chance = 1;
    for (let index = 0; index < 8; index++) chance *= (500 - index) / (1000 - index);
    expect(precedence(1, 500, 8, 500)).toBeCloseTo(chance, 12);
    expect(() => precedence(0, 5, 1, 5)).toThrow(RangeError);
  });

  it('bound a quantile when there are enough', () => {
    expect(rankAboveQuantile(458, 0.99, 0.01)).toBeUndefined();
    expect(rankAboveQuantile(459, 0.99, 0.01)).toBe(1);
    expect(rankAboveQuantile(1000, 0.99, 0.01)).toBe(3);
    expect(rankBelowQuantile(1000, 0.99, 0.05)).toBe(16);
    expect(rankBelowQuantile(1, 0.99, 0.001)).toBeUndefined();
  });
});

describe('samples', () => {
  it('keep what was observed', () => {
    const sample = sampleOf([3, 1, 2, 2]);
    expect(sample).toEqual({ values: [1, 2, 3], counts: [1, 2, 1], size: 4 });
    expect([1, 2, 3, 4].map((k) => nthLargest(sample, k))).toEqual([3, 2, 2, 1]);
    expect(countAbove(sample, 1)).toBe(3);
    expect(quantileOf(sample, 0.5)).toBe(2);
    expect(shifted(sample, 2).values).toEqual([3, 4, 5]);
    expect(() => nthLargest(sample, 5)).toThrow(RangeError);
  });

  it('of latencies are two per cent fine, add up, and stay small', () => {
    for (const latency of [0.2, 7, 83, 1500, 29_000]) expect(Math.abs(Math.log(latencyOfClass(latencyClass(latency)) / latency))).toBeLessThan(0.0102);
    expect(latencyClass(150) - latencyClass(100)).toBe(classesOfFactor(1.5));
    expect([latencyClass(0), latencyClass(1e9)]).toEqual([0, latencyClass(600_000)]);
    expect(() => latencyClass(Number.NaN)).toThrow(RangeError);
    const [one, other] = [countLatencies([10, 20, 20]), countLatencies([20, 1000])];
    expect(addLatencies([one, other])).toEqual(countLatencies([10, 20, 20, 20, 1000]));
    expect(sampleOfLatencies(addLatencies([one, other])).size).toBe(5);
    // 5,000 answers spread over a factor of 10,000 and more: what one item of the table holds of a side.
    const wide = countLatencies(Array.from({ length: 5000 }, (_, index) => 10 ** ((index / 5000) * 5)));
    expect(JSON.stringify(wide).length).toBeLessThan(8_000);
  });
});
