// The way back from a move by the evacuation check: its latch is lifted, which needs no control plane either.
import type { StepOutput } from '../../core/contracts/workflow.ts';
import { checkCapacity, shareOf, weightsFor } from '../../core/traffic/steps.ts';
import { applyBalancers, largestShare } from '../drivers/gradual.ts';
import { noEvidence } from '../failover/failure-reason.ts';
import { liftLatch, switchOver } from '../failover/latch.ts';
import { type Session, switchChange, updateRecord } from '../failover/session.ts';
import { demand } from '../failover/side-evidence.ts';
import type { Services } from '../services.ts';
import { finish } from './finish.ts';
import { hold, readyAt, waitForCapacity } from './holding.ts';
import { type Weighed, weighSides } from './weigh-sides.ts';

/** Written to the record before the latch is lifted, so that a repeat lifts it again, whatever the sides measure then. */
const lifting = 'lifting';

/** All at once: the traffic returns to the weights that stand. Steps need the control plane. */
export async function switchBack(session: Session, why: string | undefined, services: Services): Promise<StepOutput<'roll-back'>['decision']> {
  const { record, service, plan, at } = session;
  const back = record.weights ? shareOf(record.from, record.weights) : 1;
  if (record.changeId !== lifting) {
    if (service.mode !== 'act') return hold(session, '080-mode', 'not rolled back', [`the mode is ${service.mode}`], services);
    const weighed = await weighSides(session, weightsFor(record.to, 100), why, services);
    if (!weighed.goBack || (why === noEvidence && plan.canary.onNoEvidence === 'hold')) return stay(session, weighed, services);
    const [ready, asked] = await Promise.all([readyAt(session, record.from, services), demand(plan, services)]);
    const capacity = checkCapacity(plan, record.from, ready, asked, largestShare(plan, back));
    if (!capacity.enough) return waitForCapacity(session, [...weighed.reasons, capacity.reason], services);
    await updateRecord(session, { phase: 'roll-back', phaseStartedAt: at, changeId: lifting }, services);
  }
  await liftLatch(service, record.from, services);
  // From here on the record's weights are what moves the traffic: a balancer that is not reached is set by the steps that follow, or told.
  await updateRecord(session, { mechanism: 'weights', phase: 'roll-back', phaseStartedAt: at, changeId: switchChange }, services);
  await applyBalancers(session, Math.round((1 - back) * 100), 'back', services);
  await services.failovers.tell(record.failoverId, '080-switched-back', { at, phase: 'roll-back', message: `the latch of ${record.from} is lifted` });
  return 'verify';
}

/**
 * The switch may have broken off before it was whole: the record says what was meant, so that it is made whole, and verified, before anything is
 * said of where the traffic is.
 */
async function stay(session: Session, weighed: Weighed, services: Services): Promise<StepOutput<'roll-back'>['decision']> {
  const { record, at } = session;
  if ((record.stepVerifiedAt ?? '') < record.phaseStartedAt && record.phase === 'shift') {
    await switchOver(record, services);
    await applyBalancers(session, 100, 'forward', services);
    await updateRecord(session, { phaseStartedAt: at, phase: 'roll-back', changeId: switchChange }, services);
    return 'verify';
  }
  const reasons = [...weighed.reasons, `${record.from} stays latched, and all traffic on ${record.to}`];
  return finish(session, { ...weighed, reasons }, services);
}
