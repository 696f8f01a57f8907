// What follows a failover, played: the side that was left is decommissioned or rebuilt, by tag alone, after the other one has served well.
import { describe, expect, it, vi } from 'vitest';
import { ownershipTag } from '../../core/contracts/deployment.ts';
import { Plan, type PlanInput } from '../../core/contracts/plan.ts';
import type { Companion } from '../../rehearsal/arms/forestall.ts';
import { playForestall } from '../../rehearsal/arms/forestall.ts';
import { safetyCompanion } from '../../rehearsal/invariants/companion.ts';
import { grayFailure } from '../../rehearsal/scenarios/gray-failure.ts';
import { drawRun, type Scenario } from '../../rehearsal/scenarios/scenario.ts';
import { hour, minute } from '../../rehearsal/world/faults.ts';
import { shop } from './plan.ts';

vi.setConfig({ testTimeout: 120_000 });

/** The hosts die at the end, and the balancer goes on answering; long enough for what follows. */
const gray: Scenario = {
  ...grayFailure,
  tell(setting) {
    const story = grayFailure.tell(setting);
    const faults = story.faults.map((fault) => (fault.kind === 'death' ? { ...fault, mode: 'hosts' as const } : fault));
    return { ...story, faults, end: setting.onset + 5 * hour };
  },
};
const template = { id: 'lt-0123456789abcdef1' };
const { sides } = shop;
const agreed = { service: 'shop', side: 'primary', [ownershipTag]: 'shop' };
const planFor = (losingSide: 'decommission' | 'rebuild', tags: Record<string, string> = agreed): Partial<PlanInput> => ({
  after: { losingSide, soakMinutes: 30 },
  sides: { ...sides, primary: { ...sides.primary, launchTemplate: template, resources: [{ kind: 'ec2-instance', tags }] } },
});

async function play(changes: Partial<PlanInput>, companion: Companion = {}) {
  const run = drawRun(gray, 1, Plan.parse({ ...shop, ...changes }));
  const safety = safetyCompanion(run);
  let seen: { state: string; tags: Readonly<Record<string, string>>; instanceId: string; launchTemplateId: string | undefined }[] = [];
  let targets: readonly { instanceId: string; state: string }[] = [];
  let executions: readonly { machine: string; status: string }[] = [];
  let told: string[] = [];
  const look: Companion = {
    end({ runtime }) {
      const { physical, published } = runtime.cloud;
      seen = [...physical.instances(run.plan.sides.primary.region)];
      targets = physical.targets(run.plan.sides.primary.loadBalancer.targetGroupArn);
      executions = runtime.executions();
      told = published.map(({ subject }) => subject ?? '');
      return Promise.resolve();
    },
  };
  const { result, timeline } = await playForestall(run, [safety, companion, look]);
  expect(safety.report().violations).toEqual([]);
  const [failover] = timeline.failovers;
  const calls = timeline.mutatingCalls.filter(({ region }) => region === run.plan.sides.primary.region).filter(({ operation }) => !/Snapshot/.test(operation));
  return { result, failover, calls, seen, targets, executions, told };
}
const lines = (failover: Awaited<ReturnType<typeof play>>['failover']) => failover?.events.map(({ message }) => message) ?? [];

describe('a side that is decommissioned', () => {
  it('leaves its balancer and is stopped, not terminated, after the soak', async () => {
    const { result, failover, calls, seen, targets, executions, told } = await play(planFor('decommission'));
    expect(result.outcome).toBe('failed-over');
    expect(seen.map(({ state }) => state)).toEqual(Array(4).fill('stopped'));
    expect(targets.filter(({ state }) => state !== 'draining')).toEqual([]);
    expect(calls.map(({ operation }) => operation)).toEqual(['elasticloadbalancing:DeregisterTargets', 'ec2:StopInstances']);
    expect((calls[0]?.at ?? 0) - (failover?.endedAt ?? 0)).toBeGreaterThanOrEqual(30 * minute);
    expect(executions.filter(({ machine }) => machine === 'retire-side').map(({ status }) => status)).toEqual(['SUCCEEDED']);
    expect(lines(failover)).toContain('primary is out of service');
    expect(told).toContain('Forestall: shop: primary is out of service');
  });

  it('is left as it is when nobody has agreed by a tag', async () => {
    const { failover, calls, seen, told } = await play(planFor('decommission', { service: 'shop', side: 'primary' }));
    expect(calls).toEqual([]);
    expect(seen.map(({ state }) => state)).toEqual(Array(4).fill('running'));
    expect(lines(failover)).toContain('nothing more is done to primary');
    expect(told).toContain('Forestall: shop: nothing more is done to primary');
  });

  it('is left as it is when the kill switch is turned during the soak', async () => {
    let turned = false;
    const { calls, failover } = await play(planFor('decommission'), {
      tick({ runtime, watch }) {
        if (turned || watch.record?.activeSide !== 'standby') return;
        turned = true;
        void import('../../lambdas/services.ts').then(({ services }) =>
          services().services.turnKillSwitch('shop', true, 'test', new Date(runtime.clock.now()).toISOString()),
        );
      },
    });
    expect(turned).toBe(true);
    expect(calls).toEqual([]);
    expect(lines(failover)).toContain('nothing more is done to primary');
  });
});

describe('a side that is rebuilt', () => {
  it('gets new instances that serve before the old ones go, and stays latched', async () => {
    const { failover, calls, seen, targets, executions } = await play(planFor('rebuild'));
    const alive = seen.filter(({ state }) => state === 'running');
    expect(alive.map(({ launchTemplateId, tags }) => [launchTemplateId, tags[ownershipTag], tags['side']])).toEqual(
      Array(4).fill([template.id, 'shop', 'primary']),
    );
    expect(seen.filter(({ state }) => state === 'terminated')).toHaveLength(4);
    expect(
      targets
        .filter(({ state }) => state === 'healthy')
        .map(({ instanceId }) => instanceId)
        .sort(),
    ).toEqual(alive.map(({ instanceId }) => instanceId).sort());
    const operations = calls.map(({ operation }) => operation);
    expect(operations.filter((operation) => operation === 'ec2:RunInstances')).toHaveLength(4);
    expect(operations.indexOf('elasticloadbalancing:DeregisterTargets')).toBeGreaterThan(operations.lastIndexOf('elasticloadbalancing:RegisterTargets'));
    expect(operations.at(-1)).toBe('ec2:TerminateInstances');
    expect(executions.filter(({ machine }) => machine === 'retire-side').map(({ status }) => status)).toEqual(['SUCCEEDED']);
    expect(lines(failover)).toContain('primary is rebuilt');
  });
});
