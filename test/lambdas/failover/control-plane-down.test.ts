// Route 53's control plane does not answer: a move that is decided and proven goes on by the evacuation check, everything else waits.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { checkDrain } from '../../../lambdas/check-drain/check-drain.ts';
import { closeFailover } from '../../../lambdas/close-failover/close-failover.ts';
import { loadBalancerWeights } from '../../../lambdas/drivers/load-balancer-weights.ts';
import { isUnanswered } from '../../../lambdas/failover/control-plane.ts';
import { settle } from '../../../lambdas/failover/settlement.ts';
import { handOver } from '../../../lambdas/hand-over/hand-over.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { probeSides } from '../../../lambdas/probe-sides/probe-sides.ts';
import { rollBack } from '../../../lambdas/roll-back/roll-back.ts';
import { shiftTraffic } from '../../../lambdas/shift-traffic/shift-traffic.ts';
import { sweepOrphans } from '../../../lambdas/sweep-orphans/sweep-orphans.ts';
import { verifyShift } from '../../../lambdas/verify-shift/verify-shift.ts';
import { planWith, ruleDriver } from '../../fixtures/drivers.ts';
import { entryItem, failoverTest, minute, request, step } from '../../fixtures/failover.ts';

const test = failoverTest();
const prove = () =>
  test.services.services.setCanary('shop', {
    verdict: 'pass',
    at: new Date(test.outside.now).toISOString(),
    target: 'standby',
    method: 'probes',
    reasons: [],
  });
const shift = () => shiftTraffic(step, test.services);
const verify = () => verifyShift(step, test.services);
const back = (name = 'NoFailure') => rollBack({ ...step, failure: { Error: name, Cause: 'x' } }, test.services);
const latches = async () => (await test.tables.resources('shop')).map(({ subjectId }) => subjectId);
/** As the machine goes: asked, waited, asked again. */
const outlast = async () => {
  expect(await shift()).toMatchObject({ decision: 'hold' });
  test.outside.now += 91_000;
};
const switchOver = async () => {
  test.outside.controlPlaneDown = true;
  await outlast();
  expect(await shift()).toMatchObject({ decision: 'switched' });
};

describe('what is no answer', () => {
  it.each([
    [Object.assign(new Error('x'), { name: 'TimeoutError' }), true],
    [Object.assign(new Error('x'), { name: 'PriorRequestNotComplete', $fault: 'client', $metadata: { httpStatusCode: 400 } }), true],
    [Object.assign(new Error('x'), { name: 'Throttling', $fault: 'client' }), true],
    [Object.assign(new Error('x'), { $metadata: { httpStatusCode: 503 } }), true],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), true],
    [Object.assign(new Error('x'), { name: 'AccessDenied', $fault: 'client', $metadata: { httpStatusCode: 403 } }), false],
    [Object.assign(new Error('x'), { name: 'InvalidChangeBatch', $fault: 'client' }), false],
    [new TypeError('a mistake of our own'), false],
  ])('%o: %s', (error, expected) => expect(isUnanswered(error)).toBe(expected));
});

