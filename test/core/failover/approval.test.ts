import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Plan } from '../../../core/contracts/plan.ts';
import type { ApprovalRecord, FailoverRecord } from '../../../core/contracts/records.ts';
import { approvalStep, mostLooks, needsApproval, refuseAnswer, secondsBetweenLooks } from '../../../core/failover/approval.ts';
import { planInput } from '../../fixtures/plan.ts';

const now = Date.parse('2026-03-02T12:00:00Z');
const minute = 60_000;
const ago = (minutes: number) => new Date(now - minutes * minute).toISOString();
const planWith = (approval: NonNullable<Parameters<typeof planInput>[0]>['approval']) => Plan.parse(planInput({ approval }));
const everything = planWith({ required: ['predictive', 'fail-back', 'drill'], timeoutMinutes: 30, escalateAfterMinutes: 10 });

describe('who is asked', () => {
  it.each<[boolean, Pick<FailoverRecord, 'kind' | 'drill' | 'approvedBy'>]>([
    [true, { kind: 'predictive' }],
    [true, { kind: 'drill', drill: 'failover' }],
    [false, { kind: 'drill', drill: 'canary' }],
    [true, { kind: 'fail-back', approvedBy: 'plan' }],
    [false, { kind: 'fail-back', approvedBy: 'Ann' }],
    [false, { kind: 'fail-back', approvedBy: 'plan', drill: 'failover' }],
    [false, { kind: 'evacuation' }],
  ])('%s: %j', (asked, move) => {
    expect(needsApproval(everything, move)).toBe(asked);
    expect(needsApproval(planWith({}), move)).toBe(false);
  });
});

describe('the question', () => {
  const asked = (changes: Partial<ApprovalRecord> = {}): ApprovalRecord => ({ state: 'asked', askedAt: ago(5), ...changes });
  const hold = everything;
  const proceed = planWith({ required: ['predictive'], onTimeout: 'proceed' });

  it('is asked, waited for, escalated once, and given up', () => {
    expect(approvalStep(hold, undefined, now)).toBe('ask');
    expect(approvalStep(hold, asked(), now)).toBe('wait');
    expect(approvalStep(hold, asked({ askedAt: ago(10) }), now)).toBe('escalate');
    expect(approvalStep(hold, asked({ askedAt: ago(20), escalatedAt: ago(10) }), now)).toBe('wait');
    expect(approvalStep(hold, asked({ askedAt: ago(30), escalatedAt: ago(20) }), now)).toBe('time-out');
  });

  it('is decided by the answer, or without one by the plan', () => {
    expect(approvalStep(hold, asked({ state: 'granted' }), now)).toBe('granted');
    expect(approvalStep(hold, asked({ state: 'denied' }), now)).toBe('denied');
    expect(approvalStep(hold, asked({ state: 'timed-out' }), now)).toBe('denied');
    expect(approvalStep(proceed, asked({ state: 'timed-out' }), now)).toBe('granted');
  });

  it('keeps an answer that was in time however late it is looked for', () => {
    expect(approvalStep(hold, asked({ state: 'granted', askedAt: ago(600) }), now)).toBe('granted');
  });
});

describe('looks at the answer', () => {
  it('are so many that the history of an execution cannot overflow, and seldom further apart than half a minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 720 }), (timeoutMinutes) => {
        const seconds = secondsBetweenLooks(planWith({ timeoutMinutes }));
        expect(seconds).toBeGreaterThanOrEqual(20);
        expect(Math.ceil((timeoutMinutes * 60) / seconds)).toBeLessThanOrEqual(mostLooks);
      }),
    );
    expect(secondsBetweenLooks(planWith({}))).toBe(20);
  });
});

describe('an answer', () => {
  const record = (approval: ApprovalRecord | undefined, changes: Partial<FailoverRecord> = {}) =>
    ({ failoverId: 'f1', ...(approval ? { approval } : {}), ...changes }) as FailoverRecord;

  it('is taken while the question stands', () => {
    expect(refuseAnswer(record({ state: 'asked', askedAt: ago(1) }), 'granted')).toBeUndefined();
  });

  it('may be repeated, and never changed', () => {
    const denied = record({ state: 'denied', askedAt: ago(3), answeredAt: ago(1), answeredBy: 'Ann' });
    expect(refuseAnswer(denied, 'denied')).toBeUndefined();
    expect(refuseAnswer(denied, 'granted')).toMatch(/Ann has denied it at .*an answer is never changed/);
    const granted = record({ state: 'granted', askedAt: ago(3), answeredAt: ago(1), answeredBy: 'Ann' }, { endedAt: ago(0), outcome: 'failed-over' });
    expect(refuseAnswer(granted, 'granted')).toBeUndefined();
    expect(refuseAnswer(granted, 'denied')).toMatch(/service:pause/);
  });

  it('needs a question that stands', () => {
    expect(refuseAnswer(record(undefined), 'granted')).toMatch(/nobody was asked/);
    expect(refuseAnswer(record({ state: 'timed-out', askedAt: ago(60) }), 'granted')).toMatch(/onTimeout/);
    expect(refuseAnswer(record({ state: 'asked', askedAt: ago(60) }, { endedAt: ago(2), outcome: 'rolled-back' }), 'granted')).toMatch(
      /ended at .* as rolled-back/,
    );
  });
});
