// What becomes of a side that was left, on real tables: refused, waited for, taken apart, replaced; each step repeated and interrupted.
import { beforeEach, describe, expect, it } from 'vitest';
import { Plan, type PlanInput } from '../../core/contracts/plan.ts';
import type { FailoverRecord, ServiceRecord } from '../../core/contracts/records.ts';
import { batchEnd } from '../../core/failover/batches.ts';
import { retireSide } from '../../lambdas/retire-side/retire-side.ts';
import type { Services } from '../../lambdas/services.ts';
import { failoverTest, minute, step } from '../fixtures/failover.ts';
import { MemoryKind, MemoryTargets } from '../fixtures/memory-kind.ts';
import { planInput } from '../fixtures/plan.ts';
import { serviceRecord } from '../fixtures/service.ts';

const test = failoverTest();
let kind: MemoryKind;
let targets: MemoryTargets;
/** what the standby's balancer finds healthy */
const standby = { ready: 4, leftBehind: 0 };

const iso = (after = 0) => new Date(test.outside.now + after).toISOString();
/** 61 minutes before the world of the test begins. */
const endedAt = '2026-03-02T10:59:00.000Z';
const { sides } = planInput();
const planFor = (changes: Partial<PlanInput>): Partial<PlanInput> => ({
  after: { losingSide: 'decommission', soakMinutes: 60 },
  sides: { ...sides, primary: { ...sides.primary, launchTemplate: { id: 'lt-0123456789abcdef1' } } },
  ...changes,
});
const left = async (plan: Partial<PlanInput> = {}, service: Partial<ServiceRecord> = {}, record: Partial<FailoverRecord> = {}) => {
  await test.tables.put('services', {
    ...serviceRecord({ plan: Plan.parse(planInput(planFor(plan))), activeSide: 'standby', latched: { primary: endedAt }, ...service }),
  });
  await test.tables.put('failovers', {
    ...{ failoverId: 'f1', entry: 'record', serviceId: 'shop', decisionId: 'f1', kind: 'predictive', score: null, from: 'primary', to: 'standby', zone: 'z' },
    ...{ profile: 'urgent', mechanism: 'weights', drivers: {}, phase: 'closed', phaseStartedAt: endedAt, pointOfNoReturn: true, fencingToken: 1 },
    ...{ startedAt: endedAt, endedAt, outcome: 'failed-over', reasons: [] },
    ...record,
  });
};
const entry = (changes: Record<string, unknown> = {}) =>
  test.tables.put('resources', {
    ...{ serviceId: 'shop', subjectId: 'entry#standby', side: 'standby', kind: 'entry', region: 'eu-central-1', metrics: [], shard: 'due#0', nextDueAt: iso() },
    ...{ score: 3, scoredAt: iso(-minute), detectorState: null, healthChecks: { primary: 'c1', standby: 'c2', readAt: 0 }, ...changes },
  });
const look = () => retireSide(step, test.services);
/** Looks again and again, as the machine does, until it is over or nothing happens any more. */
async function toTheEnd(most = 30): Promise<string[]> {
  const decisions: string[] = [];
  while (decisions.length < most) {
    const { decision } = await look().catch(() => ({ decision: 'failed' }));
    decisions.push(decision);
    if (decision === 'done' || decision === 'refused') break;
    kind.settle();
    test.outside.now += minute;
    await entry();
  }
  return decisions;
}
const told = () => test.outside.told.map(({ severity, subject }) => `${severity}: ${subject}`);
const story = async () => (await test.services.failovers.story('f1')).map(({ message, reasons }) => [message, ...reasons].join('; ')).join('\n');

