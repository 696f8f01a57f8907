// Every few minutes: finds failovers whose execution is gone, locks past their lease, weights that an evacuation could not align, and mirror
// instances that nothing records.

import { executionName, settlementName } from '../../core/contracts/names.ts';
import type { ServiceRecord } from '../../core/contracts/records.ts';
import { prolongSwitches } from '../drivers/switches.ts';
import { settle } from '../failover/settlement.ts';
import { mayShrink, mirrorKind } from '../mirroring/standby.ts';
import type { Services } from '../services.ts';
import { alignWeights } from './align-weights.ts';

/** A record this young may belong to an execution, or to a launch, that is only being started, ms. */
const youth = 10 * 60_000;

/** What cannot be swept does not keep the rest from it; the first error is thrown at the end. */
export async function sweepOrphans(services: Services): Promise<{ settled: number; aligned: number; terminated: number }> {
  const { failovers, now } = services;
  const failures: unknown[] = [];
  const tried = async <Result>(work: Promise<Result>): Promise<Result | undefined> => {
    try {
      return await work;
    } catch (error) {
      failures.push(error);
      return undefined;
    }
  };
  let settled = 0;
  let aligned = 0;
  let terminated = 0;
  const all = await services.services.all();
  const holders = all.flatMap(({ lock }) => (lock ? [lock.holder] : []));
  const held = new Set([...holders, ...(await failovers.running()).map((one) => one.failoverId)]);
  for (const failoverId of held) if (await tried(sweepFailover(failoverId, services))) settled++;
  for (const one of await failovers.open()) if (!held.has(one.failoverId) && (await tried(sweepOpen(one, services)))) settled++;
  // What ends by itself has to last while the standby serves; the kill switch is no wish for it to end.
  for (const { mode, activeSide, plan } of all) if (mode === 'act' && activeSide === 'standby') await tried(prolongSwitches(plan, services));
  // EC2 is asked once an hour: an orphan costs little, a call for every service each minute would not.
  if (new Date(now()).getUTCMinutes() < 5) for (const service of all) terminated += (await tried(sweepInstances(service, services))) ?? 0;
  // Last, and not one after the other when Route 53's control plane hangs: nothing else is to wait for it.
  for (const service of all) {
    const alignment = await tried(alignWeights(service, services));
    if (alignment === 'silent') break;
    if (alignment === 'aligned') aligned++;
  }
  if (failures.length > 0) throw failures[0];
  return { settled, aligned, terminated };
}

async function sweepFailover(failoverId: string, services: Services): Promise<boolean> {
  const record = await services.failovers.find(failoverId);
  if (!record) {
    await services.failovers.removeRunning(failoverId);
    return false;
  }
  if (services.now() - Date.parse(record.startedAt) < youth) return false;
  const machine = record.kind === 'evacuation' ? 'evacuate' : 'fail-over';
  const [own, rollBack] = await Promise.all([
    services.workflows.status(machine, executionName(failoverId)),
    services.workflows.status('roll-back', settlementName(failoverId, 1)),
  ]);
  if (own === 'RUNNING' || rollBack === 'RUNNING') return false;
  await settle(record, `its execution is gone (${own})`, services, rollBack !== 'unknown');
  return true;
}

/** A record that holds nothing: its execution was lost before it took the lock, or its ending crashed after the lock was released. */
async function sweepOpen({ failoverId, startedAt }: { failoverId: string; startedAt: string }, services: Services): Promise<boolean> {
  if (services.now() - Date.parse(startedAt) < youth) return false;
  const record = await services.failovers.find(failoverId);
  if (record) return sweepFailover(failoverId, services);
  await services.failovers.removeOpen(failoverId);
  return false;
}

/** Instances that carry the service's tag and stand in no place of its mirror. While a launch is under way nothing is touched. */
async function sweepInstances(service: ServiceRecord, services: Services): Promise<number> {
  if (service.mode !== 'act' || service.killSwitch || !mayShrink(service, services.now())) return 0;
  const { plan, serviceId } = service;
  const { region } = plan.sides.standby;
  const kind = mirrorKind(plan, services);
  // In this order: what exists was recorded before it was asked for, so that records read afterwards know of it.
  const owned = await kind.owned(region, serviceId);
  const records = await services.mirrors.instances(serviceId);
  if (records.some(({ status, updatedAt }) => status === 'intended' && services.now() - Date.parse(updatedAt) < youth)) return 0;
  const known = new Set(records.flatMap(({ instanceId, status }) => (instanceId && status !== 'terminated' ? [instanceId] : [])));
  const orphans = owned.filter(({ id, state }) => !known.has(id) && state !== 'terminated').map(({ id }) => id);
  if (orphans.length === 0) return 0;
  await kind.terminate(region, orphans);
  return orphans.length;
}
