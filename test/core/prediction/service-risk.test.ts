import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Part, sideRisk } from '../../../core/prediction/service-risk.ts';

const part = (failureProbability: number | null, expectedInMinutes: number | null = null): Part => ({
  failureProbability,
  expectedInMinutes,
  reasons: failureProbability === null ? [] : [{ metric: 'm', kind: 'level', detail: `at ${failureProbability}` }],
});

describe('the risk of a side', () => {
  it('is that of its entry when the resources are calm', () => {
    expect(sideRisk(part(80, 12), [part(3), part(4)], 1)).toMatchObject({ score: 80, expectedInMinutes: 12 });
  });

  it('does not follow one failing resource of several that can be spared', () => {
    const four = [part(95), part(2), part(3), part(1)];
    expect(sideRisk(part(5), four, 2).score).toBe(5);
    expect(sideRisk(part(5), four, 4).score).toBe(95);
  });

  it('follows them when so many fail that the rest cannot carry the load', () => {
    expect(sideRisk(part(5), [part(95), part(92), part(90), part(1)], 2).score).toBe(90);
  });

  it('counts every resource while the load is unknown', () => {
    expect(sideRisk(undefined, [part(95), part(2)], undefined).score).toBe(95);
  });

  it('is unknown when nothing is known', () => {
    expect(sideRisk(undefined, [], undefined)).toEqual({ score: null, expectedInMinutes: null, reasons: [], held: false });
    expect(sideRisk(part(null), [part(null)], 1).score).toBeNull();
  });

  it('is held when the part that leads is silent, and not when a worse one speaks', () => {
    const silent = { ...part(80), silent: true };
    expect(sideRisk(silent, [part(5)], 1)).toMatchObject({ score: 80, held: true });
    expect(sideRisk(silent, [part(90)], 1)).toMatchObject({ score: 90, held: false });
    expect(sideRisk(part(80), [{ ...part(5), silent: true }], 1)).toMatchObject({ score: 80, held: false });
  });

  it('never falls when a part gets worse', () => {
    const score = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(
        score,
        fc.array(score, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(5),
        score,
        (entry, resources, needed, index, worse) => {
          const before =
            sideRisk(
              part(entry),
              resources.map((value) => part(value)),
              needed,
            ).score ?? 0;
          const raised = resources.map((value, at) => part(at === index % resources.length ? Math.max(value, worse) : value));
          expect(sideRisk(part(entry), raised, needed).score ?? 0).toBeGreaterThanOrEqual(before);
        },
      ),
    );
  });
});