beforeEach(async () => {
  kind = new MemoryKind();
  targets = new MemoryTargets();
  Object.assign(standby, { ready: 4, leftBehind: 0 });
  for (const id of ['i-1', 'i-2']) {
    kind.set(id, 'running');
    targets.registered.set(id, 'healthy');
  }
  const fakes = {
    kinds: { 'ec2-instance': kind },
    targets: {
      health: (region: string) =>
        region === 'eu-west-1' ? targets.health() : Promise.resolve(new Map(Array.from({ length: standby.ready }, (_, index) => [`m-${index}`, 'healthy']))),
      register: (...given: Parameters<MemoryTargets['register']>) => targets.register(...given),
      deregister: (...given: Parameters<MemoryTargets['deregister']>) => targets.deregister(...given),
    },
    telemetry: {
      read: (region: string, requests: readonly { key: string }[], from: number, to: number) => {
        const minutes = Array.from({ length: Math.ceil((to - from) / minute) }, (_, index) => from + index * minute).filter((at) => at < to - 2 * minute);
        const perMinute = region === 'eu-west-1' ? standby.leftBehind : 6000;
        const value = (key: string) => (region === 'us-east-1' ? (test.outside.health.standby ?? 1) : key === 'requests' ? perMinute : 0);
        return Promise.resolve(new Map(requests.map(({ key }) => [key, minutes.map((timestamp) => ({ timestamp, value: value(key) }))])));
      },
    },
  };
  test.services = { ...test.services, ...(fakes as unknown as Pick<Services, 'kinds' | 'targets' | 'telemetry'>) };
  await entry();
});

describe('nothing is done to a side', () => {
  it.each<[string, Parameters<typeof left>, RegExp]>([
    ['before the point of no return', [{}, {}, { pointOfNoReturn: false }], /not left for good/],
    ['that a failover was taken back from', [{}, {}, { outcome: 'rolled-back' }], /ended as rolled-back/],
    ['before the failover has ended', [{}, {}, { endedAt: undefined, outcome: undefined }], /has not ended/],
    ['that was left for practice', [{}, {}, { kind: 'drill', drill: 'failover' }], /left by a drill/],
    ['that the plan wants to keep', [{ after: { losingSide: 'standby' } }], /stay as it is/],
    ['that is made of mirrors', [{}, { activeSide: 'primary', latched: { standby: endedAt } }, { from: 'standby', to: 'primary' }], /mirroring keeps/],
    ['in another mode', [{}, { mode: 'advise' }], /the mode is advise/],
    ['with the kill switch on', [{}, { killSwitch: true }], /kill switch/],
    ['that serves again', [{}, { activeSide: 'primary', latched: {} }], /traffic is on primary again/],
    ['that somebody is going back to', [{}, { latched: {} }], /not latched any more/],
  ])('%s', async (_what, given, reason) => {
    await left(...given);
    expect(await look()).toEqual({ decision: 'refused', waitSeconds: 0 });
    expect(await story()).toMatch(reason);
    expect(told()).toEqual([`info: shop: nothing more is done to ${given[2]?.from ?? 'primary'}`]);
    expect(kind.changes).toEqual([]);
    expect(targets.registered.size).toBe(2);
  });

  it('whose instances nobody has tagged', async () => {
    await left();
    kind.owned = () => Promise.resolve([]);
    expect(await look()).toMatchObject({ decision: 'refused' });
    expect(await story()).toMatch(/no instance of primary carries the tag forestall:service=shop.*left as they are: i-1, i-2/);
  });
});

