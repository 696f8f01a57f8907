// Waiting until the losing side receives almost no requests.
import { beforeEach, describe, expect, it } from 'vitest';
import { checkDrain } from '../../../lambdas/check-drain/check-drain.ts';
import { haltFailover } from '../../../lambdas/halt-failover/halt-failover.ts';
import { handOver } from '../../../lambdas/hand-over/hand-over.ts';
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
    expect(await checkDrain(step, test.services)).toMatchObject({ decision: 'wait' });
    test.outside.now += 5 * minute;
    test.outside.requestsPerMinute = { primary: 30, standby: 12_000 };
    expect(await checkDrain(step, test.services)).toMatchObject({ decision: 'drained' });
  });

  it('is not waited for beyond the bound of the plan', async () => {
    test.outside.requestsPerMinute = { primary: 300, standby: 12_000 };
    await checkDrain(step, test.services);
    test.outside.now += 31 * minute;
    expect(await checkDrain(step, test.services)).toMatchObject({ decision: 'overdue' });
    expect(test.outside.told.at(-1)?.severity).toBe('page');
  });

  it('of a shift that nobody followed ends in a roll-back, never in a hand-over', async () => {
    for (let index = 0; index < 3; index++) await test.shiftAndVerify();
    test.outside.requestsPerMinute = { primary: 12_000, standby: 0 };
    await checkDrain(step, test.services);
    test.outside.now += 31 * minute;
    expect(await checkDrain(step, test.services)).toMatchObject({ decision: 'stuck' });
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    expect(await rollBack({ ...step, failure: { Error: 'NotFollowed', Cause: 'The traffic did not follow.' } }, test.services)).toEqual({ decision: 'verify' });
    expect(test.outside.weights).toEqual({ primary: 100, standby: 0 });
  });

  it.each([
    [30, 30],
    [720, 72],
  ])('of up to %d minutes looks each %d seconds: the history of an execution is limited', async (drainMaxMinutes, waitSeconds) => {
    const service = await test.service();
    await test.tables.put('services', { ...service, plan: { ...service.plan, failover: { ...service.plan.failover, drainMaxMinutes } } });
    expect(await checkDrain(step, test.services)).toEqual({ decision: 'wait', waitSeconds });
  });

  it('gives up at once on a losing side that is dead while its Region does not answer: nothing is gained by waiting', async () => {
    unreachable('eu-west-1');
    expect(await checkDrain(step, test.services)).toMatchObject({ decision: 'wait' });
    test.outside.probes.primary = { failed: 50, slow: 0 };
    expect(await checkDrain(step, test.services)).toMatchObject({ decision: 'overdue' });
    expect(test.outside.told.at(-1)?.severity).toBe('page');
  });

  it('of a receiving side that fails ends in a roll-back as soon as that is seen', async () => {
    test.outside.requestsPerMinute = { primary: 10, standby: 12_000 };
    test.outside.probes.standby = { failed: 50, slow: 0 };
    expect(await checkDrain(step, test.services)).toMatchObject({ decision: 'failing' });
  });

  it('is not called over when nothing shows that the receiving side serves', async () => {
    unreachable('eu-central-1');
    test.outside.probes = { primary: { failed: 50, slow: 0 }, standby: { failed: 50, slow: 0 } };
    expect(await checkDrain(step, test.services)).toMatchObject({ decision: 'wait' });
    test.outside.now += 31 * minute;
    expect(await checkDrain(step, test.services)).toMatchObject({ decision: 'failing' });
  });

  it('stops when somebody else changes the weights', async () => {
    await checkDrain(step, test.services);
    test.outside.weights = { primary: 60, standby: 40 };
    await expect(checkDrain(step, test.services)).rejects.toMatchObject({ name: 'WeightsChangedError' });
  });

  it("does not need Route 53's control plane", async () => {
    test.outside.controlPlaneDown = true;
    expect(await checkDrain(step, test.services)).toMatchObject({ decision: 'wait' });
  });

  const unreachable = (region: string) => {
    const { telemetry } = test.services;
    const read: typeof telemetry.read = (at, ...rest) => (at === region ? Promise.reject(new Error(`${at} does not answer`)) : telemetry.read(at, ...rest));
    test.services = { ...test.services, telemetry: { read, reportEvacuated: telemetry.reportEvacuated } as never };
  };
});

describe('the last look before the hand-over', () => {
  beforeEach(async () => {
    await openFailover(request, test.services);
    for (let index = 0; index < 3; index++) await test.shiftAndVerify();
  });
  const failing = { failed: 50, slow: 0 };

  it('keeps the losing side open to the users when the receiving one does not serve', async () => {
    test.outside.probes.standby = failing;
    expect(await handOver(step, test.services)).toEqual({ decision: 'failing' });
    expect(await test.service()).toMatchObject({ activeSide: 'primary', latched: {} });
    expect(test.outside.evacuated).toEqual([]);
    expect(await test.record()).toMatchObject({ pointOfNoReturn: false });
  });

  it('stops between two switches, for a person', async () => {
    await test.services.failovers.update('f1', { phase: 'hand-over' });
    test.outside.probes.standby = failing;
    await expect(handOver(step, test.services)).rejects.toMatchObject({ name: 'TargetLostError' });
    expect((await test.service()).latched).toEqual({});
  });

  it('lets a side go that fails more than the receiving one', async () => {
    test.outside.probes = { primary: failing, standby: { failed: 10, slow: 0 } };
    expect(await handOver(step, test.services)).toEqual({ decision: 'handed-over' });
  });
});

describe('a hand-over whose first report of the latch fails', () => {
  it('is whole all the same: dispatch-scoring repeats the report', async () => {
    await openFailover(request, test.services);
    for (let index = 0; index < 3; index++) await test.shiftAndVerify();
    test.services.telemetry.reportEvacuated = () => Promise.reject(new Error('denied'));
    expect(await handOver(step, test.services)).toEqual({ decision: 'handed-over' });
    expect(await test.service()).toMatchObject({ activeSide: 'standby', latched: { primary: expect.any(String) } });
    expect((await test.tables.resources('shop')).map(({ subjectId }) => subjectId)).toContain('latch#primary');
  });

  it('that crashed after the point of no return is completed by whatever ends the failover', async () => {
    await openFailover(request, test.services);
    for (let index = 0; index < 3; index++) await test.shiftAndVerify();
    const { services } = test.services;
    const handOverOf = services.handOver;
    services.handOver = () => Promise.reject(new Error('crashed'));
    await expect(handOver(step, test.services)).rejects.toThrow('crashed');
    expect(await test.record()).toMatchObject({ pointOfNoReturn: true });
    services.handOver = handOverOf;
    await haltFailover({ ...step, failure: { Error: 'Error', Cause: 'crashed' } }, test.services);
    expect(await test.record()).toMatchObject({ outcome: 'halted' });
    expect(await test.service()).toMatchObject({ activeSide: 'standby', latched: { primary: expect.any(String) } });
  });
});
