// One step back towards the weights at the start: only onto a side that is better for users, and only as far as it can carry.
import { otherSide } from '../../core/contracts/plan.ts';
import type { FailoverRecord, Weights } from '../../core/contracts/records.ts';
import { rollBackStep, shareOf, weightsFor } from '../../core/traffic/steps.ts';
import { WeightsChangedError } from '../adapters/record-router.ts';
import { failureReason } from '../failover/failure-reason.ts';
import { openHoldingSession, type Session, unknownChange, updateRecord } from '../failover/session.ts';
import { demand, readyInstances } from '../failover/side-evidence.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';
import { weighSides } from './weigh-sides.ts';

export const rollBack: Step<'roll-back'> = async ({ failure, ...input }, services) => {
  const session = await openHoldingSession(input, services);
  const { record, service, plan, at } = session;
  await tellFailure(session, failure, services);
  const { weightsAtStart } = record;
  if (!weightsAtStart) return { decision: 'done' };
  const standing = (await services.router.read(plan)).weights;
  if (same(standing, weightsAtStart)) return { decision: 'done' };
  if (!same(standing, record.weights) && !same(standing, record.intended))
    throw new WeightsChangedError(
      `the weights of ${plan.record.name} are ${standing.primary}/${standing.standby}: somebody else changed them, and Forestall leaves them`,
    );
  const hold = async (key: string, message: string, reasons: readonly string[]) => {
    await services.failovers.tell(record.failoverId, key, { at, phase: 'roll-back', message, reasons, weights: standing });
    return { decision: 'hold' } as const;
  };

  // The kill switch stops what goes forward; a mode that changes nothing changes nothing back either.
  if (service.mode !== 'act') return hold('080-mode', 'not rolled back', [`the mode is ${service.mode}`]);
  const weighed = await weighSides(session, standing, services);
  if (!weighed.goBack) return hold('080-kept', `not rolled back: going back to ${record.from} would not serve more users`, weighed.reasons);
  const current = Math.round(shareOf(record.to, standing) * 100);
  const stays = rollBackStep(plan, record.from, await readyAt(record, session, services), await demand(plan, services), current);
  if (stays === current) return hold('080-cold', `${record.from} cannot carry more of the traffic yet`, weighed.reasons);

  const wanted = stays === 0 ? weightsAtStart : weightsFor(record.to, stays);
  await updateRecord(session, { phase: 'roll-back', phaseStartedAt: at, intended: wanted }, services);
  const changeId = await services.router.setWeights(plan, standing, wanted);
  await updateRecord(session, { weights: wanted, changeId: changeId ?? unknownChange }, services);
  await services.failovers.tell(record.failoverId, `080-back-${String(100 - stays).padStart(3, '0')}`, {
    at,
    phase: 'roll-back',
    message: `${100 - stays} % of the traffic on ${otherSide(record.to)} again`,
    reasons: weighed.reasons,
    weights: wanted,
  });
  return { decision: 'verify' };
};

const same = (a: Weights, b: Weights | undefined) => a.primary === b?.primary && a.standby === b.standby;

/** Why the roll-back was called, when an error called it; a verdict is in the story already. */
async function tellFailure({ record, at }: Session, failure: unknown, { failovers }: Services): Promise<void> {
  const reason = failureReason(failure);
  if (reason)
    await failovers.tell(record.failoverId, '075-failed', {
      at,
      phase: record.phase,
      message: 'a step failed before the point of no return',
      reasons: [reason],
    });
}

/** A Region that does not answer is not one to go back to. */
async function readyAt({ from }: FailoverRecord, { plan }: Session, services: Services): Promise<number> {
  try {
    return await readyInstances(plan, from, services);
  } catch {
    return 0;
  }
}
