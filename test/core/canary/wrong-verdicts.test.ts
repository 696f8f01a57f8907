// How often the judge is wrong on generated pairs: the benchmark's promises on fewer pairs, with fixed seeds. `npm run bench:judge` has the figures.
import { describe, expect, it } from 'vitest';
import { type FaultName, faults, type Pair, shapeNames, verdictsOn } from '../../../bench/canary-pairs.ts';

const pairs = 400;
const plain: Pair = { shape: 'lognormal, sigma 0.45', fault: 'none', errorRate: 0, moreErrors: 0, requests: 1000 };
const slower = (Object.keys(faults) as FaultName[]).filter((fault) => fault !== 'none');

/** Several lines of `pairs` together, so that one in a hundred can be told from two. */
const together = (lines: readonly Pair[], verdict: 'pass' | 'fail') =>
  lines.reduce((sum, line, index) => sum + verdictsOn(line, pairs, 100 + index)[verdict], 0) / lines.length;

describe('on generated pairs, at most one in a hundred', () => {
  it.each([0, 0.0001, 0.001, 0.005])('equal sides with %d errors fail', (errorRate) => {
    expect(
      together(
        [500, 1000].flatMap((requests) => [
          { ...plain, errorRate, requests },
          { ...plain, errorRate, requests, shape: 'heavy tail' as const },
        ]),
        'fail',
      ),
    ).toBeLessThanOrEqual(0.01);
  });

  it.each([0, 0.0001, 0.001, 0.005])('sides with one percentage point more errors than %d pass', (errorRate) => {
    expect(
      together(
        ['heavy tail' as const, plain.shape].map((shape) => ({ ...plain, shape, errorRate, moreErrors: 0.01 })),
        'pass',
      ),
    ).toBeLessThanOrEqual(0.01);
  });

  it.each(slower)('sides with this fault pass: %s', (fault) => {
    expect(
      together(
        shapeNames.map((shape) => ({ ...plain, shape, fault })),
        'pass',
      ),
    ).toBeLessThanOrEqual(0.01);
  });
});

describe('on generated pairs, too few samples', () => {
  it.each([50, 100, 249])('%d requests a side let nothing pass', (requests) => {
    for (const fault of ['none', ...slower] as const) expect(verdictsOn({ ...plain, fault, requests }, 50, 1).pass).toBe(0);
  });
});

describe('on generated pairs, the judge is of use', () => {
  it('equal sides pass with 1,000 requests, and surely with 2,000', () => {
    expect(verdictsOn(plain, pairs, 7).pass).toBeGreaterThan(0.85);
    expect(verdictsOn({ ...plain, requests: 2000 }, pairs, 7).pass).toBeGreaterThan(0.98);
    expect(verdictsOn({ ...plain, requests: 2000, shape: 'lognormal, sigma 0.6', errorRate: 0.001 }, pairs, 7).pass).toBeGreaterThan(0.95);
  });
});
