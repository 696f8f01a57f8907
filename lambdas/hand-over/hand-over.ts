// The hand-over: what the plan switches with the traffic is switched, then the receiving side becomes the active one: the point of no return.
import { throwSwitches } from '../drivers/switches.ts';
import { isCutOff } from '../failover/cut-off.ts';
import { handOverService } from '../failover/latch.ts';
import { failsMore, inWords, lookAt } from '../failover/serving.ts';
import { openActingSession, type Session, updateRecord } from '../failover/session.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';

/** The receiving side stopped serving between two switches of a hand-over: some are thrown, and nothing is latched. A person has to look. */
export class TargetLostError extends Error {
  override readonly name = 'TargetLostError';
}

export const handOver: Step<'hand-over'> = async (input, services) => {
  const session = await openActingSession(input, services);
  const { record, at } = session;
  // The last look: latching the losing side while the receiving one does not serve would leave the users nowhere to go.
  if (!record.pointOfNoReturn) {
    const objection = await objectionTo(session, services);
    if (objection && record.phase === 'hand-over') throw new TargetLostError(objection);
    if (objection) {
      await services.failovers.tell(record.failoverId, '062-not-handed-over', { at, phase: record.phase, message: 'not handed over', reasons: [objection] });
      return { decision: 'failing' };
    }
  }
  // First: from here on a failure halts and pages. The users have moved; rolling back would take them from what is switched already.
  if (record.phase !== 'hand-over') await updateRecord(session, { phase: 'hand-over', phaseStartedAt: at }, services);
  if (!record.pointOfNoReturn && (await throwSwitches(session, services)) === 'wait') return { decision: 'wait' };
  await updateRecord(session, { pointOfNoReturn: true }, services);
  await handOverService(record, services);
  await services.failovers.tell(record.failoverId, '070-hand-over', {
    at,
    phase: 'hand-over',
    message:
      record.kind === 'fail-back'
        ? `${record.to} is active, ${record.from} is its standby again`
        : record.drill
          ? `${record.to} is active; ${record.from} is well, and not latched`
          : `${record.to} is active; ${record.from} is latched until an approved fail-back`,
  });
  return { decision: 'handed-over' };
};

/** Why the receiving side must not become the only one; undefined: it serves, or it fails less than the side that is left. */
async function objectionTo({ record, service, plan }: Session, services: Services): Promise<string | undefined> {
  const [serving, left] = await Promise.all([lookAt(plan, record.to, services), lookAt(plan, record.from, services)]);
  if (serving.state === 'serves') return undefined;
  if (failsMore(left, serving) && !(await isCutOff(record.serviceId, service.activeSide, record.from, left, services))) return undefined;
  return `${inWords(record.to, serving)}, ${inWords(record.from, left)}`;
}
