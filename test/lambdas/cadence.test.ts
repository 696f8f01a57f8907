// The cadence of reading: by risk, bounded, spread over the minutes, and never later for what is uneasy.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Plan } from '../../core/contracts/plan.ts';
import { SubjectRecord } from '../../core/contracts/records.ts';
import { initialLevel } from '../../core/mirroring/levels.ts';
import { assemble } from '../../core/prediction/assemble.ts';
import { calmMinutes, freshFor, minutesByRisk, nextDueAt, phaseOf, uneasyFrom } from '../../lambdas/score-risk/cadence.ts';
import { emptyState } from '../../lambdas/score-risk/scoring-state.ts';
import { toWake } from '../../lambdas/score-risk/wake.ts';
import { planInput } from '../fixtures/plan.ts';
import { serviceRecord } from '../fixtures/service.ts';

const minute = 60_000;
const service = serviceRecord({ plan: Plan.parse(planInput({ criticality: 'standard' })) });
const metric = { name: 'cpu', namespace: 'AWS/EC2', metric: 'CPUUtilization', statistic: 'Average', role: 'cpu' } as const;
const resource = (id: number, periodSeconds: 60 | 300 = 60, changes: Partial<SubjectRecord> = {}): SubjectRecord =>
  SubjectRecord.parse({
    ...{ serviceId: 'shop', subjectId: `resource#primary#i-${id}`, side: 'primary', kind: 'ec2-instance', region: 'eu-west-1', shard: 'due#0' },
    ...{ metrics: [{ ...metric, periodSeconds }], nextDueAt: '2026-03-02T12:00:00.000Z', score: null },
    ...changes,
  });
const known = (failureProbability: number | null, anomalyScore = 0) => ({
  ...emptyState,
  last: { timestamp: 0, silent: false, failureProbability, anomalyScore, expectedInMinutes: null, reasons: [] },
});
const score = fc.double({ min: 0, max: 100, noNaN: true });
const anomaly = fc.double({ min: 0, max: 1, noNaN: true });
const due = (subject: SubjectRecord, state = known(null), now = 0, levels = initialLevel(0)) => Date.parse(nextDueAt(service, subject, state, levels, now));

describe('minutes between two readings', () => {
  it('never grow with risk, and are between the period and the longest', () => {
    fc.assert(
      fc.property(score, score, anomaly, anomaly, fc.constantFrom(1, 5), (a, b, strange, stranger, period) => {
        const calmer = minutesByRisk({ failureProbability: Math.min(a, b), anomalyScore: Math.min(strange, stranger) }, period);
        const riskier = minutesByRisk({ failureProbability: Math.max(a, b), anomalyScore: Math.max(strange, stranger) }, period);
        expect(riskier).toBeLessThanOrEqual(calmer);
        expect(riskier).toBeGreaterThanOrEqual(period);
        expect(calmer).toBeLessThanOrEqual(calmMinutes);
      }),
    );
  });

  it.each([
    [null, 0, 24],
    [0, 0, 24],
    [3.9, 0.44, 24],
    [4, 0, 10],
    [14.9, 1, 10],
    [0, 0.45, 10],
    [null, 0.9, 10],
    [uneasyFrom, 0, 1],
    [100, 1, 1],
  ])('for a score of %s and an anomaly of %s are %d', (failureProbability, anomalyScore, minutes) => {
    expect(minutesByRisk({ failureProbability, anomalyScore }, 1)).toBe(minutes);
  });

  it('of what was never scored are the longest', () => expect(minutesByRisk(null, 1)).toBe(calmMinutes));
});

describe('a score', () => {
  it('stays fresh for longer than its subject is left alone', () => {
    expect(freshFor(resource(1))).toBe(36 * minute);
    expect(freshFor(resource(1, 60, { kind: 'entry' }))).toBe(30 * minute);
    for (const [subject, now] of [
      [resource(1), 1],
      [resource(1, 60, { kind: 'entry', side: 'standby', subjectId: 'entry#standby' }), 1],
    ] as const)
      expect(due(subject, known(0), now) - now).toBeLessThan(freshFor(subject));
  });

  it.each([60, 300] as const)('of metrics of %d seconds is fresh until the next one is there, however late its points came', (periodSeconds) => {
    const { metrics, ...rest } = resource(1, periodSeconds);
    const subject = { ...rest, metrics: [...metrics, { ...metrics[0], name: 'late', periodSeconds }] } as SubjectRecord;
    const points = Array.from({ length: 720 }, (_, index) => ({ timestamp: index * periodSeconds * 1000, value: 1 }));
    for (let turn = 0, read = 60 * minute; turn < 5; turn += 1) {
      read = due(subject, known(0), read);
      // One of the metrics shows nothing: what is there is held back until it is taken as missing.
      const newest = assemble(subject.metrics, new Map([['cpu', points]]), null, read).at(-1)?.timestamp ?? Number.NaN;
      // The next reading is dispatched within a minute of its time, and done within another.
      const replaced = due(subject, known(0), read) + 2 * minute;
      expect(replaced - newest).toBeLessThanOrEqual(freshFor(subject));
    }
  });
});

