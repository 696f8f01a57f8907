// Going back: only onto a side that is better, and only as far as it carries.
import { beforeEach, describe, expect, it } from 'vitest';
import { WeightsChangedError } from '../../../lambdas/adapters/record-router.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { probeSides } from '../../../lambdas/probe-sides/probe-sides.ts';
import { rollBack } from '../../../lambdas/roll-back/roll-back.ts';
import { shiftTraffic } from '../../../lambdas/shift-traffic/shift-traffic.ts';
import { failoverTest, request, step } from '../../fixtures/failover.ts';

const test = failoverTest();

describe('rolling back', () => {
  const back = (failure: unknown = { Error: 'NoFailure', Cause: 'Nothing has failed.' }) => rollBack({ ...step, failure }, test.services);
  const probe = () => probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
  beforeEach(async () => {
    await openFailover(request, test.services);
    await test.shiftAndVerify();
  });
  const shiftToHalf = () => test.shiftAndVerify();

  it('returns to the weights at the start when the new side fails its objective', async () => {
    await shiftToHalf();
    test.outside.probes.standby = { failed: 25, slow: 0 };
    await probe();
    expect(await back()).toEqual({ decision: 'verify' });
    expect(test.outside.weights).toEqual({ primary: 100, standby: 0 });
    expect(await back()).toEqual({ decision: 'done' });
  });

  it('returns when the balancer vetoed what the probes passed', async () => {
    await shiftToHalf();
    await probe();
    await test.services.failovers.tell('f1', '035-judged', {
      at: new Date(test.outside.now).toISOString(),
      phase: 'shift',
      message: 'step judged: fail',
      verdict: 'fail',
    });
    expect(await back()).toEqual({ decision: 'verify' });
  });

  it('does not go back onto a side that measures worse', async () => {
    await shiftToHalf();
    test.outside.probes.primary = { failed: 250, slow: 0 };
    await probe();
    expect(await back()).toEqual({ decision: 'hold' });
    expect(test.outside.weights).toEqual({ primary: 50, standby: 50 });
    expect((await test.services.failovers.story('f1')).findLast(({ phase }) => phase === 'roll-back')).toMatchObject({
      message: expect.stringMatching(/not rolled back/),
      reasons: ['primary: 250 of 500 probes failed', 'standby: 0 of 500 probes failed'],
    });
  });

  it.each([true, false])('stays when neither side measures better and much has moved (probed: %s)', async (probed) => {
    await shiftToHalf();
    if (probed) await probe();
    expect(await back()).toEqual({ decision: 'hold' });
    expect(test.outside.weights).toEqual({ primary: 50, standby: 50 });
  });

  it('takes back the first step, which few users have taken', async () => {
    expect(await back()).toEqual({ decision: 'verify' });
    expect(test.outside.weights).toEqual({ primary: 100, standby: 0 });
  });

  it('tells which error called it', async () => {
    await back({
      Error: 'States.TaskFailed',
      Cause: JSON.stringify({ Status: 'FAILED', Error: 'CapacityError', Cause: JSON.stringify({ errorType: 'CapacityError', errorMessage: 'too small' }) }),
    });
    expect((await test.services.failovers.story('f1')).find(({ message }) => message.startsWith('a step failed'))?.reasons).toEqual([
      'CapacityError: too small',
    ]);
  });

  it('goes back only as far as a cold side carries, then the rest', async () => {
    await shiftToHalf();
    test.outside.probes.standby = { failed: 100, slow: 0 };
    await probe();
    test.outside.ready.primary = 1;
    expect(await back()).toEqual({ decision: 'verify' });
    expect(test.outside.weights).toEqual({ primary: 60, standby: 40 });
    expect(await back()).toEqual({ decision: 'wait' });
    test.outside.ready.primary = 4;
    expect(await back()).toEqual({ decision: 'verify' });
    expect(test.outside.weights).toEqual({ primary: 100, standby: 0 });
  });

  it('believes what users met, also when the probes find nothing, and the old side looks worse', async () => {
    await shiftToHalf();
    test.outside.now += 5 * 60_000;
    const { telemetry } = test.services;
    const read: typeof telemetry.read = async (region, requests, from, to) => {
      const series = await telemetry.read(region, requests, from, to);
      const points = series.get('requests') ?? [];
      if (region === 'eu-central-1')
        series.set(
          'requests',
          points.map((point) => ({ ...point, value: 6000 })),
        );
      if (region === 'eu-central-1')
        series.set(
          'errors-target',
          points.map((point) => ({ ...point, value: 3000 })),
        );
      return series;
    };
    test.services = { ...test.services, telemetry: { read, reportEvacuated: telemetry.reportEvacuated } as never };
    await probe();
    expect(await back()).toEqual({ decision: 'verify' });
    expect(test.outside.weights).toEqual({ primary: 100, standby: 0 });
  });

  it('leaves weights that somebody else set', async () => {
    test.outside.weights = { primary: 70, standby: 30 };
    await expect(back()).rejects.toBeInstanceOf(WeightsChangedError);
    expect(test.outside.weights).toEqual({ primary: 70, standby: 30 });
  });

  it('takes back a step whose answer was lost', async () => {
    await back();
    test.outside.loseAnswer = true;
    await expect(shiftTraffic(step, test.services)).rejects.toThrow();
    expect(await back()).toEqual({ decision: 'verify' });
    expect(test.outside.weights).toEqual({ primary: 100, standby: 0 });
  });

  it('is allowed under the kill switch, which stops what goes forward', async () => {
    await test.tables.put('services', { ...(await test.service()), killSwitch: true });
    await expect(shiftTraffic(step, test.services)).rejects.toMatchObject({ name: 'NotActingError' });
    expect(await back()).toEqual({ decision: 'verify' });
  });

  it('changes nothing in a mode that changes nothing', async () => {
    await test.tables.put('services', { ...(await test.service()), mode: 'observe' });
    expect(await back()).toEqual({ decision: 'hold' });
    expect(test.outside.weights).toEqual({ primary: 90, standby: 10 });
  });
});
