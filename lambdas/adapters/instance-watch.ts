// EC2, reading only: status checks and announced events of running instances in any Region, a hundred with one call.
import { DescribeInstanceStatusCommand, EC2Client, type InstanceStatus } from '@aws-sdk/client-ec2';
import { clientFor } from './clients.ts';

/** EC2 takes so many ids in one call. */
const idsPerCall = 100;

export interface WatchedInstance {
  readonly id: string;
  /** instance or system status check; undefined: initializing, or not known */
  readonly impaired: boolean | undefined;
  readonly announcements: readonly Announcement[];
}

/** Times in ms. */
export interface Announcement {
  readonly id: string;
  readonly code: string;
  readonly description: string;
  readonly notBefore: number;
  readonly notAfter: number | undefined;
}

export class InstanceWatch {
  /** Those of the instances that run. Ids of instances that are gone are named by EC2's refusal, and left out of a second attempt. */
  async running(region: string, ids: readonly string[]): Promise<WatchedInstance[]> {
    const found: WatchedInstance[] = [];
    for (let start = 0; start < ids.length; start += idsPerCall) found.push(...(await this.#of(region, ids.slice(start, start + idsPerCall))));
    return found;
  }

  async #of(region: string, ids: readonly string[]): Promise<WatchedInstance[]> {
    let left = [...ids];
    for (;;) {
      if (left.length === 0) return [];
      try {
        const { InstanceStatuses } = await clientFor(EC2Client, region).send(new DescribeInstanceStatusCommand({ InstanceIds: left }));
        return (InstanceStatuses ?? []).flatMap(watched);
      } catch (error) {
        const gone: readonly string[] =
          error instanceof Error && error.name === 'InvalidInstanceID.NotFound' ? (error.message.match(/\bi-[0-9a-f]{8,17}\b/g) ?? []) : [];
        const remaining = left.filter((id) => !gone.includes(id));
        // Each attempt has fewer ids than the one before, so this ends.
        if (remaining.length === left.length) throw error;
        left = remaining;
      }
    }
  }
}

function watched({ InstanceId, InstanceStatus: instance, SystemStatus: system, AttachedEbsStatus: volumes, Events = [] }: InstanceStatus): WatchedInstance[] {
  if (!InstanceId) return [];
  const checks = [instance?.Status, system?.Status, volumes?.Status].filter((status) => status !== undefined);
  const known = checks.some((status) => status === 'ok' || status === 'impaired');
  return [
    {
      id: InstanceId,
      impaired: known ? checks.includes('impaired') : undefined,
      announcements: Events.flatMap(({ InstanceEventId, Code, Description = '', NotBefore, NotAfter }) =>
        Code && NotBefore
          ? [
              {
                id: InstanceEventId ?? `${InstanceId}-${Code}`,
                code: Code,
                description: Description,
                notBefore: NotBefore.getTime(),
                notAfter: NotAfter?.getTime(),
              },
            ]
          : [],
      ),
    },
  ];
}
