// Each minute: finds what is due, puts it on the queue service by service, and repeats the latches.
import { parseSubject } from '../../core/contracts/names.ts';
import type { Services } from '../services.ts';

/** What one minute can dispatch; the rest stays due and comes first in the next. */
const mostDue = 10_000;

export async function dispatchScoring({ subjects, queue, telemetry, region, now }: Services): Promise<{ dispatched: number; latched: number }> {
  const at = now();
  const due = (await subjects.due(new Date(at).toISOString(), mostDue)).map((item) => ({ ...item, subject: parseSubject(item.subjectId) }));
  const latched = due.flatMap(({ serviceId, subject }) => (subject.type === 'latch' ? [{ serviceId, side: subject.side, evacuated: true }] : []));
  // First: a latch that is not repeated would be forgotten by its health check's alarm before anything else goes wrong.
  if (latched.length > 0) await telemetry.reportEvacuated(region, latched, at);
  const scored = due.filter(({ subject }) => subject.type !== 'latch');
  const messages = [...Map.groupBy(scored, ({ serviceId }) => serviceId)].map(([serviceId, items]) => ({
    serviceId,
    subjectIds: items.map(({ subjectId }) => subjectId),
  }));
  if (messages.length > 0) await queue.send(messages);
  return { dispatched: scored.length, latched: latched.length };
}
