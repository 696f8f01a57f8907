// Deletes the oldest snapshots and copies of each resource beyond those that the plan keeps. Only complete sets count as kept.
import type { SnapshotRecord } from '../../core/contracts/records.ts';
import { requireActing } from '../acting.ts';
import { SnapshotError } from '../mirroring/snapshot-error.ts';
import { mirrorKind } from '../mirroring/standby.ts';
import type { Step } from '../task-handler.ts';

/** A set that is not complete after this time belongs to a workflow that failed, ms: none runs so long. */
const abandonedAfter = 48 * 3_600_000;

const unfinished: ReadonlySet<SnapshotRecord['status']> = new Set(['intended', 'created', 'copying']);

/** Throws SnapshotError, after all else is done, when a resource got no snapshot by this decision. */
export const retireSnapshots: Step<'retire-snapshots'> = async ({ serviceId, workflowId }, services) => {
  const service = await services.services.get(serviceId);
  requireActing(service);
  const { plan } = service;
  const { primary, standby } = plan.sides;
  const kind = mirrorKind(plan, services);
  const records = await services.mirrors.snapshots(serviceId);
  const copied = records.filter(({ status }) => status === 'copied');
  for (const sets of Map.groupBy(copied, ({ resourceId }) => resourceId).values())
    for (const record of sets.slice(0, Math.max(0, sets.length - plan.mirroring.keepSnapshots))) await retire(record);
  for (const record of records) if (unfinished.has(record.status) && services.now() - Date.parse(record.createdAt) > abandonedAfter) await abandon(record);

  const missed = records.filter(({ decisionId, status }) => decisionId === workflowId && status === 'intended').map(({ resourceId }) => resourceId);
  if (missed.length > 0) throw new SnapshotError(`no snapshot of ${missed.join(', ')}; the log of create-snapshots says why`);
  return { decision: 'retired' };

  /** What was made and never written down, because its answer was lost, is found by its tags. */
  async function abandon(record: SnapshotRecord): Promise<void> {
    const made = await kind.snapshotsMade(primary.region, { decisionId: record.decisionId, source: record.resourceId });
    const snapshotIds = [...new Set([...record.snapshotIds, ...made])];
    const copies = await Promise.all(snapshotIds.map((source) => kind.snapshotsMade(standby.region, { decisionId: record.decisionId, source })));
    await retire({ ...record, snapshotIds, copyIds: [...new Set([...record.copyIds, ...copies.flat()])] });
  }

  async function retire(record: SnapshotRecord): Promise<void> {
    for (const id of record.snapshotIds) await kind.deleteSnapshot(primary.region, id);
    for (const id of record.copyIds) await kind.deleteSnapshot(standby.region, id);
    await services.mirrors.saveSnapshot({ ...record, status: 'retired' });
  }
};
