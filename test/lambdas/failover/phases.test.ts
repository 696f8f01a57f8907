// Row by row, what becomes of a failover whose execution is lost: by its event, and by the sweeper when nobody heard of it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDrain } from '../../../lambdas/check-drain/check-drain.ts';
import { checkTarget } from '../../../lambdas/check-target/check-target.ts';
import { closeFailover } from '../../../lambdas/close-failover/close-failover.ts';
import { confirmEvacuation } from '../../../lambdas/confirm-evacuation/confirm-evacuation.ts';
import { haltFailover } from '../../../lambdas/halt-failover/halt-failover.ts';
import { handOver } from '../../../lambdas/hand-over/hand-over.ts';
import { latchSide } from '../../../lambdas/latch-side/latch-side.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { probeSides } from '../../../lambdas/probe-sides/probe-sides.ts';
import { rollBack } from '../../../lambdas/roll-back/roll-back.ts';
import { settleExecution } from '../../../lambdas/settle-execution/settle-execution.ts';
import { shiftTraffic } from '../../../lambdas/shift-traffic/shift-traffic.ts';
import { sweepOrphans } from '../../../lambdas/sweep-orphans/sweep-orphans.ts';
import { entryItem, failoverTest, minute, request, step } from '../../fixtures/failover.ts';

const test = failoverTest();
const documented = readFileSync(join(import.meta.dirname, '../../../docs/architecture.md'), 'utf8');
const evacuation = { ...step, from: 'primary', to: 'standby', decidedAt: '2026-03-02T11:59:00.000Z' } as const;

const open = () => openFailover(request, test.services);
const shiftedByLatch = async () => {
  await test.services.services.setCanary('shop', {
    ...{ verdict: 'pass', at: new Date(test.outside.now).toISOString(), target: 'standby', method: 'probes', reasons: [] },
  });
  await open();
  test.outside.controlPlaneDown = true;
  await shiftTraffic(step, test.services);
  test.outside.now += 91_000;
  expect(await shiftTraffic(step, test.services)).toMatchObject({ decision: 'switched' });
};
const shiftedWholly = async () => {
  await open();
  for (let index = 0; index < 3; index++) await test.shiftAndVerify();
};
const handOverBegun = async (drivers: object) => {
  await shiftedWholly();
  const at = new Date(test.outside.now).toISOString();
  await test.services.failovers.update('f1', { phase: 'hand-over', phaseStartedAt: at, drivers: drivers as never });
};
const confirm = async () => {
  await test.tables.put('resources', entryItem);
  test.outside.health = { primary: 0, standby: 1 };
  test.outside.probes.primary = { failed: 50, slow: 0 };
  expect(await confirmEvacuation(evacuation, test.services)).toEqual({ decision: 'confirmed' });
};

interface Row {
  /** as the table in docs/architecture.md calls it */
  readonly phase: string;
  readonly reach: () => Promise<unknown>;
  readonly settled: 'ended' | 'rolling-back' | 'halted';
  readonly outcome?: string;
  readonly reason?: RegExp;
  readonly machine?: 'evacuate';
}

