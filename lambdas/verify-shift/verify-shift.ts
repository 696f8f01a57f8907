// Whether the last change of weights has reached all of Route 53's servers. Only then does the evidence of a step begin to count.
import { askControlPlane, ControlPlaneError, controlPlanePatience, noteAnswer, noteSilence } from '../failover/control-plane.ts';
import { openHoldingSession, type Session, switchChange, unknownChange, updateRecord } from '../failover/session.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';

/** Route 53 says that changes generally spread within 60 seconds, ms. */
const spreadTime = 60_000;
/** A latch needs a minute for its metric and one for Route 53's checkers, ms. */
const switchTime = 120_000;

/** Route 53 has taken a change and does not spread it, ms: the step cannot be judged, and waiting longer would use up the execution's history. */
const longestSpread = 15 * 60_000;

/** Route 53 did not bring a change to all of its servers. */
export class PropagationError extends Error {
  override readonly name = 'PropagationError';
}

export const verifyShift: Step<'verify-shift'> = async (input, services) => {
  // Judging, too, may take longer than a lease: the lock is renewed here.
  const session = await openHoldingSession(input, services);
  if (!(await hasSpread(session, services))) return { decision: 'wait' };
  await updateRecord(session, { stepVerifiedAt: session.at }, services);
  return { decision: 'synced' };
};

async function hasSpread(session: Session, services: Services): Promise<boolean> {
  const { changeId, phaseStartedAt } = session.record;
  const age = services.now() - Date.parse(phaseStartedAt);
  if (changeId === undefined) return true;
  if (changeId === switchChange) return age >= switchTime;
  if (changeId === unknownChange) return age >= spreadTime;
  try {
    const inSync = await askControlPlane(() => services.router.isInSync(changeId));
    await noteAnswer(session, services);
    if (!inSync && age > longestSpread) throw new PropagationError(`change ${changeId} is pending since ${phaseStartedAt}: Route 53 has not spread it`);
    return inSync;
  } catch (error) {
    if (!(error instanceof ControlPlaneError)) throw error;
    const silence = services.now() - (await noteSilence(session, error, services));
    if (silence < controlPlanePatience || age < spreadTime) return false;
    await tellUnverified(session, error, services);
    return true;
  }
}

/** An accepted change spreads without the control plane's help. It is judged as every step, and the next one asks the control plane again. */
async function tellUnverified({ record, at }: Session, error: ControlPlaneError, { failovers }: Services): Promise<void> {
  await failovers.tell(record.failoverId, `046-unverified-${record.phaseStartedAt}`, {
    at,
    phase: record.phase,
    message: 'whether the change has spread cannot be asked; it was accepted long enough ago',
    reasons: [error.message],
    ...(record.weights ? { weights: record.weights } : {}),
  });
}
