// One step of a shift: the next share of the traffic, if the receiving side can carry it. The bake and the verdict decide whether there is a next one.
import type { Plan } from '../../core/contracts/plan.ts';
import type { FailoverRecord, Weights } from '../../core/contracts/records.ts';
import type { StepOutput } from '../../core/contracts/workflow.ts';
import { bakeSeconds, checkCapacity, nextStep, sameWeights, shareOf, weightsFor } from '../../core/traffic/steps.ts';
import { applyGradual, largestShare } from '../drivers/gradual.ts';
import { throwSwitchesAfterEvacuation } from '../drivers/switches.ts';
import { askControlPlane, ControlPlaneError, noteAnswer } from '../failover/control-plane.ts';
import { openActingSession, type Session, unknownChange, updateRecord } from '../failover/session.ts';
import { demand, readyInstances } from '../failover/side-evidence.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';
import { repeatSwitch, withoutControlPlane } from './switch-over.ts';

/** How long capacity is waited for before the shift is given up. */
const capacityPatience = 15 * 60_000;

/** The receiving side stayed too small for the next step. */
export class CapacityError extends Error {
  override readonly name = 'CapacityError';
}

type Decision = StepOutput<'shift-traffic'>['decision'];

export const shiftTraffic: Step<'shift-traffic'> = async (input, services) => {
  const session = await openActingSession(input, services);
  const { record, plan } = session;
  const answer = (decision: Decision) => ({ decision, bakeSeconds: bakeSeconds(plan, record.profile) });
  if (record.kind !== 'evacuation' && record.mechanism === 'health-check') return answer(await repeatSwitch(session, services));
  // Asked again after a crash or a lost answer: a step that was never verified has not been baked and judged, and there is no next one yet.
  if (awaitsVerification(record)) return answer('verify');
  try {
    return answer(await takeStep(session, services));
  } catch (error) {
    // An evacuation has moved the users by other means; its weights are aligned when the control plane is back.
    if (!(error instanceof ControlPlaneError) || record.kind === 'evacuation') throw error;
    return answer(await withoutControlPlane(session, error, services));
  } finally {
    // Whatever became of the weights: the users have moved, and the application has to know. Nothing of it fails the evacuation.
    if (record.kind === 'evacuation') await throwSwitchesAfterEvacuation(session, services);
  }
};

async function takeStep(session: Session, services: Services): Promise<Decision> {
  const { record, plan, at } = session;
  const standing = record.weights ?? (await readWeights(session, services));
  const wanted = wantedWeights(record, plan, standing);
  if (wanted === undefined) return 'done';

  const share = shareOf(record.to, wanted);
  // An evacuation has no choice: Route 53 has moved the traffic already, the weights only follow.
  if (record.kind !== 'evacuation') {
    const [ready, asked] = await Promise.all([readyInstances(plan, record.to, services), demand(plan, services)]);
    const capacity = checkCapacity(plan, record.to, ready, asked, largestShare(plan, share));
    if (!capacity.enough) {
      // Counted from the first look that found it lacking, not from the step before, whose bake may have been longer.
      const since = lackingSince(record);
      if (since === undefined)
        await updateRecord(session, { lackingSince: at, ...(record.phase === 'shift' ? {} : { phase: 'shift', phaseStartedAt: at }) }, services);
      else if (services.now() - Date.parse(since) > capacityPatience) throw new CapacityError(capacity.reason);
      await services.failovers.tell(record.failoverId, `040-capacity-${percent(share)}`, {
        at,
        phase: 'shift',
        message: 'waiting for capacity',
        reasons: [capacity.reason],
      });
      return 'hold';
    }
  }
  await updateRecord(session, { phase: 'shift', phaseStartedAt: at, intended: wanted }, services);
  const changeId = await askControlPlane(() => applyGradual(session, { standing, wanted, direction: 'forward' }, services));
  await updateRecord(session, { weights: wanted, changeId: changeId ?? unknownChange }, services);
  await noteAnswer(session, services);
  await services.failovers.tell(record.failoverId, `040-shift-${percent(share)}`, {
    at,
    phase: 'shift',
    message: `${Math.round(share * 100)} % of the traffic to ${record.to}`,
    weights: wanted,
  });
  return 'verify';
}

/** The failover was opened while Route 53's control plane did not answer: what stands now is what it stood at then. */
async function readWeights(session: Session, services: Services): Promise<Weights> {
  const { weights } = await askControlPlane(() => services.router.read(session.plan));
  await updateRecord(session, { weights, weightsAtStart: weights }, services);
  return weights;
}

/** undefined: capacity has not been lacking since the last step was taken. */
const lackingSince = ({ lackingSince: since, phaseStartedAt }: FailoverRecord): string | undefined =>
  since !== undefined && since >= phaseStartedAt ? since : undefined;

/** ISO times of one form, which compare as texts. */
const awaitsVerification = ({ phase, phaseStartedAt, stepVerifiedAt, intended, weights }: FailoverRecord): boolean =>
  phase === 'shift' && sameWeights(intended, weights) && (stepVerifiedAt ?? '') < phaseStartedAt;

const percent = (share: number) => String(Math.round(share * 100)).padStart(3, '0');

/** A step that was intended but not confirmed is repeated; otherwise the next one. */
function wantedWeights(record: FailoverRecord, plan: Plan, standing: Weights): Weights | undefined {
  const { intended } = record;
  if (intended && !sameWeights(intended, standing)) return intended;
  const steps = record.kind === 'evacuation' ? [100] : plan.shift[record.profile].steps;
  const next = nextStep(steps, Math.round(shareOf(record.to, standing) * 100));
  return next === undefined ? undefined : weightsFor(record.to, next);
}
