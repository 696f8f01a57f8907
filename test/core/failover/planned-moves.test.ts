// Drills, their way home and automatic fail-backs: when they are due, and what keeps them.
import { describe, expect, it } from 'vitest';
import { Plan, type PlanInput } from '../../../core/contracts/plan.ts';
import type { ServiceRecord } from '../../../core/contracts/records.ts';
import { drillMinutes, moveMinutes } from '../../../core/failover/move-time.ts';
import { drillDue, drillHomeDue, failBackDue } from '../../../core/failover/planned-moves.ts';
import { planInput } from '../../fixtures/plan.ts';
import { serviceRecord } from '../../fixtures/service.ts';

const minute = 60_000;
const at = (time: string) => Date.parse(time);
// 2026-03-02 is a Monday.
const weekly = { days: ['mon' as const], from: '02:00', until: '06:00' };
const service = (changes: Partial<ServiceRecord> = {}, plan: Partial<PlanInput> = {}) =>
  serviceRecord({ plan: Plan.parse(planInput({ drills: { scope: 'failover', window: weekly, everyDays: 7 }, ...plan })), ...changes });
const due = (time: string, one = service()) => drillDue(one, at(time), 5 * minute);
const ended = (endedAt: string, outcome = 'failed-over') => ({ failoverId: 'f0', outcome, endedAt });

describe('how long it takes', () => {
  it('is the sum of what the plan allows each wait, there and back', () => {
    const { plan } = service();
    // Evidence 10, five bakes of two minutes and a minute each to spread, drain 30.
    expect(moveMinutes(plan, 'fail-back')).toBe(10 + 5 * 2 + 5 + 30);
    expect(drillMinutes(plan)).toBe(2 * 5 + 20 + 55 + 10 + 55);
  });

  it('has the time in it that a person may take, but not for the way home', () => {
    const { plan } = service({}, { approval: { required: ['drill', 'fail-back'], timeoutMinutes: 40 } });
    expect([moveMinutes(plan, 'drill'), moveMinutes(plan, 'fail-back'), moveMinutes(plan, 'way-home')]).toEqual([95, 95, 55]);
    expect(drillMinutes(plan)).toBe(190);
  });

  it('is short for the canary alone, and nothing without drills', () => {
    expect(drillMinutes(service({}, { drills: { scope: 'canary', window: weekly } }).plan)).toBe(35);
    expect(drillMinutes(service({}, { drills: undefined }).plan)).toBeUndefined();
  });
});

describe('a drill', () => {
  it('is due in its window, as long as it can be home before the end', () => {
    expect(due('2026-03-02T01:59:00Z')).toBeUndefined();
    expect(due('2026-03-02T02:00:00Z')).toEqual({ window: { from: at('2026-03-02T02:00Z'), until: at('2026-03-02T06:00Z') }, against: [], lastChance: false });
    // 150 minutes before the end.
    expect(due('2026-03-02T03:30:00Z')).toMatchObject({ against: [], lastChance: true });
    expect(due('2026-03-02T03:31:00Z')).toBeUndefined();
    expect(due('2026-03-03T02:00:00Z')).toBeUndefined();
  });

  it('comes again after so many days, at whatever time of the window the last one ended', () => {
    const after = (last: string) => due('2026-03-09T02:00:00Z', service({ lastDrill: ended(last, 'held') }));
    expect(after('2026-03-02T05:55:00Z')).toMatchObject({ against: [] });
    expect(after('2026-03-04T05:55:00Z')).toBeUndefined();
  });

  it.each<[string, Partial<ServiceRecord>, RegExp]>([
    ['the mode', { mode: 'advise' }, /the mode is advise/],
    ['the kill switch', { killSwitch: true }, /kill switch/],
    ['a move under way', { lock: { holder: 'f9', token: 1, expiresAt: '2026-03-02T02:30:00.000Z' } }, /f9 holds the lock/],
    ['a latch', { latched: { standby: '2026-03-01T00:00:00.000Z' } }, /standby is latched/],
    ['a service that is away', { activeSide: 'standby' }, /traffic is on standby/],
    ['the cool-down', { lastFailover: ended('2026-03-02T01:30:00.000Z', 'rolled-back') }, /cooling down until 2026-03-02T02:30/],
  ])('is put off by %s', (_what, changes, reason) => {
    const found = due('2026-03-02T02:00:00Z', service(changes));
    expect(found?.against).toHaveLength(1);
    expect(found?.against[0]).toMatch(reason);
  });

  it('is put off by a window that begins before it can be home', () => {
    const blocked = (from: string) => ({ windows: [{ kind: 'blocked' as const, reason: 'the sale', from, until: '2026-03-05T00:00:00Z' }] });
    expect(due('2026-03-02T02:00:00Z', service({}, blocked('2026-03-02T04:29:00Z')))?.against).toEqual([
      'blocked window (the sale) from 2026-03-02T04:29:00.000Z',
    ]);
    expect(due('2026-03-02T02:00:00Z', service({}, blocked('2026-03-02T04:31:00Z')))?.against).toEqual([]);
  });
});

