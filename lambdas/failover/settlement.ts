// Ends what a failed, timed out, aborted or vanished execution left open. What follows depends on how far it had come.
import { settlementName } from '../../core/contracts/names.ts';
import type { FailoverRecord } from '../../core/contracts/records.ts';
import type { Services } from '../services.ts';
import { endOpened } from './ending.ts';
import { haltReasons } from './halted.ts';
import { completeHandOver } from './latch.ts';

/**
 * Before the point of no return the traffic goes back, by the roll-back machine, if that serves more users; what had touched nothing is held.
 * After it, or when the roll-back came to nothing as well, a person decides.
 * `rollBackOver`: the roll-back that an earlier settlement started has come to an end, and the record is still open.
 */
export async function settle(record: FailoverRecord, why: string, services: Services, rollBackOver = false): Promise<'ended' | 'rolling-back' | 'halted'> {
  if (record.endedAt) {
    // Ended, but perhaps not wholly: repeating the ending frees what is still held, and tells people.
    if (!(await isWhole(record, services))) await endOpened(record, record.outcome ?? 'halted', [], services);
    return 'ended';
  }
  if (isPastReturn(record) || rollBackOver) {
    await completeHandOver(record, services);
    await endOpened(record, 'halted', haltReasons(record, why), services);
    return 'halted';
  }
  if (!hasMoved(record)) {
    await endOpened(record, 'held', [why, record.kind === 'evacuation' ? 'nothing had been latched' : 'no weight had been changed'], services);
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

/** An ending that came to its end is not repeated: people would be told twice. */
async function isWhole({ failoverId, serviceId }: FailoverRecord, { failovers, services }: Services): Promise<boolean> {
  const [open, running, holder] = await Promise.all([
    failovers.open(),
    failovers.running(),
    services.get(serviceId).then(
      ({ lock }) => lock?.holder,
      () => undefined,
    ),
  ]);
  return holder !== failoverId && ![...open, ...running].some((one) => one.failoverId === failoverId);
}

/** Something may have been switched already that would be left behind. The hand-over begins it, and passes the point when all is switched. */
const isPastReturn = ({ pointOfNoReturn, phase }: FailoverRecord): boolean => pointOfNoReturn || phase === 'hand-over';

/** Weights were asked for, or the losing side was latched in their place. An evacuation latches past its point of no return only. */
const hasMoved = ({ kind, intended, mechanism }: FailoverRecord): boolean => kind !== 'evacuation' && (intended !== undefined || mechanism === 'health-check');
