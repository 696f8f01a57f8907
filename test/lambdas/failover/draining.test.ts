// Waiting until the losing side receives almost no requests.
import { beforeEach, describe, expect, it } from 'vitest';
import { checkDrain } from '../../../lambdas/check-drain/check-drain.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { probeSides } from '../../../lambdas/probe-sides/probe-sides.ts';
import { rollBack } from '../../../lambdas/roll-back/roll-back.ts';
import { failoverTest, minute, request, step } from '../../fixtures/failover.ts';

const test = failoverTest();

describe('draining', () => {
  beforeEach(async () => {
    await openFailover(request, test.services);
  });

  it('is done when the losing side receives almost nothing, and waits until then', async () => {
    test.outside.requestsPerMinute = { primary: 300, standby: 12_000 };
    expect(await checkDrain(step, test.services)).toEqual({ decision: 'wait' });
    test.outside.now += 5 * minute;
    test.outside.requestsPerMinute = { primary: 30, standby: 12_000 };
    expect(await checkDrain(step, test.services)).toEqual({ decision: 'drained' });
  });

  it('is not waited for beyond the bound of the plan', async () => {
    test.outside.requestsPerMinute = { primary: 300, standby: 12_000 };
    await checkDrain(step, test.services);
    test.outside.now += 31 * minute;
    expect(await checkDrain(step, test.services)).toEqual({ decision: 'overdue' });
    expect(test.outside.told.at(-1)?.severity).toBe('page');
  });

  it('of a shift that nobody followed ends in a roll-back, never in a hand-over', async () => {
    for (let index = 0; index < 3; index++) await test.shiftAndVerify();
    test.outside.requestsPerMinute = { primary: 12_000, standby: 0 };
    await checkDrain(step, test.services);
    test.outside.now += 31 * minute;
    expect(await checkDrain(step, test.services)).toEqual({ decision: 'stuck' });
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    expect(await rollBack({ ...step, failure: { Error: 'NotFollowed', Cause: 'The traffic did not follow.' } }, test.services)).toEqual({ decision: 'verify' });
    expect(test.outside.weights).toEqual({ primary: 100, standby: 0 });
  });
});