describe('it is waited', () => {
  it('until the other side has served for so long, an hour at a time', async () => {
    await left({ after: { losingSide: 'decommission', soakMinutes: 90 } });
    expect(await look()).toEqual({ decision: 'soak', waitSeconds: 29 * 60 });
    await left({ after: { losingSide: 'decommission', soakMinutes: 600 } });
    expect(await look()).toEqual({ decision: 'soak', waitSeconds: 3600 });
    expect(told()).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    ['another is at work', () => left({}, { lock: { holder: 'f2', token: 2, expiresAt: iso(minute) } })],
    ['the other side is unhealthy', () => Object.assign(test.outside.health, { standby: 0 })],
    ['the other side has a score at which a standby is wanted', () => entry({ score: 31 })],
    [
      'it had one since',
      () =>
        test.tables.put('assessments', {
          subjectKey: 'shop/entry#standby',
          timestamp: iso(-50 * minute),
          failureProbability: 40,
          anomalyScore: 0,
          reasons: [],
          expiresAt: 1,
        }),
    ],
    ['nothing is known of it', () => entry({ score: null })],
    ['users are left behind on the side', () => Object.assign(standby, { leftBehind: 100 })],
    ['it is too small without help', () => Object.assign(standby, { ready: 0 })],
  ])('while %s, for a day', async (_what, prepare) => {
    await left();
    await prepare();
    expect((await look()).decision).toMatch(/soak|wait/);
    expect(kind.changes).toEqual([]);
    test.outside.now += 25 * 60 * minute;
    await prepare();
    await test.tables.put('assessments', {
      subjectKey: 'shop/entry#standby',
      timestamp: iso(-50 * minute),
      failureProbability: 40,
      anomalyScore: 0,
      reasons: [],
      expiresAt: 1,
    });
    expect(await look()).toMatchObject({ decision: 'refused' });
    expect(await story()).toMatch(/waited out for a day/);
    expect(kind.changes).toEqual([]);
  });

  it('while the Region of the side does not answer', async () => {
    await left();
    kind.owned = () => Promise.reject(new Error('the Region is gone'));
    expect(await look()).toMatchObject({ decision: 'wait', waitSeconds: 300 });
    expect(await story()).toMatch(/primary cannot be looked at: the Region is gone/);
  });
});

describe('decommissioning', () => {
  it('takes instances out of the balancer, waits until they have drained, and stops them', async () => {
    await left();
    kind.set('i-9', 'running'); // tagged, but nothing of this side
    expect(await toTheEnd()).toEqual(['wait', 'wait', 'done']);
    expect(kind.changes).toEqual(['stop i-1', 'stop i-2']);
    expect([...targets.registered.keys()]).toEqual([]);
    expect(told()).toEqual(['info: shop: primary is out of service']);
    expect(await look()).toMatchObject({ decision: 'done' });
    expect(kind.changes).toHaveLength(2);
  });

  it('waits for connections that the balancer is draining', async () => {
    await left();
    targets.deregister = () => {
      targets.registered.set('i-1', 'other');
      return Promise.resolve();
    };
    await look();
    for (let index = 0; index < 3; index++) expect(await look()).toMatchObject({ decision: 'wait' });
    expect(kind.changes).toEqual([]);
    targets.registered.clear();
    await toTheEnd();
    expect(kind.changes).toEqual(['stop i-1', 'stop i-2']);
  });

  it('is stopped between two calls when somebody goes home, and pages, since it was begun', async () => {
    await left();
    await look();
    await left({}, { activeSide: 'primary', latched: {} });
    expect(await look()).toMatchObject({ decision: 'refused' });
    expect(kind.changes).toEqual([]);
    expect(told()).toEqual(['page: shop: nothing more is done to primary']);
  });

  it('is finished by a retry when an answer was lost', async () => {
    await left();
    kind.failing.add('stop i-1');
    const decisions = await toTheEnd(3);
    expect(decisions).toContain('failed');
    kind.failing.clear();
    expect((await toTheEnd()).at(-1)).toBe('done');
    expect(kind.alive()).toEqual([]);
  });
});

