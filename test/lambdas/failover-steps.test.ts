// The steps of a failover, on real tables: each may be retried, duplicated, or come too late.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultTableName } from '../../core/contracts/deployment.ts';
import { detailType, type WorkflowEvent } from '../../core/contracts/events.ts';
import type { FailoverInput } from '../../core/contracts/workflow.ts';
import { attachToClients } from '../../lambdas/adapters/clients.ts';
import { WeightsChangedError } from '../../lambdas/adapters/record-router.ts';
import { checkDrain } from '../../lambdas/check-drain/check-drain.ts';
import { checkTarget } from '../../lambdas/check-target/check-target.ts';
import { closeFailover } from '../../lambdas/close-failover/close-failover.ts';
import { confirmEvacuation } from '../../lambdas/confirm-evacuation/confirm-evacuation.ts';
import { FailoverEndedError, LockLostError } from '../../lambdas/failover/session.ts';
import { settle } from '../../lambdas/failover/settlement.ts';
import { haltFailover } from '../../lambdas/halt-failover/halt-failover.ts';
import { handOver } from '../../lambdas/hand-over/hand-over.ts';
import { judgeCanary } from '../../lambdas/judge-canary/judge-canary.ts';
import { openFailover } from '../../lambdas/open-failover/open-failover.ts';
import { probeSides } from '../../lambdas/probe-sides/probe-sides.ts';
import { rollBack } from '../../lambdas/roll-back/roll-back.ts';
import type { Services } from '../../lambdas/services.ts';
import { shiftTraffic } from '../../lambdas/shift-traffic/shift-traffic.ts';
import { startWorkflow } from '../../lambdas/start-workflow/start-workflow.ts';
import { verifyShift } from '../../lambdas/verify-shift/verify-shift.ts';
import { serviceRecord } from '../fixtures/service.ts';
import { newOutside, type Outside, servicesOn } from '../fixtures/services.ts';
import { startTables, type TestTables } from '../fixtures/tables.ts';

let tables: TestTables;
let outside: Outside;
let services: Services;

const step = { serviceId: 'shop', failoverId: 'f1' };
const request: FailoverInput = {
  ...step,
  kind: 'predictive',
  drill: null,
  score: null,
  from: 'primary',
  to: 'standby',
  expectedInMinutes: null,
  reasons: ['score 91'],
};
const names = {
  services: defaultTableName('services'),
  resources: defaultTableName('resources'),
  assessments: defaultTableName('assessments'),
  failovers: defaultTableName('failovers'),
};
const minute = 60_000;
const entryItem = {
  ...{ serviceId: 'shop', subjectId: 'entry#primary', side: 'primary', kind: 'entry', region: 'eu-west-1', metrics: [], shard: 'due#0', score: 3 },
  ...{ nextDueAt: '2026-03-02T12:00:00.000Z', healthChecks: { primary: 'check-1', standby: 'check-2', readAt: 0 } },
};
const record = () => services.failovers.get('f1');
const service = () => services.services.get('shop');
/** A step that has reached all of Route 53's servers, so that there can be a next one. */
const shiftAndVerify = async () => {
  const answer = await shiftTraffic(step, services);
  if (answer.decision === 'verify') await verifyShift(step, services);
  return answer;
};

beforeEach(async () => {
  tables = await startTables();
  process.env['AWS_ENDPOINT_URL'] = tables.endpoint;
  process.env['AWS_ACCESS_KEY_ID'] = 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
  attachToClients(undefined);
  outside = newOutside();
  services = servicesOn(names, outside);
  await tables.put('services', { ...serviceRecord() });
});

afterEach(async () => {
  attachToClients(undefined);
  delete process.env['AWS_ENDPOINT_URL'];
  await tables.close();
});

