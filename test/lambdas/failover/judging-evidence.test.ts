// What the judge is given at each stage: how old it may be, what the plan's own metrics say, and what is kept of the verdict.
import { beforeEach, describe, expect, it } from 'vitest';
import { countLatencies } from '../../../core/canary/latencies.ts';
import { Plan } from '../../../core/contracts/plan.ts';
import type { CanaryRecord } from '../../../core/contracts/records.ts';
import { judgeCanary } from '../../../lambdas/judge-canary/judge-canary.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { probeSides } from '../../../lambdas/probe-sides/probe-sides.ts';
import type { Services } from '../../../lambdas/services.ts';
import { failoverTest, minute, request } from '../../fixtures/failover.ts';
import { planInput } from '../../fixtures/plan.ts';
import { serviceRecord } from '../../fixtures/service.ts';

const test = failoverTest();
const workflow = { serviceId: 'shop', workflowId: 'f1' };
const judged = (stage: 'probes' | 'approval' | 'step', ago = 60 * minute) =>
  judgeCanary({ ...workflow, stage, startedAt: new Date(test.outside.now - ago).toISOString() }, test.services);
const probe = () => probeSides(workflow, test.services);
const canary = async () => (await test.service()).canary;

beforeEach(async () => {
  await openFailover(request, test.services);
});

describe('while a person is waited for', () => {
  const passed: CanaryRecord = { verdict: 'pass', at: '2026-03-02T11:50:00.000Z', target: 'standby', method: 'probes', reasons: [] };

  it('looks at the last minutes only, so that a breach now is not diluted by what was well', async () => {
    for (let round = 0; round < 20; round++) {
      await probe();
      test.outside.now += minute;
    }
    expect(await judged('approval')).toEqual({ decision: 'pass' });
    test.outside.now += 6 * minute;
    test.outside.probes.standby = { failed: 20, slow: 0 };
    await probe();
    expect(await judged('approval')).toEqual({ decision: 'fail' });
    expect(await canary()).toMatchObject({ verdict: 'fail' });
    expect((await test.services.failovers.story('f1')).at(-1)).toMatchObject({ phase: 'approval', verdict: 'fail' });
  });

  it('keeps a pass when there is nothing new to be seen', async () => {
    await test.services.services.setCanary('shop', passed);
    expect((await judged('approval')).decision).not.toBe('pass');
    expect(await canary()).toEqual(passed);
  });

  it('makes a pass fresh', async () => {
    await test.services.services.setCanary('shop', passed);
    await probe();
    expect(await judged('approval')).toEqual({ decision: 'pass' });
    expect(await canary()).toMatchObject({ verdict: 'pass', at: new Date(test.outside.now).toISOString() });
  });
});

describe('after a step', () => {
  it.each([
    ['fail', 'the first users of the shift met', 3],
    ['pass', 'somebody met before the shift', 8],
  ] as const)('the verdict is %s by errors that %s, of which the balancer tells only now', async (decision, _whose, minutesAgo) => {
    const at = test.outside.now - minutesAgo * minute;
    const count = (key: string) => (key === 'requests' ? 1200 : key === 'errors-target' ? 600 : 0);
    const read = (_region: string, requests: readonly { key: string }[], from: number) =>
      Promise.resolve(new Map(requests.map(({ key }) => [key, at >= from ? [{ timestamp: at, value: count(key) }] : []])));
    test.services = { ...test.services, telemetry: { read } as unknown as Services['telemetry'] };
    // The second step of an urgent shift that began five minutes ago: it has been everywhere for one.
    await test.services.failovers.update('f1', { weights: { primary: 50, standby: 50 }, stepVerifiedAt: new Date(test.outside.now - minute).toISOString() });
    await probe();
    expect(await judged('step', 5 * minute)).toEqual({ decision });
  });

  it('keeps the lock: the longest bake and the longest wait for evidence together last longer than a lease', async () => {
    await test.services.failovers.update('f1', { weights: { primary: 90, standby: 10 }, stepVerifiedAt: new Date(test.outside.now).toISOString() });
    for (const pause of [62, 59]) {
      test.outside.now += pause * minute;
      await judged('step');
      expect(Date.parse((await test.service()).lock?.expiresAt ?? '')).toBeGreaterThan(test.outside.now + 60 * minute);
    }
  });

  it('does not take back a lock that another one has taken', async () => {
    test.outside.now += 91 * minute;
    await openFailover({ ...request, failoverId: 'f2' }, test.services);
    await judged('step');
    expect((await test.service()).lock).toMatchObject({ holder: 'f2', token: 2 });
  });

  it('that passed, its weights are the ones to go back to; after another they stay', async () => {
    const weights = { primary: 90, standby: 10 };
    await test.services.failovers.update('f1', { weights, stepVerifiedAt: new Date(test.outside.now).toISOString() });
    await probe();
    expect(await judged('step')).toEqual({ decision: 'pass' });
    expect((await test.record()).goodWeights).toEqual(weights);
    test.outside.now += minute;
    await test.services.failovers.update('f1', { weights: { primary: 50, standby: 50 }, stepVerifiedAt: new Date(test.outside.now).toISOString() });
    // Nothing since the step: what passed before it does not count.
    expect(await judged('step')).toEqual({ decision: 'wait' });
    test.outside.probes.standby = { failed: 60, slow: 0 };
    await probe();
    expect(await judged('step')).toEqual({ decision: 'fail' });
    expect((await test.record()).goodWeights).toEqual(weights);
  });

  it('goes on by live evidence when CloudWatch does not answer', async () => {
    await test.services.failovers.update('f1', { weights: { primary: 90, standby: 10 }, stepVerifiedAt: new Date(test.outside.now).toISOString() });
    await probe();
    test.outside.unreachable = true;
    expect(await judged('step')).toEqual({ decision: 'pass' });
  });
});

