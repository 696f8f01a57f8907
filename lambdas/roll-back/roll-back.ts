// One step back: only onto a side that is better for users, and only as far as it can carry.
import { otherSide } from '../../core/contracts/plan.ts';
import type { FailoverRecord, Weights } from '../../core/contracts/records.ts';
import type { StepOutput } from '../../core/contracts/workflow.ts';
import { rollBackStep, sameWeights, shareOf, weightsFor } from '../../core/traffic/steps.ts';
import { WeightsChangedError } from '../adapters/record-router.ts';
import { applyGradual, gradualStands } from '../drivers/gradual.ts';
import { askControlPlane, ControlPlaneError, noteAnswer, noteSilence } from '../failover/control-plane.ts';
import { failureName, failureReason, noEvidence, notFollowed } from '../failover/failure-reason.ts';
import { openHoldingSession, type Session, unknownChange, updateRecord } from '../failover/session.ts';
import { demand } from '../failover/side-evidence.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';
import { finish } from './finish.ts';
import { goToGoodWeights } from './good-weights.ts';
import { hold, readyAt, waitForCapacity } from './holding.ts';
import { switchBack } from './switch-back.ts';
import { weighSides } from './weigh-sides.ts';

/** Nothing else takes users back, so that the control plane is waited for longer than by a shift, ms. */
const backPatience = 5 * 60_000;

/** A request that was made may be carried out so much later, ms: a function that made it and was ended has a minute altogether. */
const onItsWay = 60_000;

type Decision = StepOutput<'roll-back'>['decision'];

export const rollBack: Step<'roll-back'> = async ({ failure, ...input }, services) => {
  const session = await openHoldingSession(input, services);
  await tellFailure(session, failure, services);
  try {
    return { decision: await stepBack(session, failure, services) };
  } catch (error) {
    if (!(error instanceof ControlPlaneError)) throw error;
    return { decision: await withoutControlPlane(session, error, services) };
  }
};

async function stepBack(session: Session, failure: unknown, services: Services): Promise<Decision> {
  const { record, service, plan } = session;
  const why = failureName(failure);
  if (record.mechanism === 'health-check') return switchBack(session, why, services);
  const { weightsAtStart } = record;
  if (!weightsAtStart || untouched(record)) return 'done';
  const standing = (await askControlPlane(() => services.router.read(plan))).weights;
  await noteAnswer(session, services);
  if (!sameWeights(standing, record.weights) && !sameWeights(standing, record.intended) && !sameWeights(standing, weightsAtStart))
    throw new WeightsChangedError(
      `the weights of ${plan.record.name} are ${standing.primary}/${standing.standby}: somebody else changed them, and Forestall leaves them`,
    );
  if (await awaitsVerification(session, standing, services)) return 'verify';
  if (mayArrive(record, standing, services.now())) return 'wait';
  if (sameWeights(standing, weightsAtStart) && (await gradualStands(session, weightsAtStart, services))) return 'done';

  // The kill switch stops what goes forward; a mode that changes nothing changes nothing back either.
  if (service.mode !== 'act') return hold(session, '080-mode', 'not rolled back', [`the mode is ${service.mode}`], services);
  if (why === noEvidence && plan.canary.onNoEvidence === 'hold') {
    const good = await goToGoodWeights(session, standing, services);
    return good ? setWeights(session, standing, good, ['the last weights that passed'], services) : 'hold';
  }
  const weighed = await weighSides(session, standing, why, services);
  if (!weighed.goBack && shareOf(record.to, standing) === 1) return finish(session, weighed, services);
  if (!weighed.goBack) return hold(session, '080-kept', `not rolled back: going back to ${record.from} would not serve more users`, weighed.reasons, services);
  const current = Math.round(shareOf(record.to, standing) * 100);
  const stays = rollBackStep(plan, record.from, await readyAt(session, record.from, services), await demand(plan, services), current);
  if (stays === current && !sameWeights(standing, weightsAtStart)) return waitForCapacity(session, weighed.reasons, services);
  return setWeights(session, standing, stays === 0 ? weightsAtStart : weightsFor(record.to, stays), weighed.reasons, services);
}

