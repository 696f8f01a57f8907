// The kill switch and the mode are asked again by every step that takes a service further; what goes back has its own rule.
import { beforeEach, describe, expect, it } from 'vitest';
import { NotActingError } from '../../../lambdas/acting.ts';
import { checkApproval } from '../../../lambdas/check-approval/check-approval.ts';
import { checkTarget } from '../../../lambdas/check-target/check-target.ts';
import { handOver } from '../../../lambdas/hand-over/hand-over.ts';
import { latchSide } from '../../../lambdas/latch-side/latch-side.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { rollBack } from '../../../lambdas/roll-back/roll-back.ts';
import { shiftTraffic } from '../../../lambdas/shift-traffic/shift-traffic.ts';
import { failoverTest, request, step } from '../../fixtures/failover.ts';

const test = failoverTest();
beforeEach(async () => {
  await openFailover(request, test.services);
  await test.shiftAndVerify();
});

const forward: [string, () => Promise<unknown>][] = [
  ['check-target', () => checkTarget({ ...step, warmed: 'none' }, test.services)],
  ['check-approval', () => checkApproval(step, test.services)],
  ['shift-traffic', () => shiftTraffic(step, test.services)],
  ['hand-over', () => handOver(step, test.services)],
  ['latch-side', () => latchSide(step, test.services)],
];

describe.each(forward)('%s', (_name, run) => {
  it.each([
    ['the kill switch is turned on', { killSwitch: true }],
    ['the mode becomes advise', { mode: 'advise' as const }],
    ['the mode becomes observe', { mode: 'observe' as const }],
  ])('changes nothing once %s', async (_what, changes) => {
    const [weights, latches] = [test.outside.changes.length, test.outside.evacuated.length];
    await test.tables.put('services', { ...(await test.service()), ...changes });
    await expect(run()).rejects.toBeInstanceOf(NotActingError);
    expect(test.outside.changes).toHaveLength(weights);
    expect(test.outside.evacuated).toHaveLength(latches);
    expect((await test.record()).pointOfNoReturn).toBe(false);
  });
});

describe('roll-back', () => {
  it('may go back under the kill switch, which stops what goes forward', async () => {
    await test.services.services.turnKillSwitch('shop', true, 'Ann', '2026-03-02T12:00:00.000Z');
    expect(await rollBack({ ...step, failure: { Error: 'NotActingError', Cause: 'the kill switch is on' } }, test.services)).toEqual({ decision: 'verify' });
    expect(test.outside.weights).toEqual({ primary: 100, standby: 0 });
  });

  it('changes nothing back in a mode that changes nothing', async () => {
    await test.tables.put('services', { ...(await test.service()), mode: 'observe' });
    expect(await rollBack({ ...step, failure: null }, test.services)).toEqual({ decision: 'hold' });
    expect(test.outside.weights).toEqual({ primary: 90, standby: 10 });
  });
});

it('every step that changes something renews the lock first, and stops when it was lost', async () => {
  test.outside.now += 91 * 60_000;
  await openFailover({ ...request, failoverId: 'f2' }, test.services);
  for (const [, run] of forward) await expect(run()).rejects.toMatchObject({ name: 'LockLostError' });
});
