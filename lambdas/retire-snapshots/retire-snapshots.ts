// Deletes the oldest snapshots and copies of each resource beyond those that the plan keeps. Only complete sets count as kept.
import type { SnapshotRecord } from '../../core/contracts/records.ts';
import { mirrorKind } from '../mirroring/standby.ts';
import type { Step } from '../task-handler.ts';

export const retireSnapshots: Step<'retire-snapshots'> = async ({ serviceId }, services) => {
  const { plan } = await services.services.get(serviceId);
  const { primary, standby } = plan.sides;
  const kind = mirrorKind(plan, services);
  const copied = (await services.mirrors.snapshots(serviceId)).filter(({ status }) => status === 'copied');
  for (const sets of Map.groupBy(copied, ({ resourceId }) => resourceId).values())
    for (const record of sets.slice(0, Math.max(0, sets.length - plan.mirroring.keepSnapshots))) await retire(record);
  return { decision: 'retired' };

  async function retire(record: SnapshotRecord): Promise<void> {
    for (const id of record.snapshotIds) await kind.deleteSnapshot(primary.region, id);
    for (const id of record.copyIds) await kind.deleteSnapshot(standby.region, id);
    await services.mirrors.saveSnapshot({ ...record, status: 'retired' });
  }
};
