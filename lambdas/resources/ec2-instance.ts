// Resource kind `ec2-instance`: EC2 instances started from a launch template, and EBS snapshots of their volumes.
import { ownershipTag } from '../../core/contracts/deployment.ts';
import { Ec2, type Instance, type InstanceStatus, type TagValue } from '../adapters/ec2.ts';
import { makeOnce } from '../adapters/without-token.ts';
import type { ResourceKindPort, ResourceStatus } from './port.ts';

const decisionTag = 'forestall:decision';
const sourceTag = 'forestall:source';

const owner = (serviceId: string): TagValue => ({ key: ownershipTag, value: serviceId });

const states: Record<string, ResourceStatus['state']> = {
  pending: 'starting',
  running: 'running',
  stopping: 'stopping',
  stopped: 'stopped',
  'shutting-down': 'terminated',
  terminated: 'terminated',
};

function statusOf(instance: Instance, checks: ReadonlyMap<string, InstanceStatus>): ResourceStatus {
  const id = instance.InstanceId ?? '';
  const state = states[instance.State?.Name ?? ''] ?? 'stopped';
  const check = checks.get(id);
  const { CoreCount, ThreadsPerCore } = instance.CpuOptions ?? {};
  const vcpus = CoreCount !== undefined && ThreadsPerCore !== undefined ? { vcpus: CoreCount * ThreadsPerCore } : {};
  return {
    id,
    state,
    ready: state === 'running' && check?.InstanceStatus?.Status === 'ok' && check.SystemStatus?.Status === 'ok',
    ...vcpus,
    ...(instance.InstanceType ? { type: instance.InstanceType } : {}),
  };
}

async function withChecks(ec2: Ec2, instances: readonly Instance[]): Promise<ResourceStatus[]> {
  const running = instances.flatMap(({ InstanceId, State }) => (State?.Name === 'running' && InstanceId ? [InstanceId] : []));
  const checks = new Map((await ec2.statuses(running)).map((status) => [status.InstanceId ?? '', status]));
  return instances.map((instance) => statusOf(instance, checks));
}

export const ec2Instance: ResourceKindPort = {
  async status(region, ids) {
    if (ids.length === 0) return [];
    const ec2 = new Ec2(region);
    return withChecks(ec2, await ec2.instancesById(ids));
  },

  async owned(region, serviceId) {
    const ec2 = new Ec2(region);
    const instances = await ec2.instances([
      { Name: `tag:${ownershipTag}`, Values: [serviceId] },
      { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
    ]);
    return withChecks(ec2, instances);
  },

  async launch({ region, zone, serviceId, launchTemplate, clientToken, tags }) {
    const given = Object.entries({ Name: `forestall-${serviceId}`, ...tags }).filter(([key]) => key !== ownershipTag);
    return new Ec2(region).run({ launchTemplate, zone, clientToken, tags: [owner(serviceId), ...given.map(([key, value]) => ({ key, value }))] });
  },

  async start(region, ids) {
    await new Ec2(region).start(ids);
  },

  async stop(region, ids) {
    await new Ec2(region).stop(ids);
  },

  async terminate(region, ids) {
    await new Ec2(region).terminate(ids);
  },

  async snapshot({ region, serviceId, resourceId, decisionId }) {
    const ec2 = new Ec2(region);
    const find = async () => {
      const made = await this.snapshotsMade(region, { decisionId, source: resourceId });
      return made.length > 0 ? made : undefined;
    };
    return makeOnce(find, () =>
      ec2.snapshotInstance(resourceId, `Forestall: ${serviceId}, ${resourceId}`, [
        owner(serviceId),
        { key: decisionTag, value: decisionId },
        { key: sourceTag, value: resourceId },
      ]),
    );
  },

  async copySnapshot({ fromRegion, toRegion, serviceId, snapshotId, decisionId, kmsKeyArn }) {
    const ec2 = new Ec2(toRegion);
    const find = async () => (await ec2.snapshots([{ Name: `tag:${sourceTag}`, Values: [snapshotId] }]))[0]?.id;
    // `undefined` of a copy is an answer: there are as many under way as the Region allows.
    const { id } = await makeOnce(
      async () => {
        const made = await find();
        return made === undefined ? undefined : { id: made };
      },
      async () => ({
        id: await ec2.copySnapshot(fromRegion, snapshotId, kmsKeyArn, `Forestall: ${serviceId}, copy of ${snapshotId}`, [
          owner(serviceId),
          { key: decisionTag, value: decisionId },
          { key: sourceTag, value: snapshotId },
        ]),
      }),
    );
    return id;
  },

  async snapshotsMade(region, { decisionId, source }) {
    const made = await new Ec2(region).snapshots([
      { Name: `tag:${decisionTag}`, Values: [decisionId] },
      { Name: `tag:${sourceTag}`, Values: [source] },
    ]);
    return made.map(({ id }) => id);
  },

  async snapshotStatus(region, ids) {
    return new Ec2(region).snapshotsById(ids);
  },

  async deleteSnapshot(region, id) {
    await new Ec2(region).deleteSnapshot(id);
  },
};
