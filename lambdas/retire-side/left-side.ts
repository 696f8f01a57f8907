// The instances of a side that was left: which of them Forestall may touch, and how they are.
import { ownershipTag } from '../../core/contracts/deployment.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import type { RetiredRecord } from '../../core/contracts/records.ts';
import { mirrorKind } from '../mirroring/standby.ts';
import type { ResourceStatus } from '../resources/port.ts';
import type { Services } from '../services.ts';
import { impatient, type Left, NotNow } from './gate.ts';

export interface LeftSide extends Left {
  readonly plan: Plan;
  readonly region: string;
  readonly targetGroupArn: string;
  /** what is to be retired, as far as it has come */
  readonly retired: readonly RetiredRecord[];
  /** by instance; one that is gone is absent */
  readonly states: ReadonlyMap<string, ResourceStatus>;
  /** targets of the side's balancer, draining ones too */
  readonly inBalancer: ReadonlyMap<string, 'healthy' | 'other'>;
}

/** Throws NotNow when the Region does not answer, or when no instance of the side carries the tag: nobody has agreed then. */
export async function readLeftSide(left: Left, services: Services): Promise<LeftSide> {
  const { record, service } = left;
  const { plan, serviceId } = service;
  const { region, loadBalancer } = plan.sides[record.from];
  const { targetGroupArn } = loadBalancer;
  const leftKind = mirrorKind(plan, services);
  let inBalancer: Map<string, 'healthy' | 'other'>;
  let owned: ResourceStatus[];
  let known: RetiredRecord[];
  let states: ResourceStatus[];
  try {
    inBalancer = await services.targets.health(region, targetGroupArn);
    owned = await leftKind.owned(region, serviceId);
    known = await services.retirements.retired(serviceId, record.failoverId);
    states = await leftKind.status(
      region,
      known.map(({ instanceId }) => instanceId),
    );
  } catch (error) {
    throw impatient(left, new NotNow('wait', [`${record.from} cannot be looked at: ${(error as Error).message}`]), services);
  }
  const side = { ...left, plan, region, targetGroupArn, inBalancer, states: new Map(states.map((status) => [status.id, status])) };
  if (known.length > 0) return { ...side, retired: known };
  return { ...side, retired: await intendAll(side, owned, services) };
}

/** What belongs to the side and carries the tag. Recorded before anything is touched, all at once: later the balancer does not know them any more. */
async function intendAll(
  { record, service, inBalancer }: Left & Pick<LeftSide, 'inBalancer'>,
  owned: readonly ResourceStatus[],
  services: Services,
): Promise<RetiredRecord[]> {
  const { serviceId } = service;
  const at = new Date(services.now()).toISOString();
  const scored = await services.subjects.ofService(serviceId);
  const ofSide = new Set([
    ...inBalancer.keys(),
    ...scored.flatMap(({ side, kind, subjectId }) => (side === record.from && kind !== 'entry' ? [subjectId.split('#')[2] ?? ''] : [])),
  ]);
  const tagged = new Set(owned.map(({ id }) => id));
  const untagged = [...inBalancer.keys()].filter((id) => !tagged.has(id));
  const ids = [...tagged].filter((id) => ofSide.has(id));
  const stay = untagged.length === 0 ? [] : [`without the tag ${ownershipTag}=${serviceId}, and left as they are: ${untagged.join(', ')}`];
  if (ids.length === 0)
    throw new NotNow('refused', [`no instance of ${record.from} carries the tag ${ownershipTag}=${serviceId}: nobody has agreed to it`, ...stay]);
  for (const id of ids) await services.retirements.intendRetired(serviceId, record.failoverId, id, at);
  await services.failovers.tell(record.failoverId, '081-left-side', {
    at,
    phase: record.phase,
    message: `${service.plan.after.losingSide} ${record.from}: ${ids.length} instances`,
    reasons: [ids.join(', '), ...stay],
  });
  return services.retirements.retired(serviceId, record.failoverId);
}