describe('opening', () => {
  it('takes the lock, and a retry opens nothing anew', async () => {
    expect(await openFailover(request, services)).toEqual({ decision: 'proceed' });
    expect(await openFailover(request, services)).toEqual({ decision: 'proceed' });
    expect((await service()).lock).toMatchObject({ holder: 'f1', token: 1 });
    expect(await record()).toMatchObject({ phase: 'opened', profile: 'urgent', weightsAtStart: { primary: 100, standby: 0 }, fencingToken: 1 });
  });

  it('waits for another workflow, and gives up in time with the reason', async () => {
    await openFailover(request, services);
    const second = { ...request, failoverId: 'f2' };
    expect(await openFailover(second, services)).toEqual({ decision: 'wait' });
    outside.now += 16 * minute;
    expect(await openFailover(second, services)).toEqual({ decision: 'end' });
    expect(await services.failovers.get('f2')).toMatchObject({ outcome: 'refused', reasons: ['score 91', 'f1 holds the lock of the service'] });
    expect((await service()).lock?.holder).toBe('f1');
  });

  it('takes over a lease that ran out, with a higher token, and the old holder can change nothing', async () => {
    await openFailover(request, services);
    outside.now += 91 * minute;
    expect(await openFailover({ ...request, failoverId: 'f2' }, services)).toEqual({ decision: 'proceed' });
    expect((await service()).lock).toMatchObject({ holder: 'f2', token: 2 });
    await expect(shiftTraffic(step, services)).rejects.toBeInstanceOf(LockLostError);
    expect(outside.changes).toEqual([]);
  });

  it('advises without touching anything when the mode is advise', async () => {
    await tables.put('services', { ...serviceRecord({ mode: 'advise' }) });
    expect(await openFailover(request, services)).toEqual({ decision: 'end' });
    expect((await record()).outcome).toBe('advised');
    expect((await service()).lock).toBeUndefined();
    expect((await service()).lastFailover).toBeUndefined();
  });

  it('refuses when there is no traffic to move', async () => {
    outside.weights = { primary: 0, standby: 100 };
    await openFailover(request, services);
    expect(await record()).toMatchObject({ outcome: 'refused' });
    expect((await service()).lock).toBeUndefined();
  });
});

describe('the target', () => {
  it.each([
    ['canary', 4, undefined],
    ['warm', 1, undefined],
    ['shift', 4, 'pass'],
    ['canary', 4, 'fail'],
  ] as const)('asks for %s with %d ready instances and a canary that says %s', async (decision, ready, verdict) => {
    if (verdict)
      await services.services.setCanary('shop', { verdict, at: new Date(outside.now).toISOString(), target: 'standby', method: 'probes', reasons: [] });
    outside.ready.standby = ready;
    await openFailover(request, services);
    expect(await checkTarget({ ...step, warmed: 'none' }, services)).toEqual({ decision });
  });

  it.each(['ready', 'failed'] as const)('is warmed once, not for ever: %s', async (warmed) => {
    outside.ready.standby = 1;
    await openFailover(request, services);
    await checkTarget({ ...step, warmed: 'none' }, services);
    expect(await checkTarget({ ...step, warmed }, services)).toEqual({ decision: 'hold' });
  });

  it('is warmed also when the step that asks for it is repeated after a crash', async () => {
    outside.ready.standby = 1;
    await openFailover(request, services);
    const asked = await checkTarget({ ...step, warmed: 'none' }, services);
    expect(await checkTarget({ ...step, warmed: 'none' }, services)).toEqual(asked);
  });

  it('does not count a canary that is too old', async () => {
    await services.services.setCanary('shop', { verdict: 'pass', at: new Date(outside.now).toISOString(), target: 'standby', method: 'probes', reasons: [] });
    outside.now += 61 * minute;
    await openFailover(request, services);
    expect(await checkTarget({ ...step, warmed: 'none' }, services)).toEqual({ decision: 'canary' });
  });
});

