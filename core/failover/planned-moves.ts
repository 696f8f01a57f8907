// Moves that the plan itself asks for: drills, their way home, and automatic fail-backs. Only when, not whether both sides are well.
import type { ServiceRecord } from '../contracts/records.ts';
import { lockState } from './lock.ts';
import { drillMinutes, moveMinutes } from './move-time.ts';
import { type Span, weeklySpans, windowsBetween } from './windows.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** `everyDays` counts days, not hours: last week's drill may have ended later in the window than this week's begins. */
const dayTolerance = day / 2;

/** What the calendar says of the plan's drill: the window that is open, and what keeps the drill from beginning in it now. */
export interface DrillDue {
  readonly window: Span;
  readonly against: readonly string[];
  /** A later look in this window is too late for a drill that has to be home before its end. */
  readonly lastChance: boolean;
}

/** What keeps anything planned from moving, whichever it is: reasons. `now`, and times below: ms since the epoch. */
function againstMoving({ mode, killSwitch, lock }: ServiceRecord, now: number): string[] {
  const reasons: string[] = [];
  if (mode !== 'act') reasons.push(`the mode is ${mode}`);
  if (killSwitch) reasons.push('the kill switch is on');
  if (lockState(lock, '', now) === 'held') reasons.push(`${lock?.holder} holds the lock`);
  return reasons;
}

/** Windows that are open, or begin before it could be over. */
const windowsAgainst = ({ plan }: ServiceRecord, now: number, until: number): string[] =>
  windowsBetween(plan, now, until).map(({ kind, reason, from }) => `${kind} window (${reason}) from ${new Date(from).toISOString()}`);

function coolingDown({ plan, lastFailover }: ServiceRecord, now: number): string[] {
  const until = lastFailover ? Date.parse(lastFailover.endedAt) + plan.failover.cooldownMinutes * minute : 0;
  return now < until ? [`cooling down until ${new Date(until).toISOString()} after ${lastFailover?.failoverId}`] : [];
}

/** undefined: the plan has no drill, no window is open, or the last drill is not old enough. `every`: ms between two looks. */
export function drillDue(service: ServiceRecord, now: number, every: number): DrillDue | undefined {
  const { plan, lastDrill } = service;
  const length = (drillMinutes(plan) ?? 0) * minute;
  const window = plan.drills && weeklySpans(plan.drills.window, now, now + 1)[0];
  if (plan.drills === undefined || window === undefined) return undefined;
  if (lastDrill && now - Date.parse(lastDrill.endedAt) < plan.drills.everyDays * day - dayTolerance) return undefined;
  if (now + length > window.until) return undefined;
  const against = [...againstMoving(service, now), ...windowsAgainst(service, now, now + length), ...coolingDown(service, now)];
  if (service.activeSide !== 'primary') against.push(`traffic is on ${service.activeSide}`);
  for (const side of Object.keys(service.latched)) against.push(`${side} is latched`);
  if (plan.data === 'local') against.push("the plan's data is local");
  return { window, against, lastChance: now + every + length > window.until };
}

/** A move that is asked for again, with growing pauses, for as long as it is refused: 0, 1, 3, 7, ... pauses after it was due first. */
const attemptAt = (due: number, pause: number, now: number): number => Math.floor(Math.log2((now - due) / pause + 1));

/** A move that is due: named by `since` and `attempt`, so that it begins once however often it is looked at. */
export interface DueMove {
  /** ISO */
  readonly since: string;
  readonly attempt: number;
}

/**
 * The way home of a drill. Neither the cool-down nor a window keeps it: the service was not meant to stay away.
 * @param endedAt ISO time at which the drill ended as failed over
 * @param uneasy the standby is no good place to stay: home at once
 */
export function drillHomeDue(service: ServiceRecord, endedAt: string, uneasy: boolean, now: number): DueMove | undefined {
  if (service.activeSide !== 'standby' || againstMoving(service, now).length > 0) return undefined;
  const due = Date.parse(endedAt) + (uneasy ? 0 : (service.plan.drills?.stayMinutes ?? 0) * minute);
  return now < due ? undefined : { since: endedAt, attempt: attemptAt(due, 30 * minute, now) };
}

/** An automatic fail-back, as far as the clock is concerned: the left side still has to have measured well since `from`. */
export function failBackDue(service: ServiceRecord, now: number): (DueMove & { readonly from: number }) | undefined {
  const { plan, latched } = service;
  const since = latched.primary;
  if (!plan.failBack.automatic || service.activeSide !== 'standby' || since === undefined) return undefined;
  const after = plan.failBack.afterMinutes * minute;
  const due = Date.parse(since) + after;
  const windows = windowsAgainst(service, now, now + moveMinutes(plan, 'fail-back') * minute);
  if (now < due || [...againstMoving(service, now), ...windows, ...coolingDown(service, now)].length > 0) return undefined;
  return { since, attempt: attemptAt(due, hour, now), from: now - after };
}
