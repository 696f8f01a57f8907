// Copies finished snapshots into the standby's Region under its own key. Asked again until all copies are there.
import type { SnapshotRecord } from '../../core/contracts/records.ts';
import { requireActing } from '../acting.ts';
import { SnapshotError } from '../mirroring/snapshot-error.ts';
import { mirrorKind } from '../mirroring/standby.ts';
import type { Step } from '../task-handler.ts';

/** EBS copies of large volumes take hours. */
const patience = 24 * 3_600_000;

export const copySnapshots: Step<'copy-snapshots'> = async ({ serviceId, workflowId, startedAt }, services) => {
  const service = await services.services.get(serviceId);
  requireActing(service);
  const { plan } = service;
  const { primary, standby } = plan.sides;
  const kind = mirrorKind(plan, services);
  const records = (await services.mirrors.snapshots(serviceId)).filter(
    ({ decisionId, status }) => decisionId === workflowId && (status === 'created' || status === 'copying'),
  );
  const results = await Promise.all(records.map((record) => (record.status === 'created' ? beginCopy(record) : finishCopy(record))));
  if (results.every((done) => done)) return { decision: 'copied' };
  if (services.now() - Date.parse(startedAt) > patience) throw new SnapshotError(`snapshots of ${serviceId} were not copied within 24 hours`);
  return { decision: 'wait' };

  async function beginCopy(record: SnapshotRecord): Promise<boolean> {
    if (!(await allCompleted(primary.region, record.snapshotIds))) return false;
    const copyIds: string[] = [];
    for (const snapshotId of record.snapshotIds) {
      const copyId = await kind.copySnapshot({
        fromRegion: primary.region,
        toRegion: standby.region,
        serviceId,
        snapshotId,
        decisionId: workflowId,
        kmsKeyArn: standby.kmsKeyArn,
      });
      if (copyId === undefined) return false;
      copyIds.push(copyId);
      await services.mirrors.saveSnapshot({ ...record, copyIds: [...copyIds] });
    }
    await services.mirrors.saveSnapshot({ ...record, copyIds, status: 'copying' });
    return false;
  }

  async function finishCopy(record: SnapshotRecord): Promise<boolean> {
    if (!(await allCompleted(standby.region, record.copyIds))) return false;
    await services.mirrors.saveSnapshot({ ...record, status: 'copied' });
    return true;
  }

  async function allCompleted(region: string, ids: readonly string[]): Promise<boolean> {
    const statuses = await kind.snapshotStatus(region, ids);
    const failed = statuses.find(({ state }) => state === 'error');
    if (failed) throw new SnapshotError(`snapshot ${failed.id} in ${region} failed; EC2 shows why`);
    return statuses.length === ids.length && statuses.every(({ state }) => state === 'completed');
  }
};