describe('shifting', () => {
  beforeEach(async () => {
    await openFailover(request, services);
  });

  it('goes step by step to the end', async () => {
    for (const weights of [
      { primary: 90, standby: 10 },
      { primary: 50, standby: 50 },
      { primary: 0, standby: 100 },
    ]) {
      expect(await shiftAndVerify()).toMatchObject({ decision: 'verify' });
      expect(outside.weights).toEqual(weights);
    }
    expect(await shiftTraffic(step, services)).toMatchObject({ decision: 'done' });
    expect(outside.changes).toHaveLength(3);
  });

  it('repeats the step whose answer was lost, instead of taking the next', async () => {
    outside.loseAnswer = true;
    await expect(shiftTraffic(step, services)).rejects.toThrow('the answer was lost');
    expect(await shiftTraffic(step, services)).toMatchObject({ decision: 'verify' });
    expect(outside.changes).toEqual([{ primary: 90, standby: 10 }]);
    expect(await record()).toMatchObject({ weights: { primary: 90, standby: 10 } });
  });

  it('takes no next step when it is asked again before the last one was verified', async () => {
    const first = await shiftTraffic(step, services);
    outside.now += minute;
    expect(await shiftTraffic(step, services)).toEqual(first);
    expect(outside.changes).toEqual([{ primary: 90, standby: 10 }]);
    await verifyShift(step, services);
    outside.now += minute;
    await shiftTraffic(step, services);
    outside.now += minute;
    expect(await shiftTraffic(step, services)).toMatchObject({ decision: 'verify' });
    expect(outside.changes).toEqual([
      { primary: 90, standby: 10 },
      { primary: 50, standby: 50 },
    ]);
  });

  it('stops when somebody else changed the weights', async () => {
    await shiftAndVerify();
    outside.weights = { primary: 60, standby: 40 };
    await expect(shiftTraffic(step, services)).rejects.toBeInstanceOf(WeightsChangedError);
  });

  it('waits for capacity and then gives up', async () => {
    outside.ready.standby = 0;
    expect(await shiftTraffic(step, services)).toMatchObject({ decision: 'hold' });
    expect(outside.changes).toEqual([]);
    outside.now += 16 * minute;
    await expect(shiftTraffic(step, services)).rejects.toMatchObject({ name: 'CapacityError' });
  });

  it('counts evidence of a step from the time at which it was in sync', async () => {
    await shiftTraffic(step, services);
    outside.inSync = false;
    expect(await verifyShift(step, services)).toEqual({ decision: 'wait' });
    outside.inSync = true;
    outside.now += minute;
    expect(await verifyShift(step, services)).toEqual({ decision: 'synced' });
    expect((await record()).stepVerifiedAt).toBe(new Date(outside.now).toISOString());
  });

  it('changes nothing once the record has ended', async () => {
    await closeFailover({ ...step, outcome: 'held' }, services);
    await expect(shiftTraffic(step, services)).rejects.toBeInstanceOf(FailoverEndedError);
    expect(outside.changes).toEqual([]);
  });
});

describe('judging', () => {
  const judged = (stage: 'probes' | 'step') =>
    judgeCanary({ serviceId: 'shop', workflowId: 'f1', stage, startedAt: new Date(outside.now - minute).toISOString() }, services);
  beforeEach(async () => {
    await openFailover(request, services);
  });

  it('passes a good target, and remembers it for the level full', async () => {
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, services);
    expect(await judged('probes')).toEqual({ decision: 'pass' });
    expect((await service()).canary).toMatchObject({ verdict: 'pass', target: 'standby', method: 'probes' });
  });

  it('fails a target that fails 5 % of real requests, with the reason in the record', async () => {
    outside.probes.standby = { failed: 25, slow: 0 };
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, services);
    expect(await judged('probes')).toEqual({ decision: 'fail' });
    expect((await services.failovers.story('f1')).at(-1)).toMatchObject({ verdict: 'fail', reasons: [expect.stringMatching(/25 of 500/), expect.anything()] });
  });

  it('prefers a bad target to a far worse source', async () => {
    outside.probes.standby = { failed: 25, slow: 0 };
    outside.probes.primary = { failed: 200, slow: 0 };
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, services);
    expect(await judged('probes')).toEqual({ decision: 'pass' });
    // Going on is right, but nothing was proved.
    expect((await service()).canary).toMatchObject({ verdict: 'fail' });
  });

  it('waits for evidence for a bounded time, and then does not call it success', async () => {
    expect(await judged('probes')).toEqual({ decision: 'wait' });
    const startedAt = new Date(outside.now - 11 * minute).toISOString();
    expect(await judgeCanary({ serviceId: 'shop', workflowId: 'f1', stage: 'probes', startedAt }, services)).toEqual({ decision: 'no-evidence' });
  });
});

