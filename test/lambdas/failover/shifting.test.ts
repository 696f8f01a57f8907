// Shifting traffic step by step: retried, duplicated, stopped.
import { beforeEach, describe, expect, it } from 'vitest';
import { WeightsChangedError } from '../../../lambdas/adapters/record-router.ts';
import { closeFailover } from '../../../lambdas/close-failover/close-failover.ts';
import { FailoverEndedError } from '../../../lambdas/failover/session.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { shiftTraffic } from '../../../lambdas/shift-traffic/shift-traffic.ts';
import { verifyShift } from '../../../lambdas/verify-shift/verify-shift.ts';
import { failoverTest, minute, request, step } from '../../fixtures/failover.ts';

const test = failoverTest();

describe('shifting', () => {
  beforeEach(async () => {
    await openFailover(request, test.services);
  });

  it('goes step by step to the end', async () => {
    for (const weights of [
      { primary: 90, standby: 10 },
      { primary: 50, standby: 50 },
      { primary: 0, standby: 100 },
    ]) {
      expect(await test.shiftAndVerify()).toMatchObject({ decision: 'verify' });
      expect(test.outside.weights).toEqual(weights);
    }
    expect(await shiftTraffic(step, test.services)).toMatchObject({ decision: 'done' });
    expect(test.outside.changes).toHaveLength(3);
  });

  it('repeats the step whose answer was lost, instead of taking the next', async () => {
    test.outside.loseAnswer = true;
    await expect(shiftTraffic(step, test.services)).rejects.toThrow('the answer was lost');
    expect(await shiftTraffic(step, test.services)).toMatchObject({ decision: 'verify' });
    expect(test.outside.changes).toEqual([{ primary: 90, standby: 10 }]);
    expect(await test.record()).toMatchObject({ weights: { primary: 90, standby: 10 } });
  });

  it('takes no next step when it is asked again before the last one was verified', async () => {
    const first = await shiftTraffic(step, test.services);
    test.outside.now += minute;
    expect(await shiftTraffic(step, test.services)).toEqual(first);
    expect(test.outside.changes).toEqual([{ primary: 90, standby: 10 }]);
    await verifyShift(step, test.services);
    test.outside.now += minute;
    await shiftTraffic(step, test.services);
    test.outside.now += minute;
    expect(await shiftTraffic(step, test.services)).toMatchObject({ decision: 'verify' });
    expect(test.outside.changes).toEqual([
      { primary: 90, standby: 10 },
      { primary: 50, standby: 50 },
    ]);
  });

  it('stops when somebody else changed the weights', async () => {
    await test.shiftAndVerify();
    test.outside.weights = { primary: 60, standby: 40 };
    await expect(shiftTraffic(step, test.services)).rejects.toBeInstanceOf(WeightsChangedError);
  });

  it('waits for capacity and then gives up', async () => {
    test.outside.ready.standby = 0;
    expect(await shiftTraffic(step, test.services)).toMatchObject({ decision: 'hold' });
    expect(test.outside.changes).toEqual([]);
    test.outside.now += 16 * minute;
    await expect(shiftTraffic(step, test.services)).rejects.toMatchObject({ name: 'CapacityError' });
  });

  it('waits for capacity as long, however long ago the target was checked', async () => {
    test.outside.now += 20 * minute;
    test.outside.ready.standby = 0;
    expect(await shiftTraffic(step, test.services)).toMatchObject({ decision: 'hold' });
    test.outside.ready.standby = 4;
    test.outside.now += 14 * minute;
    expect(await shiftTraffic(step, test.services)).toMatchObject({ decision: 'verify' });
  });

  it('waits for capacity as long after a step, however long that was watched', async () => {
    await test.shiftAndVerify();
    test.outside.now += 40 * minute;
    test.outside.ready.standby = 0;
    expect(await shiftTraffic(step, test.services)).toMatchObject({ decision: 'hold' });
    test.outside.now += 14 * minute;
    expect(await shiftTraffic(step, test.services)).toMatchObject({ decision: 'hold' });
    test.outside.now += 2 * minute;
    await expect(shiftTraffic(step, test.services)).rejects.toMatchObject({ name: 'CapacityError' });
  });

  it('counts evidence of a step from the time at which it was in sync', async () => {
    await shiftTraffic(step, test.services);
    test.outside.inSync = false;
    expect(await verifyShift(step, test.services)).toEqual({ decision: 'wait' });
    test.outside.inSync = true;
    test.outside.now += minute;
    expect(await verifyShift(step, test.services)).toEqual({ decision: 'synced' });
    expect((await test.record()).stepVerifiedAt).toBe(new Date(test.outside.now).toISOString());
  });

  it('does not wait for ever for a change that Route 53 has taken and does not spread', async () => {
    await shiftTraffic(step, test.services);
    test.outside.inSync = false;
    test.outside.now += 16 * minute;
    await expect(verifyShift(step, test.services)).rejects.toMatchObject({ name: 'PropagationError' });
  });

  it('changes nothing once the record has ended', async () => {
    await closeFailover({ ...step, outcome: 'held' }, test.services);
    await expect(shiftTraffic(step, test.services)).rejects.toBeInstanceOf(FailoverEndedError);
    expect(test.outside.changes).toEqual([]);
  });
});

describe('a change whose answer was lost', () => {
  it('is waited for, since nothing names it', async () => {
    await openFailover(request, test.services);
    test.outside.loseAnswer = true;
    await expect(shiftTraffic(step, test.services)).rejects.toThrow();
    await shiftTraffic(step, test.services);
    expect(await verifyShift(step, test.services)).toEqual({ decision: 'wait' });
    test.outside.now += minute;
    expect(await verifyShift(step, test.services)).toEqual({ decision: 'synced' });
  });
});
