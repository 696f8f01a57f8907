// Interlocks on the way to the first users: windows, the target's risk, the replication lag, and refusals that stand.
import { describe, expect, it } from 'vitest';
import { detailType, type WorkflowEvent } from '../../../core/contracts/events.ts';
import { Plan, type PlanInput } from '../../../core/contracts/plan.ts';
import type { ServiceRecord } from '../../../core/contracts/records.ts';
import { checkApproval } from '../../../lambdas/check-approval/check-approval.ts';
import { checkTarget } from '../../../lambdas/check-target/check-target.ts';
import { openSession } from '../../../lambdas/failover/session.ts';
import { stillAllowed } from '../../../lambdas/failover/still-allowed.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { startWorkflow } from '../../../lambdas/start-workflow/start-workflow.ts';
import { failoverTest, minute, request, step } from '../../fixtures/failover.ts';
import { planInput } from '../../fixtures/plan.ts';
import { serviceRecord } from '../../fixtures/service.ts';

const test = failoverTest();
const withService = (changes: Partial<PlanInput> = {}, more: Partial<ServiceRecord> = {}) =>
  test.tables.put('services', { ...serviceRecord({ plan: Plan.parse(planInput(changes)), ...more }) });
const iso = (minutesAgo: number) => new Date(test.outside.now - minutesAgo * minute).toISOString();
const reasons = async () => (await test.record()).reasons.join('; ');
const pages = () => test.outside.told.filter(({ severity }) => severity === 'page');

/** A scored subject, as scoring leaves it. */
const scored = (subjectId: string, failureProbability: number | null, { minutesAgo = 5, silent = false } = {}) => {
  const [kind, side] = subjectId.split('#');
  const last = { timestamp: test.outside.now - minutesAgo * minute, silent, failureProbability, expectedInMinutes: null, reasons: [] };
  return test.tables.put('resources', {
    ...{ serviceId: 'shop', subjectId, side, kind: kind === 'entry' ? 'entry' : 'ec2-instance', region: 'eu-west-1', metrics: [], shard: 'due#0' },
    ...{ nextDueAt: iso(0), score: failureProbability, scoredAt: iso(minutesAgo) },
    detectorState: JSON.stringify({ version: 1, observedUntil: last.timestamp, detector: {}, last, requestsPerSecond: null }),
  });
};

describe('the risk of the target', () => {
  it('is read from its fresh scores', async () => {
    await withService();
    await scored('entry#standby', 75);
    expect(await openFailover({ ...request, score: 90 }, test.services)).toEqual({ decision: 'end' });
    expect(await reasons()).toMatch(/standby has the score 75 and is expected to fail itself/);
  });

  it.each([
    ['old', { minutesAgo: 31 }],
    ['held because nothing comes', { silent: true }],
  ])('is not known from a score that is %s; then the record says that the canary proves it', async (_name, how) => {
    await withService();
    await scored('entry#standby', 75, how);
    expect(await openFailover({ ...request, score: 90 }, test.services)).toEqual({ decision: 'proceed' });
    await checkTarget({ ...step, warmed: 'none' }, test.services);
    expect((await test.services.failovers.story('f1')).at(-1)?.reasons).toContain('standby has no fresh score: only the canary says that it is fit');
  });

  it('that rises on the way is seen before the first users', async () => {
    await withService();
    await openFailover({ ...request, score: 90 }, test.services);
    await checkTarget({ ...step, warmed: 'none' }, test.services);
    await scored('entry#standby', 95);
    expect((await checkApproval(step, test.services)).decision).toBe('denied');
    expect(await reasons()).toMatch(/standby has the score 95/);
  });

  it('of a home whose instances are sick keeps a fail-back away from it', async () => {
    test.outside.weights = { primary: 0, standby: 100 };
    await withService({}, { activeSide: 'standby' });
    for (const id of ['i-1', 'i-2']) await scored(`resource#primary#${id}`, 40);
    expect(await openFailover({ ...request, kind: 'fail-back', from: 'standby', to: 'primary', approvedBy: 'Ann' }, test.services)).toEqual({
      decision: 'end',
    });
    expect(await reasons()).toMatch(/primary has the score 40: without need traffic goes to a calm side/);
  });
});

