// Parts of the plan that say when something may move by itself, and who is asked.
import { z } from 'zod';

const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'not a time of day; write it as in 22:30');
const TimeZone = z
  .string()
  .refine((zone) => isTimeZone(zone), 'not a time zone; write an IANA name such as Europe/Berlin')
  .default('UTC');

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

export const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Weekday = z.infer<typeof Weekday>;

/** A time of the week that comes again; past midnight when `until` is not after `from`. */
export const WeeklyTime = z
  .strictObject({
    days: z.array(Weekday).min(1).describe('days of the week on which it begins'),
    from: Clock.describe('time of day at which it begins'),
    until: Clock.describe('time of day at which it ends; on the next day when it is not after `from`'),
    timeZone: TimeZone.describe('IANA time zone of the times of day'),
  })
  .describe('a time of the week that comes again');
export type WeeklyTime = z.infer<typeof WeeklyTime>;

/** Minutes from its beginning to its end, by a clock that nobody changes. */
export function weeklyMinutes({ from, until }: Pick<WeeklyTime, 'from' | 'until'>): number {
  const minutes = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
  const length = minutes(until) - minutes(from);
  return length > 0 ? length : length + 24 * 60;
}

export const Moment = z.iso.datetime({ offset: true, message: 'not a time; write it as in 2026-12-24T00:00:00Z' });

/** Times in which nothing moves by itself, emergencies excepted. */
export const Windows = z
  .array(
    z.union([
      z
        .strictObject({
          kind: z.enum(['maintenance', 'blocked']).describe('maintenance: metrics are not to be trusted; blocked: the business wants no change'),
          reason: z.string().min(1).describe('said when a move is refused'),
          weekly: WeeklyTime,
        })
        .describe('comes every week'),
      z
        .strictObject({
          kind: z.enum(['maintenance', 'blocked']).describe('maintenance: metrics are not to be trusted; blocked: the business wants no change'),
          reason: z.string().min(1).describe('said when a move is refused'),
          from: Moment.describe('when it begins'),
          until: Moment.describe('when it ends'),
        })
        .refine(({ from, until }) => Date.parse(from) < Date.parse(until), 'the window ends before it begins; put `until` after `from`')
        .describe('comes once'),
    ]),
  )
  .max(100)
  .default([])
  .describe('times in which no move begins, not even a fail-back that a person approves; a move that has begun goes on, and an evacuation is never kept back');
export type Windows = z.infer<typeof Windows>;

export const Approval = z
  .strictObject({
    required: z
      .array(z.enum(['predictive', 'fail-back', 'drill']))
      .default([])
      .describe('moves that wait for a person before the first users are moved; a fail-back that was asked for by a person is approved by that'),
    timeoutMinutes: z.int().min(1).max(720).default(30).describe('how long is waited; both sides are judged all the while'),
    escalateAfterMinutes: z.int().min(1).max(720).default(10).describe('after so long people are told again, as a page'),
    onTimeout: z.enum(['hold', 'proceed']).default('hold').describe('what follows when nobody answers'),
  })
  .prefault({})
  .describe('moves that a person has to approve');

export const Flap = z
  .strictObject({
    moves: z.int().min(1).max(20).default(3).describe('so many moves, whatever came of them, ...'),
    withinHours: z.int().min(1).max(720).default(24).describe('... within so many hours are a service that flaps'),
  })
  .prefault({})
  .describe('a service that has been moved to and fro stays where it is until a person has looked');

export const Recovery = z
  .strictObject({
    rtoMinutes: z
      .number()
      .positive()
      .max(1440)
      .default(15)
      .describe('recovery time objective: from the decision until the losing side receives almost no requests'),
    rpoSeconds: z
      .number()
      .min(0)
      .max(86_400)
      .default(300)
      .describe('recovery point objective: at most so many seconds of writes may be missing on the other side'),
  })
  .prefault({})
  .describe('recovery objectives; drills and failovers are measured against them');
