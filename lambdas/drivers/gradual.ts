// Drivers that take every step of a shift: called by the steps that shift and roll back, in the plan's order.
import type { Plan } from '../../core/contracts/plan.ts';
import { driverKey, isGradual } from '../../core/contracts/plan-drivers.ts';
import type { Weights } from '../../core/contracts/records.ts';
import { shareOf } from '../../core/traffic/steps.ts';
import { isUnanswered } from '../failover/control-plane.ts';
import type { Session } from '../failover/session.ts';
import type { Services } from '../services.ts';
import { askDriver } from './ask.ts';
import { loadBalancerWeights } from './load-balancer-weights.ts';
import { setRecords } from './route53-weights.ts';

/**
 * Largest share of the requests (0-1) that a side can get when every gradual driver gives it `share`. A balancer behind the records divides again
 * what DNS has divided: of what still reaches the old side it forwards a part. Capacity has to stand behind this, not behind `share` alone.
 */
export function largestShare({ drivers }: Plan, share: number): number {
  return 1 - (1 - share) ** drivers.filter(isGradual).length;
}

export interface GradualStep {
  /** what Forestall left Route 53's records at */
  readonly standing: Weights;
  readonly wanted: Weights;
  /**
   * `forward`: DNS goes on without a balancer that cannot be reached; the story says so, and the hand-over asks it again.
   * `back`: such a balancer fails the step, since it would go on sending users away.
   */
  readonly direction: 'forward' | 'back';
}

/**
 * Sets all gradual drivers to `wanted`, each by compare-and-set. Returns the id of Route 53's change; undefined: its weights are set already.
 * Throws WeightsChangedError when somebody else has changed any of them; what comes before it in the plan's order has been set then.
 */
export async function applyGradual(session: Session, { standing, wanted, direction }: GradualStep, services: Services): Promise<string | undefined> {
  let changeId: string | undefined;
  const percent = Math.round(shareOf(session.record.to, wanted) * 100);
  await inOrder(session, percent, direction, services, async () => {
    changeId = await setRecords(session.plan, standing, wanted, services);
  });
  return changeId;
}

/** As above, for the balancers alone: DNS is moved by other means. @param percent share of the traffic for the receiving side (0-100) */
export async function applyBalancers(session: Session, percent: number, direction: GradualStep['direction'], services: Services): Promise<void> {
  await inOrder(session, percent, direction, services, async () => {});
}

async function inOrder(
  session: Session,
  percent: number,
  direction: GradualStep['direction'],
  services: Services,
  records: () => Promise<void>,
): Promise<void> {
  const { plan, at } = session;
  let { record } = session;
  let failure: unknown;
  for (const settings of plan.drivers) {
    if (settings.driver === 'route53-weights') await records();
    if (settings.driver !== 'load-balancer-weights') continue;
    try {
      ({ record } = await askDriver({ ...session, record }, loadBalancerWeights, settings, percent, services));
    } catch (error) {
      // A refusal will be one again: better now, when few users have moved, than at the hand-over.
      if (!isUnanswered(error)) throw error;
      failure = error;
    }
  }
  if (failure !== undefined && direction === 'back') throw failure;
  if (failure !== undefined)
    await services.failovers.tell(record.failoverId, `041-unreached-${String(percent).padStart(3, '0')}`, {
      at,
      phase: record.phase,
      message: 'a balancer was not reached; DNS goes on without it',
      reasons: [String(failure)],
    });
}

/** Whether every gradual driver but DNS, which the caller reads itself, stands at these weights. */
export async function gradualStands({ plan, record }: Session, wanted: Weights, services: Services): Promise<boolean> {
  for (const settings of plan.drivers) {
    if (settings.driver !== 'load-balancer-weights' || record.drivers[driverKey(settings)] === undefined) continue;
    const { standby } = await loadBalancerWeights.read({ plan, settings, services });
    if (standby !== Math.round(shareOf('standby', wanted) * 100)) return false;
  }
  return true;
}
