import { describe, expect, it } from 'vitest';
import { binomialQuantile, normalCdf, normalQuantile, poissonQuantile, stream } from '../../../rehearsal/world/random.ts';

const draws = (count: number, of: (index: number) => number) => Array.from({ length: count }, (_, index) => of(index));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]) => {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
};

describe('stream', () => {
  it('gives the same draw for the same seed, name and indices, in any order', () => {
    const forwards = draws(100, (index) => stream(7, 'load').uniform(index, 3));
    const again = stream(7, 'load');
    const backwards = draws(100, (index) => again.uniform(99 - index, 3)).reverse();
    expect(backwards).toEqual(forwards);
  });

  it('gives other draws for another seed, name or index', () => {
    const values = [stream(1, 'a').uniform(0), stream(2, 'a').uniform(0), stream(1, 'b').uniform(0), stream(1, 'a').uniform(1), stream(1, 'a').uniform(0, 1)];
    expect(new Set(values).size).toBe(values.length);
  });

  it('is uniform and without correlation between neighbours', () => {
    const source = stream(3, 'uniform');
    const values = draws(100_000, (index) => source.uniform(index));
    expect(mean(values)).toBeCloseTo(0.5, 2);
    expect(variance(values)).toBeCloseTo(1 / 12, 2);
    const products = values.slice(1).map((value, index) => (value - 0.5) * ((values[index] ?? 0) - 0.5));
    expect(Math.abs(mean(products))).toBeLessThan(0.001);
    const tenths = Array(10).fill(0);
    for (const value of values) tenths[Math.floor(value * 10)] += 1;
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  it('is independent between seeds that differ by one', () => {
    const products = draws(50_000, (index) => (stream(index, 'x').uniform() - 0.5) * (stream(index + 1, 'x').uniform() - 0.5));
    expect(Math.abs(mean(products))).toBeLessThan(0.002);
  });
});

describe('quantiles', () => {
  it('inverts the normal distribution', () => {
    for (const p of [1e-6, 0.001, 0.02, 0.3, 0.5, 0.9, 0.999, 1 - 1e-6]) expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 6);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 5);
  });

  it.each([0.3, 5, 49, 51, 2000])('draws Poisson counts of mean %d', (expected) => {
    const source = stream(5, `poisson ${expected}`);
    const values = draws(20_000, (index) => poissonQuantile(expected, source.uniform(index)));
    expect(Math.abs(mean(values) - expected)).toBeLessThan(4 * Math.sqrt(expected / 20_000));
    expect(variance(values) / expected).toBeGreaterThan(0.95);
    expect(variance(values) / expected).toBeLessThan(1.05);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  });

  it.each([
    [2000, 0.0005],
    [2000, 0.05],
    [2000, 0.97],
    [30, 0.5],
    [1, 0.2],
  ])('draws binomial counts of %d with probability %d', (n, p) => {
    const source = stream(6, `binomial ${n} ${p}`);
    const values = draws(20_000, (index) => binomialQuantile(n, p, source.uniform(index)));
    expect(Math.abs(mean(values) - n * p)).toBeLessThan(4 * Math.sqrt((n * p * (1 - p)) / 20_000) + 0.02);
    expect(Math.max(...values)).toBeLessThanOrEqual(n);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  });

  it('grows with the draw, the trials and the probability', () => {
    for (const u of [0.001, 0.2, 0.5, 0.8, 0.999])
      for (const p of [0.001, 0.02, 0.3]) {
        expect(binomialQuantile(1000, p, u)).toBeLessThanOrEqual(binomialQuantile(1000, p * 1.5, u));
        expect(binomialQuantile(1000, p, u)).toBeLessThanOrEqual(binomialQuantile(1500, p, u));
        expect(binomialQuantile(1000, p, u / 2)).toBeLessThanOrEqual(binomialQuantile(1000, p, u));
      }
  });

  it('has certain ends', () => {
    expect(binomialQuantile(100, 0, 0.99)).toBe(0);
    expect(binomialQuantile(100, 1, 0.01)).toBe(100);
    expect(binomialQuantile(0, 0.5, 0.5)).toBe(0);
    expect(poissonQuantile(0, 0.99)).toBe(0);
  });
});
