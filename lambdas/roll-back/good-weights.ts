// When there is no evidence for the last step: back to the last weights that were judged and passed, and no further.
import { rateLowerBound } from '../../core/canary/binomial.ts';
import type { Weights } from '../../core/contracts/records.ts';
import { checkCapacity, sameWeights, shareOf } from '../../core/traffic/steps.ts';
import { largestShare } from '../drivers/gradual.ts';
import type { Session } from '../failover/session.ts';
import { demand } from '../failover/side-evidence.ts';
import type { Services } from '../services.ts';
import { hold, readyAt } from './holding.ts';
import { freshProbes } from './weigh-sides.ts';

/** The weights to set; undefined: the traffic stays where it is, and the story says why. */
export async function goToGoodWeights(session: Session, standing: Weights, services: Services): Promise<Weights | undefined> {
  const { record, plan } = session;
  const good = record.goodWeights ?? record.weightsAtStart ?? standing;
  const stay = async (reason: string) => {
    await hold(session, '080-no-evidence', 'held: there is no evidence for the last step', [reason], services);
    return undefined;
  };
  if (sameWeights(standing, good)) return stay(`the weights are the last that passed, ${good.primary}/${good.standby}`);
  if (shareOf(record.to, good) > shareOf(record.to, standing)) return stay('less has moved than had passed');
  const seen = (await freshProbes(session, services))?.[record.from];
  if (seen && rateLowerBound(seen.failed, seen.requests) > plan.objective.errorRate)
    return stay(`${record.from} fails: ${seen.failed} of ${seen.requests} probes failed`);
  const [ready, asked] = await Promise.all([readyAt(session, record.from, services), demand(plan, services)]);
  const capacity = checkCapacity(plan, record.from, ready, asked, largestShare(plan, shareOf(record.from, good)));
  return capacity.enough ? good : stay(capacity.reason);
}
