// What an ending measures, remembers and begins.
import { describe, expect, it } from 'vitest';
import { Plan, type PlanInput } from '../../../core/contracts/plan.ts';
import type { FailoverRecord } from '../../../core/contracts/records.ts';
import { closeFailover } from '../../../lambdas/close-failover/close-failover.ts';
import { haltFailover } from '../../../lambdas/halt-failover/halt-failover.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { failoverTest, minute, request, step } from '../../fixtures/failover.ts';
import { planInput } from '../../fixtures/plan.ts';
import { serviceRecord } from '../../fixtures/service.ts';

const test = failoverTest();
const iso = (after = 0) => new Date(test.outside.now + after).toISOString();
const tell = (key: string, after: number) => test.services.failovers.tell('f1', key, { at: iso(after), phase: 'shift', message: key });
const withPlan = (changes: Partial<PlanInput>) => test.tables.put('services', { ...serviceRecord({ plan: Plan.parse(planInput(changes)) }) });
const rebuilding = () => {
  const { sides } = planInput();
  return withPlan({ after: { losingSide: 'rebuild' }, sides: { ...sides, primary: { ...sides.primary, launchTemplate: { id: 'lt-0123456789abcdef1' } } } });
};
/** The record of a failover whose weights were changed. */
const moved = (failoverId: string, fields: Partial<FailoverRecord> = {}): FailoverRecord => ({
  ...{ failoverId, entry: 'record', serviceId: 'shop', decisionId: failoverId, kind: 'predictive', score: null, from: 'primary', to: 'standby' },
  ...{ zone: 'eu-west-1a', profile: 'calm', intended: { primary: 50, standby: 50 }, mechanism: 'weights', drivers: {}, phase: 'shift' },
  ...{ phaseStartedAt: iso(), pointOfNoReturn: false, fencingToken: 1, startedAt: iso(), reasons: [] },
  ...fields,
});
/** A failover `f1` that has come so far. */
async function opened(fields: Partial<FailoverRecord> = {}): Promise<void> {
  await openFailover(request, test.services);
  await test.services.failovers.update('f1', { score: 91, ...fields });
}
const close = (outcome: 'failed-over' | 'rolled-back' | 'evacuated' | 'held' | 'validated') => closeFailover({ ...step, outcome }, test.services);

describe('an ending measures', () => {
  it('when the first users moved and when the losing side was drained, against the objectives, and says so', async () => {
    await withPlan({ recovery: { rtoMinutes: 10, rpoSeconds: 30 } });
    await opened({ pointOfNoReturn: true, measurements: { decidedAt: iso(), replicationLagSeconds: 45 } });
    await tell('040-shift-010', 90_000);
    await tell('040-shift-100', 4 * minute);
    await tell('060-drained', 9 * minute);
    test.outside.now += 10 * minute;
    await close('failed-over');
    expect((await test.record()).measurements).toEqual({
      ...{ decidedAt: iso(-10 * minute), firstShiftAt: iso(-8.5 * minute), movedAt: iso(-minute), secondsToMoved: 540 },
      ...{ replicationLagSeconds: 45, withinRto: true, withinRpo: false },
    });
    const told = test.outside.told.at(-1)?.lines.join('\n');
    expect(told).toContain('moved after 9 min: within the recovery time objective of 10 min');
    expect(told).toContain('data were 45 s behind: beyond the recovery point objective of 30 s');
  });

  it('nothing that nobody saw: what was not seen drained is beyond the objective only once that has passed', async () => {
    await opened();
    await close('held');
    expect((await test.record()).measurements).toEqual({ decidedAt: iso() });
    await test.services.failovers.create({ ...(await test.record()), failoverId: 'f2', endedAt: undefined, outcome: undefined });
    test.outside.now += 16 * minute;
    await closeFailover({ serviceId: 'shop', failoverId: 'f2', outcome: 'failed-over' }, test.services);
    expect((await test.record('f2')).measurements).toMatchObject({ withinRto: false });
    expect((await test.record('f2')).measurements?.movedAt).toBeUndefined();
  });

  it('once: a repeated ending changes no figure', async () => {
    await opened({ pointOfNoReturn: true });
    await close('failed-over');
    const first = await test.record();
    await tell('060-drained', minute);
    test.outside.now += minute;
    await close('failed-over');
    expect(await test.record()).toEqual(first);
  });
});