describe('a shift', () => {
  beforeEach(async () => {
    await prove();
    await openFailover(request, test.services);
  });

  it('goes on by weights when the control plane comes back in time', async () => {
    test.outside.controlPlaneDown = true;
    expect(await shift()).toMatchObject({ decision: 'hold' });
    expect((await test.record()).unreachableSince).toBeDefined();
    test.outside.now += minute;
    test.outside.controlPlaneDown = false;
    expect(await shift()).toMatchObject({ decision: 'verify' });
    expect(test.outside.weights).toEqual({ primary: 90, standby: 10 });
    expect((await test.record()).unreachableSince).toBeUndefined();
    expect(test.outside.evacuated).toEqual([]);
  });

  it('counts each silence by itself', async () => {
    test.outside.controlPlaneDown = true;
    await shift();
    test.outside.controlPlaneDown = false;
    await test.shiftAndVerify();
    test.outside.now += 5 * minute;
    test.outside.controlPlaneDown = true;
    expect(await shift()).toMatchObject({ decision: 'hold' });
    expect(test.outside.evacuated).toEqual([]);
  });

  it('latches the losing side when it does not, waits for that to take effect, is judged, drained and handed over', async () => {
    await switchOver();
    expect(await test.record()).toMatchObject({ mechanism: 'health-check', phase: 'shift', pointOfNoReturn: false });
    expect(test.outside.evacuated.at(-1)).toEqual({ side: 'primary', evacuated: true });
    expect(await latches()).toContain('latch#primary');
    expect(await verify()).toEqual({ decision: 'wait' });
    test.outside.now += 2 * minute;
    expect(await verify()).toEqual({ decision: 'synced' });
    test.outside.now += minute;
    expect(await shift()).toMatchObject({ decision: 'done' });
    test.outside.now += 3 * minute;
    test.outside.requestsPerMinute = { primary: 10, standby: 12_000 };
    expect(await checkDrain(step, test.services)).toMatchObject({ decision: 'drained' });
    expect(await handOver(step, test.services)).toEqual({ decision: 'handed-over' });
    await closeFailover({ ...step, outcome: 'failed-over' }, test.services);
    expect(await test.service()).toMatchObject({ activeSide: 'standby', latched: { primary: expect.any(String) } });
    expect(test.outside.changes).toEqual([]);
  });

  it('repeats the switch after a crash, and takes nothing for done before it was verified', async () => {
    await switchOver();
    test.outside.evacuated.length = 0;
    expect(await shift()).toMatchObject({ decision: 'switched' });
    expect(test.outside.evacuated).toEqual([{ side: 'primary', evacuated: true }]);
  });

  it('of a control plane that is merely busy is waited for: another tool may keep it so', async () => {
    const busy = () => Promise.reject(Object.assign(new Error('Rate exceeded'), { name: 'Throttling', $fault: 'client' }));
    const { setWeights } = test.services.router;
    test.services.router.setWeights = busy;
    await outlast();
    expect(await shift()).toMatchObject({ decision: 'hold' });
    expect(test.outside.evacuated).toEqual([]);
    // Silence counts from its own beginning.
    test.services.router.setWeights = setWeights;
    test.outside.controlPlaneDown = true;
    expect(await shift()).toMatchObject({ decision: 'hold' });
    expect(test.outside.evacuated).toEqual([]);
    test.outside.controlPlaneDown = false;
    expect(await shift()).toMatchObject({ decision: 'verify' });
    expect(await test.record()).not.toHaveProperty('busySince');
  });

  it('that cannot ask whether its change has spread trusts that it was accepted, after a while', async () => {
    await shift();
    test.outside.controlPlaneDown = true;
    expect(await verify()).toEqual({ decision: 'wait' });
    test.outside.now += 91_000;
    expect(await verify()).toEqual({ decision: 'synced' });
    expect((await test.services.failovers.story('f1')).map(({ message }) => message)).toContainEqual(expect.stringMatching(/cannot be asked/));
  });

  it.each<[string, () => unknown]>([
    ['the receiving side is too small for everything', () => Object.assign(test.outside.ready, { standby: 1 })],
    ['the receiving side fails now', () => Object.assign(test.outside.probes, { standby: { failed: 10, slow: 0 } })],
    ['the canary is no longer fresh', () => Object.assign(test.outside, { now: test.outside.now + 61 * minute })],
  ])('holds when %s, and is given up in time', async (_what, change) => {
    test.outside.controlPlaneDown = true;
    change();
    await outlast();
    expect(await shift()).toMatchObject({ decision: 'hold' });
    expect(test.outside.evacuated).toEqual([]);
    test.outside.now += 15 * minute;
    await expect(shift()).rejects.toMatchObject({ name: 'ControlPlaneError' });
    expect((await test.record()).mechanism).toBe('weights');
  });
});

