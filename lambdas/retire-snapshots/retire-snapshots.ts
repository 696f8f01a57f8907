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
  for (const record of records) if (unfinished.has(record.status) && services.now() - Date.parse(record.createdAt) > abandonedAfter) await retire(record);

  const missed = records.filter(({ decisionId, status }) => decisionId === workflowId && status === 'intended').map(({ resourceId }) => resourceId);
  if (missed.length > 0) throw new SnapshotError(`no snapshot of ${missed.join(', ')}; the log of create-snapshots says why`);
  return { decision: 'retired' };

  /** With what was made for the same decision and never written down, because its answer was lost or came too late: its tags say so. */
  async function retire(record: SnapshotRecord): Promise<void> {
    const { decisionId, resourceId } = record;
    const snapshotIds = union(record.snapshotIds, await kind.snapshotsMade(primary.region, { decisionId, source: resourceId }));
    const copies: string[] = [];
    for (const source of snapshotIds) copies.push(...(await kind.snapshotsMade(standby.region, { decisionId, source })));
    const copyIds = union(record.copyIds, copies);
    for (const id of snapshotIds) await kind.deleteSnapshot(primary.region, id);
    for (const id of copyIds) await kind.deleteSnapshot(standby.region, id);
    await services.mirrors.saveSnapshot({ ...record, snapshotIds, copyIds, status: 'retired' });
  }
};

const union = (one: readonly string[], other: readonly string[]): string[] => [...new Set([...one, ...other])];
