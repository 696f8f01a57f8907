// Ends what a failed, timed out, aborted or vanished execution left open. What follows depends on how far it had come.
import { settlementName } from '../../core/contracts/names.ts';
import type { FailoverRecord } from '../../core/contracts/records.ts';
import type { Services } from '../services.ts';
import { endOpened } from './ending.ts';

/**
 * Before the point of no return the weights go back, by the roll-back machine; after it, or when that was tried already, a person decides.
 * `rollBackOver`: the roll-back that an earlier settlement started has come to an end, and the record is still open.
 */
export async function settle(record: FailoverRecord, why: string, services: Services, rollBackOver = false): Promise<'ended' | 'rolling-back' | 'halted'> {
  if (record.endedAt) {
    // Ended, but perhaps not wholly: repeating the ending frees what is still held.
    await endOpened(record, record.outcome ?? 'halted', [], services);
    return 'ended';
  }
  const touched = record.intended !== undefined;
  // In the hand-over the users have moved, and switches may have been thrown with them.
  const past = record.pointOfNoReturn || record.phase === 'hand-over';
  if (past || record.kind === 'evacuation' || record.phase === 'roll-back' || rollBackOver) {
    await endOpened(record, 'halted', [why, 'see the runbook "A failover halted"'], services);
    return 'halted';
  }
  if (!touched) {
    await endOpened(record, 'held', [why, 'no weight had been changed'], services);
    return 'ended';
  }
  await services.workflows.start('roll-back', settlementName(record.failoverId, 1), {
    serviceId: record.serviceId,
    failoverId: record.failoverId,
    close: true,
    failure: { Error: 'ExecutionFailed', Cause: why },
  });
  return 'rolling-back';
}
