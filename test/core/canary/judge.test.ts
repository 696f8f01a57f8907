import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialCdf, rateLowerBound, rateUpperBound } from '../../../core/canary/binomial.ts';
import { type JudgeInput, judge, type ProbeEvidence } from '../../../core/canary/judge.ts';

const objective = { latencySeconds: 1, errorRate: 0.01 };
const healthy: ProbeEvidence = { requests: 500, failed: 0, slow: 2 };

const input = (receiving: Partial<JudgeInput['receiving']>, losing: Partial<JudgeInput['losing']> = {}): JudgeInput => ({
  receiving: { live: healthy, lagging: undefined, ...receiving },
  losing: { live: healthy, lagging: undefined, ...losing },
  objective,
  minimumProbes: 250,
});

describe('bounds of a rate', () => {
  it('agree with published Clopper-Pearson limits', () => {
    // One-sided 99 %: 0 of 500 -> 1 - 0.01^(1/500).
    expect(rateUpperBound(0, 500)).toBeCloseTo(1 - 0.01 ** (1 / 500), 9);
    expect(rateLowerBound(500, 500)).toBeCloseTo(0.01 ** (1 / 500), 9);
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

describe('the judge', () => {
  it('passes a side that answers', () => {
    expect(judge(input({})).verdict).toBe('pass');
  });

  it('fails a side that fails 5 % of real requests, and says so', () => {
    const { verdict, reasons } = judge(input({ live: { requests: 500, failed: 25, slow: 0 } }));
    expect(verdict).toBe('fail');
    expect(reasons[0]).toMatch(/25 of 500 live requests failed .* the objective is 1\.00 %/);
  });

  it('has no evidence without probes, never a pass', () => {
    for (const live of [undefined, { requests: 0, failed: 0, slow: 0 }, { requests: 249, failed: 0, slow: 0 }])
      expect(judge(input({ live })).verdict).toBe('no-evidence');
  });

  it('has no evidence when the errors are neither ruled out nor proved', () => {
    expect(judge(input({ live: { requests: 500, failed: 6, slow: 0 } })).verdict).toBe('no-evidence');
  });

  it('lets the balancer veto what probes passed, but never pass what they did not', () => {
    expect(judge(input({ lagging: { requests: 10_000, errors: 500 } })).verdict).toBe('fail');
    expect(judge(input({ live: undefined, lagging: { requests: 10_000, errors: 0 } })).verdict).toBe('no-evidence');
  });

  it('does not let a few balancer requests veto', () => {
    expect(judge(input({ lagging: { requests: 20, errors: 3 } })).verdict).toBe('pass');
  });

  it('fails a side that is slow, unless the losing side is worse', () => {
    const slow = { requests: 500, failed: 0, slow: 100 };
    expect(judge(input({ live: slow })).verdict).toBe('fail');
    expect(judge(input({ live: slow }, { live: { requests: 500, failed: 0, slow: 300 } })).verdict).toBe('pass');
  });

  it('says which side is better only with confidence', () => {
    const failing = { requests: 500, failed: 100, slow: 0 };
    expect(judge(input({ live: failing })).comparison).toBe('losing-better');
    expect(judge(input({}, { live: failing })).comparison).toBe('receiving-better');
    expect(judge(input({ live: { requests: 500, failed: 1, slow: 0 } })).comparison).toBe('unclear');
    expect(judge(input({}, { live: undefined })).comparison).toBe('unclear');
  });

  it('never passes with an observed error rate above the objective, and never fails without a failure or slowness', () => {
    const side = fc
      .integer({ min: 1, max: 3000 })
      .chain((requests) => fc.record({ requests: fc.constant(requests), failed: fc.integer({ min: 0, max: requests }), slow: fc.constant(0) }));
    fc.assert(
      fc.property(side, side, (live, other) => {
        const { verdict, reasons } = judge(input({ live }, { live: other }));
        if (verdict === 'pass') expect(live.failed / live.requests).toBeLessThanOrEqual(0.02);
        if (verdict === 'fail') expect(live.failed).toBeGreaterThan(0);
        expect(reasons.length).toBeGreaterThan(0);
      }),
    );
  });

  it('is wrong about equal sides at most in one of a hundred', () => {
    // Binomial draws at the objective itself: the hardest rate that must not be failed.
    let state = 7;
    // mulberry32
    const random = () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    const draw = (n: number, p: number) => Array.from({ length: n }, random).filter((u) => u < p).length;
    const verdicts = Array.from({ length: 2000 }, () => judge(input({ live: { requests: 500, failed: draw(500, 0.01), slow: 0 } })).verdict);
    expect(verdicts.filter((verdict) => verdict === 'fail').length).toBeLessThanOrEqual(20);
  });
});
