// Drills, their way home and automatic fail-backs, on real tables: asked for when both sides are well, and once.
import { beforeEach, describe, expect, it } from 'vitest';
import { detailType, type WorkflowEvent } from '../../core/contracts/events.ts';
import { Plan, type PlanInput } from '../../core/contracts/plan.ts';
import type { ServiceRecord } from '../../core/contracts/records.ts';
import { scheduleMoves } from '../../lambdas/schedule-moves/schedule-moves.ts';
import type { Services } from '../../lambdas/services.ts';
import { failoverTest, minute } from '../fixtures/failover.ts';
import { planInput } from '../fixtures/plan.ts';
import { serviceRecord } from '../fixtures/service.ts';

const test = failoverTest();
let emitted: WorkflowEvent[];
/** minutes without a report of Route 53's, and minutes that were unhealthy, by check; counted back from now */
let health: Record<string, { missingBefore?: number; unhealthyAt?: number }>;

const iso = (after = 0) => new Date(test.outside.now + after).toISOString();
// The fixture's now is Monday, 2026-03-02 12:00.
const drills = { scope: 'failover' as const, window: { days: ['mon' as const], from: '12:00', until: '16:00' } };
const put = (changes: Partial<ServiceRecord>, plan: Partial<PlanInput>) =>
  test.tables.put('services', { ...serviceRecord({ plan: Plan.parse(planInput(plan)), ...changes }) });
const subject = (subjectId: string, changes: Record<string, unknown> = {}) =>
  test.tables.put('resources', {
    ...{
      serviceId: 'shop',
      subjectId,
      side: subjectId.includes('standby') ? 'standby' : 'primary',
      kind: subjectId.startsWith('entry') ? 'entry' : 'ec2-instance',
    },
    ...{ region: 'eu-west-1', metrics: [], shard: 'due#0', nextDueAt: iso(), score: 3, scoredAt: iso(-minute), detectorState: null },
    ...(subjectId.startsWith('entry') ? { healthChecks: { primary: 'check-1', standby: 'check-2', readAt: 0 } } : {}),
    ...changes,
  });
const silent = JSON.stringify({
  version: 1,
  observedUntil: null,
  detector: null,
  last: { silent: true, timestamp: 0, failureProbability: 3, expectedInMinutes: null, reasons: [] },
});
const asked = () => scheduleMoves(test.services);

beforeEach(async () => {
  emitted = [];
  health = {};
  const fakes = {
    bus: {
      emit: (events: readonly WorkflowEvent[]) => {
        emitted.push(...events);
        return Promise.resolve();
      },
    },
    telemetry: {
      read: (_region: string, requests: readonly { key: string }[], from: number, to: number) => {
        if (test.outside.unreachable) return Promise.reject(new Error('unreachable'));
        const minutes = Array.from({ length: Math.floor((to - from) / minute) }, (_, index) => from + index * minute).filter((at) => at < to - 2 * minute);
        return Promise.resolve(
          new Map(
            requests.map(({ key }) => {
              const { missingBefore, unhealthyAt } = health[key] ?? {};
              const told = minutes.filter((at) => missingBefore === undefined || to - at < missingBefore * minute);
              const sick = (at: number) => unhealthyAt !== undefined && Math.abs(to - at - unhealthyAt * minute) < minute;
              return [key, told.map((timestamp) => ({ timestamp, value: sick(timestamp) ? 0 : 1 }))];
            }),
          ),
        );
      },
    },
  };
  test.services = { ...test.services, ...(fakes as unknown as Pick<Services, 'bus' | 'telemetry'>) };
  await put({}, { drills });
  await subject('entry#primary');
  await subject('resource#primary#i-1');
});

