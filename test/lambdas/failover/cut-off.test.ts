// A prober that cannot reach a side is no witness against it, when Route 53's checkers can.
import { beforeEach, describe, expect, it } from 'vitest';
import { judgeCanary } from '../../../lambdas/judge-canary/judge-canary.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { probeSides } from '../../../lambdas/probe-sides/probe-sides.ts';
import { rollBack } from '../../../lambdas/roll-back/roll-back.ts';
import { entryItem, failoverTest, minute, request, step } from '../../fixtures/failover.ts';

const test = failoverTest();

describe('a prober that is cut off from the losing side', () => {
  const judged = () =>
    judgeCanary({ serviceId: 'shop', workflowId: 'f1', stage: 'probes', startedAt: new Date(test.outside.now - minute).toISOString() }, test.services);
  beforeEach(async () => {
    await test.tables.put('resources', entryItem);
    await openFailover(request, test.services);
    test.outside.probes.primary = { failed: 500, slow: 0 };
    test.outside.probes.standby = { failed: 250, slow: 0 };
  });

  it('does not make a failing target the better one', async () => {
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    expect(await judged()).toEqual({ decision: 'fail' });
    expect((await test.services.failovers.story('f1')).at(-1)?.reasons).toContainEqual(expect.stringMatching(/cannot reach primary/));
  });

  it.each([
    ['find it dead too', 0],
    ['say nothing', undefined],
  ])('is believed when the checkers %s', async (_what, health) => {
    test.outside.health.primary = health;
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    expect(await judged()).toEqual({ decision: 'pass' });
  });

  it('does not keep users on a side that fails them', async () => {
    await test.shiftAndVerify();
    await test.shiftAndVerify();
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    const back = await rollBack({ ...step, failure: { Error: 'NoFailure', Cause: 'Nothing has failed.' } }, test.services);
    expect(back).toEqual({ decision: 'verify' });
    expect(test.outside.weights).toEqual({ primary: 100, standby: 0 });
  });
});