describe('with the losing side’s Region out of reach', () => {
  beforeEach(async () => {
    await openFailover(request, services);
    const { telemetry } = services;
    const read: typeof telemetry.read = (region, ...rest) =>
      region === 'eu-west-1' ? Promise.reject(new Error('eu-west-1 does not answer')) : telemetry.read(region, ...rest);
    services = { ...services, telemetry: { read, reportEvacuated: telemetry.reportEvacuated } as unknown as Services['telemetry'] };
  });

  it('a shift goes on as long as the receiving side has all that the plan names', async () => {
    expect(await checkTarget({ ...step, warmed: 'none' }, services)).toEqual({ decision: 'canary' });
    expect(await shiftAndVerify()).toMatchObject({ decision: 'verify' });
    outside.ready.standby = 3;
    expect(await shiftTraffic(step, services)).toMatchObject({ decision: 'hold' });
  });

  it('a step is still judged', async () => {
    await shiftTraffic(step, services);
    await verifyShift(step, services);
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, services);
    expect(await judgeCanary({ serviceId: 'shop', workflowId: 'f1', stage: 'step', startedAt: new Date(outside.now).toISOString() }, services)).toEqual({
      decision: 'pass',
    });
  });
});

describe('draining', () => {
  beforeEach(async () => {
    await openFailover(request, services);
  });

  it('is done when the losing side receives almost nothing, and waits until then', async () => {
    outside.requestsPerMinute = { primary: 300, standby: 12_000 };
    expect(await checkDrain(step, services)).toEqual({ decision: 'wait' });
    outside.now += 5 * minute;
    outside.requestsPerMinute = { primary: 30, standby: 12_000 };
    expect(await checkDrain(step, services)).toEqual({ decision: 'drained' });
  });

  it('is not waited for beyond the bound of the plan', async () => {
    outside.requestsPerMinute = { primary: 300, standby: 12_000 };
    await checkDrain(step, services);
    outside.now += 31 * minute;
    expect(await checkDrain(step, services)).toEqual({ decision: 'overdue' });
    expect(outside.told.at(-1)?.severity).toBe('page');
  });

  it('of a shift that nobody followed ends in a roll-back, never in a hand-over', async () => {
    for (let index = 0; index < 3; index++) await shiftAndVerify();
    outside.requestsPerMinute = { primary: 12_000, standby: 0 };
    await checkDrain(step, services);
    outside.now += 31 * minute;
    expect(await checkDrain(step, services)).toEqual({ decision: 'stuck' });
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, services);
    expect(await rollBack({ ...step, failure: undefined }, services)).toEqual({ decision: 'verify' });
    expect(outside.weights).toEqual({ primary: 100, standby: 0 });
  });
});

describe('handing over', () => {
  it('latches the losing side, makes the other active, and passes the point of no return first', async () => {
    await openFailover(request, services);
    await handOver(step, services);
    expect(await service()).toMatchObject({ activeSide: 'standby', latched: { primary: expect.any(String) } });
    expect(outside.evacuated).toEqual([{ side: 'primary', evacuated: true }]);
    expect(await record()).toMatchObject({ pointOfNoReturn: true });
    expect((await tables.resources('shop')).map(({ subjectId }) => subjectId)).toContain('latch#primary');
  });

  it('of a fail-back lifts the latch at the start and latches nothing', async () => {
    await openFailover(request, services);
    await handOver(step, services);
    await closeFailover({ ...step, outcome: 'failed-over' }, services);
    outside.weights = { primary: 0, standby: 100 };
    const back = { serviceId: 'shop', failoverId: 'f2' };
    expect(await openFailover({ ...request, ...back, kind: 'fail-back', from: 'standby', to: 'primary' }, services)).toEqual({ decision: 'proceed' });
    expect((await service()).latched).toEqual({});
    expect(outside.evacuated.at(-1)).toEqual({ side: 'primary', evacuated: false });
    await handOver(back, services);
    expect(await service()).toMatchObject({ activeSide: 'primary', latched: {} });
    expect((await tables.resources('shop')).map(({ subjectId }) => subjectId)).not.toContain('latch#primary');
  });
});

