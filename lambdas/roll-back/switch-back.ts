// The way back from a move by the evacuation check: its latch is lifted, which needs no control plane either.
import type { StepOutput } from '../../core/contracts/workflow.ts';
import { checkCapacity, shareOf, weightsFor } from '../../core/traffic/steps.ts';
import { noEvidence } from '../failover/failure-reason.ts';
import { liftLatch } from '../failover/latch.ts';
import { type Session, switchChange, updateRecord } from '../failover/session.ts';
import { demand } from '../failover/side-evidence.ts';
import type { Services } from '../services.ts';
import { finish } from './finish.ts';
import { hold, readyAt, waitForCapacity } from './holding.ts';
import { weighSides } from './weigh-sides.ts';

/** Written to the record before the latch is lifted, so that a repeat lifts it again, whatever the sides measure then. */
const lifting = 'lifting';

/** All at once: the traffic returns to the weights that stand. Steps need the control plane. */
export async function switchBack(session: Session, why: string | undefined, services: Services): Promise<StepOutput<'roll-back'>['decision']> {
  const { record, service, plan, at } = session;
  if (record.changeId !== lifting) {
    if (service.mode !== 'act') return hold(session, '080-mode', 'not rolled back', [`the mode is ${service.mode}`], services);
    const stays = `${record.from} stays latched, and all traffic on ${record.to}`;
    if (why === noEvidence && plan.canary.onNoEvidence === 'hold')
      return hold(session, '080-no-evidence', 'held: there is no evidence for the last step', [stays], services);
    const weighed = await weighSides(session, weightsFor(record.to, 100), why, services);
    if (!weighed.goBack && weighed.proven) return finish(session, why, weighed.reasons, services);
    if (!weighed.goBack) return hold(session, '080-kept', `not rolled back: ${stays}`, weighed.reasons, services);
    const share = record.weights ? shareOf(record.from, record.weights) : 1;
    const [ready, asked] = await Promise.all([readyAt(session, record.from, services), demand(plan, services)]);
    const capacity = checkCapacity(plan, record.from, ready, asked, share);
    if (!capacity.enough) return waitForCapacity(session, [...weighed.reasons, capacity.reason], services);
    await updateRecord(session, { phase: 'roll-back', phaseStartedAt: at, changeId: lifting }, services);
  }
  await liftLatch(service, record.from, services);
  await updateRecord(session, { mechanism: 'weights', phase: 'roll-back', phaseStartedAt: at, changeId: switchChange }, services);
  await services.failovers.tell(record.failoverId, '080-switched-back', { at, phase: 'roll-back', message: `the latch of ${record.from} is lifted` });
  return 'verify';
}