describe('the replication lag', () => {
  const lag = { name: 'lag', namespace: 'Shop', metric: 'ReplicaLag', statistic: 'Maximum', dimensions: { Cluster: 'shop' } } as const;
  /** CloudWatch with a value of the lag; undefined: no points. */
  const withLag = (value: number | undefined, fails = false) => {
    const { telemetry } = test.services;
    const read: typeof telemetry.read = async (region, requests, from, to) => {
      if (requests[0]?.key !== 'replication-lag') return telemetry.read(region, requests, from, to);
      if (fails) throw new Error('CloudWatch does not answer');
      return new Map([['replication-lag', value === undefined ? [] : [{ timestamp: test.outside.now - 3 * minute, value }]]]);
    };
    return { ...test.services, telemetry: { ...telemetry, read } as typeof telemetry };
  };
  const opened = async () => {
    await withService({ replication: { lag }, recovery: { rpoSeconds: 60 } });
    await openFailover({ ...request, score: 90 }, test.services);
  };

  it('within the objective lets the move go on, and is in the record', async () => {
    await opened();
    expect(await checkTarget({ ...step, warmed: 'none' }, withLag(12))).toEqual({ decision: 'canary' });
    expect((await test.record()).measurements).toEqual({ decidedAt: iso(0), replicationLagSeconds: 12 });
    expect((await checkApproval(step, withLag(13))).decision).toBe('granted');
    expect((await test.record()).measurements?.replicationLagSeconds).toBe(13);
  });

  it.each<[string, number | undefined, boolean, RegExp]>([
    ['beyond the objective', 61, false, /the replication lag is 61 s, the recovery point objective 60 s/],
    ['without data', undefined, false, /has no data of the last 10 minutes/],
    ['that cannot be read', undefined, true, /could not be read/],
  ])('%s holds the move, with the reason', async (_name, value, fails, reason) => {
    await opened();
    expect(await checkTarget({ ...step, warmed: 'none' }, withLag(value, fails))).toEqual({ decision: 'hold' });
    expect(await reasons()).toMatch(reason);
  });

  it('that grew while the target was proved holds the move before its first users', async () => {
    await opened();
    await checkTarget({ ...step, warmed: 'none' }, withLag(12));
    expect((await checkApproval(step, withLag(300))).decision).toBe('denied');
    expect(await reasons()).toMatch(/the replication lag is 300 s/);
  });
});

describe('windows', () => {
  const window = (fromMinutes: number): PlanInput['windows'] => [
    { kind: 'blocked', reason: 'the sale', from: new Date(test.outside.now + fromMinutes * minute).toISOString(), until: '2026-03-03T00:00:00Z' },
  ];

  it('that opened while the target was proved keep the move from its first users', async () => {
    await withService({ windows: window(5) });
    await openFailover(request, test.services);
    await checkTarget({ ...step, warmed: 'none' }, test.services);
    test.outside.now += 6 * minute;
    expect((await checkApproval(step, test.services)).decision).toBe('denied');
    expect(await reasons()).toMatch(/blocked window until 2026-03-03/);
  });

  it('never stop a move that has begun', async () => {
    await withService({ windows: window(5) });
    await openFailover(request, test.services);
    await test.services.failovers.update('f1', { intended: { primary: 90, standby: 10 }, phase: 'shift' });
    test.outside.now += 6 * minute;
    expect(await stillAllowed(await openSession(step, test.services), test.services)).toEqual({ refusals: [], findings: [] });
  });
});

it('a way home whose opening was repeated too late leaves its target latched as it was', async () => {
  const since = '2026-03-02T10:00:00.000Z';
  test.outside.weights = { primary: 0, standby: 100 };
  await withService({}, { activeSide: 'standby', latched: { primary: since } });
  const home = { ...request, kind: 'fail-back', from: 'standby', to: 'primary', approvedBy: 'Ann' } as const;
  expect(await openFailover(home, test.services)).toEqual({ decision: 'proceed' });
  expect((await test.service()).latched).toEqual({});
  // The answer was lost, and meanwhile the primary's instances turned out to be sick.
  await scored('resource#primary#i-1', 60);
  expect(await openFailover(home, test.services)).toEqual({ decision: 'end' });
  expect((await test.service()).latched).toEqual({ primary: iso(0) });
  expect(test.outside.evacuated.at(-1)).toEqual({ side: 'primary', evacuated: true });
});

