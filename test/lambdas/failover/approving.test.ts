// Approval in the record: asked once, judged all the while, answered once, bounded.
import { beforeEach, describe, expect, it } from 'vitest';
import { Plan, type PlanInput } from '../../../core/contracts/plan.ts';
import { NotActingError } from '../../../lambdas/acting.ts';
import { checkApproval } from '../../../lambdas/check-approval/check-approval.ts';
import { checkTarget } from '../../../lambdas/check-target/check-target.ts';
import { closeFailover } from '../../../lambdas/close-failover/close-failover.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { entryItem, failoverTest, minute, request, step } from '../../fixtures/failover.ts';
import { planInput } from '../../fixtures/plan.ts';
import { serviceRecord } from '../../fixtures/service.ts';

const test = failoverTest();
const at = () => new Date(test.outside.now).toISOString();
const decided = async () => (await checkApproval(step, test.services)).decision;
const withPlan = (changes: Partial<PlanInput>) => test.tables.put('services', { ...serviceRecord({ plan: Plan.parse(planInput(changes)) }) });
const told = (severity: string) => test.outside.told.filter((one) => one.severity === severity);

const asking: PlanInput['approval'] = { required: ['predictive', 'fail-back', 'drill'], timeoutMinutes: 30, escalateAfterMinutes: 10 };
const opened = async (changes: Partial<PlanInput> = { approval: asking }, more: Partial<typeof request> = {}) => {
  await withPlan(changes);
  await openFailover({ ...request, ...more }, test.services);
  await checkTarget({ ...step, warmed: 'none' }, test.services);
};

describe('a move that nobody has to approve', () => {
  it('goes on at once', async () => {
    await opened({});
    expect(await checkApproval(step, test.services)).toEqual({ decision: 'granted', waitSeconds: 20 });
    expect(test.outside.told).toEqual([]);
  });

  it('is a drill of the canary alone, which ends here', async () => {
    await opened({ approval: asking }, { kind: 'drill', drill: 'canary' });
    expect(await decided()).toBe('validated');
    expect((await test.record()).approval).toBeUndefined();
  });

  it('is a way home that a person asked for; the one that the plan asks for waits', async () => {
    const home = { kind: 'fail-back', from: 'standby', to: 'primary' } as const;
    for (const [approvedBy, decision] of [
      ['Ann', 'granted'],
      ['plan', 'judge'],
    ] as const) {
      test.outside.weights = { primary: 0, standby: 100 };
      await test.tables.put('services', { ...serviceRecord({ plan: Plan.parse(planInput({ approval: asking })), activeSide: 'standby' }) });
      await openFailover({ ...request, ...home, failoverId: approvedBy, approvedBy }, test.services);
      test.outside.now += 3 * minute;
      expect((await checkApproval({ ...step, failoverId: approvedBy }, test.services)).decision).toBe(decision);
      await closeFailover({ ...step, failoverId: approvedBy, outcome: 'held' }, test.services);
    }
  });
});

it('a way home waits, and is judged, until Route 53 has seen that the latch of its target was lifted', async () => {
  test.outside.weights = { primary: 0, standby: 100 };
  await test.tables.put('services', { ...serviceRecord({ activeSide: 'standby', latched: { primary: '2026-03-02T10:00:00.000Z' } }) });
  const home = { ...request, kind: 'fail-back', from: 'standby', to: 'primary', approvedBy: 'Ann' } as const;
  await openFailover(home, test.services);
  test.outside.now += 2 * minute;
  // A retry does not begin the wait anew.
  await openFailover(home, test.services);
  expect(await decided()).toBe('judge');
  test.outside.now += minute;
  expect(await decided()).toBe('granted');
});