describe('probes', () => {
  it('that an older version stored are read, and are no evidence of latency', async () => {
    const at = new Date(test.outside.now).toISOString();
    const old = { requests: 500, failed: 0, slow: 0 };
    await test.services.failovers.addProbes('f1', at, { primary: old, standby: old });
    expect(await judged('probes', minute)).toEqual({ decision: 'pass' });
    const [told] = (await test.services.failovers.story('f1')).slice(-1);
    expect(told?.reasons).toContainEqual(expect.stringMatching(/live latency: missing by minimum samples/));
  });

  it('stay small in the table, however many there are', async () => {
    const wide = countLatencies(Array.from({ length: 5000 }, (_, index) => 10 ** (1 + 3.5 * (index / 5000))));
    const side = { requests: 5000, failed: 0, slow: 0, latencies: wide };
    await test.services.failovers.addProbes('f1', new Date(test.outside.now).toISOString(), { primary: side, standby: side });
    const [stored] = await test.services.failovers.probesSince('f1', new Date(0).toISOString());
    expect(stored?.standby).toEqual(side);
    expect(JSON.stringify(stored).length).toBeLessThan(16_000);
  });
});

describe('metrics of the plan', () => {
  const queue = {
    ...({ name: 'queue', namespace: 'Shop', metric: 'QueueDepth', statistic: 'Average', role: 'other', critical: true } as const),
    dimensions: { primary: { Queue: 'orders-1' }, standby: { Queue: 'orders-2' } },
  };
  const asked: { region: string; dimensions: unknown; from: number; to: number }[] = [];
  /** Points by Region, one each minute of what is asked for. */
  const cloudWatchHas = async (values: Record<string, number | undefined>) => {
    asked.length = 0;
    await test.tables.put('services', serviceRecord({ ...(await test.service()), plan: Plan.parse(planInput({ canary: { metrics: [queue] } })) }));
    const read = (region: string, requests: readonly { key: string; metric: { dimensions?: unknown } }[], from: number, to: number) => {
      asked.push({ region, dimensions: requests[0]?.metric.dimensions, from, to });
      const value = values[region];
      if (value === undefined) return Promise.reject(new Error(`${region} does not answer`));
      const minutes = Array.from({ length: Math.max(0, Math.ceil((to - from) / minute)) }, (_, index) => from + index * minute);
      return Promise.resolve(new Map(requests.map(({ key }) => [key, minutes.map((timestamp) => ({ timestamp, value }))])));
    };
    test.services = { ...test.services, telemetry: { read } as unknown as Services['telemetry'] };
  };

  it('are read in each side’s Region by its own dimensions, and decide', async () => {
    await cloudWatchHas({ 'eu-west-1': 10, 'eu-central-1': 10 });
    await probe();
    expect(await judged('probes', minute)).toEqual({ decision: 'pass' });
    expect(asked.map(({ region, dimensions }) => [region, dimensions]).sort()).toEqual([
      ['eu-central-1', { Queue: 'orders-2' }],
      ['eu-west-1', { Queue: 'orders-1' }],
    ]);
    await cloudWatchHas({ 'eu-west-1': 10, 'eu-central-1': 100 });
    expect(await judged('probes', minute)).toEqual({ decision: 'fail' });
  });

  it('are waited for when they are critical and a Region does not tell them', async () => {
    await cloudWatchHas({ 'eu-west-1': undefined, 'eu-central-1': 10 });
    await probe();
    expect(await judged('probes', minute)).toEqual({ decision: 'wait' });
  });

  it('count from the step on the receiving side, and only with periods that have ended', async () => {
    await cloudWatchHas({ 'eu-west-1': 10, 'eu-central-1': 10 });
    const verified = test.outside.now;
    await test.services.failovers.update('f1', { profile: 'calm', weights: { primary: 90, standby: 10 }, stepVerifiedAt: new Date(verified).toISOString() });
    test.outside.now += 2 * minute;
    await probe();
    expect(await judged('step')).toEqual({ decision: 'wait' });
    expect(asked.find(({ dimensions }) => JSON.stringify(dimensions) === '{"Queue":"orders-2"}')?.from).toBeGreaterThanOrEqual(verified);
    test.outside.now += 2 * minute;
    expect(await judged('step')).toEqual({ decision: 'pass' });
  });

  it('are not waited for by the steps of an urgent shift, and stop it when they are bad', async () => {
    const verified = test.outside.now;
    await test.services.failovers.update('f1', { profile: 'urgent', weights: { primary: 90, standby: 10 }, stepVerifiedAt: new Date(verified).toISOString() });
    await cloudWatchHas({ 'eu-west-1': 10, 'eu-central-1': undefined });
    test.outside.now += 2 * minute;
    await probe();
    expect(await judged('step')).toEqual({ decision: 'pass' });
    await cloudWatchHas({ 'eu-west-1': 10, 'eu-central-1': 100 });
    test.outside.now += 2 * minute;
    expect(await judged('step')).toEqual({ decision: 'fail' });
  });
});