describe('a refusal that stands', () => {
  const critical = (attempt: number, side: 'primary' | 'standby' = 'primary'): WorkflowEvent => ({
    'detail-type': detailType.critical,
    detail: {
      ...{ serviceId: 'shop', decisionId: `shop.critical.20260302T115000Z.${attempt}`, decidedAt: iso(0), side, score: 91 },
      ...{ expectedInMinutes: 20, reasons: [] },
    },
  });
  /** Start-workflow, and what the machine would do first. */
  const arrive = async (event: WorkflowEvent) => {
    const started = await startWorkflow(event, test.services);
    const input = test.outside.started.at(-1)?.input;
    if (started === 'started') await openFailover(input as Parameters<typeof openFailover>[0], test.services);
    return started;
  };
  const moves = [300, 200, 100].map((ago) => ({
    failoverId: `f${ago}`,
    outcome: 'failed-over',
    endedAt: new Date(Date.parse('2026-03-02T12:00:00Z') - ago * minute).toISOString(),
  }));

  it('of a service that flaps pages once, leaves one record, and is quiet then', async () => {
    await withService({}, { recentMoves: moves });
    expect(await arrive(critical(0))).toBe('started');
    expect(await test.record('shop.critical.20260302T115000Z.0')).toMatchObject({ outcome: 'refused' });
    expect(pages()).toHaveLength(1);
    expect(pages()[0]?.lines[0]).toMatch(/flaps: 3 moves within 24 hours/);
    for (const attempt of [1, 2, 3]) {
      test.outside.now += 15 * minute;
      expect(await arrive(critical(attempt))).toBe('ignored');
    }
    expect(test.outside.started).toHaveLength(1);
    expect(pages()).toHaveLength(1);
  });

  it('of a critical score on the serving side while the other one is latched is said once', async () => {
    await withService({}, { activeSide: 'standby', latched: { primary: '2026-03-02T11:00:00.000Z' } });
    expect(await arrive(critical(0, 'standby'))).toBe('started');
    expect(pages()[0]?.lines[0]).toMatch(/primary is latched since .* waits for an approved fail-back/);
    test.outside.now += 15 * minute;
    expect(await arrive(critical(1, 'standby'))).toBe('ignored');
    expect(pages()).toHaveLength(1);
    // Once the way is free the next report is heard.
    await withService({}, { activeSide: 'standby', toldRefusals: (await test.service()).toldRefusals });
    test.outside.weights = { primary: 0, standby: 100 };
    test.outside.now += 15 * minute;
    expect(await arrive(critical(2, 'standby'))).toBe('started');
  });

  it('is ended by a retry, told or not', async () => {
    await withService({}, { recentMoves: moves });
    expect(await openFailover(request, test.services)).toEqual({ decision: 'end' });
    expect(await openFailover(request, test.services)).toEqual({ decision: 'end' });
    expect(pages()).toHaveLength(1);
  });

  it('is not the answer to an event of a side that has been left', async () => {
    await withService({}, { activeSide: 'standby' });
    expect(await arrive(critical(0, 'primary'))).toBe('ignored');
  });
});

describe('events that come late or twice', () => {
  it('a second approval of the way home never moves a service that is at home', async () => {
    await withService();
    const approved = { serviceId: 'shop', decisionId: 'shop.fail-back.2', decidedAt: iso(0), approvedBy: 'Ben', drill: null };
    expect(await startWorkflow({ 'detail-type': detailType.failBackApproved, detail: approved }, test.services)).toBe('started');
    expect(test.outside.started[0]?.input).toMatchObject({ from: 'standby', to: 'primary', approvedBy: 'Ben' });
    await openFailover(test.outside.started[0]?.input as Parameters<typeof openFailover>[0], test.services);
    expect(await test.record('shop.fail-back.2')).toMatchObject({ outcome: 'refused', reasons: expect.arrayContaining(['traffic is on primary already']) });
    expect(test.outside.changes).toEqual([]);
  });

  it('a drill that is heard of long after it was due is not held', async () => {
    await withService();
    const due = { serviceId: 'shop', decisionId: 'shop.drill.1', decidedAt: iso(21), scope: 'failover' as const };
    expect(await startWorkflow({ 'detail-type': detailType.drillDue, detail: due }, test.services)).toBe('ignored');
  });

  it('a drill never begins at a service that is away from home', async () => {
    await withService({}, { activeSide: 'standby', latched: { primary: iso(60) } });
    const due = { serviceId: 'shop', decisionId: 'shop.drill.1', decidedAt: iso(1), scope: 'failover' as const };
    await startWorkflow({ 'detail-type': detailType.drillDue, detail: due }, test.services);
    await openFailover(test.outside.started[0]?.input as Parameters<typeof openFailover>[0], test.services);
    expect((await test.record('shop.drill.1')).outcome).toBe('refused');
  });
});