const rows: readonly Row[] = [
  { phase: 'opened', reach: open, settled: 'ended', outcome: 'held', reason: /no weight had been changed/ },
  {
    phase: 'target-checked',
    reach: async () => {
      await open();
      await checkTarget({ ...step, warmed: 'none' }, test.services);
    },
    ...{ settled: 'ended', outcome: 'held', reason: /no weight had been changed/ },
  },
  {
    phase: 'approval',
    reach: async () => {
      await open();
      const askedAt = new Date(test.outside.now).toISOString();
      await test.services.failovers.update('f1', { phase: 'approval', phaseStartedAt: askedAt, approval: { state: 'asked', askedAt } });
    },
    ...{ settled: 'ended', outcome: 'held', reason: /no weight had been changed/ },
  },
  {
    phase: 'shift',
    reach: async () => {
      await open();
      await shiftTraffic(step, test.services);
    },
    settled: 'rolling-back',
  },
  { phase: 'shift, by the evacuation check', reach: shiftedByLatch, settled: 'rolling-back' },
  {
    phase: 'drain',
    reach: async () => {
      await shiftedWholly();
      test.outside.requestsPerMinute = { primary: 300, standby: 12_000 };
      expect(await checkDrain(step, test.services)).toMatchObject({ decision: 'wait' });
    },
    settled: 'rolling-back',
  },
  {
    phase: 'roll-back',
    reach: async () => {
      await open();
      await test.shiftAndVerify();
      expect(await rollBack({ ...step, failure: undefined }, test.services)).toEqual({ decision: 'verify' });
    },
    settled: 'rolling-back',
  },
  {
    phase: 'hand-over, some of it switched',
    reach: () => handOverBegun({ 'ssm-parameter:eu-central-1:/shop/active': { status: 'done', at: '2026-03-02T12:00:00.000Z' } }),
    ...{ settled: 'halted', outcome: 'halted', reason: /^ssm-parameter:.*: done since/ },
  },
  {
    phase: 'hand-over, past the point of no return',
    reach: async () => {
      await shiftedWholly();
      expect(await handOver(step, test.services)).toEqual({ decision: 'handed-over' });
    },
    ...{ settled: 'halted', outcome: 'halted', reason: /runbook/ },
  },
  { phase: 'evacuation, before the latch', reach: confirm, machine: 'evacuate', settled: 'ended', outcome: 'held', reason: /nothing had been latched/ },
  {
    phase: 'evacuation, latched',
    reach: async () => {
      await confirm();
      await latchSide(step, test.services);
    },
    machine: 'evacuate',
    ...{ settled: 'halted', outcome: 'halted', reason: /runbook/ },
  },
  {
    phase: 'closed or halted',
    reach: async () => {
      await open();
      await test.services.failovers.update('f1', { outcome: 'rolled-back', endedAt: new Date(test.outside.now).toISOString(), phase: 'closed' });
    },
    ...{ settled: 'ended', outcome: 'rolled-back' },
  },
];

const failed = (machine: string, input: object = request, name = 'f1') => ({
  detail: {
    executionArn: `arn:aws:states:eu-central-1:111122223333:execution:forestall-${machine}:${name}`,
    stateMachineArn: `arn:aws:states:eu-central-1:111122223333:stateMachine:forestall-${machine}`,
    ...{ name, status: 'ABORTED' as const, input: JSON.stringify(input) },
  },
});

describe.each(rows)('$phase', ({ phase, reach, settled, outcome, reason, machine = 'fail-over' }) => {
  const check = async () => {
    if (settled === 'rolling-back') {
      expect(test.outside.started).toMatchObject([{ machine: 'roll-back', name: 'settle.1.f1', input: { close: true } }]);
      expect((await test.record()).endedAt).toBeUndefined();
      return;
    }
    expect(await test.record()).toMatchObject({ outcome });
    if (reason) expect((await test.record()).reasons).toContainEqual(expect.stringMatching(reason));
    expect((await test.service()).lock).toBeUndefined();
    expect(await test.services.failovers.running()).toEqual([]);
    expect(await test.services.failovers.open()).toEqual([]);
    expect(test.outside.started).toEqual([]);
  };

  it('is in the table', () => expect(documented).toContain(`| ${phase} |`));

  it('is settled', async () => {
    await reach();
    const input = machine === 'evacuate' ? evacuation : request;
    expect(await settleExecution(failed(machine, input), test.services)).toBe(settled);
    await check();
    // Told again: nothing happens twice.
    await settleExecution(failed(machine, input), test.services);
    await check();
  });

  it('is swept when nobody heard of it', async () => {
    await reach();
    test.outside.now += 11 * minute;
    await sweepOrphans(test.services);
    await check();
    await sweepOrphans(test.services);
    await check();
  });
});

describe('a roll-back that came to nothing as well', () => {
  it.each(['shift', 'shift, by the evacuation check', 'drain', 'roll-back'])('halts: %s', async (phase) => {
    await rows.find((row) => row.phase === phase)?.reach();
    await settleExecution(failed('fail-over'), test.services);
    expect(await settleExecution(failed('roll-back', step, 'settle.1.f1'), test.services)).toBe('halted');
    expect(await test.record()).toMatchObject({ outcome: 'halted' });
  });
});

describe('a lost execution in the drain', () => {
  it('is no reason to go back: everything has moved, and the other side passes, so that it is finished', async () => {
    await shiftedWholly();
    await checkDrain(step, test.services);
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    expect(await rollBack({ ...step, failure: { Error: 'ExecutionFailed', Cause: 'aborted' } }, test.services)).toEqual({ decision: 'finish' });
    expect(test.outside.weights).toEqual({ primary: 0, standby: 100 });
  });
});