describe('a move that is not urgent', () => {
  it('waits: a drill switches nothing', async () => {
    await prove();
    await openFailover({ ...request, kind: 'drill', drill: 'failover' }, test.services);
    test.outside.controlPlaneDown = true;
    await outlast();
    expect(await shift()).toMatchObject({ decision: 'hold' });
    expect(test.outside.evacuated).toEqual([]);
  });
});

describe('a failover that is opened meanwhile', () => {
  beforeEach(async () => {
    await prove();
    test.outside.controlPlaneDown = true;
  });

  it('goes all the way without the weights being known', async () => {
    expect(await openFailover(request, test.services)).toEqual({ decision: 'proceed' });
    expect((await test.record()).weightsAtStart).toBeUndefined();
    test.outside.now += 91_000;
    expect(await shift()).toMatchObject({ decision: 'switched' });
  });

  it('learns the weights when the control plane is back, and knows where it came from', async () => {
    await openFailover(request, test.services);
    test.outside.controlPlaneDown = false;
    await test.shiftAndVerify();
    expect(await test.record()).toMatchObject({ weightsAtStart: { primary: 100, standby: 0 }, weights: { primary: 90, standby: 10 } });
  });

  it('is not opened for a drill', async () => {
    await expect(openFailover({ ...request, kind: 'drill', drill: 'failover' }, test.services)).rejects.toMatchObject({ name: 'ControlPlaneError' });
    expect(await back()).toEqual({ decision: 'done' });
    await closeFailover({ ...step, outcome: 'rolled-back' }, test.services);
    expect((await test.service()).lock).toBeUndefined();
  });
});

