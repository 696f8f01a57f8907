// Gives the side that a service has left weight 0, when the move could not: while Route 53's control plane was out of reach, only the latch kept
// traffic from it. Otherwise lifting the latch, for a fail-back, would move traffic before it is proved, and is refused.
import type { FailoverRecord, ServiceRecord, Weights } from '../../core/contracts/records.ts';
import { lockState } from '../../core/failover/lock.ts';
import { sameWeights, weightsFor } from '../../core/traffic/steps.ts';
import { askControlPlane, ControlPlaneError } from '../failover/control-plane.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';

const arrived = ['failed-over', 'evacuated'];

/** True: the weights were set, under the lock, and only if they still were what the last move had left. */
export async function alignWeights(service: ServiceRecord, services: Services): Promise<boolean> {
  const record = await unaligned(service, services);
  if (!record) return false;
  const { serviceId, failoverId } = record;
  // In the name of the move that it completes: should this crash, the sweeper frees the lock as that of any ending that was left half done.
  if ((await services.services.acquireLock(service, failoverId, services.now())) === undefined) return false;
  try {
    // Read again under the lock: an operator, or another move, may have come between.
    return (await unaligned(await services.services.get(serviceId), services)) !== undefined && (await align(record, service, services));
  } catch (error) {
    if (!(error instanceof ControlPlaneError)) throw error;
    logger.warn('weights not aligned yet', { failoverId, error });
    return false;
  } finally {
    await services.services.releaseLock(serviceId, failoverId, undefined);
  }
}

/** The move that brought the service where it is, when the weights do not say so yet. */
async function unaligned(service: ServiceRecord, { failovers, now }: Services): Promise<FailoverRecord | undefined> {
  const { mode, killSwitch, activeSide, latched, lock, lastFailover } = service;
  if (mode !== 'act' || killSwitch || Object.keys(latched).length === 0) return undefined;
  if (!lastFailover || !arrived.includes(lastFailover.outcome) || lockState(lock, lastFailover.failoverId, now()) === 'held') return undefined;
  const record = await failovers.find(lastFailover.failoverId);
  if (!record || record.to !== activeSide || !latched[record.from]) return undefined;
  return sameWeights(record.weights, weightsFor(record.to, 100)) ? undefined : record;
}

async function align(record: FailoverRecord, { plan }: ServiceRecord, services: Services): Promise<boolean> {
  const { failoverId, weights, intended } = record;
  const wanted = weightsFor(record.to, 100);
  const standing = (await askControlPlane(() => services.router.read(plan))).weights;
  // An evacuation never saw the weights; it moved the users whatever they were.
  const left = weights === undefined || sameWeights(standing, weights) || sameWeights(standing, intended) || sameWeights(standing, wanted);
  if (!left) return tellChanged(record, standing, services);
  await askControlPlane(() => services.router.setWeights(plan, standing, wanted));
  await services.failovers.tell(failoverId, '090-aligned', {
    at: new Date(services.now()).toISOString(),
    phase: record.phase,
    message: `weights aligned: ${record.from} has none, so that a fail-back can lift its latch`,
    weights: wanted,
  });
  await services.failovers.setAligned(failoverId, wanted);
  return true;
}

/** Told once: somebody set these weights, and may have meant them. */
async function tellChanged({ failoverId, serviceId, from }: FailoverRecord, { primary, standby }: Weights, services: Services): Promise<false> {
  const claim = `${failoverId}.align`;
  if (!(await services.failovers.claim(claim, new Date(services.now()).toISOString()))) return false;
  await services.notifier.tell('page', `${serviceId}: weights that somebody else set are left as they are`, [
    `they are ${primary}/${standby}; ${from} is latched, and a fail-back is refused until its weight is 0`,
    `failover ${failoverId}`,
  ]);
  await services.failovers.markStarted(claim);
  return false;
}
