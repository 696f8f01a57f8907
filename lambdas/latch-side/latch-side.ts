// Part of an evacuation: the lost side is latched, so that it gets no traffic by itself when it comes back.
import { handOverService } from '../failover/latch.ts';
import { openActingSession, updateRecord } from '../failover/session.ts';
import type { Step } from '../task-handler.ts';

export const latchSide: Step<'latch-side'> = async (input, services) => {
  const session = await openActingSession(input, services);
  const { record, at } = session;
  await updateRecord(session, { phase: 'evacuation', phaseStartedAt: at, pointOfNoReturn: true }, services);
  await handOverService(record, services);
  await services.failovers.tell(record.failoverId, '020-latched', { at, phase: 'evacuation', message: `${record.from} is latched; ${record.to} is active` });
  return { decision: 'latched' };
};
