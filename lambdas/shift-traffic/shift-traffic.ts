// One step of a shift: the next share of the traffic, if the receiving side can carry it. The bake and the verdict decide whether there is a next one.
import type { Plan } from '../../core/contracts/plan.ts';
import type { FailoverRecord, Weights } from '../../core/contracts/records.ts';
import { bakeSeconds, checkCapacity, nextStep, shareOf, weightsFor } from '../../core/traffic/steps.ts';
import { openActingSession, unknownChange, updateRecord } from '../failover/session.ts';
import { demand, readyInstances } from '../failover/side-evidence.ts';
import type { Step } from '../task-handler.ts';

/** How long capacity is waited for before the shift is given up. */
const capacityPatience = 15 * 60_000;

/** The receiving side stayed too small for the next step. */
export class CapacityError extends Error {
  override readonly name = 'CapacityError';
}

export const shiftTraffic: Step<'shift-traffic'> = async (input, services) => {
  const session = await openActingSession(input, services);
  const { record, plan, at } = session;
  const bake = bakeSeconds(plan, record.profile);
  // Asked again after a crash or a lost answer: a step that was never verified has not been baked and judged, and there is no next one yet.
  if (awaitsVerification(record)) return { decision: 'verify', bakeSeconds: bake };
  const standing = record.weights ?? (await services.router.read(plan)).weights;
  const wanted = wantedWeights(record, plan, standing);
  if (wanted === undefined) return { decision: 'done', bakeSeconds: bake };

  const share = shareOf(record.to, wanted);
  // An evacuation has no choice: Route 53 has moved the traffic already, the weights only follow.
  if (record.kind !== 'evacuation') {
    const capacity = checkCapacity(plan, record.to, await readyInstances(plan, record.to, services), await demand(plan, services), share);
    if (!capacity.enough) {
      if (services.now() - Date.parse(record.phaseStartedAt) > capacityPatience) throw new CapacityError(capacity.reason);
      await services.failovers.tell(record.failoverId, `040-capacity-${percent(share)}`, {
        at,
        phase: 'shift',
        message: 'waiting for capacity',
        reasons: [capacity.reason],
      });
      return { decision: 'hold', bakeSeconds: bake };
    }
  }
  await updateRecord(session, { phase: 'shift', phaseStartedAt: at, intended: wanted }, services);
  const changeId = await services.router.setWeights(plan, standing, wanted);
  await updateRecord(session, { weights: wanted, changeId: changeId ?? unknownChange }, services);
  await services.failovers.tell(record.failoverId, `040-shift-${percent(share)}`, {
    at,
    phase: 'shift',
    message: `${Math.round(share * 100)} % of the traffic to ${record.to}`,
    weights: wanted,
  });
  return { decision: 'verify', bakeSeconds: bake };
};

/** ISO times of one form, which compare as texts. */
const awaitsVerification = ({ phase, phaseStartedAt, stepVerifiedAt, intended, weights }: FailoverRecord): boolean =>
  phase === 'shift' && intended !== undefined && weights !== undefined && same(intended, weights) && (stepVerifiedAt ?? '') < phaseStartedAt;

const same = (a: Weights, b: Weights) => a.primary === b.primary && a.standby === b.standby;

const percent = (share: number) => String(Math.round(share * 100)).padStart(3, '0');

/** A step that was intended but not confirmed is repeated; otherwise the next one. */
function wantedWeights(record: FailoverRecord, plan: Plan, standing: Weights): Weights | undefined {
  const { intended } = record;
  if (intended && !same(intended, standing)) return intended;
  const steps = record.kind === 'evacuation' ? [100] : plan.shift[record.profile].steps;
  const next = nextStep(steps, Math.round(shareOf(record.to, standing) * 100));
  return next === undefined ? undefined : weightsFor(record.to, next);
}