/** Asked for a moment ago, and not there: the request may still be on its way, and would undo what is called done now. */
const mayArrive = ({ intended, phaseStartedAt }: FailoverRecord, standing: Weights, now: number): boolean =>
  intended !== undefined && !sameWeights(intended, standing) && now - Date.parse(phaseStartedAt) < onItsWay;

/** Nothing was asked of Route 53, so that it need not answer now. */
const untouched = ({ intended, weights, weightsAtStart }: FailoverRecord) => intended === undefined && sameWeights(weights ?? weightsAtStart, weightsAtStart);

/** A step back that was repeated after a crash, or whose answer was lost: it has to reach all of Route 53's servers before anything follows. */
async function awaitsVerification(session: Session, standing: Weights, services: Services): Promise<boolean> {
  const { phase, phaseStartedAt, intended, weights, stepVerifiedAt } = session.record;
  if (phase !== 'roll-back' || !sameWeights(standing, intended)) return false;
  if (sameWeights(weights, intended)) return (stepVerifiedAt ?? '') < phaseStartedAt;
  await updateRecord(session, { weights: standing, changeId: unknownChange }, services);
  return true;
}

async function setWeights(session: Session, standing: Weights, wanted: Weights, reasons: readonly string[], services: Services): Promise<Decision> {
  const { record, at } = session;
  await updateRecord(session, { phase: 'roll-back', phaseStartedAt: at, intended: wanted }, services);
  const changeId = await askControlPlane(() => applyGradual(session, { standing, wanted, direction: 'back' }, services));
  await updateRecord(session, { weights: wanted, changeId: changeId ?? unknownChange }, services);
  const back = 100 - Math.round(shareOf(record.to, wanted) * 100);
  await services.failovers.tell(record.failoverId, `080-back-${String(back).padStart(3, '0')}`, {
    at,
    phase: 'roll-back',
    message: `${back} % of the traffic on ${otherSide(record.to)} again`,
    reasons,
    weights: wanted,
  });
  return 'verify';
}

/** Route 53's control plane is waited for. Without it the weights stay what they are: a person has to look. */
async function withoutControlPlane(session: Session, error: ControlPlaneError, services: Services): Promise<Decision> {
  const { record } = session;
  const since = await noteSilence(session, error, services);
  const { weights, intended, weightsAtStart } = record;
  if (record.phase === 'roll-back' && sameWeights(weights, weightsAtStart) && sameWeights(intended ?? weights, weightsAtStart)) return 'done';
  // Counted from the roll-back on: the silence may be what called it.
  const begun = record.phase === 'roll-back' ? Math.max(since, Date.parse(record.phaseStartedAt)) : services.now();
  if (record.phase !== 'roll-back') await updateRecord(session, { phase: 'roll-back', phaseStartedAt: session.at }, services);
  if (services.now() - begun < backPatience) return 'wait';
  return hold(session, '080-unanswered', 'not rolled back: the weights cannot be changed', [error.message, ...lastKnown(record)], services);
}

const lastKnown = ({ weights, intended }: FailoverRecord): string[] => [
  ...(weights ? [`the weights were last set to ${weights.primary}/${weights.standby}`] : []),
  ...(intended && !sameWeights(intended, weights) ? [`${intended.primary}/${intended.standby} was asked for, and may have been set`] : []),
];

/** Why the roll-back was called, when an error called it; a verdict is in the story already. */
async function tellFailure({ record, at }: Session, failure: unknown, { failovers }: Services): Promise<void> {
  const reason = failureReason(failure);
  if (reason && ![noEvidence, notFollowed].includes(failureName(failure) ?? ''))
    await failovers.tell(record.failoverId, '075-failed', {
      at,
      phase: record.phase,
      message: 'a step failed before the point of no return',
      reasons: [reason],
    });
}
