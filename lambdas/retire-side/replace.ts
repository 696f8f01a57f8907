// New instances for a side that was left, batch by batch: only what has been replaced by one that is ready is taken away.
import { replacementSubject, replacementToken } from '../../core/contracts/names.ts';
import type { ReplacementRecord } from '../../core/contracts/records.ts';
import type { FailoverStep } from '../../core/contracts/workflow.ts';
import { batchEnd } from '../../core/failover/batches.ts';
import { mirrorKind } from '../mirroring/standby.ts';
import type { ResourceStatus } from '../resources/port.ts';
import type { Services } from '../services.ts';
import { impatient, NotNow, requireLeft, requireSafe } from './gate.ts';
import type { LeftSide } from './left-side.ts';
import { takeAway } from './take-away.ts';

/** A launch takes seconds, and the step has a minute. */
const launchesAtOnce = 4;
/** EC2 may not show an instance yet that it has just started, ms. */
const invisible = 2 * 60_000;
const noCapacity = ['InsufficientInstanceCapacity', 'InstanceLimitExceeded', 'VcpuLimitExceeded'];

/** One step; true when every instance has been replaced. Throws NotNow. */
export async function replace(side: LeftSide, services: Services): Promise<boolean> {
  const { record, service, plan, region, retired } = side;
  const gone = retired.filter(({ status }) => status === 'terminated').length;
  if (gone === retired.length) return true;
  const wanted = batchEnd(retired.length, gone);
  const all = await services.retirements.replacements(service.serviceId);
  const own = all.filter(({ failoverId }) => failoverId === record.failoverId);
  const leftKind = mirrorKind(plan, services);
  const found = await leftKind.status(
    region,
    own.flatMap(({ instanceId }) => instanceId ?? []),
  );
  const states = new Map(found.map((status) => [status.id, status]));
  const missing = Array.from({ length: wanted }, (_, slot) => slot).filter(
    (slot) =>
      !isAlive(
        own.find((place) => place.slot === slot),
        states,
        services.now(),
      ),
  );
  if (missing.length > 0) {
    for (const slot of missing.slice(0, launchesAtOnce))
      await fill(
        side,
        slot,
        all.find((place) => place.slot === slot),
        services,
      );
    return false;
  }
  const places = own.filter(({ slot }) => slot < wanted);
  if (!(await allServe(side, places, states, services))) return false;
  const batch = retired.filter(({ status }) => status !== 'terminated').slice(0, wanted - gone);
  return (await takeAway(side, batch, 'terminated', services)) && wanted === retired.length;
}

function isAlive(place: ReplacementRecord | undefined, states: ReadonlyMap<string, ResourceStatus>, now: number): boolean {
  if (place?.instanceId === undefined || place.status === 'terminated') return false;
  const state = states.get(place.instanceId)?.state;
  return state === undefined ? now - Date.parse(place.updatedAt) < invisible : state !== 'terminated';
}

/** What was started and serves nobody is ended, when no more is done: it stands behind no balancer, and nobody else knows of it. Returns what is left running. */
export async function discard(step: FailoverStep, services: Services): Promise<string[]> {
  const { serviceId, failoverId } = step;
  const { retirements, now } = services;
  const own = (await retirements.replacements(serviceId)).filter((place) => place.failoverId === failoverId && place.status !== 'terminated');
  const ids = own.flatMap(({ instanceId }) => instanceId ?? []);
  if (ids.length === 0) return [];
  try {
    // Nothing is ended on a side that serves, or where people want nothing changed.
    const { record, service } = await requireLeft(step, services);
    const { region, loadBalancer } = service.plan.sides[record.from];
    const { targets: leftTargets } = services;
    const serving = await leftTargets.health(region, loadBalancer.targetGroupArn);
    const idle = own.filter(({ instanceId = '' }) => instanceId !== '' && !serving.has(instanceId));
    const leftKind = mirrorKind(service.plan, services);
    await leftKind.terminate(
      region,
      idle.flatMap(({ instanceId }) => instanceId ?? []),
    );
    const updatedAt = new Date(now()).toISOString();
    for (const place of idle) await retirements.saveReplacement({ ...place, status: 'terminated', updatedAt });
    return ids.filter((id) => !idle.some(({ instanceId }) => instanceId === id));
  } catch (error) {
    if (!(error instanceof NotNow)) throw error;
    return ids;
  }
}

/** Registers what has booted and passes its checks. True once the balancer finds all of them healthy. */
async function allServe(
  side: LeftSide,
  places: readonly ReplacementRecord[],
  states: ReadonlyMap<string, ResourceStatus>,
  services: Services,
): Promise<boolean> {
  const { record, service, region, targetGroupArn, inBalancer } = side;
  const booted = places.flatMap(({ instanceId = '' }) => (states.get(instanceId)?.ready && !inBalancer.has(instanceId) ? [instanceId] : []));
  if (booted.length > 0) {
    await requireSafe({ serviceId: service.serviceId, failoverId: record.failoverId }, services);
    const { targets: leftTargets } = services;
    await leftTargets.register(region, targetGroupArn, booted);
  }
  const updatedAt = new Date(services.now()).toISOString();
  const serving = places.filter(({ instanceId = '' }) => states.get(instanceId)?.ready && inBalancer.get(instanceId) === 'healthy');
  for (const place of serving) if (place.status !== 'ready') await services.retirements.saveReplacement({ ...place, status: 'ready', updatedAt });
  return serving.length === places.length;
}

/** Recorded first, then asked for under a token derived from the record: a retry gets the same instance. */
async function fill(side: LeftSide, slot: number, known: ReplacementRecord | undefined, services: Services): Promise<void> {
  const { record, service, plan, region } = side;
  const { launchTemplate, zone, resources } = plan.sides.primary;
  if (launchTemplate === undefined) throw new NotNow('refused', ['`sides.primary.launchTemplate` is gone from the plan']);
  await requireSafe({ serviceId: service.serviceId, failoverId: record.failoverId }, services);
  const { retirements, now } = services;
  const { serviceId } = service;
  const at = new Date(now()).toISOString();
  const repeated = known?.failoverId === record.failoverId && known.status === 'intended';
  let generation = repeated ? known.generation : (known?.generation ?? 0) + 1;
  const leftKind = mirrorKind(plan, services);
  // With the tags by which the plan selects instances, so that applying it again finds this one.
  const tags = resources[0]?.tags ?? {};
  const launch = () => leftKind.launch({ region, zone, serviceId, launchTemplate, tags, clientToken: replacementToken(serviceId, slot, generation) });
  if (!repeated && !(await retirements.intendReplacement(serviceId, record.failoverId, slot, generation, at))) return;
  try {
    let instanceId = await launch();
    // An old token may stand for an instance that somebody has ended meanwhile.
    if (repeated && (await leftKind.status(region, [instanceId])).some(({ state }) => state === 'terminated')) {
      generation++;
      if (!(await retirements.intendReplacement(serviceId, record.failoverId, slot, generation, at))) return;
      instanceId = await launch();
    }
    const place = { serviceId, subjectId: replacementSubject(slot), failoverId: record.failoverId, slot, generation, instanceId };
    await retirements.saveReplacement({ ...place, status: 'launched', updatedAt: at });
  } catch (error) {
    if (!(error instanceof Error && noCapacity.includes(error.name))) throw error;
    throw impatient(side, new NotNow('wait', [`EC2 has no instance for ${record.from} now: ${error.message}`]), services);
  }
}
