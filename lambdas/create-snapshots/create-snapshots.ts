// Takes a snapshot of every resource of the primary, in the primary's Region. Recorded first; a repeat finds what exists.
import { parseSubject } from '../../core/contracts/names.ts';
import { requireActing } from '../acting.ts';
import { logger } from '../logger.ts';
import type { Step } from '../task-handler.ts';

/**
 * One resource that cannot be snapshotted does not keep the others from it: it stays `intended`, and retire-snapshots, the last step,
 * fails with its name. Throws the first error when there is no snapshot at all.
 */
export const createSnapshots: Step<'create-snapshots'> = async ({ serviceId, workflowId }, services) => {
  const service = await services.services.get(serviceId);
  requireActing(service);
  const { region } = service.plan.sides.primary;
  const at = new Date(services.now()).toISOString();
  const resources = (await services.subjects.ofService(serviceId)).flatMap(({ subjectId, side, kind }) => {
    const subject = parseSubject(subjectId);
    return side === 'primary' && subject.type === 'resource' && kind !== 'entry' ? [{ kind, resourceId: subject.resourceId }] : [];
  });
  for (const { resourceId } of resources) await services.mirrors.intendSnapshot(serviceId, resourceId, workflowId, at);
  const records = new Map(
    (await services.mirrors.snapshots(serviceId)).filter(({ decisionId }) => decisionId === workflowId).map((record) => [record.resourceId, record]),
  );
  const failures: unknown[] = [];
  let taken = 0;
  for (const { kind, resourceId } of resources) {
    const record = records.get(resourceId);
    if (record?.status !== 'intended') continue;
    try {
      const snapshotIds = await services.kinds[kind].snapshot({ region, serviceId, resourceId, decisionId: workflowId });
      await services.mirrors.saveSnapshot({ ...record, snapshotIds, status: 'created' });
      taken++;
    } catch (error) {
      logger.error('no snapshot', { serviceId, resourceId, error: error as Error });
      failures.push(error);
    }
  }
  if (failures.length > 0 && failures.length === resources.length) throw failures[0];
  await services.services.setSnapshotTaken(serviceId, at);
  return { decision: taken > 0 ? 'created' : 'nothing' };
};
