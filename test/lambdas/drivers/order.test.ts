// What the steps of a failover ask of several drivers: in the plan's order, recorded first, and again after a crash.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultTableName } from '../../../core/contracts/deployment.ts';
import type { TrafficDriver } from '../../../core/contracts/plan-drivers.ts';
import type { FailoverRecord } from '../../../core/contracts/records.ts';
import { leaseUntil } from '../../../core/failover/lock.ts';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { WeightsChangedError } from '../../../lambdas/adapters/record-router.ts';
import { ZonalShifts } from '../../../lambdas/adapters/zonal-shifts.ts';
import { appConfig } from '../../../lambdas/drivers/appconfig.ts';
import { applyGradual, gradualStands, largestShare } from '../../../lambdas/drivers/gradual.ts';
import { loadBalancerWeights } from '../../../lambdas/drivers/load-balancer-weights.ts';
import { DriverRefusedError } from '../../../lambdas/drivers/port.ts';
import { ssmParameter } from '../../../lambdas/drivers/ssm-parameter.ts';
import { prolongSwitches, throwSwitchesAfterEvacuation } from '../../../lambdas/drivers/switches.ts';
import { zonalShift } from '../../../lambdas/drivers/zonal-shift.ts';
import { openSession } from '../../../lambdas/failover/session.ts';
import { settle } from '../../../lambdas/failover/settlement.ts';
import { handOver } from '../../../lambdas/hand-over/hand-over.ts';
import type { Services } from '../../../lambdas/services.ts';
import { configurationDriver, failoverRecord, parameterDriver, planWith, ruleDriver, zonalDriver } from '../../fixtures/drivers.ts';
import { serviceRecord } from '../../fixtures/service.ts';
import { newOutside, type Outside, servicesOn } from '../../fixtures/services.ts';
import { startTables, type TestTables } from '../../fixtures/tables.ts';

const names = {
  services: defaultTableName('services'),
  resources: defaultTableName('resources'),
  assessments: defaultTableName('assessments'),
  failovers: defaultTableName('failovers'),
};
const step = { serviceId: 'shop', failoverId: 'f1' };
const parameterKey = 'ssm-parameter:eu-central-1:/shop/active-side';
const configurationKey = 'appconfig:eu-central-1:app1234/env1234/pro1234';
const ruleKey = `load-balancer-weights:${ruleDriver.ruleArn}`;
const minute = 60_000;

let tables: TestTables;
let outside: Outside;
let services: Services;
const record = () => services.failovers.get('f1');
const service = () => services.services.get('shop');
const session = () => openSession(step, services);

const setParameter = vi.spyOn(ssmParameter, 'apply');
const deploy = vi.spyOn(appConfig, 'apply');
const deployed = vi.spyOn(appConfig, 'isDone');
const shiftZone = vi.spyOn(zonalShift, 'apply');
const zonesLeft = vi.spyOn(ZonalShifts.prototype, 'active');
const prolongZone = vi.spyOn(ZonalShifts.prototype, 'prolong');
const weigh = vi.spyOn(loadBalancerWeights, 'apply');

async function begin(drivers: TrafficDriver[], changes: Partial<FailoverRecord> = {}): Promise<void> {
  const lock = { holder: 'f1', token: 1, expiresAt: leaseUntil(outside.now) };
  await tables.put('services', { ...serviceRecord({ plan: planWith(...drivers), lock, fencingToken: 1 }) });
  await services.failovers.create(failoverRecord(changes));
}

