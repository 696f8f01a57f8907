// Ending a failover, and settling what did not end well.
import { describe, expect, it } from 'vitest';
import { closeFailover } from '../../../lambdas/close-failover/close-failover.ts';
import { settle } from '../../../lambdas/failover/settlement.ts';
import { haltFailover } from '../../../lambdas/halt-failover/halt-failover.ts';
import { handOver } from '../../../lambdas/hand-over/hand-over.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { shiftTraffic } from '../../../lambdas/shift-traffic/shift-traffic.ts';
import { failoverTest, minute, request, step } from '../../fixtures/failover.ts';

const test = failoverTest();

describe('ending', () => {
  it('releases the lock, starts the cool-down and tells people; a repeat changes nothing', async () => {
    await openFailover(request, test.services);
    await closeFailover({ ...step, outcome: 'rolled-back' }, test.services);
    const first = await test.record();
    test.outside.now += minute;
    await closeFailover({ ...step, outcome: 'held' }, test.services);
    expect(await test.record()).toEqual(first);
    expect((await test.service()).lock).toBeUndefined();
    expect((await test.service()).lastFailover).toMatchObject({ outcome: 'rolled-back' });
    expect(await test.services.failovers.running()).toEqual([]);
  });

  it('frees what a crash in the middle of an ending left', async () => {
    await openFailover(request, test.services);
    await test.services.failovers.update('f1', { outcome: 'rolled-back', endedAt: new Date(test.outside.now).toISOString(), phase: 'closed' });
    expect(await settle(await test.record(), 'swept', test.services)).toBe('ended');
    expect((await test.service()).lock).toBeUndefined();
    expect((await test.record()).outcome).toBe('rolled-back');
  });

  it('pages when a predicted failure is still to come and nobody was moved', async () => {
    await openFailover(request, test.services);
    await closeFailover({ ...step, outcome: 'rolled-back' }, test.services);
    expect(test.outside.told.at(-1)?.severity).toBe('page');
  });

  it('halts with the error in the record and pages', async () => {
    await openFailover(request, test.services);
    await haltFailover({ ...step, failure: { Error: 'LockLostError', Cause: 'gone' } }, test.services);
    expect(await test.record()).toMatchObject({ outcome: 'halted', reasons: ['score 91', 'LockLostError: gone', expect.stringMatching(/runbook/)] });
    expect(test.outside.told.at(-1)?.severity).toBe('page');
  });
});

describe('settling an execution that did not end well', () => {
  it('holds when no weight was changed, rolls back when one was, and halts past the point of no return', async () => {
    await openFailover(request, test.services);
    expect(await settle(await test.record(), 'aborted', test.services)).toBe('ended');
    expect(await test.record()).toMatchObject({ outcome: 'held' });

    test.outside.now += 2 * 60 * minute;
    const second = { ...request, failoverId: 'f2' };
    await openFailover(second, test.services);
    await shiftTraffic({ serviceId: 'shop', failoverId: 'f2' }, test.services);
    expect(await settle(await test.services.failovers.get('f2'), 'aborted', test.services)).toBe('rolling-back');
    expect(await settle(await test.services.failovers.get('f2'), 'aborted', test.services)).toBe('rolling-back');
    expect(test.outside.started).toMatchObject([
      { machine: 'roll-back', name: 'settle.1.f2', input: { serviceId: 'shop', failoverId: 'f2', close: true, failure: { Cause: 'aborted' } } },
    ]);

    await handOver({ serviceId: 'shop', failoverId: 'f2' }, test.services);
    expect(await settle(await test.services.failovers.get('f2'), 'aborted', test.services)).toBe('halted');
  });
});
