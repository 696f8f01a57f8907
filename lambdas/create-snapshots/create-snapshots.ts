// Takes a snapshot of every resource of the primary, in the primary's Region. Recorded first; a repeat finds what exists.
import { parseSubject } from '../../core/contracts/names.ts';
import type { Step } from '../task-handler.ts';

export const createSnapshots: Step<'create-snapshots'> = async ({ serviceId, workflowId }, services) => {
  const { plan } = await services.services.get(serviceId);
  const { region } = plan.sides.primary;
  const at = new Date(services.now()).toISOString();
  const subjects = (await services.subjects.ofService(serviceId)).filter(({ side }) => side === 'primary');
  let taken = 0;
  for (const { subjectId, kind } of subjects) {
    const subject = parseSubject(subjectId);
    if (subject.type !== 'resource' || kind === 'entry') continue;
    const { resourceId } = subject;
    await services.mirrors.intendSnapshot(serviceId, resourceId, workflowId, at);
    const record = (await services.mirrors.snapshots(serviceId)).find(
      (candidate) => candidate.resourceId === resourceId && candidate.decisionId === workflowId,
    );
    if (record?.status !== 'intended') continue;
    const snapshotIds = await services.kinds[kind].snapshot({ region, serviceId, resourceId, decisionId: workflowId });
    await services.mirrors.saveSnapshot({ ...record, snapshotIds, status: 'created' });
    taken++;
  }
  await services.services.setSnapshotTaken(serviceId, at);
  return { decision: taken > 0 ? 'created' : 'nothing' };
};