describe('rebuilding', () => {
  const rebuild = () => left({ after: { losingSide: 'rebuild', soakMinutes: 60 } });

  it('starts new instances from the side’s template, and ends the old ones once the new ones serve', async () => {
    await rebuild();
    expect((await toTheEnd()).at(-1)).toBe('done');
    expect(kind.changes).toEqual(['launch shop-new-0-1', 'launch shop-new-1-1', 'terminate i-1', 'terminate i-2']);
    expect(kind.alive()).toEqual([...targets.registered.keys()]);
    expect(kind.alive()).toHaveLength(2);
    expect(await story()).toMatch(/apply the plan again/);
  });

  it('ends nothing while the new ones do not pass their checks; gives up in hours, ends what it has started, and pages', async () => {
    await rebuild();
    kind.settle = () => undefined;
    expect(new Set(await toTheEnd(20))).toEqual(new Set(['wait']));
    expect(kind.changes.filter((change) => change.startsWith('terminate'))).toEqual([]);
    expect([...targets.registered.keys()]).toEqual(['i-1', 'i-2']);
    test.outside.now += 3 * 60 * minute;
    await entry();
    expect(await look()).toMatchObject({ decision: 'refused' });
    expect(kind.alive()).toEqual(['i-1', 'i-2']);
    expect(told()).toEqual(['page: shop: nothing more is done to primary']);
    expect(await story()).toMatch(/nothing has come on since/);
  });

  it('names what it has started when somebody goes home meanwhile, and touches nothing on a side that serves', async () => {
    await rebuild();
    await look();
    await left({ after: { losingSide: 'rebuild', soakMinutes: 60 } }, { activeSide: 'primary', latched: {} });
    expect(await look()).toMatchObject({ decision: 'refused' });
    expect(kind.changes.filter((change) => change.startsWith('terminate'))).toEqual([]);
    expect(told()).toEqual(['page: shop: nothing more is done to primary']);
    expect(await story()).toMatch(/started, and still running: i-3, i-4/);
  });

  it('asks for one instance a place, whatever answers are lost', async () => {
    await rebuild();
    kind.failing.add('launch');
    await toTheEnd(4);
    kind.failing.clear();
    await toTheEnd();
    expect(new Set(kind.tokens.keys())).toEqual(new Set(['shop-new-0-1', 'shop-new-1-1']));
    expect(kind.alive()).toHaveLength(2);
  });

  it('waits when EC2 has no capacity', async () => {
    await rebuild();
    const { launch } = kind;
    kind.launch = () => Promise.reject(Object.assign(new Error('none in this zone'), { name: 'InsufficientInstanceCapacity' }));
    expect(await look()).toMatchObject({ decision: 'wait', waitSeconds: 300 });
    kind.launch = launch.bind(kind);
    expect((await toTheEnd()).at(-1)).toBe('done');
  });

  it('replaces one that was lost before it served', async () => {
    await rebuild();
    await look();
    const [first = ''] = [...kind.tokens.values()];
    kind.set(first, 'terminated');
    expect((await toTheEnd()).at(-1)).toBe('done');
    expect([...kind.tokens.keys()]).toContain('shop-new-0-2');
    expect(kind.alive()).toHaveLength(2);
  });

  it('of many goes batch by batch: no more are gone than are ready', async () => {
    for (let index = 3; index <= 10; index++) {
      kind.set(`i-${index}`, 'running');
      targets.registered.set(`i-${index}`, 'healthy');
    }
    await rebuild();
    const gone = () => [...kind.instances.values()].filter(({ state }) => state === 'terminated').length;
    const terminate = kind.terminate.bind(kind);
    kind.terminate = async (region, ids) => {
      const ready = [...kind.tokens.values()].filter((id) => targets.registered.has(id)).length;
      expect(gone() + ids.length).toBeLessThanOrEqual(ready);
      return terminate(region, ids);
    };
    expect((await toTheEnd(80)).at(-1)).toBe('done');
    expect(gone()).toBe(10);
  });
});

describe('batches', () => {
  it.each([
    [2, 0, 2],
    [4, 0, 4],
    [10, 0, 4],
    [10, 3, 4],
    [10, 4, 8],
    [10, 8, 10],
    [1000, 0, 100],
    [1000, 199, 200],
  ])('of %d, with %d gone: %d are to be ready', (total, gone, end) => expect(batchEnd(total, gone)).toBe(end));
});
