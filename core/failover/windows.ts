// Times that come again each week, and the plan's windows: when they are, in the time zones that people write them in.
import type { Plan } from '../contracts/plan.ts';
import type { Weekday, WeeklyTime } from '../contracts/plan-interlocks.ts';

/** Times in ms since the epoch; `until` is exclusive. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

export interface Window extends Span {
  readonly kind: 'maintenance' | 'blocked';
  readonly reason: string;
}

const dayMs = 86_400_000;
/** In the order of Date.getUTCDay. */
const weekdays: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Formats are slow to make; they hold nothing but the zone. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const numeric = 'numeric';
  const made = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
    ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
  });
  formats.set(timeZone, made);
  return made;
}

/** What the clocks of a zone show at a moment (whole seconds), as if it were UTC. */
function wallClock(at: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return Date.UTC(parts['year'] ?? 0, (parts['month'] ?? 1) - 1, parts['day'] ?? 1, parts['hour'] ?? 0, parts['minute'] ?? 0, parts['second'] ?? 0);
}

/**
 * The moment at which a zone's clocks come to `wall`: of a time that comes twice the first or the last, of one that a change of the clocks leaves out
 * the change. So a span holds whatever its two times of day may mean, and is one piece.
 */
function momentOf(wall: number, timeZone: string, which: 'first' | 'last'): number {
  const offset = (at: number) => wallClock(at, timeZone) - Math.floor(at / 1000) * 1000;
  const offsets = [offset(wall - dayMs), offset(wall + dayMs)];
  const [early, late] = [wall - Math.max(...offsets), wall - Math.min(...offsets)];
  const shown = [early, late].filter((moment) => wallClock(moment, timeZone) === wall);
  if (shown.length > 0) return which === 'first' ? Math.min(...shown) : Math.max(...shown);
  let [before, after] = [early, late];
  while (after - before > 1000) {
    const middle = Math.floor((before + after) / 2000) * 1000;
    if (wallClock(middle, timeZone) < wall) before = middle;
    else after = middle;
  }
  return after;
}

const timeOfDay = (clock: string): number => {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return (hours * 60 + minutes) * 60_000;
};

/** When a weekly time is, as far as it touches [from, until), earliest first. `from` and `until`: ms since the epoch. */
export function weeklySpans({ days, from: begins, until: ends, timeZone }: WeeklyTime, from: number, until: number): Span[] {
  const spans: Span[] = [];
  const firstDay = Math.floor(wallClock(from, timeZone) / dayMs) - 1;
  const lastDay = Math.floor(wallClock(until, timeZone) / dayMs);
  for (let day = firstDay; day <= lastDay; day++) {
    const weekday = weekdays[new Date(day * dayMs).getUTCDay()];
    if (weekday === undefined || !days.includes(weekday)) continue;
    const overnight = timeOfDay(ends) <= timeOfDay(begins);
    const span = {
      from: momentOf(day * dayMs + timeOfDay(begins), timeZone, 'first'),
      until: momentOf((day + (overnight ? 1 : 0)) * dayMs + timeOfDay(ends), timeZone, 'last'),
    };
    if (span.from < until && span.until > from) spans.push(span);
  }
  return spans;
}

/** Windows of the plan that touch [from, until), earliest first. `from` and `until`: ms since the epoch. */
export function windowsBetween({ windows }: Pick<Plan, 'windows'>, from: number, until: number): Window[] {
  return windows
    .flatMap((window): Window[] => {
      const { kind, reason } = window;
      if ('weekly' in window) return weeklySpans(window.weekly, from, until).map((span) => ({ ...span, kind, reason }));
      const span = { from: Date.parse(window.from), until: Date.parse(window.until) };
      return span.from < until && span.until > from ? [{ ...span, kind, reason }] : [];
    })
    .sort((a, b) => a.from - b.from);
}

/** Windows of the plan in which a moment (ms) lies. */
export const windowsAt = (plan: Pick<Plan, 'windows'>, now: number): Window[] => windowsBetween(plan, now, now + 1);