describe('an ending remembers', () => {
  it('moves that changed weights, whatever came of them, once each and the newest last', async () => {
    for (const [index, outcome] of (['failed-over', 'rolled-back', 'held'] as const).entries()) {
      const failoverId = `m${index}`;
      await test.services.failovers.create(moved(failoverId));
      for (let repeat = 0; repeat < 2; repeat++) await closeFailover({ serviceId: 'shop', failoverId, outcome }, test.services);
      test.outside.now += minute;
    }
    expect((await test.service()).recentMoves.map(({ failoverId, outcome }) => `${failoverId} ${outcome}`)).toEqual([
      'm0 failed-over',
      'm1 rolled-back',
      'm2 held',
    ]);
  });

  it('at most twenty, and an ending that comes late in its place', async () => {
    const ending = (index: number) => ({ failoverId: `m${index}`, outcome: 'failed-over', endedAt: new Date(test.outside.now + index * minute).toISOString() });
    const { services } = test.services;
    for (const index of [...Array(25).keys()].filter((each) => each !== 22)) await services.rememberEnding('shop', ending(index), { move: true, drill: false });
    await services.rememberEnding('shop', ending(22), { move: true, drill: false });
    await services.rememberEnding('shop', ending(1), { move: true, drill: false });
    expect((await test.service()).recentMoves.map(({ failoverId }) => failoverId)).toEqual([...Array(20).keys()].map((each) => `m${each + 5}`));
  });

  it('not what was refused, nor what never touched a weight', async () => {
    await opened();
    await close('held');
    expect((await test.service()).recentMoves).toEqual([]);
    expect((await test.service()).lastFailover).toMatchObject({ outcome: 'held' });
  });

  it('the drill, which is no sign of flapping unless it went wrong', async () => {
    await opened({ kind: 'drill', drill: 'failover', intended: { primary: 0, standby: 100 }, pointOfNoReturn: true });
    await close('failed-over');
    expect(await test.service()).toMatchObject({ recentMoves: [], lastDrill: { failoverId: 'f1', outcome: 'failed-over' } });
    expect(test.outside.told.at(-1)).toMatchObject({ severity: 'info', subject: 'shop: drill (failover) failed-over' });
    test.outside.now += minute;
    await test.services.failovers.create(moved('f2', { kind: 'drill', drill: 'failover' }));
    await closeFailover({ serviceId: 'shop', failoverId: 'f2', outcome: 'rolled-back' }, test.services);
    expect(await test.service()).toMatchObject({ recentMoves: [{ failoverId: 'f2' }], lastDrill: { failoverId: 'f2', outcome: 'rolled-back' } });
  });
});

describe('the way home of a drill', () => {
  it('pages when it was not gone: the service is where nobody wanted it', async () => {
    await test.tables.put('services', { ...serviceRecord({ activeSide: 'standby', killSwitch: true }) });
    await openFailover({ ...request, kind: 'fail-back', drill: 'failover', from: 'standby', to: 'primary' }, test.services);
    expect((await test.record()).outcome).toBe('refused');
    expect(test.outside.told.at(-1)).toMatchObject({ severity: 'page', subject: 'shop: drill, way home refused' });
    expect((await test.service()).lastDrill).toBeUndefined();
  });
});

describe('what follows', () => {
  it('is begun once, however often the ending is repeated', async () => {
    await rebuilding();
    await opened({ pointOfNoReturn: true });
    await close('failed-over');
    await close('failed-over');
    expect(test.outside.started).toEqual([{ machine: 'retire-side', name: 'retire.f1', input: step }]);
  });

  it.each<[string, Partial<FailoverRecord>, 'failed-over' | 'rolled-back' | 'held']>([
    ['a drill', { kind: 'drill', drill: 'failover', pointOfNoReturn: true }, 'failed-over'],
    ['a fail-back', { kind: 'fail-back', pointOfNoReturn: true }, 'failed-over'],
    ['a failover that was rolled back', { intended: { primary: 50, standby: 50 } }, 'rolled-back'],
    ['a failover that was held', {}, 'held'],
  ])('is nothing after %s', async (_what, fields, outcome) => {
    await rebuilding();
    await opened(fields);
    await close(outcome);
    expect(test.outside.started).toEqual([]);
  });

  it('is nothing when the plan wants a standby, and nothing after a halt', async () => {
    await opened({ pointOfNoReturn: true });
    await close('failed-over');
    await rebuilding();
    await test.services.failovers.create({ ...(await test.record()), failoverId: 'f2', endedAt: undefined, outcome: undefined });
    await haltFailover({ serviceId: 'shop', failoverId: 'f2', failure: { Error: 'X', Cause: 'y' } }, test.services);
    expect(test.outside.started).toEqual([]);
  });
});
