// Gives the side that a service has left weight 0, when the move could not: while Route 53's control plane was out of reach, only the latch kept
// traffic from it. Otherwise lifting the latch, for a fail-back, would move traffic before it is proved, and is refused.
import type { FailoverRecord, ServiceRecord, Weights } from '../../core/contracts/records.ts';
import { lockState } from '../../core/failover/lock.ts';
import { sameWeights, weightsFor } from '../../core/traffic/steps.ts';
import { askControlPlane, ControlPlaneError } from '../failover/control-plane.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';

const arrived = ['failed-over', 'evacuated'];

/** `silent`: Route 53's control plane does not answer, for this service as for any other. */
export type Alignment = 'aligned' | 'left' | 'silent';

/** Sets the weights under the lock, and only if they still are what the last move had left, or, when it never saw them, what stood before it. */
export async function alignWeights(service: ServiceRecord, services: Services): Promise<Alignment> {
  const record = await unaligned(service, services);
  if (!record) return 'left';
  const { serviceId, failoverId } = record;
  // In the name of the move that it completes: should this crash, the sweeper frees the lock as that of any ending that was left half done.
  if ((await services.services.acquireLock(service, failoverId, services.now())) === undefined) return 'left';
  try {
    // Read again under the lock: an operator, or another move, may have come between.
    const current = await services.services.get(serviceId);
    const still = await unaligned(current, services);
    return still?.failoverId === failoverId && (await align(still, current, services)) ? 'aligned' : 'left';
  } catch (error) {
    if (!(error instanceof ControlPlaneError)) throw error;
    logger.warn('weights not aligned yet', { failoverId, error });
    return 'silent';
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

async function align(record: FailoverRecord, service: ServiceRecord, services: Services): Promise<boolean> {
  const { plan } = service;
  const { failoverId, weights, intended, weightsFound } = record;
  const wanted = weightsFor(record.to, 100);
  const standing = (await askControlPlane(() => services.router.read(plan))).weights;
  const own = sameWeights(standing, weights) || sameWeights(standing, intended) || sameWeights(standing, wanted);
  if (!own) {
    // An evacuation never saw the weights: these are its own to change only if they stood before it, and nobody has changed them since they were found.
    const before = weights === undefined && (await stoodBefore(standing, record, service, services));
    if (!before || (weightsFound && !sameWeights(standing, weightsFound))) return tellChanged(record, standing, services);
    if (!weightsFound) {
      await services.failovers.noteEnded(failoverId, { weightsFound: standing });
      return false;
    }
  }
  await askControlPlane(() => services.router.setWeights(plan, standing, wanted));
  await services.failovers.tell(failoverId, '090-aligned', {
    at: new Date(services.now()).toISOString(),
    phase: record.phase,
    message: `weights aligned: ${record.from} has none, so that a fail-back can lift its latch`,
    weights: wanted,
  });
  await services.failovers.noteEnded(failoverId, { weights: wanted });
  return true;
}

/** As far as it is known: what the move before had left, or, without one, that nobody was sent where the users are now. */
async function stoodBefore(standing: Weights, { failoverId, to }: FailoverRecord, { recentMoves }: ServiceRecord, services: Services): Promise<boolean> {
  const last = recentMoves.filter((move) => move.failoverId !== failoverId).at(-1);
  const left = last && (await services.failovers.find(last.failoverId))?.weights;
  return left ? sameWeights(standing, left) : standing[to] === 0;
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
