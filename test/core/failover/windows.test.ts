import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Plan } from '../../../core/contracts/plan.ts';
import { WeeklyTime } from '../../../core/contracts/plan-interlocks.ts';
import { weeklySpans, windowsAt, windowsBetween } from '../../../core/failover/windows.ts';
import { planInput } from '../../fixtures/plan.ts';

const hour = 3_600_000;
const at = (time: string) => Date.parse(time);
const weekly = (changes: Partial<WeeklyTime> = {}): WeeklyTime => ({ days: ['mon', 'wed'], from: '02:00', until: '06:00', timeZone: 'UTC', ...changes });
const told = (time: WeeklyTime, from: string, until: string) =>
  weeklySpans(time, at(from), at(until)).map((span) => `${new Date(span.from).toISOString().slice(0, 16)} ${new Date(span.until).toISOString().slice(0, 16)}`);

describe('a weekly time', () => {
  it('comes on its days', () => {
    // 2026-03-02 is a Monday.
    expect(told(weekly(), '2026-03-02T00:00Z', '2026-03-09T00:00Z')).toEqual(['2026-03-02T02:00 2026-03-02T06:00', '2026-03-04T02:00 2026-03-04T06:00']);
    expect(told(weekly(), '2026-03-02T06:00Z', '2026-03-04T02:00Z')).toEqual([]);
    expect(told(weekly(), '2026-03-02T05:59Z', '2026-03-02T06:00Z')).toHaveLength(1);
  });

  it('may last past midnight, and then belongs to the day on which it begins', () => {
    const late = weekly({ days: ['sun'], from: '22:30', until: '01:00' });
    expect(told(late, '2026-03-02T00:30Z', '2026-03-02T00:31Z')).toEqual(['2026-03-01T22:30 2026-03-02T01:00']);
    expect(told({ ...late, days: ['mon'] }, '2026-03-02T00:30Z', '2026-03-02T00:31Z')).toEqual([]);
    expect(told(weekly({ days: ['mon'], from: '03:00', until: '03:00' }), '2026-03-03T02:00Z', '2026-03-03T02:01Z')).toHaveLength(1);
  });

  it('is what the clocks of its zone show, in winter and in summer', () => {
    const berlin = weekly({ timeZone: 'Europe/Berlin' });
    expect(told(berlin, '2026-03-02T00:00Z', '2026-03-03T00:00Z')).toEqual(['2026-03-02T01:00 2026-03-02T05:00']);
    expect(told(berlin, '2026-07-06T00:00Z', '2026-07-07T00:00Z')).toEqual(['2026-07-06T00:00 2026-07-06T04:00']);
    const auckland = weekly({ days: ['mon'], timeZone: 'Pacific/Auckland' });
    expect(told(auckland, '2026-03-01T00:00Z', '2026-03-02T00:00Z')).toEqual(['2026-03-01T13:00 2026-03-01T17:00']);
  });

  it('knows of clocks that are changed', () => {
    // On 2026-03-29 Berlin's clocks go from 02:00 to 03:00, on 2026-10-25 from 03:00 to 02:00.
    const sunday = weekly({ days: ['sun'], from: '02:30', until: '04:00', timeZone: 'Europe/Berlin' });
    expect(told(sunday, '2026-03-29T00:00Z', '2026-03-30T00:00Z')).toEqual(['2026-03-29T01:00 2026-03-29T02:00']);
    expect(told(sunday, '2026-10-25T00:00Z', '2026-10-26T00:00Z')).toEqual(['2026-10-25T00:30 2026-10-25T03:00']);
  });

  it('never ends before it begins and touches what was asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: at('2024-01-01T00:00Z'), max: at('2030-01-01T00:00Z') }),
        fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'),
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 0, max: 23 }),
        (from, timeZone, begins, ends) => {
          const clock = (hours: number) => `${String(hours).padStart(2, '0')}:15`;
          const time = WeeklyTime.parse({ days: ['tue', 'fri'], from: clock(begins), until: clock(ends), timeZone });
          const spans = weeklySpans(time, from, from + 7 * 24 * hour);
          expect(spans.length).toBeGreaterThanOrEqual(2);
          expect(spans.length).toBeLessThanOrEqual(3);
          for (const span of spans) {
            expect(span.until).toBeGreaterThan(span.from);
            expect(span.until - span.from).toBeLessThanOrEqual(25 * hour);
            expect(span.until > from && span.from < from + 7 * 24 * hour).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('a weekly time when the clocks are changed', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Auckland', 'Africa/Casablanca', 'UTC'];
  const days: WeeklyTime['days'] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
  /** Most of these zones change their clocks at one of these times, to within hours. */
  const changes = ['2026-03-08T08:00Z', '2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-11-01T06:00Z', '2026-04-04T15:00Z', '2026-09-26T14:00Z'].map(at);
  const clock = fc
    .integer({ min: 0, max: 24 * 12 - 1 })
    .map((five) => `${String(Math.floor(five / 12)).padStart(2, '0')}:${String((five % 12) * 5).padStart(2, '0')}`);
  const anyTime = fc.record({
    moment: fc.oneof(
      fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -30 * 60, max: 30 * 60 })).map(([change, minutes]) => change + minutes * 60_000),
      fc.integer({ min: at('2025-01-01T00:00Z') / 60_000, max: at('2028-01-01T00:00Z') / 60_000 }).map((minutes) => minutes * 60_000),
    ),
    time: fc.record({
      days: fc.subarray([...days], { minLength: 1 }),
      from: clock,
      until: clock,
      timeZone: fc.constantFrom(...zones),
    }),
  });
  /** What a person reads from a clock on the wall, without a thought for changes. */
  const shown = (moment: number, timeZone: string) => {
    const parts = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(moment);
    const part = (name: string) => parts.find(({ type }) => type === name)?.value ?? '';
    return { day: part('weekday').toLowerCase(), clock: `${part('hour')}:${part('minute')}` };
  };
  const saysInside = ({ days: on, from, until, timeZone }: WeeklyTime, moment: number) => {
    const now = shown(moment, timeZone);
    const yesterday = days[(days.map(String).indexOf(now.day) + 6) % 7];
    const isOn = (day: string | undefined) => on.some((one) => one === day);
    if (from < until) return isOn(now.day) && now.clock >= from && now.clock < until;
    return (isOn(now.day) && now.clock >= from) || (isOn(yesterday) && now.clock < until);
  };
  const offset = (moment: number, timeZone: string) => {
    const name = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(moment).find(({ type }) => type === 'timeZoneName');
    return name?.value;
  };

  it('is never missed: whenever the clock on the wall is inside it, so is the moment', () => {
    fc.assert(
      fc.property(anyTime, ({ moment, time }) => {
        if (saysInside(time, moment)) expect(weeklySpans(time, moment, moment + 1)).not.toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('is never longer than the clock says, but for an hour that comes twice', () => {
    fc.assert(
      fc.property(anyTime, ({ moment, time }) => {
        for (const span of weeklySpans(time, moment, moment + 1)) {
          expect(span.until).toBeGreaterThan(span.from);
          const changed = offset(span.from - hour, time.timeZone) !== offset(span.until + hour, time.timeZone);
          if (!changed) expect(saysInside(time, moment)).toBe(true);
          expect(span.until - span.from).toBeLessThanOrEqual(25 * hour);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('does not end and come back in the hour that comes twice', () => {
    const night = weekly({ days: ['sat'], from: '22:00', until: '02:30', timeZone: 'Europe/Berlin' });
    expect(told(night, '2026-10-24T12:00Z', '2026-10-25T12:00Z')).toEqual(['2026-10-24T20:00 2026-10-25T01:30']);
  });

  it('begins with the change when that leaves its beginning out, and ends with it', () => {
    const sunday = (from: string, until: string) => weekly({ days: ['sun'], from, until, timeZone: 'Europe/Berlin' });
    expect(told(sunday('02:30', '03:15'), '2026-03-29T00:00Z', '2026-03-30T00:00Z')).toEqual(['2026-03-29T01:00 2026-03-29T01:15']);
    expect(told(sunday('01:00', '02:30'), '2026-03-29T00:00Z', '2026-03-30T00:00Z')).toEqual(['2026-03-29T00:00 2026-03-29T01:00']);
  });
});

describe('windows', () => {
  const plan = Plan.parse(
    planInput({
      windows: [
        { kind: 'blocked', reason: 'the sale', from: '2026-03-03T00:00:00Z', until: '2026-03-05T00:00:00+01:00' },
        { kind: 'maintenance', reason: 'patches', weekly: { days: ['mon'], from: '02:00', until: '04:00' } },
      ],
    }),
  );

  it('hold from their beginning until before their end', () => {
    const reasons = (time: string) => windowsAt(plan, at(time)).map(({ reason }) => reason);
    expect(reasons('2026-03-02T01:59:59Z')).toEqual([]);
    expect(reasons('2026-03-02T02:00:00Z')).toEqual(['patches']);
    expect(reasons('2026-03-02T04:00:00Z')).toEqual([]);
    expect(reasons('2026-03-04T22:59:59Z')).toEqual(['the sale']);
    expect(reasons('2026-03-04T23:00:00Z')).toEqual([]);
  });

  it('are found before they begin, earliest first', () => {
    expect(windowsBetween(plan, at('2026-03-02T00:00:00Z'), at('2026-03-03T00:00:01Z')).map(({ kind }) => kind)).toEqual(['maintenance', 'blocked']);
  });
});
