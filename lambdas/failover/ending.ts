// How a failover ends, whatever ended it: the record says what happened and why, the lock is free, people are told.
import type { FailoverOutcome, FailoverRecord } from '../../core/contracts/records.ts';
import type { Services } from '../services.ts';
import { latchAgain } from './latch.ts';

/** Outcomes after which the service needs no rest, since nothing was tried. */
const untried: readonly FailoverOutcome[] = ['refused', 'advised'];

/** Every part may be repeated: a retry after a crash finishes what is left. The first outcome that was written stands. */
export async function endFailover(
  record: FailoverRecord,
  outcome: FailoverOutcome,
  reasons: readonly string[],
  { failovers, services, notifier, now }: Services,
): Promise<void> {
  const at = new Date(now()).toISOString();
  const phase = outcome === 'halted' ? 'halted' : 'closed';
  const first = await failovers.update(record.failoverId, { outcome, endedAt: at, phase, phaseStartedAt: at, reasons: [...record.reasons, ...reasons] });
  const stored = first ? undefined : await failovers.get(record.failoverId);
  const stands = stored?.outcome ?? outcome;
  const endedAt = stored?.endedAt ?? at;
  await failovers.tell(record.failoverId, 'end', {
    at: endedAt,
    phase: stored?.phase ?? phase,
    message: `${record.kind} of ${record.serviceId} from ${record.from} to ${record.to}: ${stands}`,
    reasons: stored?.reasons ?? reasons,
  });
  await services.releaseLock(
    record.serviceId,
    record.failoverId,
    untried.includes(stands) ? undefined : { failoverId: record.failoverId, outcome: stands, endedAt },
  );
  await failovers.removeRunning(record.failoverId);
  const severity = stands === 'halted' || stands === 'held' ? 'page' : 'info';
  await notifier.tell(severity, `${record.serviceId}: ${record.kind} ${stands}`, [`failover ${record.failoverId}`, ...record.reasons, ...reasons]);
}

/** As above, for a failover that had been opened: a fail-back that did not come to its end leaves its target latched as it was. */
export async function endOpened(record: FailoverRecord, outcome: FailoverOutcome, reasons: readonly string[], services: Services): Promise<void> {
  if (record.kind === 'fail-back' && (record.outcome ?? outcome) !== 'failed-over') await latchAgain(record, services);
  await endFailover(record, outcome, reasons, services);
}
