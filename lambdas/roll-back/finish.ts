// Forward instead of back: a roll-back that finds everything moved and well.
import { noEvidence } from '../failover/failure-reason.ts';
import type { Session } from '../failover/session.ts';
import type { Services } from '../services.ts';
import { hold } from './holding.ts';

/**
 * Everything has moved, the new side passes, and the old one is not better: what is left is to drain and to hand over. Holding would leave a service
 * whose active side nobody uses. What must not go forward is held all the same.
 */
export async function finish(session: Session, why: string | undefined, reasons: readonly string[], services: Services): Promise<'finish' | 'verify' | 'hold'> {
  const { record, service, at } = session;
  if (service.killSwitch || why === noEvidence) return hold(session, '080-kept', 'all traffic has moved, and nothing more is done', reasons, services);
  if ((record.stepVerifiedAt ?? '') < record.phaseStartedAt && record.phase === 'shift') return 'verify';
  await services.failovers.tell(record.failoverId, '080-finish', {
    at,
    phase: record.phase,
    message: `all traffic is on ${record.to}, which passes: the failover is finished`,
    reasons,
  });
  return 'finish';
}
