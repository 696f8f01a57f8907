// When users begin to notice something, the calm resources of that side are looked at now and not when their turn comes.
import type { ServiceRecord, SubjectRecord } from '../../core/contracts/records.ts';
import type { LevelState } from '../../core/mirroring/levels.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';
import { isUneasy, uneasyFrom } from './cadence.ts';

/** What was read this recently is read again only when so much has passed, ms: a score that goes up and down must not cost as much as one that stays up. */
const recent = 5 * 60_000;

export interface Mood {
  readonly score: number | null;
  readonly levels: LevelState | undefined;
}

/** When the score begins to rise; and for as long as the level is raised, for what has slept since: what was woken does not sleep again, and a lost wake is made up for. */
const isToldNow = (service: ServiceRecord, before: Mood, after: Mood): boolean =>
  ((after.score ?? 0) >= uneasyFrom && (before.score ?? 0) < uneasyFrom) || isUneasy(service, after.levels);

export interface Woken {
  readonly subject: SubjectRecord;
  /** ms */
  readonly dueAt: number;
}

/** The resources of the active side whose turn would come too late because the service is uneasy, and when they are due now. */
export function toWake(service: ServiceRecord, subjects: readonly SubjectRecord[], before: Mood, after: Mood, now: number): Woken[] {
  if (!isToldNow(service, before, after)) return [];
  return subjects.flatMap((subject) => {
    const { side, kind, nextDueAt, scoredAt } = subject;
    const dueAt = Math.max(now, scoredAt === undefined ? now : Date.parse(scoredAt) + recent);
    return side === service.activeSide && kind !== 'entry' && Date.parse(nextDueAt) > dueAt ? [{ subject, dueAt }] : [];
  });
}

/** Makes them due. That one of them cannot be written is no reason to fail what was scored: its turn comes anyway. */
export async function wake(woken: readonly Woken[], { subjects }: Services): Promise<void> {
  const made = await Promise.allSettled(
    woken.map(({ subject, dueAt }) => subjects.makeDue(subject.serviceId, subject.subjectId, new Date(dueAt).toISOString())),
  );
  for (const result of made) if (result.status === 'rejected') logger.warn('not woken', { error: result.reason as Error });
}
