// Judging the receiving side, with and without the losing side's Region.
import { beforeEach, describe, expect, it } from 'vitest';
import { checkTarget } from '../../../lambdas/check-target/check-target.ts';
import { judgeCanary } from '../../../lambdas/judge-canary/judge-canary.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { probeSides } from '../../../lambdas/probe-sides/probe-sides.ts';
import type { Services } from '../../../lambdas/services.ts';
import { shiftTraffic } from '../../../lambdas/shift-traffic/shift-traffic.ts';
import { verifyShift } from '../../../lambdas/verify-shift/verify-shift.ts';
import { failoverTest, minute, request, step } from '../../fixtures/failover.ts';

const test = failoverTest();

describe('judging', () => {
  const judged = (stage: 'probes' | 'step') =>
    judgeCanary({ serviceId: 'shop', workflowId: 'f1', stage, startedAt: new Date(test.outside.now - minute).toISOString() }, test.services);
  beforeEach(async () => {
    await openFailover(request, test.services);
  });

  it('passes a good target, and remembers it for the level full', async () => {
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    expect(await judged('probes')).toEqual({ decision: 'pass' });
    expect((await test.service()).canary).toMatchObject({ verdict: 'pass', target: 'standby', method: 'probes' });
  });

  it('fails a target that fails 5 % of real requests, with the reason in the record', async () => {
    test.outside.probes.standby = { failed: 25, slow: 0 };
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    expect(await judged('probes')).toEqual({ decision: 'fail' });
    expect((await test.services.failovers.story('f1')).at(-1)).toMatchObject({
      verdict: 'fail',
      reasons: expect.arrayContaining([expect.stringMatching(/25 of 500/), 'the losing side measures better']),
    });
  });

  it('prefers a bad target to a far worse source', async () => {
    test.outside.probes.standby = { failed: 25, slow: 0 };
    test.outside.probes.primary = { failed: 200, slow: 0 };
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    expect(await judged('probes')).toEqual({ decision: 'pass' });
    // Going on is right, but nothing was proved.
    expect((await test.service()).canary).toMatchObject({ verdict: 'fail' });
  });

  it('waits for evidence for a bounded time, and then does not call it success', async () => {
    expect(await judged('probes')).toEqual({ decision: 'wait' });
    const startedAt = new Date(test.outside.now - 11 * minute).toISOString();
    expect(await judgeCanary({ serviceId: 'shop', workflowId: 'f1', stage: 'probes', startedAt }, test.services)).toEqual({ decision: 'no-evidence' });
  });
});

describe('with the losing side’s Region out of reach', () => {
  beforeEach(async () => {
    await openFailover(request, test.services);
    const { telemetry } = test.services;
    const read: typeof telemetry.read = (region, ...rest) =>
      region === 'eu-west-1' ? Promise.reject(new Error('eu-west-1 does not answer')) : telemetry.read(region, ...rest);
    test.services = { ...test.services, telemetry: { read, reportEvacuated: telemetry.reportEvacuated } as unknown as Services['telemetry'] };
  });

  it('a shift goes on as long as the receiving side has all that the plan names', async () => {
    expect(await checkTarget({ ...step, warmed: 'none' }, test.services)).toEqual({ decision: 'canary' });
    expect(await test.shiftAndVerify()).toMatchObject({ decision: 'verify' });
    test.outside.ready.standby = 3;
    expect(await shiftTraffic(step, test.services)).toMatchObject({ decision: 'hold' });
  });

  it('a step is still judged', async () => {
    await shiftTraffic(step, test.services);
    await verifyShift(step, test.services);
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    expect(
      await judgeCanary({ serviceId: 'shop', workflowId: 'f1', stage: 'step', startedAt: new Date(test.outside.now).toISOString() }, test.services),
    ).toEqual({
      decision: 'pass',
    });
  });
});
