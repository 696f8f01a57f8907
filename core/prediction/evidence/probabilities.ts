// How much each outside source is worth: the probability that what it speaks of fails within the horizon, when nothing else is known.
// None of these is measured: AWS publishes neither how often an announced event takes place nor how often a notice concerns a given customer.
// They are judgements, made so that what each source alone brings about is right (docs/prediction.md has them with their reasons).
import type { EvidenceRecord } from '../../contracts/evidence.ts';
import { clamp } from '../numbers.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** An instance that is announced to go, once its time is within the horizon. A reboot is sometimes done by its owner before; maintenance mostly passes unseen. */
const announcedWithinHorizon = { stop: 0.97, reboot: 0.9, maintenance: 0.3 } as const;
/** The same at twice the horizon, a day before, and earlier: prepared for, then a warning. As shares of the above. */
const atTwiceHorizon = 0.36;
const oneDayBefore = 0.1;
const earlier = 0.05;

/**
 * EC2 has found the instance impaired. The same fact as a failing status metric: the higher of the two counts. Alone it prepares everything and moves nobody by
 * default: for how long it has failed is what the metric tells, and of a whole side that is dead Route 53's checkers are the witness (evacuation).
 */
export const impairedStatus = 0.8;
/** Somebody stops or terminates an instance that serves. It is gone; who does so during a deployment means it. */
export const stoppedByOthers = 0.95;

/** AWS Health, by what the notice names. An issue of a Region or a zone concerns some of its customers; it warms the standby, and alone never moves users. */
const healthIssue = { instance: 0.6, zone: 0.45, side: 0.35 } as const;
/** AWS is still looking. */
const investigationShare = 0.5;
/** A change that is scheduled for more than instances, while it lasts: said, and no more. */
const scheduledForMany = 0.05;

/** A zone of which most resources turn unusual together: those that are not yet are likely to follow. */
export const zonePattern = 0.5;

/** The instances that are left carry the load, but none of them may fail. Enough for a warm standby with the default thresholds. */
export const nothingToSpare = 0.35;

/** Announced demand at once, and at twice, what the side carries. A move to a side of the same size would not help: below `full` by default. */
export const beyondCapacity = { from: 0.3, most: 0.6 } as const;

/**
 * Probability that an announced event takes the instance away within the horizon.
 * Near-certain within the horizon; between that and twice that long it rises so that the standby is ready in time; a warning before.
 * @param minutes until it begins; negative: it has begun
 */
export function announcedProbability(impact: 'stop' | 'reboot' | 'maintenance', minutes: number, horizonMinutes: number): number {
  const most = announcedWithinHorizon[impact];
  const shareOf = (): number => {
    if (minutes <= horizonMinutes) return 1;
    const twice = 2 * horizonMinutes;
    if (minutes <= twice) return atTwiceHorizon + (1 - atTwiceHorizon) * ((twice - minutes) / horizonMinutes);
    const dayBefore = day / 60_000;
    if (minutes >= dayBefore) return earlier;
    return oneDayBefore + (atTwiceHorizon - oneDayBefore) * clamp(Math.log(dayBefore / minutes) / Math.log(dayBefore / twice), 0, 1);
  };
  return most * shareOf();
}

export interface Worth {
  /** 0-1 */
  readonly probability: number;
  /** until it happens; 0: now; null: cannot be told */
  readonly minutes: number | null;
}

const nothing: Worth = { probability: 0, minutes: null };

/** What one report is worth now. Zero once it is closed, over, or has not been heard of for too long. `now`: ms. */
export function worthOf(record: EvidenceRecord, horizonMinutes: number, now: number): Worth {
  const from = Date.parse(record.from);
  const until = record.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(record.until);
  if (record.status === 'closed' || now >= Date.parse(record.validUntil) || now >= until) return nothing;
  const minutes = (from - now) / 60_000;
  switch (record.kind) {
    case 'status':
      return { probability: impairedStatus, minutes: 0 };
    case 'state':
      return { probability: stoppedByOthers, minutes: 0 };
    case 'deployment':
      return nothing;
    case 'announced':
    case 'health':
      return announced(record, minutes, horizonMinutes);
  }
}

function announced({ impact, scope }: EvidenceRecord, minutes: number, horizonMinutes: number): Worth {
  switch (impact) {
    case 'stop':
    case 'reboot':
    case 'maintenance':
      if (scope !== 'instance') return { probability: scheduledForMany, minutes: null };
      return { probability: announcedProbability(impact, minutes, horizonMinutes), minutes: Math.max(0, Math.round(minutes)) };
    case 'issue':
    case 'investigation':
      // An issue is of the present; one with a beginning in the future is a mistake of its sender.
      if (minutes > horizonMinutes) return nothing;
      return { probability: healthIssue[scope] * (impact === 'issue' ? 1 : investigationShare), minutes: null };
    case 'none':
      return nothing;
  }
}