describe('going back after a switch', () => {
  beforeEach(async () => {
    await prove();
    await openFailover(request, test.services);
    await switchOver();
    test.outside.now += 2 * minute;
    await verify();
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
  });
  const failing = async () => {
    test.outside.now += 1000;
    test.outside.probes.standby = { failed: 100, slow: 0 };
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
  };

  it('lifts the latch when the old side measures better, without the control plane', async () => {
    await failing();
    expect(await back()).toEqual({ decision: 'verify' });
    expect(test.outside.evacuated.at(-1)).toEqual({ side: 'primary', evacuated: false });
    expect(await test.record()).toMatchObject({ mechanism: 'weights', phase: 'roll-back' });
    expect((await test.service()).latched).toEqual({});
    expect(await latches()).not.toContain('latch#primary');
    expect(await verify()).toEqual({ decision: 'wait' });
    test.outside.now += 2 * minute;
    expect(await verify()).toEqual({ decision: 'synced' });
    test.outside.controlPlaneDown = false;
    expect(await back()).toEqual({ decision: 'done' });
    expect(test.outside.weights).toEqual({ primary: 100, standby: 0 });
  });

  it('lifts it again after a crash in the middle, whatever the sides measure then', async () => {
    await failing();
    const { liftLatch } = test.services.services;
    test.services.services.liftLatch = () => Promise.reject(new Error('crashed'));
    await expect(back()).rejects.toThrow('crashed');
    test.services.services.liftLatch = liftLatch;
    test.outside.probes.standby = { failed: 0, slow: 0 };
    test.outside.probes.primary = { failed: 400, slow: 0 };
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    expect(await back()).toEqual({ decision: 'verify' });
    expect((await test.service()).latched).toEqual({});
  });

  it('finishes when the new side passes and the old one does not measure better', async () => {
    expect(await back()).toEqual({ decision: 'finish' });
    expect((await test.service()).latched).toEqual({ primary: expect.any(String) });
  });

  it('stays under the kill switch, which stops what goes forward', async () => {
    await test.tables.put('services', { ...(await test.service()), killSwitch: true });
    expect(await back()).toEqual({ decision: 'hold' });
    expect((await test.service()).latched).toEqual({ primary: expect.any(String) });
  });

  it('stays while the old side is too small, for a bounded time', async () => {
    await failing();
    test.outside.ready.primary = 1;
    expect(await back()).toEqual({ decision: 'wait' });
    test.outside.now += 11 * minute;
    await failing();
    expect(await back()).toEqual({ decision: 'hold' });
    expect((await test.service()).latched).toEqual({ primary: expect.any(String) });
  });

  it('stays when there was no evidence for the switch, and finishes when there is some now', async () => {
    const { probesSince } = test.services.failovers;
    test.services.failovers.probesSince = () => Promise.resolve([]);
    expect(await back('NoEvidence')).toEqual({ decision: 'wait' });
    test.services.failovers.probesSince = probesSince;
    expect(await back('NoEvidence')).toEqual({ decision: 'finish' });
    expect((await test.service()).latched).toEqual({ primary: expect.any(String) });
  });

  it.each([
    ['finishes when the new side meets the objective by itself, and the prober is cut off from the old one', 0, 'finish'],
    ['waits while the new side does not', 8, 'wait'],
  ])('%s', async (_what, failed, decision) => {
    await test.tables.put('resources', entryItem);
    test.outside.now += 1000;
    test.outside.probes = { primary: { failed: 500, slow: 0 }, standby: { failed, slow: 0 } };
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    const [sample] = (await test.services.failovers.probesSince('f1', '2000')).slice(-1);
    test.services.failovers.probesSince = () => Promise.resolve(sample ? [sample] : []);
    expect(await back('NoEvidence')).toEqual({ decision });
  });

  it('waits for evidence before it finishes, for as long as a step does', async () => {
    test.outside.now += 6 * minute;
    expect(await back()).toEqual({ decision: 'finish' });
    const { probesSince } = test.services.failovers;
    test.services.failovers.probesSince = () => Promise.resolve([]);
    expect(await back()).toEqual({ decision: 'wait' });
    test.outside.now += 11 * minute;
    expect(await back()).toEqual({ decision: 'hold' });
    test.services.failovers.probesSince = probesSince;
  });

  it('is what a lost execution leads to as well', async () => {
    expect(await settle(await test.record(), 'aborted', test.services)).toBe('rolling-back');
  });
});

describe('balancers in front of both sides', () => {
  it('follow a switch, and its way back', async () => {
    const shares: number[] = [];
    const apply = vi.spyOn(loadBalancerWeights, 'apply').mockImplementation(({ percent }) => {
      shares.push(percent);
      return Promise.resolve({ state: 'done', token: String(percent) });
    });
    const service = await test.service();
    await test.tables.put('services', { ...service, plan: { ...service.plan, drivers: planWith(ruleDriver).drivers } });
    await prove();
    await openFailover(request, test.services);
    await switchOver();
    expect(shares.at(-1)).toBe(100);
    test.outside.now += 2 * minute;
    await verify();
    test.outside.now += 1000;
    test.outside.probes.standby = { failed: 100, slow: 0 };
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    expect(await back()).toEqual({ decision: 'verify' });
    expect(shares.at(-1)).toBe(0);
    apply.mockRestore();
  });
});

describe('a switch that broke off', () => {
  it('is made whole and verified before anything is said of where the traffic is', async () => {
    await prove();
    await openFailover(request, test.services);
    const { addLatch } = test.services.subjects;
    test.services.subjects.addLatch = () => Promise.reject(new Error('crashed'));
    test.outside.controlPlaneDown = true;
    await outlast();
    await expect(shift()).rejects.toThrow('crashed');
    expect(await test.record()).toMatchObject({ mechanism: 'health-check' });
    expect((await test.service()).latched).toEqual({});
    test.services.subjects.addLatch = addLatch;
    test.outside.now += 5 * minute;
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    expect(await back()).toEqual({ decision: 'verify' });
    expect(await latches()).toContain('latch#primary');
    expect((await test.service()).latched).toEqual({ primary: expect.any(String) });
    expect(await verify()).toEqual({ decision: 'wait' });
    test.outside.now += 2 * minute;
    expect(await verify()).toEqual({ decision: 'synced' });
    test.outside.now += 1000;
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    expect(await back()).toEqual({ decision: 'finish' });
  });
});