describe('what follows a failover', () => {
  it('changes nothing of its record when it fails: people are told', async () => {
    await shiftedWholly();
    await handOver(step, test.services);
    await closeFailover({ ...step, outcome: 'failed-over' }, test.services);
    const before = await test.record();
    test.outside.told.length = 0;
    expect(await settleExecution(failed('retire-side', step, 'retire.f1'), test.services)).toBe('told');
    expect(await test.record()).toEqual(before);
    expect(test.outside.told).toMatchObject([{ severity: 'page', lines: expect.arrayContaining(['failover f1']) }]);
  });
});

describe('an execution that ended before its first step', () => {
  it.each([
    ['fail-over', { ...request, kind: 'drill', drill: 'canary' }, 'drill'],
    ['evacuate', evacuation, 'evacuation'],
  ] as const)('of %s leaves a record', async (machine, input, kind) => {
    expect(await settleExecution(failed(machine, input), test.services)).toBe('ended');
    expect(await test.record()).toMatchObject({ kind, outcome: 'held' });
    expect(await openFailover(request, test.services)).toEqual({ decision: 'end' });
  });
});

describe('a record that holds neither lock nor place', () => {
  it('is found by the sweeper all the same: its execution was lost while it waited for the lock', async () => {
    await open();
    const second = { ...request, failoverId: 'f2' };
    expect(await openFailover(second, test.services)).toEqual({ decision: 'wait' });
    await closeFailover({ ...step, outcome: 'rolled-back' }, test.services);
    test.outside.now += 11 * minute;
    expect(await sweepOrphans(test.services)).toMatchObject({ settled: 1 });
    expect(await test.record('f2')).toMatchObject({ outcome: 'held' });
    expect(await test.services.failovers.open()).toEqual([]);
    expect(await sweepOrphans(test.services)).toMatchObject({ settled: 0 });
  });

  it('that was never written is forgotten', async () => {
    const { create } = test.services.failovers;
    await create.call(test.services.failovers, { ...(await opened()), failoverId: 'f3' });
    await test.tables.remove('failovers', { failoverId: 'f3', entry: 'record' });
    test.outside.now += 11 * minute;
    await sweepOrphans(test.services);
    expect((await test.services.failovers.open()).map(({ failoverId }) => failoverId)).not.toContain('f3');
  });

  const opened = async () => {
    await open();
    return test.record();
  };
});

describe('claims and probes', () => {
  it('expire after a month; records and their stories do not', async () => {
    await open();
    await test.services.failovers.claim('d1', new Date(test.outside.now).toISOString());
    await probeSides({ serviceId: 'shop', workflowId: 'f1' }, test.services);
    const items = await test.tables.items('failovers');
    const expiring = items.filter(({ expiresAt }) => expiresAt !== undefined);
    expect(expiring.map(({ entry }) => String(entry).split('#')[0]).sort()).toEqual(['claim', 'probe']);
    for (const { expiresAt } of expiring) expect(expiresAt).toBe(test.outside.now / 1000 + 30 * 86_400);
  });
});

describe('people', () => {
  it('are told once of an ending, also when its execution is reported as failed afterwards', async () => {
    await open();
    await haltFailover({ ...step, failure: { Error: 'Error', Cause: 'x' } }, test.services);
    await settleExecution(failed('fail-over'), test.services);
    test.outside.now += 11 * minute;
    await sweepOrphans(test.services);
    expect(test.outside.told.filter(({ subject }) => /halted/.test(subject))).toHaveLength(1);
  });

  it('are told by the sweeper when an ending crashed before that', async () => {
    await open();
    const { tell } = test.services.notifier;
    test.services.notifier.tell = () => Promise.reject(new Error('SNS does not answer'));
    await expect(closeFailover({ ...step, outcome: 'held' }, test.services)).rejects.toThrow('SNS');
    expect((await test.service()).lock).toBeUndefined();
    test.services.notifier.tell = tell;
    test.outside.now += 11 * minute;
    expect(await sweepOrphans(test.services)).toMatchObject({ settled: 1 });
    expect(test.outside.told.at(-1)).toMatchObject({ severity: 'page' });
    expect(await test.services.failovers.open()).toEqual([]);
  });
});
