// What others were burned by when they went back, and when there was no evidence: one test for each, named after it.
import { beforeEach, describe, expect, it } from 'vitest';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { probeSides } from '../../../lambdas/probe-sides/probe-sides.ts';
import { rollBack } from '../../../lambdas/roll-back/roll-back.ts';
import { verifyShift } from '../../../lambdas/verify-shift/verify-shift.ts';
import { failoverTest, minute, request, step } from '../../fixtures/failover.ts';

const test = failoverTest();
/** requests/s that an instance of the fixture's plan carries */
const perInstance = 120;
const demand = 200;
const back = (name = 'NoFailure') => rollBack({ ...step, failure: { Error: name, Cause: 'x' } }, test.services);
const probe = () => probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
const failingStandby = async () => {
  test.outside.probes.standby = { failed: 200, slow: 0 };
  await probe();
};
const shareOfPrimary = () => test.outside.weights.primary / (test.outside.weights.primary + test.outside.weights.standby);

beforeEach(async () => {
  await openFailover(request, test.services);
});
const shiftWholly = async () => {
  for (let index = 0; index < 3; index++) await test.shiftAndVerify();
};

describe('argo-rollouts#3020, argo-rollouts#3372: a roll-back sent everything to an undersized stable side', () => {
  it.each([0, 1])('never: with %d ready instances it gets what they carry, and no more', async (ready) => {
    await shiftWholly();
    await failingStandby();
    test.outside.ready.primary = ready;
    for (let loop = 0; loop < 5; loop++) {
      await back();
      expect(shareOfPrimary() * demand).toBeLessThanOrEqual(ready * perInstance);
      test.outside.now += minute;
      await verifyShift(step, test.services);
      await failingStandby();
    }
  });

  it('a Region that does not answer counts as carrying nothing', async () => {
    await shiftWholly();
    await failingStandby();
    const { health } = test.services.targets;
    test.services.targets.health = (region, arn) =>
      region === 'eu-west-1' ? Promise.reject(new Error('eu-west-1 does not answer')) : health.call(test.services.targets, region, arn);
    expect(await back()).toEqual({ decision: 'wait' });
    expect(shareOfPrimary()).toBe(0);
  });

  it('it is not waited for without end: people have to look', async () => {
    await shiftWholly();
    await failingStandby();
    test.outside.ready.primary = 0;
    expect(await back()).toEqual({ decision: 'wait' });
    test.outside.now += 11 * minute;
    await failingStandby();
    expect(await back()).toEqual({ decision: 'hold' });
    expect(shareOfPrimary()).toBe(0);
  });
});

describe('argo-rollouts#3888: a roll-back onto a cold target has to be gradual', () => {
  it('goes back step by step as the old side warms up, each step in sync before the next', async () => {
    await shiftWholly();
    const shares: number[] = [];
    for (const ready of [0, 1, 1, 2]) {
      test.outside.ready.primary = ready;
      await failingStandby();
      const { decision } = await back();
      if (decision === 'verify') {
        test.outside.now += 1000;
        await verifyShift(step, test.services);
      }
      shares.push(shareOfPrimary());
      test.outside.now += minute;
    }
    expect(shares).toEqual([0, 0.6, 0.6, 1]);
  });

  it('the last step has to reach all of Route 53 too, also when it is repeated after a crash', async () => {
    await test.shiftAndVerify();
    await failingStandby();
    test.outside.now += 1000;
    expect(await back()).toEqual({ decision: 'verify' });
    expect(await back()).toEqual({ decision: 'verify' });
    test.outside.inSync = false;
    expect(await verifyShift(step, test.services)).toEqual({ decision: 'wait' });
    test.outside.inSync = true;
    test.outside.now += 1000;
    await verifyShift(step, test.services);
    expect(await back()).toEqual({ decision: 'done' });
  });

  it('nor is it done while a step that was asked for a moment ago may still arrive', async () => {
    await test.services.failovers.update('f1', {
      phase: 'shift',
      phaseStartedAt: new Date(test.outside.now).toISOString(),
      intended: { primary: 90, standby: 10 },
    });
    expect(await back()).toEqual({ decision: 'wait' });
    test.outside.weights = { primary: 90, standby: 10 };
    expect(await back()).toEqual({ decision: 'verify' });
    expect(test.outside.weights).toEqual({ primary: 100, standby: 0 });
  });

  it('nor is it done when only its answer was lost', async () => {
    await test.shiftAndVerify();
    await failingStandby();
    test.outside.now += 1000;
    test.outside.loseAnswer = true;
    await expect(back()).rejects.toThrow('the answer was lost');
    expect(await back()).toEqual({ decision: 'verify' });
    expect((await test.record()).changeId).toBe('unknown');
    expect(test.outside.changes.at(-1)).toEqual({ primary: 100, standby: 0 });
  });
});

describe('argo-rollouts#1905, argo-rollouts#4479: no evidence was taken for success', () => {
  const ten = { primary: 90, standby: 10 };
  const half = { primary: 50, standby: 50 };
  beforeEach(async () => {
    await test.shiftAndVerify();
    await test.services.failovers.update('f1', { goodWeights: ten });
    await test.shiftAndVerify();
    expect(test.outside.weights).toEqual(half);
    await probe();
  });

  it('the traffic goes back to the last weights that passed, and stays there', async () => {
    expect(await back('NoEvidence')).toEqual({ decision: 'verify' });
    expect(test.outside.weights).toEqual(ten);
    expect(await back('NoEvidence')).toEqual({ decision: 'hold' });
    expect(test.outside.weights).toEqual(ten);
    expect((await test.services.failovers.story('f1')).at(-1)).toMatchObject({ message: 'held: there is no evidence for the last step' });
  });

  it.each<[string, () => unknown]>([
    ['the old side is too small for it', () => Object.assign(test.outside.ready, { primary: 1 })],
    ['the old side fails', () => Object.assign(test.outside.probes, { primary: { failed: 100, slow: 0 } })],
  ])('or stays where it is, when %s', async (_what, change) => {
    change();
    test.outside.now += 1000;
    await probe();
    expect(await back('NoEvidence')).toEqual({ decision: 'hold' });
    expect(test.outside.weights).toEqual(half);
  });

  it('goes all the way back when the plan says so', async () => {
    const service = await test.service();
    await test.tables.put('services', { ...service, plan: { ...service.plan, canary: { ...service.plan.canary, onNoEvidence: 'roll-back' } } });
    expect(await back('NoEvidence')).toEqual({ decision: 'verify' });
    expect(test.outside.weights).toEqual({ primary: 100, standby: 0 });
  });

  it('never advances, also when everything has moved', async () => {
    await test.shiftAndVerify();
    await test.services.failovers.update('f1', { goodWeights: { primary: 0, standby: 100 } });
    expect(await back('NoEvidence')).toEqual({ decision: 'hold' });
  });
});

describe('GitHub, October 2018: a short partition became a long outage', () => {
  it('nothing moves back because the prober alone sees both sides dead', async () => {
    await test.shiftAndVerify();
    await test.shiftAndVerify();
    test.outside.probes = { primary: { failed: 500, slow: 0 }, standby: { failed: 500, slow: 0 } };
    await probe();
    expect(await back()).toEqual({ decision: 'hold' });
    expect(test.outside.weights).toEqual({ primary: 50, standby: 50 });
  });
});