describe('a roll-back of weights', () => {
  beforeEach(async () => {
    await openFailover(request, test.services);
    await test.shiftAndVerify();
    test.outside.controlPlaneDown = true;
  });

  it('waits for the control plane, and holds with what is known when it does not come back', async () => {
    expect(await back()).toEqual({ decision: 'wait' });
    test.outside.now += 4 * minute;
    expect(await back()).toEqual({ decision: 'wait' });
    test.outside.now += 2 * minute;
    expect(await back()).toEqual({ decision: 'hold' });
    expect((await test.services.failovers.story('f1')).at(-1)).toMatchObject({
      message: 'not rolled back: the weights cannot be changed',
      reasons: [expect.stringMatching(/does not answer/), 'the weights were last set to 90/10'],
    });
  });

  it('goes on when it comes back', async () => {
    await back();
    test.outside.controlPlaneDown = false;
    expect(await back()).toEqual({ decision: 'verify' });
    expect(await back()).toEqual({ decision: 'done' });
    expect(test.outside.weights).toEqual({ primary: 100, standby: 0 });
  });
});

it('a roll-back of nothing needs no control plane', async () => {
  await openFailover(request, test.services);
  test.outside.controlPlaneDown = true;
  expect(await back()).toEqual({ decision: 'done' });
});

describe('weights that a move could not align', () => {
  const sweep = () => sweepOrphans(test.services);
  beforeEach(async () => {
    await prove();
    await openFailover(request, test.services);
    await switchOver();
    test.outside.now += 2 * minute;
    await verify();
    await handOver(step, test.services);
    await closeFailover({ ...step, outcome: 'failed-over' }, test.services);
    test.outside.now += 10 * minute;
  });

  it('are aligned by the sweeper when the control plane is back, so that a fail-back is possible', async () => {
    expect(await sweep()).toMatchObject({ aligned: 0 });
    test.outside.controlPlaneDown = false;
    expect(await sweep()).toMatchObject({ aligned: 1 });
    expect(test.outside.weights).toEqual({ primary: 0, standby: 100 });
    expect((await test.service()).lock).toBeUndefined();
    expect((await test.service()).lastFailover).toMatchObject({ failoverId: 'f1', outcome: 'failed-over' });
    expect(await sweep()).toMatchObject({ aligned: 0 });
    const home = { ...request, failoverId: 'f2', kind: 'fail-back', from: 'standby', to: 'primary' } as const;
    expect(await openFailover(home, test.services)).toEqual({ decision: 'proceed' });
  });

  it('that somebody else set are left, and told once', async () => {
    test.outside.controlPlaneDown = false;
    test.outside.weights = { primary: 70, standby: 30 };
    await sweep();
    await sweep();
    expect(test.outside.weights).toEqual({ primary: 70, standby: 30 });
    expect(test.outside.told.filter(({ subject }) => /somebody else/.test(subject))).toHaveLength(1);
  });

  it.each<[string, object]>([
    ['the kill switch is on', { killSwitch: true }],
    ['the mode is advise', { mode: 'advise' }],
    ['another move holds the lock', { lock: { holder: 'f9', token: 9, expiresAt: '2099-01-01T00:00:00.000Z' } }],
  ])('are left while %s', async (_what, change) => {
    await test.tables.put('services', { ...(await test.service()), ...change });
    test.outside.controlPlaneDown = false;
    expect(await sweep()).toMatchObject({ aligned: 0 });
    expect(test.outside.changes).toEqual([]);
  });
});
