// Standing still on the way back: for good, with the reason in the story, or until the old side can carry more.
import type { SideName } from '../../core/contracts/plan.ts';
import { type Session, updateRecord } from '../failover/session.ts';
import { readyInstances } from '../failover/side-evidence.ts';
import type { Services } from '../services.ts';

/** How long a cold side is waited for before people have to look, ms. */
const warmingPatience = 10 * 60_000;

export async function hold({ record, at }: Session, key: string, message: string, reasons: readonly string[], { failovers }: Services): Promise<'hold'> {
  const weights = record.weights;
  await failovers.tell(record.failoverId, key, { at, phase: 'roll-back', message, reasons, ...(weights ? { weights } : {}) });
  return 'hold';
}

/** The old side gets what it carries and no more; the rest follows when it has warmed up, for a bounded time. */
export async function waitForCapacity(session: Session, reasons: readonly string[], services: Services): Promise<'wait' | 'hold'> {
  const { record, at } = session;
  const message = `${record.from} cannot carry more of the traffic yet`;
  if (record.phase !== 'roll-back') await updateRecord(session, { phase: 'roll-back', phaseStartedAt: at }, services);
  else if (services.now() - Date.parse(record.phaseStartedAt) > warmingPatience) return hold(session, '080-cold', message, reasons, services);
  await services.failovers.tell(record.failoverId, '079-warming', { at, phase: 'roll-back', message, reasons });
  return 'wait';
}

/** A Region that does not answer is not one to go back to. */
export async function readyAt({ plan }: Session, side: SideName, services: Services): Promise<number> {
  try {
    return await readyInstances(plan, side, services);
  } catch {
    return 0;
  }
}