describe('rolling back', () => {
  const back = (failure: unknown = { Error: 'NoFailure', Cause: 'Nothing has failed.' }) => rollBack({ ...step, failure }, services);
  const probe = () => probeSides({ serviceId: 'shop', workflowId: 'f1' }, services);
  beforeEach(async () => {
    await openFailover(request, services);
    await shiftAndVerify();
  });
  const shiftToHalf = () => shiftAndVerify();

  it('returns to the weights at the start when the new side fails its objective', async () => {
    await shiftToHalf();
    outside.probes.standby = { failed: 25, slow: 0 };
    await probe();
    expect(await back()).toEqual({ decision: 'verify' });
    expect(outside.weights).toEqual({ primary: 100, standby: 0 });
    expect(await back()).toEqual({ decision: 'done' });
  });

  it('returns when the balancer vetoed what the probes passed', async () => {
    await shiftToHalf();
    await probe();
    await services.failovers.tell('f1', '035-judged', {
      at: new Date(outside.now).toISOString(),
      phase: 'shift',
      message: 'step judged: fail',
      verdict: 'fail',
    });
    expect(await back()).toEqual({ decision: 'verify' });
  });

  it('does not go back onto a side that measures worse', async () => {
    await shiftToHalf();
    outside.probes.primary = { failed: 250, slow: 0 };
    await probe();
    expect(await back()).toEqual({ decision: 'hold' });
    expect(outside.weights).toEqual({ primary: 50, standby: 50 });
    expect((await services.failovers.story('f1')).findLast(({ phase }) => phase === 'roll-back')).toMatchObject({
      message: expect.stringMatching(/not rolled back/),
      reasons: ['primary: 250 of 500 probes failed', 'standby: 0 of 500 probes failed'],
    });
  });

  it.each([true, false])('stays when neither side measures better and much has moved (probed: %s)', async (probed) => {
    await shiftToHalf();
    if (probed) await probe();
    expect(await back()).toEqual({ decision: 'hold' });
    expect(outside.weights).toEqual({ primary: 50, standby: 50 });
  });

  it('takes back the first step, which few users have taken', async () => {
    expect(await back()).toEqual({ decision: 'verify' });
    expect(outside.weights).toEqual({ primary: 100, standby: 0 });
  });

  it('tells which error called it', async () => {
    await back({
      Error: 'States.TaskFailed',
      Cause: JSON.stringify({ Status: 'FAILED', Error: 'CapacityError', Cause: JSON.stringify({ errorType: 'CapacityError', errorMessage: 'too small' }) }),
    });
    expect((await services.failovers.story('f1')).find(({ message }) => message.startsWith('a step failed'))?.reasons).toEqual(['CapacityError: too small']);
  });

  it('goes back only as far as a cold side carries, then the rest', async () => {
    await shiftToHalf();
    outside.probes.standby = { failed: 100, slow: 0 };
    await probe();
    outside.ready.primary = 1;
    expect(await back()).toEqual({ decision: 'verify' });
    expect(outside.weights).toEqual({ primary: 60, standby: 40 });
    expect(await back()).toEqual({ decision: 'hold' });
    outside.ready.primary = 4;
    expect(await back()).toEqual({ decision: 'verify' });
    expect(outside.weights).toEqual({ primary: 100, standby: 0 });
  });

  it('leaves weights that somebody else set', async () => {
    outside.weights = { primary: 70, standby: 30 };
    await expect(back()).rejects.toBeInstanceOf(WeightsChangedError);
    expect(outside.weights).toEqual({ primary: 70, standby: 30 });
  });

  it('takes back a step whose answer was lost', async () => {
    await back();
    outside.loseAnswer = true;
    await expect(shiftTraffic(step, services)).rejects.toThrow();
    expect(await back()).toEqual({ decision: 'verify' });
    expect(outside.weights).toEqual({ primary: 100, standby: 0 });
  });

  it('is allowed under the kill switch, which stops what goes forward', async () => {
    await tables.put('services', { ...(await service()), killSwitch: true });
    await expect(shiftTraffic(step, services)).rejects.toMatchObject({ name: 'NotActingError' });
    expect(await back()).toEqual({ decision: 'verify' });
  });

  it('changes nothing in a mode that changes nothing', async () => {
    await tables.put('services', { ...(await service()), mode: 'observe' });
    expect(await back()).toEqual({ decision: 'hold' });
    expect(outside.weights).toEqual({ primary: 90, standby: 10 });
  });
});

describe('a change whose answer was lost', () => {
  it('is waited for, since nothing names it', async () => {
    await openFailover(request, services);
    outside.loseAnswer = true;
    await expect(shiftTraffic(step, services)).rejects.toThrow();
    await shiftTraffic(step, services);
    expect(await verifyShift(step, services)).toEqual({ decision: 'wait' });
    outside.now += minute;
    expect(await verifyShift(step, services)).toEqual({ decision: 'synced' });
  });
});