describe('the next time', () => {
  it('is always ahead, by no more than the cadence, and the same for the same subject', () => {
    fc.assert(
      fc.property(fc.nat(10_000), score, anomaly, fc.integer({ min: 0, max: 4e12 }), fc.constantFrom(60, 300), (id, risk, strange, now, period) => {
        const subject = resource(id, period as 60 | 300);
        const next = due(subject, known(risk, strange), now);
        expect(next).toBeGreaterThan(now);
        expect(next - now).toBeLessThanOrEqual(minutesByRisk({ failureProbability: risk, anomalyScore: strange }, period / 60) * minute);
        expect(due(subject, known(risk, strange), now)).toBe(next);
      }),
    );
  });

  it('comes in equal steps while nothing changes', () => {
    const first = due(resource(7));
    expect(due(resource(7), known(null), first) - first).toBe(calmMinutes * minute);
    expect(due(resource(7), known(null), first + 30_000) - first).toBe(calmMinutes * minute);
  });

  it('is the next minute for what is uneasy, whatever its place', () => {
    for (let id = 0; id < 50; id += 1) expect(due(resource(id), known(uneasyFrom), 5 * minute + 1)).toBe(6 * minute);
    for (let id = 0; id < 50; id += 1) expect(due(resource(id), known(null), 5 * minute + 1, { ...initialLevel(0), level: 'full' })).toBe(6 * minute);
  });

  it('spreads a fleet evenly over the minutes', () => {
    for (const minutes of [10, 15, calmMinutes]) {
      const counts = new Array<number>(minutes).fill(0);
      for (let id = 0; id < 10_000; id += 1) {
        const place = phaseOf(`shop-${id % 250}/resource#primary#i-${String(id).padStart(17, '0')}`, minutes);
        counts[place] = (counts[place] ?? 0) + 1;
      }
      const even = 10_000 / minutes;
      // Six standard deviations of an even draw.
      for (const count of counts) expect(Math.abs(count - even)).toBeLessThan(6 * Math.sqrt(even));
    }
  });
});

describe('a service that becomes uneasy', () => {
  const now = Date.parse('2026-03-02T12:00:00.000Z');
  const asleep = resource(1, 60, { nextDueAt: '2026-03-02T12:15:00.000Z', scoredAt: '2026-03-02T11:54:00.000Z' });
  const calm = { score: 3, levels: initialLevel(0) };
  const risen = { score: uneasyFrom, levels: initialLevel(0) };
  const raised = { score: null, levels: { ...initialLevel(0), level: 'partial' as const } };
  it('wakes the calm resources of its active side when its score begins to rise, and when its level does', () => {
    expect(toWake(service, [asleep], calm, risen, now)).toEqual([{ subject: asleep, dueAt: now }]);
    expect(toWake(service, [asleep], calm, raised, now)).toEqual([{ subject: asleep, dueAt: now }]);
    expect(toWake(service, [asleep], risen, { ...raised, score: 40 }, now)).toHaveLength(1);
    for (const [before, after] of [
      [calm, calm],
      [risen, { score: 80, levels: initialLevel(0) }],
      [
        { score: null, levels: undefined },
        { score: null, levels: undefined },
      ],
    ] as const)
      expect(toWake(service, [asleep], before, after, now)).toEqual([]);
  });

  it('wakes them later as well while the level is raised: the first attempt may have been lost', () => {
    expect(toWake(service, [asleep], raised, raised, now)).toEqual([{ subject: asleep, dueAt: now }]);
    // What has been read since comes at its own period: for it there is nothing to do.
    for (const periodSeconds of [60, 300] as const) {
      const awake = resource(1, periodSeconds, { scoredAt: new Date(now - minute).toISOString() });
      const nextDue = nextDueAt(service, awake, known(0), raised.levels, now - minute);
      expect(toWake(service, [{ ...awake, nextDueAt: nextDue }], raised, raised, now)).toEqual([]);
    }
  });

  it('reads what was just read five minutes later, unless its turn comes before', () => {
    const justRead = { ...asleep, scoredAt: '2026-03-02T11:58:00.000Z' };
    expect(toWake(service, [justRead], calm, risen, now)).toEqual([{ subject: justRead, dueAt: now + 3 * minute }]);
    expect(toWake(service, [{ ...justRead, nextDueAt: '2026-03-02T12:03:00.000Z' }], calm, risen, now)).toEqual([]);
  });

  it.each([
    ['the other side', { side: 'standby' as const }],
    ['an entry', { kind: 'entry' as const }],
    ['what is due', { nextDueAt: '2026-03-02T12:00:00.000Z' }],
  ])('leaves %s alone', (_what, changes) => expect(toWake(service, [{ ...asleep, ...changes }], calm, risen, now)).toEqual([]));
});