describe('the way home of a drill', () => {
  const away = (changes: Partial<ServiceRecord> = {}, plan: Partial<PlanInput> = {}) =>
    service({ activeSide: 'standby', latched: { primary: '2026-03-02T03:00:00.000Z' }, lastFailover: ended('2026-03-02T03:00:00.000Z'), ...changes }, plan);
  const home = (time: string, one = away(), uneasy = false) => drillHomeDue(one, '2026-03-02T03:00:00.000Z', uneasy, at(time));

  it('begins after the stay, or at once when the standby is not well, in spite of the cool-down and of windows that begin later', () => {
    expect(home('2026-03-02T03:05:00Z')).toBeUndefined();
    expect(home('2026-03-02T03:05:00Z', away(), true)).toMatchObject({ attempt: 0 });
    expect(home('2026-03-02T03:10:00Z')).toEqual({ since: '2026-03-02T03:00:00.000Z', attempt: 0 });
    const blocked = { windows: [{ kind: 'blocked' as const, reason: 'sale', from: '2026-03-02T02:00:00Z', until: '2026-03-05T00:00:00Z' }] };
    expect(home('2026-03-02T03:10:00Z', away({}, blocked))).toMatchObject({ attempt: 0 });
  });

  it('is asked for again when it was refused, with growing pauses', () => {
    const attempts = [10, 35, 45, 95, 105, 215, 225].map((minutes) => home(new Date(at('2026-03-02T03:00:00Z') + minutes * minute).toISOString())?.attempt);
    expect(attempts).toEqual([0, 0, 1, 1, 2, 2, 3]);
  });

  it('waits for what is under way, and for people who have stopped everything', () => {
    expect(home('2026-03-02T03:30:00Z', away({ lock: { holder: 'f9', token: 1, expiresAt: '2026-03-02T04:00:00.000Z' } }))).toBeUndefined();
    expect(home('2026-03-02T03:30:00Z', away({ killSwitch: true }))).toBeUndefined();
    expect(home('2026-03-02T03:30:00Z', away({ activeSide: 'primary' }))).toBeUndefined();
  });
});

describe('an automatic fail-back', () => {
  const automatic = { failBack: { automatic: true, afterMinutes: 60 } };
  const away = (plan: Partial<PlanInput> = automatic, changes: Partial<ServiceRecord> = {}) =>
    service({ activeSide: 'standby', latched: { primary: '2026-03-02T03:00:00.000Z' }, lastFailover: ended('2026-03-02T03:01:00.000Z'), ...changes }, plan);

  it('never is due unless the plan says so', () => {
    expect(failBackDue(away({}), at('2026-04-02T03:00:00Z'))).toBeUndefined();
  });

  it('is due when the side has been latched for long enough, cooled down, and no window begins before it can be done', () => {
    expect(failBackDue(away(), at('2026-03-02T04:00:00Z'))).toBeUndefined();
    expect(failBackDue(away(), at('2026-03-02T04:01:00Z'))).toEqual({ since: '2026-03-02T03:00:00.000Z', attempt: 0, from: at('2026-03-02T03:01:00Z') });
    const windows = [{ kind: 'maintenance' as const, reason: 'patches', from: '2026-03-02T04:30:00Z', until: '2026-03-02T05:00:00Z' }];
    expect(failBackDue(away({ ...automatic, windows }), at('2026-03-02T04:01:00Z'))).toBeUndefined();
    expect(failBackDue(away({ ...automatic, windows }), at('2026-03-02T05:00:00Z'))).toMatchObject({ attempt: 1 });
  });

  it('is nothing for a side that nobody latched', () => {
    expect(failBackDue(away(automatic, { latched: {} }), at('2026-04-02T03:00:00Z'))).toBeUndefined();
  });
});
