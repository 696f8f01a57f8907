// What Forestall may change on a side that was left: where the plan wants it, and instances that carry the service's tag alone.
import { ownershipTag } from '../../core/contracts/deployment.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import type { InstanceView } from '../cloud/cloud.ts';

/** By the wish of the plan. */
const operations: Readonly<Record<Plan['after']['losingSide'], readonly string[]>> = {
  standby: [],
  decommission: ['DeregisterTargets', 'StopInstances'],
  rebuild: ['RunInstances', 'RegisterTargets', 'DeregisterTargets', 'TerminateInstances'],
};

export interface LeftSideCall {
  readonly operation: string;
  readonly region: string;
  readonly instances: readonly string[];
  readonly targetGroupArn?: string | undefined;
  readonly launchTemplateId?: string | undefined;
}

/** What speaks against a call in the primary's Region; undefined when the plan allows it. */
export function objectionOnLeftSide(
  { sides: { primary }, after, service }: Plan,
  { operation, region, instances, targetGroupArn, launchTemplateId }: LeftSideCall,
  instance: (id: string) => InstanceView | undefined,
): string | undefined {
  if (!operations[after.losingSide].includes(operation)) return `the plan wants nothing of the kind on the side that was left (${after.losingSide})`;
  if (operation === 'RunInstances')
    return launchTemplateId === primary.launchTemplate?.id ? undefined : `the launch template ${launchTemplateId} is not the primary's`;
  if (targetGroupArn !== undefined && targetGroupArn !== primary.loadBalancer.targetGroupArn) return `the target group ${targetGroupArn} is not the primary's`;
  const foreign = instances.find((id) => {
    const view = instance(id);
    const own = operation !== 'RegisterTargets' || view?.launchTemplateId === primary.launchTemplate?.id;
    return view?.region !== region || view.tags[ownershipTag] !== service || !own;
  });
  return foreign && `${foreign} does not carry the tag ${ownershipTag} of the service`;
}
