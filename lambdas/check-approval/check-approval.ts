// The last gate before the first users: nobody has to be asked, or somebody has answered, and nothing has come between.
import { entrySubject } from '../../core/contracts/names.ts';
import type { FailoverRecord } from '../../core/contracts/records.ts';
import { approvalStep, needsApproval, secondsBetweenLooks } from '../../core/failover/approval.ts';
import { endpointHealth } from '../failover/endpoint-health.ts';
import { openActingSession, type Session, updateRecord } from '../failover/session.ts';
import { stillAllowed } from '../failover/still-allowed.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';
import { ask, escalate } from './ask.ts';

/** The evacuation check reads a metric of a minute, which is up to two minutes late, ms. */
const latchMemory = 3 * 60_000;

type Decision = 'granted' | 'recheck' | 'judge' | 'denied' | 'validated';

export const checkApproval: Step<'check-approval'> = async (input, services) => {
  const session = await openActingSession(input, services);
  const decision = session.record.drill === 'canary' ? 'validated' : await decide(session, services);
  return { decision, waitSeconds: secondsBetweenLooks(session.plan) };
};

async function decide(session: Session, services: Services): Promise<Decision> {
  const { record, plan } = session;
  if (needsApproval(plan, record)) {
    const step = approvalStep(plan, record.approval, services.now());
    switch (step) {
      case 'ask':
      case 'wait':
      case 'escalate': {
        const reasons = await againstWaiting(session, services);
        if (reasons.length > 0) return deny(session, reasons, services);
        await (step === 'escalate' ? escalate(session, services) : ask(session, services));
        return 'judge';
      }
      case 'time-out':
        // The next look says what follows, also when somebody answered a moment before this was written.
        await services.approvals.timeOut(record.failoverId);
        return decide({ ...session, record: await services.failovers.get(record.failoverId) }, services);
      case 'denied':
        return deny(session, [reasonOf(record)], services);
      case 'granted':
        await tellGranted(session, services);
        // The target was found fit before the question: since then much may have changed.
        if (record.phase === 'approval') return 'recheck';
    }
  }
  if (latchMayBeSeen(session)) {
    await services.failovers.tell(record.failoverId, '032-latched', {
      at: session.at,
      phase: record.phase,
      message: `waiting until Route 53 has seen that ${record.to} is not latched any more; both sides are judged all the while`,
    });
    return 'judge';
  }
  const { refusals, findings } = await stillAllowed(session, services);
  if (refusals.length > 0) return deny(session, refusals, services);
  if (findings.length > 0)
    await services.failovers.tell(record.failoverId, '038-allowed', {
      at: session.at,
      phase: record.phase,
      message: 'nothing has come between',
      reasons: findings,
    });
  return 'granted';
}

/** A question holds the lock: it gives way to what is urgent. What the plan wants without need is asked only as long as it may be done. */
async function againstWaiting(session: Session, services: Services): Promise<readonly string[]> {
  const { record } = session;
  if (await isLost(record, services))
    return [`Route 53's checkers find ${record.from} unhealthy: an emergency waits for nobody, and an evacuation needs the lock`];
  return record.kind === 'predictive' ? [] : (await stillAllowed(session, services)).refusals;
}

/** The side whose failure was predicted has failed. What is not known, or cannot be read, is no sign of it. */
async function isLost({ serviceId, from, to }: FailoverRecord, services: Services): Promise<boolean> {
  try {
    const entry = await services.subjects.find(serviceId, entrySubject(from));
    const health = await endpointHealth(entry?.healthChecks ?? {}, services);
    return health[from] === 'unhealthy' && health[to] === 'healthy';
  } catch (error) {
    logger.warn('health of the sides is unknown', { serviceId, error: error as Error });
    return false;
  }
}

/** A step that is judged while Route 53 still keeps everybody away from the target proves nothing. */
const latchMayBeSeen = ({ record: { latchLiftedAt, intended }, at }: Session): boolean =>
  latchLiftedAt !== undefined && intended === undefined && Date.parse(at) - Date.parse(latchLiftedAt) < latchMemory;

async function deny(session: Session, reasons: readonly string[], services: Services): Promise<'denied'> {
  const { record, at } = session;
  // The reasons go into the head of the record too: the notification of the ending is made of them.
  await updateRecord(session, { reasons: [...new Set([...record.reasons, ...reasons])] }, services);
  await services.failovers.tell(record.failoverId, '037-denied', { at, phase: record.phase, message: 'the move may not go on', reasons });
  return 'denied';
}

async function tellGranted({ record, at }: Session, { failovers }: Services): Promise<void> {
  await failovers.tell(record.failoverId, '036-granted', {
    at: record.approval?.answeredAt ?? at,
    phase: 'approval',
    message: 'the move may go on',
    reasons: [reasonOf(record)],
  });
}

const reasonOf = ({ approval }: FailoverRecord): string =>
  approval?.state === 'timed-out'
    ? `nobody has answered the question of ${approval.askedAt} in time`
    : `${approval?.state ?? 'granted'} by ${approval?.answeredBy ?? 'nobody'} at ${approval?.answeredAt ?? 'an unknown time'}`;
