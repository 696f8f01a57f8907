// When users begin to notice something, the calm resources of that side are looked at now and not when their turn comes.
import type { ServiceRecord, SubjectRecord } from '../../core/contracts/records.ts';
import type { LevelState } from '../../core/mirroring/levels.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';
import { isUneasy, uneasyFrom } from './cadence.ts';

/** What was read this recently is not read again at once, ms: a score that goes up and down must not cost as much as one that stays up. */
const recent = 5 * 60_000;

export interface Mood {
  readonly score: number | null;
  readonly levels: LevelState | undefined;
}

const uneasy = (service: ServiceRecord, { score, levels }: Mood) => (score ?? 0) >= uneasyFrom || isUneasy(service, levels);

/** The resources of the active side that are to be read with the next dispatch because the service has just become uneasy. */
export function toWake(service: ServiceRecord, subjects: readonly SubjectRecord[], before: Mood, after: Mood, now: number): SubjectRecord[] {
  if (!uneasy(service, after) || uneasy(service, before)) return [];
  return subjects.filter(
    ({ side, kind, nextDueAt, scoredAt }) =>
      side === service.activeSide && kind !== 'entry' && Date.parse(nextDueAt) > now && (scoredAt === undefined || now - Date.parse(scoredAt) > recent),
  );
}

/** Makes them due. That one of them cannot be written is no reason to fail what was scored: its turn comes anyway. */
export async function wake(found: readonly SubjectRecord[], { subjects }: Services, now: number): Promise<void> {
  const made = await Promise.allSettled(found.map(({ serviceId, subjectId }) => subjects.makeDue(serviceId, subjectId, new Date(now).toISOString())));
  for (const result of made) if (result.status === 'rejected') logger.warn('not woken', { error: result.reason as Error });
}