describe('a move that a person has to approve', () => {
  beforeEach(() => opened());

  it('is asked for once, with the command that answers', async () => {
    expect(await checkApproval(step, test.services)).toEqual({ decision: 'judge', waitSeconds: 20 });
    expect(await decided()).toBe('judge');
    expect((await test.record()).approval).toEqual({ state: 'asked', askedAt: at(), toldAt: at() });
    expect(told('info')).toHaveLength(1);
    expect(told('info')[0]?.lines.join('\n')).toContain('to approve: npm run -s failover:approve -- f1 --by NAME --region eu-central-1\nto deny: ');
  });

  it('is asked for again when people could not be told, and goes on being judged', async () => {
    const { notifier } = test.services;
    const silent = { ...test.services, notifier: { tell: () => Promise.reject(new Error('SNS is down')) } as unknown as typeof notifier };
    expect((await checkApproval(step, silent)).decision).toBe('judge');
    expect((await test.record()).approval?.toldAt).toBeUndefined();
    expect(await decided()).toBe('judge');
    expect(told('info')).toHaveLength(1);
  });

  it('goes on when it is granted, after its target was checked once more', async () => {
    await decided();
    test.outside.now += 5 * minute;
    expect(await test.services.approvals.answer('f1', 'granted', 'Ann', at())).toBe(true);
    expect(await decided()).toBe('recheck');
    expect(await decided()).toBe('recheck');
    await checkTarget({ ...step, warmed: 'none' }, test.services);
    expect(await decided()).toBe('granted');
    expect((await test.record()).approval).toMatchObject({ state: 'granted', answeredBy: 'Ann', answeredAt: at() });
  });

  it('is held when it is denied, and the record says by whom', async () => {
    await decided();
    await test.services.approvals.answer('f1', 'denied', 'Ann', at());
    expect(await decided()).toBe('denied');
    await closeFailover({ ...step, outcome: 'held' }, test.services);
    expect((await test.record()).reasons).toContain(`denied by Ann at ${at()}`);
    expect(told('page').at(-1)?.lines).toContain(`denied by Ann at ${at()}`);
  });

  it('pages once after a while, and is held when nobody answers in time', async () => {
    await decided();
    test.outside.now += 10 * minute;
    expect(await decided()).toBe('judge');
    expect(await decided()).toBe('judge');
    expect(told('page')).toHaveLength(1);
    test.outside.now += 20 * minute;
    expect(await decided()).toBe('denied');
    expect((await test.record()).approval?.state).toBe('timed-out');
    expect((await test.record()).reasons.at(-1)).toMatch(/nobody has answered/);
  });

  it('cannot be approved any more once the time was over', async () => {
    await decided();
    test.outside.now += 30 * minute;
    await decided();
    expect(await test.services.approvals.answer('f1', 'granted', 'Ann', at())).toBe(false);
    expect(await decided()).toBe('denied');
  });

  it('is answered once: of two people one is heard, and the first answer stands', async () => {
    await decided();
    const answers = await Promise.all([
      test.services.approvals.answer('f1', 'granted', 'Ann', at()),
      test.services.approvals.answer('f1', 'denied', 'Ben', at()),
    ]);
    expect(answers.filter(Boolean)).toHaveLength(1);
    const { approval } = await test.record();
    expect(approval).toMatchObject(answers[0] ? { state: 'granted', answeredBy: 'Ann' } : { state: 'denied', answeredBy: 'Ben' });
  });

  it('cannot be answered before it is asked, nor after it has ended', async () => {
    expect(await test.services.approvals.answer('f1', 'granted', 'Ann', at())).toBe(false);
    await decided();
    await closeFailover({ ...step, outcome: 'rolled-back' }, test.services);
    expect(await test.services.approvals.answer('f1', 'granted', 'Ann', at())).toBe(false);
    expect((await test.record()).approval?.state).toBe('asked');
  });

  it('ends, for an evacuation to take over, when the side that was to be left is lost', async () => {
    await test.tables.put('resources', entryItem);
    expect(await decided()).toBe('judge');
    test.outside.health.primary = 0;
    test.outside.unreachable = true;
    expect(await decided()).toBe('judge');
    test.outside.unreachable = false;
    expect(await decided()).toBe('denied');
    expect((await test.record()).reasons.at(-1)).toMatch(/an emergency waits for nobody/);
  });

  it('stops waiting when the kill switch is turned on', async () => {
    await decided();
    await test.services.services.turnKillSwitch('shop', true, 'Ann', at());
    await expect(checkApproval(step, test.services)).rejects.toBeInstanceOf(NotActingError);
  });

  it('is not begun in a window that opened while people were asked', async () => {
    await decided();
    const windows: PlanInput['windows'] = [{ kind: 'blocked', reason: 'the sale', from: '2026-03-02T12:05:00Z', until: '2026-03-02T18:00:00Z' }];
    const { plan: _old, ...rest } = await test.service();
    await test.tables.put('services', { ...rest, plan: Plan.parse(planInput({ approval: asking, windows })) });
    test.outside.now += 6 * minute;
    await test.services.approvals.answer('f1', 'granted', 'Ann', at());
    expect(await decided()).toBe('recheck');
    expect(await checkTarget({ ...step, warmed: 'none' }, test.services)).toEqual({ decision: 'hold' });
    expect((await test.record()).reasons.at(-1)).toMatch(/blocked window until 2026-03-02T18:00:00.000Z \(the sale\)/);
  });
});

it('a drill gives the lock back as soon as the side that it would leave is uneasy: a real move may need it', async () => {
  await opened({ approval: asking }, { kind: 'drill', drill: 'failover' });
  expect(await decided()).toBe('judge');
  const last = { timestamp: test.outside.now, silent: false, failureProbability: 45, expectedInMinutes: null, reasons: [] };
  await test.tables.put('resources', {
    ...entryItem,
    detectorState: JSON.stringify({ version: 1, observedUntil: 0, detector: {}, last, requestsPerSecond: 200 }),
  });
  expect(await decided()).toBe('denied');
  expect((await test.record()).reasons.at(-1)).toMatch(/primary has the score 45: a drill leaves a side that is calm/);
});

it('goes on without an answer where the plan says so', async () => {
  await opened({ approval: { ...asking, onTimeout: 'proceed' } });
  await decided();
  test.outside.now += 30 * minute;
  expect(await decided()).toBe('recheck');
  await checkTarget({ ...step, warmed: 'none' }, test.services);
  expect(await decided()).toBe('granted');
  expect((await test.record()).approval?.state).toBe('timed-out');
});
