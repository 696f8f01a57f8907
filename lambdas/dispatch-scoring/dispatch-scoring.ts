// Each minute: finds what is due, puts it on the queue service by service, and repeats the latches.
import { parseSubject, type SubjectName } from '../../core/contracts/names.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';

/** What one minute can dispatch; the rest stays due and comes first in the next. */
const mostDue = 10_000;
/** How long the end of a latch is repeated, ms: the minute of the lifting may still hold an old value, and Route 53 looks at the newest ones. */
const releaseTime = 15 * 60_000;

/** Throws what kept a latch from being repeated or a message from being sent, after everything else was tried. */
export async function dispatchScoring({ subjects, queue, telemetry, region, now }: Services): Promise<{ dispatched: number; latched: number }> {
  const at = now();
  const due = (await subjects.due(new Date(at).toISOString(), mostDue)).flatMap((item) => {
    const subject = nameOf(item.subjectId);
    return subject ? [{ ...item, subject }] : [];
  });
  const latches = due.flatMap(({ serviceId, nextDueAt, subject }) =>
    subject.type === 'latch' || subject.type === 'released'
      ? [{ serviceId, side: subject.side, since: Date.parse(nextDueAt), evacuated: subject.type === 'latch' }]
      : [],
  );
  // First, before anything else can go wrong: health checks hear of a latch, and of its end, only through this.
  const [repeated] = await Promise.allSettled([latches.length > 0 ? telemetry.reportEvacuated(region, latches, at) : undefined]);
  for (const { serviceId, side, since, evacuated } of latches) if (!evacuated && at - since > releaseTime) await subjects.forgetRelease(serviceId, side);
  const scored = due.filter(({ subject }) => subject.type !== 'latch' && subject.type !== 'released');
  const messages = [...Map.groupBy(scored, ({ serviceId }) => serviceId)].map(([serviceId, items]) => ({
    serviceId,
    subjectIds: items.map(({ subjectId }) => subjectId),
  }));
  if (messages.length > 0) await queue.send(messages);
  if (repeated.status === 'rejected') throw repeated.reason;
  return { dispatched: scored.length, latched: latches.filter(({ evacuated }) => evacuated).length };
}

/** One item that somebody wrote by hand must not stop all others. */
function nameOf(subjectId: string): SubjectName | undefined {
  try {
    return parseSubject(subjectId);
  } catch (error) {
    logger.error('left out', { error: error as Error });
    return undefined;
  }
}
