// Handing over, and what becomes of a fail-back that does not come to its end.
import { beforeEach, describe, expect, it } from 'vitest';
import { closeFailover } from '../../../lambdas/close-failover/close-failover.ts';
import { settle } from '../../../lambdas/failover/settlement.ts';
import { handOver } from '../../../lambdas/hand-over/hand-over.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { failoverTest, request, step } from '../../fixtures/failover.ts';

const test = failoverTest();

describe('handing over', () => {
  it('latches the losing side, makes the other active, and passes the point of no return first', async () => {
    await openFailover(request, test.services);
    await handOver(step, test.services);
    expect(await test.service()).toMatchObject({ activeSide: 'standby', latched: { primary: expect.any(String) } });
    expect(test.outside.evacuated.at(-1)).toEqual({ side: 'primary', evacuated: true });
    expect(await test.record()).toMatchObject({ pointOfNoReturn: true });
    expect((await test.tables.resources('shop')).map(({ subjectId }) => subjectId)).toContain('latch#primary');
  });

  it('of a drill latches nobody: the side that is left is well, and what users fall back to', async () => {
    await openFailover({ ...request, kind: 'drill', drill: 'failover' }, test.services);
    await test.shiftAndVerify();
    expect(await handOver(step, test.services)).toEqual({ decision: 'handed-over' });
    expect(await test.service()).toMatchObject({ activeSide: 'standby', latched: {} });
    expect(test.outside.evacuated.some(({ evacuated }) => evacuated)).toBe(false);
  });

  it('of a fail-back lifts the latch at the start and latches nothing', async () => {
    await openFailover(request, test.services);
    await handOver(step, test.services);
    await closeFailover({ ...step, outcome: 'failed-over' }, test.services);
    test.outside.weights = { primary: 0, standby: 100 };
    const back = { serviceId: 'shop', failoverId: 'f2' };
    expect(await openFailover({ ...request, ...back, kind: 'fail-back', from: 'standby', to: 'primary' }, test.services)).toEqual({ decision: 'proceed' });
    expect((await test.service()).latched).toEqual({});
    expect(test.outside.evacuated.at(-1)).toEqual({ side: 'primary', evacuated: false });
    await handOver(back, test.services);
    expect(await test.service()).toMatchObject({ activeSide: 'primary', latched: {} });
    expect((await test.tables.resources('shop')).map(({ subjectId }) => subjectId)).not.toContain('latch#primary');
  });
});

describe('a fail-back that does not come to its end', () => {
  const home = { ...request, failoverId: 'f2', kind: 'fail-back', from: 'standby', to: 'primary' } as const;
  beforeEach(async () => {
    await openFailover(request, test.services);
    await handOver(step, test.services);
    await closeFailover({ ...step, outcome: 'failed-over' }, test.services);
    test.outside.weights = { primary: 0, standby: 100 };
  });

  it('latches its target again', async () => {
    await openFailover(home, test.services);
    expect((await test.service()).latched).toEqual({});
    await closeFailover({ serviceId: 'shop', failoverId: 'f2', outcome: 'rolled-back' }, test.services);
    expect((await test.service()).latched).toEqual({ primary: expect.any(String) });
    expect(test.outside.evacuated.at(-1)).toEqual({ side: 'primary', evacuated: true });
    expect((await test.tables.resources('shop')).map(({ subjectId }) => subjectId)).toContain('latch#primary');
  });

  it('does not latch a side that another failover has brought home since, however late its ending is repeated', async () => {
    await openFailover(home, test.services);
    await closeFailover({ serviceId: 'shop', failoverId: 'f2', outcome: 'rolled-back' }, test.services);
    const third = { serviceId: 'shop', failoverId: 'f3' };
    await openFailover({ ...home, ...third }, test.services);
    await settle(await test.services.failovers.get('f2'), 'a late event', test.services);
    expect((await test.service()).latched).toEqual({});
    await handOver(third, test.services);
    await closeFailover({ ...third, outcome: 'failed-over' }, test.services);
    await settle(await test.services.failovers.get('f2'), 'a later event', test.services);
    expect(await test.service()).toMatchObject({ activeSide: 'primary', latched: {} });
    expect(test.outside.evacuated.at(-1)).toMatchObject({ evacuated: false });
  });

  it('is refused while its target has weight, since lifting the latch would move traffic', async () => {
    test.outside.weights = { primary: 100, standby: 100 };
    expect(await openFailover(home, test.services)).toEqual({ decision: 'end' });
    expect((await test.service()).latched).toEqual({ primary: expect.any(String) });
  });
});
