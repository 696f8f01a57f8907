// EC2, reading only: which instances a selector of the plan means.
import { EC2Client, type Filter, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import type { ResourceSelector } from '../../core/contracts/plan-sides.ts';
import { clientFor } from './clients.ts';

export interface FoundInstance {
  readonly id: string;
  /** name and id of its Availability Zone */
  readonly zone?: string | undefined;
  readonly zoneId?: string | undefined;
  /** name of the Auto Scaling group that owns it */
  readonly autoScalingGroup: string | undefined;
}

/** Instances that are there (pending, running or stopped), by id. An id that does not exist is simply absent. */
export async function findInstances(region: string, selector: Pick<ResourceSelector, 'ids' | 'tags'>): Promise<FoundInstance[]> {
  const wanted: Filter[] = selector.ids
    ? [{ Name: 'instance-id', Values: selector.ids }]
    : Object.entries(selector.tags ?? {}).map(([key, value]) => ({ Name: `tag:${key}`, Values: [literal(value)] }));
  const Filters = [...wanted, { Name: 'instance-state-name', Values: ['pending', 'running', 'stopped'] }];
  const found: FoundInstance[] = [];
  for await (const page of paginateDescribeInstances({ client: clientFor(EC2Client, region), pageSize: 200 }, { Filters }))
    for (const instance of (page.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []))
      if (instance.InstanceId)
        found.push({
          id: instance.InstanceId,
          zone: instance.Placement?.AvailabilityZone,
          zoneId: instance.Placement?.AvailabilityZoneId,
          autoScalingGroup: instance.Tags?.find(({ Key }) => Key === 'aws:autoscaling:groupName')?.Value,
        });
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** In a filter value * and ? are wildcards; in a plan they are letters. */
const literal = (value: string) => value.replace(/[\\*?]/g, '\\$&');