describe('a fail-back that does not come to its end', () => {
  const home = { ...request, failoverId: 'f2', kind: 'fail-back', from: 'standby', to: 'primary' } as const;
  beforeEach(async () => {
    await openFailover(request, services);
    await handOver(step, services);
    await closeFailover({ ...step, outcome: 'failed-over' }, services);
    outside.weights = { primary: 0, standby: 100 };
  });

  it('latches its target again', async () => {
    await openFailover(home, services);
    expect((await service()).latched).toEqual({});
    await closeFailover({ serviceId: 'shop', failoverId: 'f2', outcome: 'rolled-back' }, services);
    expect((await service()).latched).toEqual({ primary: expect.any(String) });
    expect(outside.evacuated.at(-1)).toEqual({ side: 'primary', evacuated: true });
    expect((await tables.resources('shop')).map(({ subjectId }) => subjectId)).toContain('latch#primary');
  });

  it('does not latch a side that another failover has brought home since, however late its ending is repeated', async () => {
    await openFailover(home, services);
    await closeFailover({ serviceId: 'shop', failoverId: 'f2', outcome: 'rolled-back' }, services);
    const third = { serviceId: 'shop', failoverId: 'f3' };
    await openFailover({ ...home, ...third }, services);
    await settle(await services.failovers.get('f2'), 'a late event', services);
    expect((await service()).latched).toEqual({});
    await handOver(third, services);
    await closeFailover({ ...third, outcome: 'failed-over' }, services);
    await settle(await services.failovers.get('f2'), 'a later event', services);
    expect(await service()).toMatchObject({ activeSide: 'primary', latched: {} });
    expect(outside.evacuated.at(-1)).toMatchObject({ evacuated: false });
  });

  it('is refused while its target has weight, since lifting the latch would move traffic', async () => {
    outside.weights = { primary: 100, standby: 100 };
    expect(await openFailover(home, services)).toEqual({ decision: 'end' });
    expect((await service()).latched).toEqual({ primary: expect.any(String) });
  });
});

describe('ending', () => {
  it('releases the lock, starts the cool-down and tells people; a repeat changes nothing', async () => {
    await openFailover(request, services);
    await closeFailover({ ...step, outcome: 'rolled-back' }, services);
    const first = await record();
    outside.now += minute;
    await closeFailover({ ...step, outcome: 'held' }, services);
    expect(await record()).toEqual(first);
    expect((await service()).lock).toBeUndefined();
    expect((await service()).lastFailover).toMatchObject({ outcome: 'rolled-back' });
    expect(await services.failovers.running()).toEqual([]);
  });

  it('frees what a crash in the middle of an ending left', async () => {
    await openFailover(request, services);
    await services.failovers.update('f1', { outcome: 'rolled-back', endedAt: new Date(outside.now).toISOString(), phase: 'closed' });
    expect(await settle(await record(), 'swept', services)).toBe('ended');
    expect((await service()).lock).toBeUndefined();
    expect((await record()).outcome).toBe('rolled-back');
  });

  it('halts with the error in the record and pages', async () => {
    await openFailover(request, services);
    await haltFailover({ ...step, failure: { Error: 'LockLostError', Cause: 'gone' } }, services);
    expect(await record()).toMatchObject({ outcome: 'halted', reasons: ['score 91', 'LockLostError: gone', expect.stringMatching(/runbook/)] });
    expect(outside.told.at(-1)?.severity).toBe('page');
  });
});

describe('settling an execution that did not end well', () => {
  it('holds when no weight was changed, rolls back when one was, and halts past the point of no return', async () => {
    await openFailover(request, services);
    expect(await settle(await record(), 'aborted', services)).toBe('ended');
    expect(await record()).toMatchObject({ outcome: 'held' });

    outside.now += 2 * 60 * minute;
    const second = { ...request, failoverId: 'f2' };
    await openFailover(second, services);
    await shiftTraffic({ serviceId: 'shop', failoverId: 'f2' }, services);
    expect(await settle(await services.failovers.get('f2'), 'aborted', services)).toBe('rolling-back');
    expect(await settle(await services.failovers.get('f2'), 'aborted', services)).toBe('rolling-back');
    expect(outside.started).toMatchObject([
      { machine: 'roll-back', name: 'settle.1.f2', input: { serviceId: 'shop', failoverId: 'f2', close: true, failure: { Cause: 'aborted' } } },
    ]);

    await handOver({ serviceId: 'shop', failoverId: 'f2' }, services);
    expect(await settle(await services.failovers.get('f2'), 'aborted', services)).toBe('halted');
  });
});