describe('a drill', () => {
  it('is asked for in its window, with one name however often it is looked at', async () => {
    expect(await asked()).toEqual(['shop.drill.20260302T120000Z']);
    test.outside.now += 5 * minute;
    await asked();
    expect(emitted.map(({ detail }) => detail)).toEqual([
      { serviceId: 'shop', decisionId: 'shop.drill.20260302T120000Z', decidedAt: iso(-5 * minute), scope: 'failover' },
      { serviceId: 'shop', decisionId: 'shop.drill.20260302T120000Z', decidedAt: iso(), scope: 'failover' },
    ]);
  });

  it('is not asked for again in a window in which it has begun, whatever came of it', async () => {
    await test.services.failovers.create({
      ...{ failoverId: 'shop.drill.20260302T120000Z', entry: 'record', serviceId: 'shop', decisionId: 'd', kind: 'drill', score: null, from: 'primary' },
      ...{ to: 'standby', zone: 'z', profile: 'calm', mechanism: 'weights', drivers: {}, phase: 'closed', phaseStartedAt: iso(), pointOfNoReturn: false },
      ...{ fencingToken: 0, startedAt: iso(), endedAt: iso(), outcome: 'refused', reasons: [] },
    });
    expect(await asked()).toEqual([]);
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['a score that asks for a standby', () => subject('entry#primary', { score: 31 }), /entry#primary has the score 31/],
    ['an instance that is at risk', () => subject('resource#primary#i-1', { score: 80 }), /i-1 has the score 80/],
    ['no score', () => subject('entry#primary', { score: null }), /entry#primary has no score yet/],
    ['an old score', () => subject('entry#primary', { scoredAt: iso(-31 * minute) }), /no fresh score of entry#primary/],
    ['metrics that have stopped', () => subject('entry#primary', { detectorState: silent }), /no fresh score of entry#primary/],
    ['checks that nobody knows', () => subject('entry#primary', { healthChecks: undefined }), /endpoint check of primary is not known/],
  ])('is put off by %s, and people are told when the window is over', async (_what, prepare, reason) => {
    await prepare();
    expect(await asked()).toEqual([]);
    expect(test.outside.told).toEqual([]);
    test.outside.now += 90 * minute;
    await subject('resource#primary#i-1');
    await prepare();
    expect(await asked()).toEqual([]);
    expect(test.outside.told).toMatchObject([{ severity: 'info', subject: 'shop: the drill (failover) of this window does not take place' }]);
    expect(test.outside.told[0]?.lines.join()).toMatch(reason);
  });

  it.each<[string, (typeof health)[string]]>([
    ['unhealthy', { unhealthyAt: 3 }],
    ['not reported', { missingBefore: 0 }],
  ])('is put off by a standby that is %s', async (_what, found) => {
    health['standby'] = found;
    expect(await asked()).toEqual([]);
  });

  it('asks nothing of a standby of which nothing runs: it is warmed and proved first', async () => {
    health['standby'] = { unhealthyAt: 3 };
    await put({ level: 'minimal' }, { drills });
    expect(await asked()).toHaveLength(1);
  });

  it('is nothing for a service that only observes', async () => {
    await put({ mode: 'observe' }, { drills });
    expect(await asked()).toEqual([]);
  });

  it('asks mirroring to look when it has warmed the standby beyond its level', async () => {
    const rested = (outcome: string, minutesAgo: number) =>
      put({ lastFailover: { failoverId: 'd', outcome, endedAt: iso(-minutesAgo * minute) }, level: 'partial' }, {});
    await rested('validated', 1);
    const mirror = (slot: number) =>
      test.tables.put('resources', {
        serviceId: 'shop',
        subjectId: `mirror#0${slot}`,
        slot,
        generation: 1,
        instanceId: `i-${slot}`,
        status: 'ready',
        updatedAt: iso(),
      });
    for (const slot of [0, 1, 2]) await mirror(slot);
    expect(await asked()).toEqual([]);
    await mirror(3);
    expect(await asked()).toEqual(['shop.due.20260302T115900Z']);
    expect(emitted).toMatchObject([{ 'detail-type': detailType.mirroringDue, detail: { level: 'partial' } }]);
    // Who has been there keeps coming for a while.
    await rested('failed-over', 59);
    expect(await asked()).toEqual([]);
    await rested('failed-over', 61);
    expect(await asked()).toEqual(['shop.due.20260302T105900Z']);
  });
});

describe('the way home of a drill', () => {
  const away = async (kind: 'drill' | 'predictive', endedMinutesAgo: number) => {
    const endedAt = iso(-endedMinutesAgo * minute);
    await put({ activeSide: 'standby', latched: { primary: endedAt }, lastFailover: { failoverId: 'd', outcome: 'failed-over', endedAt } }, { drills });
    await test.services.failovers.create({
      ...{
        failoverId: 'd',
        entry: 'record',
        serviceId: 'shop',
        decisionId: 'd',
        kind,
        score: null,
        from: 'primary',
        to: 'standby',
        zone: 'z',
        profile: 'calm',
      },
      ...{ mechanism: 'weights', drivers: {}, phase: 'closed', phaseStartedAt: endedAt, pointOfNoReturn: true, fencingToken: 1, startedAt: endedAt, endedAt },
      ...{ outcome: 'failed-over', reasons: [] },
    });
    await subject('entry#standby');
  };

  it('is asked for after the stay, as a fail-back that belongs to the drill', async () => {
    await away('drill', 9);
    expect(await asked()).toEqual([]);
    test.outside.now += minute;
    expect(await asked()).toEqual(['shop.fail-back.20260302T115100Z']);
    expect(emitted).toMatchObject([{ 'detail-type': detailType.failBackApproved, detail: { approvedBy: 'drill', drill: 'failover' } }]);
  });

  it('is asked for at once when the standby is not well, which no evidence does not say', async () => {
    await away('drill', 1);
    await subject('entry#standby', { score: null });
    expect(await asked()).toEqual([]);
    await subject('entry#standby', { score: 40 });
    expect(await asked()).toHaveLength(1);
  });

  it('is nobody else’s: after a failover that was meant the service stays', async () => {
    await away('predictive', 600);
    expect(await asked()).toEqual([]);
  });
});

describe('an automatic fail-back', () => {
  /** The left side is probed at each look; `failedAt`: minutes ago, when a fifth of them failed. */
  const away = async (failBack: PlanInput['failBack'], failedAt?: number) => {
    const endedAt = iso(-3 * 60 * minute);
    for (let ago = 120; ago > 0; ago -= 5) {
      const failed = ago === failedAt ? 10 : 0;
      const sides = { primary: { requests: 50, failed, slow: 0 }, standby: { requests: 50, failed: 0, slow: 0 } };
      await test.services.failovers.addProbes('shop.left.20260302T090000Z', iso(-ago * minute), sides);
    }
    await put({ activeSide: 'standby', latched: { primary: endedAt }, lastFailover: { failoverId: 'p', outcome: 'evacuated', endedAt } }, { failBack });
    await subject('entry#primary', { score: 99, scoredAt: iso(-600 * minute) });
    await subject('entry#standby');
  };
  const assessed = (subjectId: string, minutesAgo: number, failureProbability: number) =>
    test.tables.put('assessments', {
      subjectKey: `shop/${subjectId}`,
      timestamp: iso(-minutesAgo * minute),
      failureProbability,
      anomalyScore: 0,
      reasons: [],
      expiresAt: 1,
    });

  it('is asked for when the left side has measured well for so long; its entry has no requests to be judged by', async () => {
    await away({ automatic: true, afterMinutes: 120 });
    await assessed('resource#primary#i-1', 150, 90);
    await assessed('resource#primary#i-1', 60, 4);
    expect(await asked()).toEqual(['shop.fail-back.20260302T090000Z.1']);
    expect(emitted).toMatchObject([{ detail: { approvedBy: 'plan', drill: null } }]);
  });

  it('never is unless the plan says so', async () => {
    await away({});
    expect(await asked()).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    ['a minute in which it was unhealthy', () => Object.assign(health, { primary: { unhealthyAt: 100 } })],
    ['a health that is known for an hour only', () => Object.assign(health, { primary: { missingBefore: 60 } })],
    ['a score that an instance had', () => assessed('resource#primary#i-1', 100, 45)],
    ['a score that an instance has', () => subject('resource#primary#i-1', { score: 45 })],
  ])('is put off by %s', async (_what, prepare) => {
    await away({ automatic: true, afterMinutes: 120 });
    await prepare();
    expect(await asked()).toEqual([]);
  });

  it('is put off by probes that failed an hour ago, and by too few of them', async () => {
    await away({ automatic: true, afterMinutes: 120 }, 60);
    expect(await asked()).toEqual([]);
    await away({ automatic: true, afterMinutes: 180 });
    expect(await asked()).toEqual([]);
  });

  it('is put off by probes that fail now', async () => {
    await away({ automatic: true, afterMinutes: 120 });
    test.outside.probes.primary = { failed: 5, slow: 0 };
    expect(await asked()).toEqual([]);
  });

  it('of one service is not kept from another by what cannot be read', async () => {
    await away({ automatic: true, afterMinutes: 120 });
    test.outside.unreachable = true;
    await expect(asked()).rejects.toThrow('unreachable');
    expect(emitted).toEqual([]);
  });
});

it('looks at eight services at a time, ways home first, that of a drill before any other', async () => {
  const named = (serviceId: string, changes: Partial<ServiceRecord> = {}) => ({
    ...serviceRecord({ plan: Plan.parse(planInput({ drills })), ...changes }),
    serviceId,
  });
  const away = (serviceId: string) =>
    named(serviceId, { activeSide: 'standby', lastFailover: { failoverId: `${serviceId}.move`, outcome: 'failed-over', endedAt: iso() } });
  const practised = away('practised');
  const all = [...Array.from({ length: 12 }, (_, index) => named(`home-${index}`)), ...Array.from({ length: 9 }, (_, index) => away(`away-${index}`))];
  const order: string[] = [];
  let under = 0;
  let most = 0;
  const find = async (failoverId: string) => {
    order.push(failoverId.split(/[-.]/)[0] ?? '');
    most = Math.max(most, ++under);
    await new Promise((resolve) => setTimeout(resolve, 2));
    under--;
    return undefined;
  };
  const fakes = {
    services: { all: () => Promise.resolve([...all, { ...practised, lastDrill: practised.lastFailover }]) },
    failovers: { find },
  };
  await scheduleMoves({ ...test.services, ...(fakes as unknown as Pick<Services, 'services' | 'failovers'>) });
  expect(most).toBe(8);
  expect(order).toEqual(['practised', ...Array.from({ length: 9 }, () => 'away'), ...Array.from({ length: 12 }, () => 'home')]);
});
