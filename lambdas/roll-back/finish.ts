// Forward instead of back: a roll-back that finds everything moved and well.
import { type Session, updateRecord } from '../failover/session.ts';
import type { Services } from '../services.ts';
import { hold } from './holding.ts';
import type { Weighed } from './weigh-sides.ts';

/**
 * Everything has moved, and nothing speaks for going back: when the new side passes, what is left is to drain and to hand over. Holding would leave a
 * service whose active side nobody uses. The kill switch holds it all the same; evidence is waited for as long as for any step, also when its absence is what
 * called for the roll-back.
 */
export async function finish(session: Session, { proven, reasons }: Weighed, services: Services): Promise<'finish' | 'verify' | 'wait' | 'hold'> {
  const { record, service, plan, at } = session;
  const kept = (message: string) => hold(session, '080-kept', message, reasons, services);
  if (service.killSwitch) return kept('all traffic has moved, and nothing more is done');
  if (record.phase === 'shift' && (record.stepVerifiedAt ?? '') < record.phaseStartedAt) return 'verify';
  if (!proven) {
    if (record.phase !== 'roll-back') await updateRecord(session, { phase: 'roll-back', phaseStartedAt: at }, services);
    else if (services.now() - Date.parse(record.phaseStartedAt) > plan.canary.evidenceWaitMinutes * 60_000)
      return kept(`all traffic is on ${record.to}, and nothing proves that it serves well`);
    return 'wait';
  }
  await services.failovers.tell(record.failoverId, '080-finish', {
    at,
    phase: record.phase,
    message: `all traffic is on ${record.to}, which passes: the failover is finished`,
    reasons,
  });
  return 'finish';
}