describe('starting workflows', () => {
  const event: WorkflowEvent = {
    'detail-type': detailType.critical,
    detail: {
      serviceId: 'shop',
      decisionId: 'shop.critical.1',
      decidedAt: '2026-03-02T12:00:00Z',
      side: 'primary',
      score: 91.4,
      expectedInMinutes: 20,
      reasons: ['p99 latency 3x'],
    },
  };

  it('starts one execution for one decision, however often the event comes', async () => {
    expect(await startWorkflow(event, services)).toBe('started');
    expect(await startWorkflow(event, services)).toBe('exists');
    expect(outside.started).toHaveLength(1);
    expect(outside.started[0]).toMatchObject({
      machine: 'fail-over',
      name: 'shop.critical.1',
      input: { from: 'primary', to: 'standby', reasons: ['failure probability score 91 of primary', 'p99 latency 3x'] },
    });
  });

  it('starts after a crash between the claim and the start', async () => {
    await services.failovers.claim('shop.critical.1', '2026-03-02T12:00:00Z');
    expect(await startWorkflow(event, services)).toBe('started');
  });

  it('starts nothing for a service that only observes', async () => {
    await tables.put('services', { ...serviceRecord({ mode: 'observe' }) });
    expect(await startWorkflow(event, services)).toBe('ignored');
    expect(outside.started).toEqual([]);
  });
});

describe('confirming an evacuation', () => {
  const evacuation = { ...step, from: 'primary', to: 'standby', decidedAt: '2026-03-02T11:59:00.000Z' } as const;
  beforeEach(async () => {
    await tables.put('resources', entryItem);
    outside.health = { primary: 0, standby: 1 };
    outside.probes.primary = { failed: 50, slow: 0 };
  });

  it('needs both witnesses', async () => {
    expect(await confirmEvacuation(evacuation, services)).toEqual({ decision: 'confirmed' });
    expect((await service()).lock?.holder).toBe('f1');
  });

  it('warms a serving side that is overloaded before it decides, for a bounded time', async () => {
    outside.probes.standby = { failed: 25, slow: 0 };
    expect(await confirmEvacuation(evacuation, services)).toEqual({ decision: 'warm' });
    expect((await service()).lock?.holder).toBe('f1');
    expect(outside.evacuated).toEqual([]);
    outside.probes.standby = { failed: 0, slow: 0 };
    outside.now += 4 * minute;
    expect(await confirmEvacuation(evacuation, services)).toEqual({ decision: 'confirmed' });
  });

  it('gives up on a serving side that stays bad, without a latch', async () => {
    outside.probes.standby = { failed: 25, slow: 0 };
    await confirmEvacuation(evacuation, services);
    outside.now += 31 * minute;
    expect(await confirmEvacuation(evacuation, services)).toEqual({ decision: 'end' });
    expect(await record()).toMatchObject({ outcome: 'refused', reasons: [expect.anything(), 'the prober finds standby failing: 25 of 50 requests failed'] });
    expect((await service()).lock).toBeUndefined();
    expect(outside.evacuated).toEqual([]);
  });

  it("takes the word of the event when Route 53's Region cannot be reached, for a while", async () => {
    outside.unreachable = true;
    outside.now += 30 * minute;
    expect(await confirmEvacuation({ ...evacuation, failoverId: 'f0' }, services)).toEqual({ decision: 'end' });
    outside.now -= 30 * minute;
    expect(await confirmEvacuation(evacuation, services)).toEqual({ decision: 'confirmed' });
  });

  it.each<[string, () => unknown]>([
    ['the prober reaches the side', () => Object.assign(outside.probes, { primary: { failed: 0, slow: 0 } })],
    ["Route 53's checkers say nothing", () => Object.assign(outside.health, { primary: undefined })],
    ['the other side is unhealthy', () => Object.assign(outside.health, { standby: 0 })],
  ])('is refused when %s', async (_what, change) => {
    change();
    expect(await confirmEvacuation(evacuation, services)).toEqual({ decision: 'end' });
    expect(await record()).toMatchObject({ outcome: 'refused' });
    expect((await service()).lock).toBeUndefined();
    expect(outside.evacuated).toEqual([]);
  });
});
