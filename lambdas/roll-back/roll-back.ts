// One step back towards the weights at the start: as far as the old side can carry, and only if it is not the worse one.

import { judge } from '../../core/canary/judge.ts';
import type { Weights } from '../../core/contracts/records.ts';
import { rollBackStep, shareOf, weightsFor } from '../../core/traffic/steps.ts';
import { WeightsChangedError } from '../adapters/record-router.ts';
import { openActingSession, type Session, updateRecord } from '../failover/session.ts';
import { demand, readyInstances } from '../failover/side-evidence.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';

/** Older probes say nothing of now. */
const evidenceMinutes = 5;

export const rollBack: Step<'roll-back'> = async (input, services) => {
  const session = await openActingSession(input, services);
  const { record, plan, at } = session;
  const { weightsAtStart } = record;
  if (!weightsAtStart) return { decision: 'done' };
  const standing = (await services.router.read(plan)).weights;
  if (same(standing, weightsAtStart)) return { decision: 'done' };
  if (!same(standing, record.weights) && !same(standing, record.intended))
    throw new WeightsChangedError(
      `the weights of ${plan.record.name} are ${standing.primary}/${standing.standby}: somebody else changed them, and Forestall leaves them`,
    );

  const better = await receivingIsBetter(session, services);
  if (better) {
    await services.failovers.tell(record.failoverId, '080-kept', {
      at,
      phase: 'roll-back',
      message: `not rolled back: ${record.from} measures worse than ${record.to}`,
      reasons: better,
      weights: standing,
    });
    return { decision: 'hold' };
  }
  const current = Math.round(shareOf(record.to, standing) * 100);
  const stays = rollBackStep(plan, record.from, await readyInstances(plan, record.from, services), await demand(plan, services), current);
  if (stays === current) {
    await services.failovers.tell(record.failoverId, '080-cold', {
      at,
      phase: 'roll-back',
      message: `${record.from} cannot carry more of the traffic yet`,
      weights: standing,
    });
    return { decision: 'hold' };
  }
  const wanted = stays === 0 ? weightsAtStart : weightsFor(record.to, stays);
  await updateRecord(session, { phase: 'roll-back', phaseStartedAt: at, intended: wanted }, services);
  const changeId = await services.router.setWeights(plan, standing, wanted);
  await updateRecord(session, { weights: wanted, ...(changeId ? { changeId } : {}) }, services);
  await services.failovers.tell(record.failoverId, `080-back-${String(100 - stays).padStart(3, '0')}`, {
    at,
    phase: 'roll-back',
    message: `${100 - stays} % of the traffic back to ${record.from}`,
    weights: wanted,
  });
  return { decision: 'verify' };
};

const same = (a: Weights, b: Weights | undefined) => a.primary === b?.primary && a.standby === b.standby;

/** The reasons to stay, when the newest probes show the receiving side to be the better one; undefined otherwise. */
async function receivingIsBetter({ record, plan }: Session, { failovers, now }: Services): Promise<readonly string[] | undefined> {
  const samples = await failovers.probesSince(record.failoverId, new Date(now() - evidenceMinutes * 60_000).toISOString());
  const newest = samples.at(-1);
  if (!newest) return undefined;
  const { comparison } = judge({
    receiving: { live: newest[record.to], lagging: undefined },
    losing: { live: newest[record.from], lagging: undefined },
    objective: plan.objective,
    minimumProbes: Math.ceil(plan.canary.probes / 2),
  });
  const of = (side: 'primary' | 'standby') => `${side}: ${newest[side].failed} of ${newest[side].requests} probes failed`;
  return comparison === 'receiving-better' ? [of(record.from), of(record.to)] : undefined;
}