beforeEach(async () => {
  tables = await startTables();
  Object.assign(process.env, { AWS_ENDPOINT_URL: tables.endpoint, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  attachToClients(undefined);
  outside = newOutside();
  services = servicesOn(names, outside);
  await tables.put('resources', {
    ...{ serviceId: 'shop', subjectId: 'entry#standby', side: 'standby', kind: 'entry', region: 'eu-central-1', metrics: [], shard: 'due#0', score: 3 },
    ...{ nextDueAt: '2026-03-02T12:00:00.000Z' },
  });
  setParameter.mockResolvedValue({ state: 'done', token: '8' });
  deploy.mockResolvedValue({ state: 'under-way', token: '6' });
  deployed.mockResolvedValue(false);
  shiftZone.mockResolvedValue({ state: 'done', token: 'abc-1' });
  zonesLeft.mockImplementation(async () => [{ id: 'abc-1', awayFrom: 'euw1-az1', expiresAt: outside.now + minute, comment: 'Forestall: shop', manual: true }]);
  prolongZone.mockResolvedValue();
  weigh.mockResolvedValue({ state: 'done', token: '10' });
});
afterEach(async () => {
  vi.clearAllMocks();
  attachToClients(undefined);
  delete process.env['AWS_ENDPOINT_URL'];
  await tables.close();
});

describe('the hand-over', () => {
  it('throws the switches in order, waits for one that takes its time, and only then passes the point of no return', async () => {
    await begin([parameterDriver, configurationDriver, zonalDriver], { phase: 'drain' });
    expect(await handOver(step, services)).toEqual({ decision: 'wait' });
    expect(await record()).toMatchObject({
      phase: 'hand-over',
      pointOfNoReturn: false,
      drivers: { [parameterKey]: { status: 'done', token: '8' }, [configurationKey]: { status: 'under-way', token: '6' } },
    });
    expect(shiftZone).not.toHaveBeenCalled();
    expect((await service()).activeSide).toBe('primary');

    expect(await handOver(step, services)).toEqual({ decision: 'wait' });
    deployed.mockResolvedValue(true);
    expect(await handOver(step, services)).toEqual({ decision: 'handed-over' });
    expect(await record()).toMatchObject({ pointOfNoReturn: true });
    expect((await service()).activeSide).toBe('standby');
    expect((await service()).latched).toHaveProperty('primary');
    // Each was asked once, whatever was waited for.
    expect([setParameter, deploy, shiftZone].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1]);
    const story = await services.failovers.story('f1');
    expect(story.map(({ message }) => message)).toEqual([
      `${parameterKey} switched to standby`,
      `${configurationKey} switched to standby`,
      `zonal-shift:${zonalDriver.loadBalancerArn} switched to standby`,
      'health-check switched to standby',
      'standby is active; primary is latched until an approved fail-back',
    ]);
  });

  it('is written before anything is asked, so that a crash leaves no secret', async () => {
    await begin([parameterDriver], { phase: 'drain' });
    setParameter.mockImplementation(async () => {
      expect((await record()).drivers[parameterKey]).toMatchObject({ status: 'intended' });
      throw new Error('killed');
    });
    await expect(handOver(step, services)).rejects.toThrow('killed');
    setParameter.mockResolvedValue({ state: 'done', token: '8' });
    expect(await handOver(step, services)).toEqual({ decision: 'handed-over' });
  });

  it('that stops between two drivers says which are done, and is halted, not rolled back', async () => {
    await begin([parameterDriver, zonalDriver], { phase: 'drain', intended: { primary: 0, standby: 100 } });
    shiftZone.mockRejectedValue(new DriverRefusedError('another shift'));
    await expect(handOver(step, services)).rejects.toThrow(DriverRefusedError);
    expect((await record()).drivers).toMatchObject({
      [parameterKey]: { status: 'done' },
      [`zonal-shift:${zonalDriver.loadBalancerArn}`]: { status: 'intended' },
    });
    expect(await settle(await record(), 'aborted', services)).toBe('halted');
    expect(outside.started).toEqual([]);
  });

  it('gives a switch an hour', async () => {
    await begin([configurationDriver], { phase: 'drain' });
    await handOver(step, services);
    outside.now += 59 * minute;
    expect(await handOver(step, services)).toEqual({ decision: 'wait' });
    outside.now += 2 * minute;
    await expect(handOver(step, services)).rejects.toThrow(/has been under way since .* finish the hand-over by hand/);
  });

  it('also counts the hour when the deployment under way is not its own', async () => {
    await begin([configurationDriver], { phase: 'drain' });
    deploy.mockResolvedValue({ state: 'under-way' });
    await handOver(step, services);
    outside.now += 59 * minute;
    expect(await handOver(step, services)).toEqual({ decision: 'wait' });
    outside.now += 2 * minute;
    await expect(handOver(step, services)).rejects.toThrow(DriverRefusedError);
  });

  it('does not wait for the Region that is left: after a minute people are told, and the service is handed over', async () => {
    await begin([zonalDriver, parameterDriver], { phase: 'drain' });
    shiftZone.mockRejectedValue(Object.assign(new Error('cannot be reached'), { name: 'ServiceUnavailable' }));
    expect(await handOver(step, services)).toEqual({ decision: 'wait' });
    outside.now += 61_000;
    expect(await handOver(step, services)).toEqual({ decision: 'handed-over' });
    expect((await record()).drivers).toMatchObject({
      [`zonal-shift:${zonalDriver.loadBalancerArn}`]: { status: 'intended' },
      [parameterKey]: { status: 'done' },
    });
    expect(outside.told.map(({ severity, subject }) => [severity, subject])).toEqual([['page', 'shop: switch by hand what did not answer']]);
  });

  it('waits for no refusal, and for every other Region', async () => {
    await begin([parameterDriver], { phase: 'drain' });
    setParameter.mockRejectedValue(Object.assign(new Error('cannot be reached'), { name: 'ServiceUnavailable' }));
    outside.now += 61_000;
    await expect(handOver(step, services)).rejects.toThrow('cannot be reached');
  });

  it('asks a balancer that the last step did not reach', async () => {
    await begin([ruleDriver], { phase: 'drain', drivers: { [ruleKey]: { status: 'intended', token: '50>100', at: '2026-03-02T11:00:00Z' } } });
    weigh.mockResolvedValue({ state: 'done', token: '100' });
    expect(await handOver(step, services)).toEqual({ decision: 'handed-over' });
    expect(weigh.mock.calls[0]?.[0]).toMatchObject({ percent: 100, known: { token: '50>100' } });
  });
});

describe('a step of a shift', () => {
  const to10 = { standing: { primary: 100, standby: 0 }, wanted: { primary: 90, standby: 10 }, direction: 'forward' } as const;

  it('sets DNS and balancers alike, and returns the change of DNS', async () => {
    await begin([ruleDriver]);
    expect(await applyGradual(await session(), to10, services)).toBe('change-1');
    expect(outside.weights).toEqual(to10.wanted);
    expect(weigh.mock.calls[0]?.[0]).toMatchObject({ percent: 10, to: 'standby' });
    expect((await record()).drivers[ruleKey]).toMatchObject({ status: 'done', token: '10' });
  });

  it('goes on with DNS when a balancer does not answer, and says so; the way back does not', async () => {
    await begin([ruleDriver]);
    weigh.mockRejectedValue(Object.assign(new Error('timed out'), { name: 'TimeoutError' }));
    expect(await applyGradual(await session(), to10, services)).toBe('change-1');
    expect((await record()).drivers[ruleKey]).toMatchObject({ status: 'intended', token: '0>10' });
    expect((await services.failovers.story('f1')).map(({ message }) => message)).toEqual(['a balancer was not reached; DNS goes on without it']);
    const back = { standing: to10.wanted, wanted: to10.standing, direction: 'back' } as const;
    await expect(applyGradual(await session(), back, services)).rejects.toThrow('timed out');
    expect(outside.weights).toEqual(to10.standing);
  });

  it('does not go on without a balancer that it may not change', async () => {
    await begin([ruleDriver]);
    weigh.mockRejectedValue(Object.assign(new Error('not you'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }));
    await expect(applyGradual(await session(), to10, services)).rejects.toThrow('not you');
    weigh.mockRejectedValue(Object.assign(new Error('slow'), { name: 'Throttling', $metadata: { httpStatusCode: 400 } }));
    await expect(applyGradual(await session(), to10, services)).resolves.toBeUndefined();
  });

  it("stops at somebody else's change", async () => {
    await begin([ruleDriver]);
    weigh.mockRejectedValue(new WeightsChangedError('no'));
    await expect(applyGradual(await session(), to10, services)).rejects.toThrow(WeightsChangedError);
  });

  it('knows whether the balancers are back where the weights are', async () => {
    await begin([ruleDriver]);
    const read = vi.spyOn(loadBalancerWeights, 'read').mockResolvedValue({ standby: 10, detail: '' });
    // Never asked: as the failover found it.
    expect(await gradualStands(await session(), to10.standing, services)).toBe(true);
    await applyGradual(await session(), to10, services);
    expect(await gradualStands(await session(), to10.standing, services)).toBe(false);
    expect(await gradualStands(await session(), to10.wanted, services)).toBe(true);
    read.mockRestore();
  });

  it('may send more than its share to the other side when a balancer divides again', () => {
    expect(largestShare(planWith(), 0.1)).toBeCloseTo(0.1);
    expect(largestShare(planWith(ruleDriver), 0.1)).toBeCloseTo(0.19);
    expect(largestShare(planWith(ruleDriver), 1)).toBe(1);
  });
});

it('after an evacuation everything is asked once, and what is left is told to people', async () => {
  await begin([parameterDriver, configurationDriver, zonalDriver], { kind: 'evacuation', phase: 'evacuation' });
  setParameter.mockRejectedValue(new Error('the Region does not answer'));
  await throwSwitchesAfterEvacuation(await session(), services);
  expect(shiftZone).toHaveBeenCalledTimes(1);
  expect(outside.told).toEqual([
    {
      severity: 'page',
      subject: 'shop: switch by hand what did not answer',
      lines: [
        `${parameterKey}: Error: the Region does not answer`,
        `${configurationKey} is under way`,
        'failover f1',
        'see the runbook "A hand-over stopped between two drivers"',
      ],
    },
  ]);
});

it('what ends by itself is prolonged, whatever becomes of the others', async () => {
  expect(await prolongSwitches(planWith(parameterDriver, zonalDriver), services)).toEqual([`zonal-shift:${zonalDriver.loadBalancerArn}`]);
  prolongZone.mockRejectedValue(new Error('no'));
  await expect(prolongSwitches(planWith(zonalDriver), services)).rejects.toThrow('no');
});
