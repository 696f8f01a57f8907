// Opening a failover, and the check of its target.
import { describe, expect, it } from 'vitest';
import { RecordsUnfitError } from '../../../lambdas/adapters/record-router.ts';
import { checkTarget } from '../../../lambdas/check-target/check-target.ts';
import { ControlPlaneError } from '../../../lambdas/failover/control-plane.ts';
import { LockLostError } from '../../../lambdas/failover/session.ts';
import { settle } from '../../../lambdas/failover/settlement.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { rollBack } from '../../../lambdas/roll-back/roll-back.ts';
import type { Services } from '../../../lambdas/services.ts';
import { shiftTraffic } from '../../../lambdas/shift-traffic/shift-traffic.ts';
import { failoverTest, minute, request, step } from '../../fixtures/failover.ts';
import { serviceRecord } from '../../fixtures/service.ts';

const test = failoverTest();

describe('opening', () => {
  it('takes the lock, and a retry opens nothing anew', async () => {
    expect(await openFailover(request, test.services)).toEqual({ decision: 'proceed' });
    expect(await openFailover(request, test.services)).toEqual({ decision: 'proceed' });
    expect((await test.service()).lock).toMatchObject({ holder: 'f1', token: 1 });
    expect(await test.record()).toMatchObject({ phase: 'opened', profile: 'urgent', weightsAtStart: { primary: 100, standby: 0 }, fencingToken: 1 });
  });

  it('waits for another workflow, and gives up in time with the reason', async () => {
    await openFailover(request, test.services);
    const second = { ...request, failoverId: 'f2' };
    expect(await openFailover(second, test.services)).toEqual({ decision: 'wait' });
    test.outside.now += 16 * minute;
    expect(await openFailover(second, test.services)).toEqual({ decision: 'end' });
    expect(await test.services.failovers.get('f2')).toMatchObject({ outcome: 'refused', reasons: ['score 91', 'f1 holds the lock of the service'] });
    expect((await test.service()).lock?.holder).toBe('f1');
  });

  it('takes over a lease that ran out, with a higher token, and the old holder can change nothing', async () => {
    await openFailover(request, test.services);
    test.outside.now += 91 * minute;
    expect(await openFailover({ ...request, failoverId: 'f2' }, test.services)).toEqual({ decision: 'proceed' });
    expect((await test.service()).lock).toMatchObject({ holder: 'f2', token: 2 });
    await expect(shiftTraffic(step, test.services)).rejects.toBeInstanceOf(LockLostError);
    expect(test.outside.changes).toEqual([]);
  });

  it('advises without touching anything when the mode is advise', async () => {
    await test.tables.put('services', { ...serviceRecord({ mode: 'advise' }) });
    expect(await openFailover(request, test.services)).toEqual({ decision: 'end' });
    expect((await test.record()).outcome).toBe('advised');
    expect((await test.service()).lock).toBeUndefined();
    expect((await test.service()).lastFailover).toBeUndefined();
  });

  it('refuses when there is no traffic to move', async () => {
    test.outside.weights = { primary: 0, standby: 100 };
    await openFailover(request, test.services);
    expect(await test.record()).toMatchObject({ outcome: 'refused' });
    expect((await test.service()).lock).toBeUndefined();
  });
});

describe('an opening that fails behind the lock', () => {
  const failing = (error: Error): Services => ({ ...test.services, router: { read: () => Promise.reject(error) } as unknown as Services['router'] });

  it('leaves a lock that the roll-back holds, so that the record says what failed', async () => {
    const back = { ...request, kind: 'drill', drill: 'failover' } as const;
    await expect(openFailover(back, failing(Object.assign(new Error('hang up'), { name: 'TimeoutError' })))).rejects.toBeInstanceOf(ControlPlaneError);
    expect((await test.record()).fencingToken).toBe((await test.service()).lock?.token);
    expect(await rollBack({ ...step, failure: { Error: 'ControlPlaneError', Cause: 'hang up' } }, test.services)).toEqual({ decision: 'done' });
    expect((await test.services.failovers.story('f1')).find(({ entry }) => entry === 'event#075-failed')?.reasons).toEqual(['ControlPlaneError: hang up']);
  });

  it('is held, with a page that says what is wrong, when the records are unfit', async () => {
    expect(await openFailover(request, failing(new RecordsUnfitError('there is no A record')))).toEqual({ decision: 'end' });
    expect(await test.record()).toMatchObject({ outcome: 'held', reasons: ['score 91', 'there is no A record'] });
    expect((await test.service()).lock).toBeUndefined();
    expect(await test.services.failovers.running()).toEqual([]);
    expect(test.outside.told.at(-1)).toMatchObject({ severity: 'page' });
  });

  it('gives everything back when something else ended the failover meanwhile', async () => {
    const read = async () => {
      await settle(await test.record(), 'aborted', test.services);
      return { weights: test.outside.weights };
    };
    expect(await openFailover(request, { ...test.services, router: { read } as unknown as Services['router'] })).toEqual({ decision: 'end' });
    expect(await test.record()).toMatchObject({ outcome: 'held' });
    expect((await test.service()).lock).toBeUndefined();
    expect(await test.services.failovers.running()).toEqual([]);
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
      await test.services.services.setCanary('shop', {
        verdict,
        at: new Date(test.outside.now).toISOString(),
        target: 'standby',
        method: 'probes',
        reasons: [],
      });
    test.outside.ready.standby = ready;
    await openFailover(request, test.services);
    expect(await checkTarget({ ...step, warmed: 'none' }, test.services)).toEqual({ decision });
  });

  it.each(['ready', 'failed'] as const)('is warmed once, not for ever: %s', async (warmed) => {
    test.outside.ready.standby = 1;
    await openFailover(request, test.services);
    await checkTarget({ ...step, warmed: 'none' }, test.services);
    expect(await checkTarget({ ...step, warmed }, test.services)).toEqual({ decision: 'hold' });
  });

  it('is warmed also when the step that asks for it is repeated after a crash', async () => {
    test.outside.ready.standby = 1;
    await openFailover(request, test.services);
    const asked = await checkTarget({ ...step, warmed: 'none' }, test.services);
    expect(await checkTarget({ ...step, warmed: 'none' }, test.services)).toEqual(asked);
  });

  it('does not count a canary that is too old', async () => {
    await test.services.services.setCanary('shop', {
      verdict: 'pass',
      at: new Date(test.outside.now).toISOString(),
      target: 'standby',
      method: 'probes',
      reasons: [],
    });
    test.outside.now += 61 * minute;
    await openFailover(request, test.services);
    expect(await checkTarget({ ...step, warmed: 'none' }, test.services)).toEqual({ decision: 'canary' });
  });
});
