// First step of a failover: the record, the lock, the interlocks. Nothing outside Forestall is changed, but for a fail-back's latch.

import type { FailoverRecord, ServiceRecord, Weights } from '../../core/contracts/records.ts';
import type { FailoverInput } from '../../core/contracts/workflow.ts';
import { checkInterlocks, standingRefusals, untold } from '../../core/failover/interlocks.ts';
import { lockState } from '../../core/failover/lock.ts';
import { bakeSeconds } from '../../core/traffic/steps.ts';
import { RecordsUnfitError } from '../adapters/record-router.ts';
import { askControlPlane, ControlPlaneError } from '../failover/control-plane.ts';
import { endFailover, endOpened } from '../failover/ending.ts';
import { liftLatch } from '../failover/latch.ts';
import { openingRecord } from '../failover/opening-record.ts';
import { sideScores } from '../failover/side-scores.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';

/** How long another holder of the lock is waited for. */
const lockPatience = 15 * 60_000;

export const openFailover: Step<'open-failover'> = async (request, services) => {
  const { failovers, now } = services;
  const service = await services.services.get(request.serviceId);
  const at = new Date(now()).toISOString();
  const made = openingRecord(request, service.plan, at);
  await failovers.create(made);
  const record = await failovers.get(request.failoverId);
  if (record.endedAt) return { decision: 'end' };

  if (lockState(service.lock, record.failoverId, now()) === 'held') return waitForLock(record, service.lock?.holder, services);

  const all = await failovers.running();
  // A holder of this service's lock whose lease ran out is gone; it must not keep its own service from being moved.
  const running = all.filter(({ failoverId }) => failoverId !== service.lock?.holder);
  const interlocks = checkInterlocks({ service, request, running, scores: await sideScores(service, services), now: now() });
  if (interlocks.decision !== 'proceed') {
    await tellStanding(service, request, services);
    await endOpened(record, interlocks.decision, interlocks.reasons, services);
    return { decision: 'end' };
  }
  const token = await services.services.acquireLock(service, record.failoverId, now());
  if (token === undefined) return waitForLock(record, service.lock?.holder, services);
  // Whatever fails from here on, the way back has to know that it holds the lock.
  await failovers.update(record.failoverId, { fencingToken: token });
  if (!(await failovers.addRunning(record.failoverId, record.zone, all.length))) return { decision: 'wait' };

  let weights: Weights | undefined;
  try {
    weights = await standingWeights(request, service, services);
  } catch (error) {
    if (!(error instanceof RecordsUnfitError)) throw error;
    await endOpened(record, 'held', [error.message], services);
    return { decision: 'end' };
  }
  if (weights?.[request.from] === 0) {
    await endOpened(record, 'refused', [`${request.from} has weight 0 (${weights.primary}/${weights.standby}): there is no traffic to move`], services);
    return { decision: 'end' };
  }
  if (request.kind === 'fail-back' && weights && weights[request.to] !== 0) {
    const reason = `${request.to} has weight ${weights[request.to]}: lifting its latch would move traffic before it is proved; set it to 0 first`;
    await endOpened(record, 'refused', [reason], services);
    return { decision: 'end' };
  }
  const found = weights ? { weightsAtStart: record.weightsAtStart ?? weights, weights: record.weights ?? weights } : { unreachableSince: at };
  if (!(await failovers.update(record.failoverId, found))) return endAgain(record.failoverId, services);
  // After the weights are in the record: an ending latches again what it finds lifted there.
  if (request.kind === 'fail-back' && (!request.drill || service.latched[request.to])) {
    await liftLatch(service, request.to, services);
    if (!(await failovers.update(record.failoverId, { latchLiftedAt: record.latchLiftedAt ?? at }))) return endAgain(record.failoverId, services);
  }
  await failovers.tell(record.failoverId, '010-opened', {
    at,
    phase: 'opened',
    message: `${request.kind} of ${request.serviceId} from ${request.from} to ${request.to}, profile ${record.profile} (bake ${bakeSeconds(service.plan, record.profile)} s)`,
    reasons: [...request.reasons, ...(weights ? [] : ["Route 53's control plane does not answer: the weights are not known"])],
    ...(weights ? { weights } : {}),
  });
  return { decision: 'proceed' };
};

/** Something else ended it while it was being opened: what was taken meanwhile is given back, and a latch that was lifted is set again. */
async function endAgain(failoverId: string, services: Services): Promise<{ decision: 'end' }> {
  const ended = await services.failovers.get(failoverId);
  await endOpened(ended, ended.outcome ?? 'held', [], services);
  return { decision: 'end' };
}

/** undefined: Route 53's control plane does not answer. A predicted failure does not wait for it: all but the weights can be prepared and proved meanwhile. */
async function standingWeights({ kind, drill }: FailoverInput, { plan }: ServiceRecord, { router }: Services): Promise<Weights | undefined> {
  try {
    return (await askControlPlane(() => router.read(plan))).weights;
  } catch (error) {
    if (error instanceof ControlPlaneError && kind === 'predictive' && drill === null) return undefined;
    throw error;
  }
}

/** What will refuse again and again is told once, as a page where a person has to act; start-workflow ignores what asks again. */
async function tellStanding(service: ServiceRecord, request: FailoverInput, { services, notifier, now }: Services): Promise<void> {
  const standing = standingRefusals(service, request, now());
  const news = untold(service, standing);
  if (news.length === 0) return;
  const pages = news.filter(({ page }) => page);
  if (pages.length > 0)
    await notifier.tell('page', `${service.serviceId}: ${request.kind} refused, and will be until somebody acts`, [
      ...pages.map(({ reason }) => reason),
      ...request.reasons,
      'this is said once; see the runbook "A move is refused"',
    ]);
  await services.setToldRefusals(service.serviceId, Object.fromEntries(standing.map(({ key, id }) => [key, id])));
}

async function waitForLock(record: FailoverRecord, holder: string | undefined, services: Services): Promise<{ decision: 'wait' | 'end' }> {
  if (services.now() - Date.parse(record.startedAt) < lockPatience) return { decision: 'wait' };
  await endFailover(record, 'refused', [`${holder ?? 'another workflow'} holds the lock of the service`], services);
  return { decision: 'end' };
}
