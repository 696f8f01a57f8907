// Each minute: finds what is due, puts it on the queue service by service, and repeats the latches.
import { parseSubject, type SubjectName } from '../../core/contracts/names.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';

/** What one minute can dispatch; the rest stays due and comes first in the next. */
const mostDue = 10_000;

/** Throws what kept a latch from being repeated or a message from being sent, after everything else was tried. */
export async function dispatchScoring({ subjects, queue, telemetry, region, now }: Services): Promise<{ dispatched: number; latched: number }> {
  const at = now();
  const due = (await subjects.due(new Date(at).toISOString(), mostDue)).flatMap((item) => {
    const subject = nameOf(item.subjectId);
    return subject ? [{ ...item, subject }] : [];
  });
  const latched = due.flatMap(({ serviceId, subject }) => (subject.type === 'latch' ? [{ serviceId, side: subject.side, evacuated: true }] : []));
  // First: a latch that is not repeated would be forgotten by its health check's alarm before anything else goes wrong.
  const [repeated] = await Promise.allSettled([latched.length > 0 ? telemetry.reportEvacuated(region, latched, at) : undefined]);
  const scored = due.filter(({ subject }) => subject.type !== 'latch');
  const messages = [...Map.groupBy(scored, ({ serviceId }) => serviceId)].map(([serviceId, items]) => ({
    serviceId,
    subjectIds: items.map(({ subjectId }) => subjectId),
  }));
  if (messages.length > 0) await queue.send(messages);
  if (repeated.status === 'rejected') throw repeated.reason;
  return { dispatched: scored.length, latched: latched.length };
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
