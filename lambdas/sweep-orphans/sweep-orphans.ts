// Every few minutes: finds failovers whose execution is gone, locks past their lease, and mirror instances that nothing records.

import { executionName, settlementName } from '../../core/contracts/names.ts';
import type { ServiceRecord } from '../../core/contracts/records.ts';
import { settle } from '../failover/settlement.ts';
import { mirrorKind } from '../mirroring/standby.ts';
import type { Services } from '../services.ts';

/** A record this young may belong to an execution that is only being started, ms. */
const youth = 10 * 60_000;

export async function sweepOrphans(services: Services): Promise<{ settled: number; terminated: number }> {
  const { failovers, now } = services;
  let settled = 0;
  let terminated = 0;
  const all = await services.services.all();
  const holders = all.flatMap(({ lock }) => (lock ? [lock.holder] : []));
  for (const failoverId of new Set([...holders, ...(await failovers.running()).map((one) => one.failoverId)]))
    if (await sweepFailover(failoverId, services)) settled++;
  // EC2 is asked once an hour: an orphan costs little, a call for every service each minute would not.
  if (new Date(now()).getUTCMinutes() < 5) for (const service of all) terminated += await sweepInstances(service, services);
  return { settled, terminated };
}

async function sweepFailover(failoverId: string, services: Services): Promise<boolean> {
  const record = await services.failovers.find(failoverId);
  if (!record) {
    await services.failovers.removeRunning(failoverId);
    return false;
  }
  if (services.now() - Date.parse(record.startedAt) < youth) return false;
  const machine = record.kind === 'evacuation' ? 'evacuate' : 'fail-over';
  const states = await Promise.all([
    services.workflows.status(machine, executionName(failoverId)),
    services.workflows.status('roll-back', settlementName(failoverId, 1)),
  ]);
  if (states.includes('RUNNING')) return false;
  await settle(record, `its execution is gone (${states[0]})`, services);
  return true;
}

/** Instances that carry the service's tag and stand in no place of its mirror. While a launch is unfinished nothing is touched. */
async function sweepInstances(service: ServiceRecord, services: Services): Promise<number> {
  const { plan, serviceId } = service;
  const { region } = plan.sides.standby;
  const kind = mirrorKind(plan, services);
  const [owned, records] = await Promise.all([kind.owned(region, serviceId), services.mirrors.instances(serviceId)]);
  if (service.mode !== 'act' || records.some(({ status }) => status === 'intended')) return 0;
  const known = new Set(records.flatMap(({ instanceId, status }) => (instanceId && status !== 'terminated' ? [instanceId] : [])));
  const orphans = owned.filter(({ id, state }) => !known.has(id) && state !== 'terminated').map(({ id }) => id);
  await kind.terminate(region, orphans);
  return orphans.length;
}
