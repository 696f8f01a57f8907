// What outside sources are worth, alone and together.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyOf, measuredToo, type Pointer, withPointers } from '../../../../core/prediction/evidence/combine.ts';
import { announcedProbability, worthOf } from '../../../../core/prediction/evidence/probabilities.ts';
import type { Part } from '../../../../core/prediction/service-risk.ts';
import { iso, minute, now, record } from './fixture.ts';

const day = 24 * 60;

describe('an announced event', () => {
  it('is near-certain within the horizon, and a warning days before', () => {
    expect(announcedProbability('stop', 59, 60)).toBeGreaterThan(0.95);
    expect(announcedProbability('stop', -30, 60)).toBeGreaterThan(0.95);
    expect(announcedProbability('stop', 5 * day, 60)).toBeLessThan(0.1);
    expect(announcedProbability('maintenance', 0, 60)).toBeLessThan(announcedProbability('reboot', 0, 60));
  });
  it('is never less probable the nearer it is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('stop', 'reboot', 'maintenance'),
        fc.double({ min: -1000, max: 20_000, noNaN: true }),
        fc.double({ min: 0, max: 20_000, noNaN: true }),
        fc.integer({ min: 5, max: 1440 }),
        (impact, minutes, later, horizon) => {
          const nearer = announcedProbability(impact, minutes, horizon);
          expect(nearer).toBeGreaterThanOrEqual(announcedProbability(impact, minutes + later, horizon) - 1e-12);
          expect(nearer).toBeGreaterThan(0);
          expect(nearer).toBeLessThan(1);
        },
      ),
    );
  });
});

describe('a report', () => {
  it.each([
    ['closed', { status: 'closed' }],
    ['over', { until: iso(now - minute), validUntil: iso(now + minute) }],
    ['not heard of for too long', { validUntil: iso(now) }],
  ] as const)('that is %s is worth nothing', (_what, changes) => {
    expect(worthOf(record(changes), 60, now)).toEqual({ probability: 0, minutes: null });
  });
  it('of an issue is worth the more the narrower it is, and less while AWS is still looking', () => {
    const of = (scope: 'instance' | 'zone' | 'side', impact: 'issue' | 'investigation' = 'issue') =>
      worthOf(record({ kind: 'health', impact, scope, from: iso(now - minute) }), 60, now).probability;
    expect(of('instance')).toBeGreaterThan(of('zone'));
    expect(of('zone')).toBeGreaterThan(of('side'));
    expect(of('side')).toBeGreaterThan(of('side', 'investigation'));
    // An issue of a Region warms a standby by default, and moves nobody.
    expect(of('side')).toBeGreaterThanOrEqual(0.3);
    expect(of('zone')).toBeLessThan(0.7);
  });
  it('of a deployment is worth nothing', () => {
    expect(worthOf(record({ kind: 'deployment', impact: 'none' }), 60, now).probability).toBe(0);
  });
});

const pointer = (probability: number, fact = 'a', minutes: number | null = null): Pointer => ({
  probability,
  fact,
  minutes,
  reason: { metric: fact, kind: 'event', detail: `${fact} ${probability}` },
});
const part = (failureProbability: number | null, silent = false): Part => ({ failureProbability, expectedInMinutes: null, reasons: [], silent });

describe('together', () => {
  it('two reports of one fact count once, of two facts both', () => {
    expect(anyOf([pointer(0.5), pointer(0.4)])).toBeCloseTo(0.5);
    expect(anyOf([pointer(0.5), pointer(0.4, 'b')])).toBeCloseTo(0.7);
  });
  it('a fact that telemetry sees as well does not count twice', () => {
    expect(withPointers(part(80), [pointer(0.9, measuredToo)])?.failureProbability).toBe(90);
    expect(withPointers(part(95), [pointer(0.9, measuredToo)])?.failureProbability).toBe(95);
    expect(withPointers(part(80), [pointer(0.5, 'b')])?.failureProbability).toBe(90);
  });
  it('what is only said makes a score where none was measured', () => {
    expect(withPointers(undefined, [pointer(0.97, 'a', 12)])).toMatchObject({ failureProbability: 97, expectedInMinutes: 12, silent: false });
    expect(withPointers(part(null), [pointer(0)])?.failureProbability).toBeNull();
  });
  it('a silent part stays silent unless what is said outweighs it', () => {
    expect(withPointers(part(60, true), [pointer(0.35)])?.silent).toBe(true);
    expect(withPointers(part(10, true), [pointer(0.35)])?.silent).toBe(false);
  });
  it('never lowers a score, and is never outside 0 to 100', () => {
    const pointers = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom('a', 'b', measuredToo)), { maxLength: 6 });
    fc.assert(
      fc.property(fc.option(fc.double({ min: 0, max: 100, noNaN: true })), pointers, (measured, said) => {
        const together = withPointers(
          part(measured),
          said.map(([probability, fact]) => pointer(probability, fact)),
        );
        const score = together?.failureProbability ?? null;
        if (measured !== null) expect(score ?? 0).toBeGreaterThanOrEqual(measured - 0.0500001);
        if (score !== null) expect(score).toBeLessThanOrEqual(100);
        if (score !== null) expect(Number.isFinite(score)).toBe(true);
      }),
    );
  });
});
