// Scoring on real tables: what comes late, twice, in part or not at all must neither raise an alarm nor silence one.
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { Route53Client } from '@aws-sdk/client-route-53';
import type { Context, SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultTableName } from '../../core/contracts/deployment.ts';
import { detailType, type WorkflowEvent } from '../../core/contracts/events.ts';
import { subjectKey } from '../../core/contracts/names.ts';
import { Plan } from '../../core/contracts/plan.ts';
import { SubjectRecord } from '../../core/contracts/records.ts';
import { initialLevel } from '../../core/mirroring/levels.ts';
import { attachToClients } from '../../lambdas/adapters/clients.ts';
import { queryAll } from '../../lambdas/adapters/document-client.ts';
import { RecordsUnfitError } from '../../lambdas/adapters/record-router.ts';
import { UnknownServiceError } from '../../lambdas/adapters/service-store.ts';
import { entryMetricsOf } from '../../lambdas/apply-plan/subject-metrics.ts';
import { nextDueAt } from '../../lambdas/score-risk/cadence.ts';
import { handler } from '../../lambdas/score-risk/handler.ts';
import { NotReadError, scoreRisk } from '../../lambdas/score-risk/score-risk.ts';
import { emptyState, parseState } from '../../lambdas/score-risk/scoring-state.ts';
import { resetServices, type Services } from '../../lambdas/services.ts';
import { handlerEnvironment, useTables } from '../fixtures/handler-tables.ts';
import { TestMetrics } from '../fixtures/metrics.ts';
import { planInput } from '../fixtures/plan.ts';
import { serviceRecord } from '../fixtures/service.ts';
import { newOutside, type Outside, servicesOn } from '../fixtures/services.ts';
import type { TestTables } from '../fixtures/tables.ts';

const minute = 60_000;
const start = Date.parse('2026-03-02T12:00:30Z');
const names = {
  services: defaultTableName('services'),
  resources: defaultTableName('resources'),
  assessments: defaultTableName('assessments'),
  failovers: defaultTableName('failovers'),
};
const plan = Plan.parse(planInput());
const calm = { latency: 0.1, failed: 0 };
const bad = { latency: 4, failed: 0.3 };
const entryId = 'entry#primary';
const instanceId = 'resource#primary#i-0123456789abcdef0';

let tables: TestTables;
let outside: Outside;
let metrics: TestMetrics;
let services: Services;
let emitted: WorkflowEvent[];
let lookUps: number;
let busFails: boolean;

useTables((started) => {
  tables = started;
});

const subjectItem = (serviceId: string, subjectId: string, changes: Record<string, unknown> = {}) => ({
  ...{ serviceId, subjectId, side: subjectId.includes('standby') ? 'standby' : 'primary', shard: 'due#0', score: null, detectorState: null },
  ...{ kind: subjectId.startsWith('entry') ? 'entry' : 'ec2-instance', nextDueAt: '2026-03-02T12:00:00.000Z' },
  region: subjectId.includes('standby') ? 'eu-central-1' : 'eu-west-1',
  metrics: subjectId.startsWith('entry')
    ? entryMetricsOf(plan, subjectId.includes('standby') ? 'standby' : 'primary')
    : [
        { name: 'status-check', namespace: 'AWS/EC2', metric: 'StatusCheckFailed', statistic: 'Maximum', periodSeconds: 60, role: 'status' },
        { name: 'cpu', namespace: 'AWS/EC2', metric: 'CPUUtilization', statistic: 'Average', periodSeconds: 60, role: 'cpu' },
      ],
  ...changes,
});

async function addService(serviceId: string): Promise<void> {
  await tables.put('services', { ...serviceRecord({ lastSnapshotAt: '2026-03-02T11:00:00.000Z' }), serviceId });
  await tables.put('resources', subjectItem(serviceId, entryId));
}

beforeEach(async () => {
  attachToClients(undefined);
  outside = newOutside();
  outside.now = start;
  metrics = new TestMetrics();
  emitted = [];
  lookUps = 0;
  busFails = false;
  const base = servicesOn(names, outside);
  const fakes = {
    telemetry: metrics,
    router: {
      read: () => Promise.resolve({ healthCheckIds: { primary: 'primary', standby: 'standby' } }),
      endpointCheck: (id: string) => {
        lookUps++;
        return Promise.resolve(id);
      },
    },
    bus: {
      emit: (events: readonly WorkflowEvent[]) => {
        if (busFails) return Promise.reject(new Error('the bus does not answer'));
        emitted.push(...events);
        return Promise.resolve();
      },
    },
  };
  services = { ...base, ...(fakes as unknown as Pick<Services, 'telemetry' | 'router' | 'bus'>) };
  await addService('shop');
});

const subject = async (subjectId = entryId, serviceId = 'shop') => {
  const found = await services.subjects.find(serviceId, subjectId);
  if (!found) throw new Error(`no ${subjectId}`);
  return found;
};
const state = async (subjectId = entryId) => parseState((await subject(subjectId)).detectorState);
const score = (subjectIds = [entryId], serviceId = 'shop') => scoreRisk([{ serviceId, subjectIds }], services);
/** Scores each minute, as dispatch-scoring would, and returns the last result. */
async function minutes(count: number, subjectIds = [entryId]) {
  let last: PromiseSettledResult<void> | undefined;
  for (let index = 0; index < count; index++) {
    outside.now += minute;
    [last] = await score(subjectIds);
  }
  return last;
}
const decisions = (type: WorkflowEvent['detail-type']) => emitted.filter((event) => event['detail-type'] === type);
const namesOf = (type: WorkflowEvent['detail-type']) => decisions(type).map(({ detail }) => detail.decisionId);
/** What the history says of the newest observation. */
const written = async (subjectId: string, newestOf = entryId) => {
  const items = await queryAll(tables.client, {
    TableName: names.assessments,
    KeyConditionExpression: 'subjectKey = :key',
    ExpressionAttributeValues: { ':key': subjectKey('shop', subjectId) },
  });
  const newest = new Date((await state(newestOf)).last?.timestamp ?? 0).toISOString();
  return items.find(({ timestamp }) => timestamp === newest);
};

describe('reading', () => {
  it('warms a new subject up from its history, and asks only for what is newer afterwards', async () => {
    expect(await score()).toEqual([{ status: 'fulfilled', value: undefined }]);
    const first = await state();
    expect((await subject()).score).toBeLessThan(10);
    expect(metrics.reads.find(({ region }) => region === 'eu-west-1')?.from).toBe(start - 3 * 86_400_000);
    metrics.reads.length = 0;
    await minutes(1);
    expect(metrics.reads.find(({ region }) => region === 'eu-west-1')).toMatchObject({ from: (first.observedUntil ?? 0) + 1, to: start + minute });
    expect((await state()).observedUntil).toBe((first.observedUntil ?? 0) + minute);
    expect((await subject()).revision).toBe(2);
  });

  it('does nothing for a message that comes again in the same minute', async () => {
    await score();
    const before = await subject();
    metrics.reads.length = 0;
    await score();
    expect(await subject()).toEqual(before);
    expect(metrics.reads).toEqual([]);
  });

  it('takes a minute that is too young for none, and waits for a metric that is late', async () => {
    metrics.phases = [{ from: 0, entry: { latency: 0.1, failed: 0.0005 } }];
    await score();
    const until = (await state()).observedUntil ?? 0;
    expect(until + 2 * minute).toBeLessThanOrEqual(start);
    metrics.late.set('requests', until + minute);
    await minutes(1);
    expect((await state()).observedUntil).toBe(until);
    metrics.late.clear();
    await minutes(1);
    expect((await state()).observedUntil).toBe(until + 2 * minute);
  });

  it('goes on without a metric that does not come', async () => {
    await score();
    const until = (await state()).observedUntil ?? 0;
    metrics.late.set('requests', until);
    await minutes(8);
    expect((await state()).observedUntil).toBeGreaterThan(until + 3 * minute);
  });

  it.each([
    ['no JSON', '{"version": 1, "obser'],
    ['of another version', '{"version": 7}'],
    ['with the state of another detector', JSON.stringify({ ...emptyState, observedUntil: 5, detector: { version: 99 } })],
  ])('reads the history anew when the stored state is %s', async (_what, stored) => {
    await tables.put('resources', subjectItem('shop', entryId, { detectorState: stored, revision: 4 }));
    expect(await score()).toEqual([{ status: 'fulfilled', value: undefined }]);
    expect(metrics.reads.find(({ region }) => region === 'eu-west-1')?.from).toBe(start - 3 * 86_400_000);
    expect((await subject()).score).not.toBeNull();
    expect((await subject()).revision).toBe(5);
  });

  it('of an instance that is silent for days does not make days of everything else be read', async () => {
    await tables.put('resources', subjectItem('shop', instanceId));
    await score([entryId, instanceId]);
    metrics.late.set(`${instanceId}/status-check`, start).set(`${instanceId}/cpu`, start);
    outside.now += 47 * 60 * minute;
    await score();
    metrics.reads.length = 0;
    await minutes(1, [entryId, instanceId]);
    const minutesOf = (id: string) => metrics.reads.filter(({ keys }) => keys.some((key) => key.includes(id))).map(({ from, to }) => (to - from) / minute);
    expect(Math.max(...minutesOf(entryId))).toBeLessThan(60);
    expect(Math.max(...minutesOf(instanceId))).toBeGreaterThan(46 * 60);
  });

  it('looks the health checks up once a day, and does without them when Route 53 does not answer', async () => {
    await score();
    await minutes(3);
    expect(lookUps).toBe(2);
    const readAt = (await subject()).healthChecks?.readAt ?? 0;
    services = { ...services, router: { read: () => Promise.reject(new Error('throttled')) } as unknown as Services['router'] };
    outside.now += 25 * 3_600_000;
    expect(await minutes(1)).toMatchObject({ status: 'fulfilled' });
    expect((await subject()).healthChecks).toMatchObject({ primary: 'primary', standby: 'standby' });
    expect((await subject()).healthChecks?.readAt).toBeGreaterThan(readAt);
  });

  it('asks for unfit records every ten minutes, not each minute', async () => {
    let asked = 0;
    const read = () => {
      asked++;
      return Promise.reject(new RecordsUnfitError('there is no record'));
    };
    services = { ...services, router: { read } as unknown as Services['router'] };
    await score();
    await minutes(9);
    expect(asked).toBe(1);
    await minutes(1);
    expect(asked).toBe(2);
    expect((await subject()).score).not.toBeNull();
  });
});

describe('levels and events', () => {
  it('says each level once, critical once, and critical again each 15 minutes under numbered names', async () => {
    await score();
    // A critical service is never below `partial`.
    expect(decisions(detailType.levelChanged)).toHaveLength(1);
    metrics.phases.push({ from: start, entry: bad });
    await minutes(14);
    expect((await subject()).score).toBeGreaterThanOrEqual(85);
    expect((await subject()).level).toBe('full');
    expect(decisions(detailType.levelChanged).map(({ detail }) => 'level' in detail && detail.level)).toEqual(['partial', 'full']);
    const [first] = namesOf(detailType.critical);
    expect(namesOf(detailType.critical)).toEqual([first]);
    await minutes(31);
    expect(namesOf(detailType.critical)).toEqual([first, `${first}.1`, `${first}.2`]);
    expect(decisions(detailType.critical)[0]?.detail).toMatchObject({
      side: 'primary',
      reasons: expect.arrayContaining([expect.stringMatching(/latency-p99|failed/)]),
    });
    metrics.phases.push({ from: outside.now, entry: calm });
    await minutes(30);
    const total = emitted.length;
    await minutes(30);
    expect(emitted).toHaveLength(total);
    expect((await subject()).level).toBe('partial');
  });

  it('emits nothing in mode observe, and scores all the same', async () => {
    await tables.put('services', { ...serviceRecord({ mode: 'observe' }) });
    await score();
    metrics.phases.push({ from: start, entry: bad });
    await minutes(14);
    expect(emitted).toEqual([]);
    expect((await subject()).level).toBe('full');
    expect(await written('service')).toMatchObject({ level: 'full', critical: true });
  });

  it('gives advice when a level changes and does not repeat it', async () => {
    await tables.put('services', { ...serviceRecord({ mode: 'advise', level: 'minimal' }) });
    await score();
    await minutes(40);
    expect(emitted.map((event) => event['detail-type'])).toEqual([detailType.levelChanged]);
  });

  it('reports a mirror that is behind each quarter of an hour', async () => {
    await tables.put('services', { ...serviceRecord({ level: 'minimal', lastSnapshotAt: '2026-03-02T11:00:00.000Z' }) });
    await score();
    await minutes(50);
    expect(decisions(detailType.mirroringDue).length).toBeGreaterThanOrEqual(2);
    expect(new Set(namesOf(detailType.mirroringDue)).size).toBe(decisions(detailType.mirroringDue).length);
  });

  it('emits the same decision again after a crash between the event and the state', async () => {
    await score();
    metrics.phases.push({ from: start, entry: bad });
    while (decisions(detailType.critical).length === 0) {
      const before = await tables.resources('shop');
      await minutes(1);
      if (decisions(detailType.critical).length > 0) for (const item of before) await tables.put('resources', item);
    }
    const [first] = namesOf(detailType.critical);
    await score();
    expect(namesOf(detailType.critical)).toEqual([first, first]);
    outside.now += 3 * minute;
    await score();
    expect(new Set(namesOf(detailType.critical))).toEqual(new Set([first]));
  });

  it('fails the message when the bus does not take the event, and then decides the same', async () => {
    await score();
    metrics.phases.push({ from: start, entry: bad });
    await minutes(1);
    busFails = true;
    while ((await minutes(1))?.status === 'fulfilled');
    const stuck = await subject();
    busFails = false;
    await score();
    expect(emitted.at(-1)?.['detail-type']).toBe(detailType.levelChanged);
    expect((await subject()).revision).toBe(stuck.revision + 1);
  });

  it('lets one of two concurrent scorings win', async () => {
    await score();
    outside.now += minute;
    await Promise.all([score(), score()]);
    expect((await subject()).revision).toBe(2);
  });

  it('forgets the decisions of the time when a side was active before', async () => {
    const levels = { ...initialLevel(start - 86_400_000), level: 'full', critical: true, criticalSince: start - 86_400_000 };
    const stored = { ...emptyState, service: { levels, unhealthySince: start - 86_400_000, emitted: {} } };
    await tables.put('services', { ...serviceRecord({ activeSide: 'standby' }) });
    await tables.put('resources', subjectItem('shop', entryId, { detectorState: JSON.stringify(stored) }));
    await score();
    expect((await state()).service).toBeUndefined();
  });
});

describe('silence', () => {
  const silentFrom = (time: number) => metrics.phases.push({ from: time, entry: undefined });

  it('holds the score, says that points are missing, and neither emits nor lowers', async () => {
    await score();
    metrics.phases.push({ from: start, entry: { latency: 0.35, failed: 0 } });
    while (((await subject()).score ?? 0) < 30) await minutes(1);
    silentFrom(outside.now - 2 * minute);
    await minutes(10);
    expect((await state()).last).toMatchObject({ silent: true });
    const held = (await subject()).score;
    expect(held).toBeGreaterThanOrEqual(30);
    emitted = [];
    await minutes(60);
    expect((await subject()).score).toBe(held);
    expect((await state()).last?.reasons).toContainEqual(expect.objectContaining({ kind: 'missing' }));
    expect(decisions(detailType.critical)).toEqual([]);
    expect(decisions(detailType.levelChanged)).toEqual([]);
    expect(await written('service')).toMatchObject({ failureProbability: held });
  });

  it('does not repeat critical on a score that is only held, and goes on when points come again', async () => {
    await score();
    metrics.phases.push({ from: start, entry: bad });
    while (decisions(detailType.critical).length === 0) await minutes(1);
    silentFrom(outside.now);
    await minutes(45);
    expect(decisions(detailType.critical)).toHaveLength(1);
    expect((await subject()).score).toBeGreaterThanOrEqual(85);
    expect((await subject()).level).toBe('full');
    metrics.phases.push({ from: outside.now, entry: bad });
    await minutes(6);
    expect(decisions(detailType.critical)).toHaveLength(2);
  });

  it('does not lower a level whose dwelling ends in it', async () => {
    await score();
    metrics.phases.push({ from: start, entry: bad });
    while ((await subject()).level !== 'full') await minutes(1);
    metrics.phases.push({ from: outside.now - 2 * minute, entry: calm });
    await minutes(5);
    silentFrom(outside.now - minute);
    await minutes(60);
    expect((await subject()).level).toBe('full');
  });

  it('never makes a subject without any point uneasy', async () => {
    silentFrom(0);
    await score();
    await minutes(10);
    expect(await subject()).toMatchObject({ score: null, level: 'partial' });
    expect((await state()).observedUntil).toBeNull();
    expect(decisions(detailType.critical)).toEqual([]);
  });
});

describe('health of the sides', () => {
  const unhealthy = () => decisions(detailType.sideUnhealthy);

  it('reports the active side when its checkers say so and the other side is healthy, and again each 15 minutes', async () => {
    await score();
    metrics.health = { primary: 0, standby: 1 };
    await minutes(3);
    expect(unhealthy().map(({ detail }) => 'side' in detail && detail.side)).toEqual(['primary']);
    await minutes(31);
    const [first] = namesOf(detailType.sideUnhealthy);
    expect(namesOf(detailType.sideUnhealthy)).toEqual([first, `${first}.1`, `${first}.2`]);
  });

  it("asks for the other side's health only when the active one is lost, in the same minute", async () => {
    await score();
    metrics.reads.length = 0;
    const asked = () => metrics.reads.filter(({ region }) => region === 'us-east-1').flatMap(({ keys }) => keys);
    await minutes(5);
    expect(asked()).toEqual(new Array(5).fill('shop/health/primary'));
    metrics.health = { primary: 0, standby: 1 };
    metrics.reads.length = 0;
    await minutes(1);
    while (unhealthy().length === 0 && metrics.reads.length < 50) await minutes(1);
    expect(asked().slice(-2)).toEqual(['shop/health/primary', 'shop/health/standby']);
    expect(asked().filter((key) => key.endsWith('standby'))).toHaveLength(1);
    expect(unhealthy()).toHaveLength(1);
  });

  it('reports it as soon as the lock is free, which an evacuation needs', async () => {
    await score();
    const service = serviceRecord();
    const lock = { holder: 'f1', token: 1, expiresAt: new Date(outside.now + 60 * minute).toISOString() };
    await tables.put('services', { ...service, lock });
    metrics.health = { primary: 0, standby: 1 };
    await minutes(5);
    expect(unhealthy()).toEqual([]);
    await tables.put('services', { ...service });
    await minutes(1);
    expect(unhealthy()).toHaveLength(1);
  });

  it.each<[string, Record<string, number | undefined>]>([
    ['nothing is said of the active side', { primary: undefined, standby: 1 }],
    ['nothing is said of the other side', { primary: 0, standby: undefined }],
    ['both sides are unhealthy', { primary: 0, standby: 0 }],
    ['only the other side is unhealthy', { primary: 1, standby: 0 }],
  ])('reports nothing when %s', async (_what, health) => {
    await score();
    metrics.health = health;
    await minutes(20);
    expect(unhealthy()).toEqual([]);
  });

  it("reports it when the active side's Region does not answer at all, and says that nothing was read", async () => {
    await score();
    const before = await subject();
    metrics.unreachable.add('eu-west-1');
    metrics.health = { primary: 0, standby: 1 };
    expect(await minutes(3)).toMatchObject({ status: 'rejected', reason: expect.any(NotReadError) });
    expect(unhealthy()).toHaveLength(1);
    expect(await subject()).toMatchObject({ score: before.score, nextDueAt: before.nextDueAt });
    expect((await state()).observedUntil).toBe(parseState(before.detectorState).observedUntil);
    await minutes(15);
    expect(unhealthy()).toHaveLength(2);
    expect(decisions(detailType.critical)).toEqual([]);
    metrics.unreachable.clear();
    metrics.health = { primary: 1, standby: 1 };
    expect(await minutes(2)).toMatchObject({ status: 'fulfilled' });
    expect((await state()).service?.unhealthySince).toBeNull();
  });

  it("scores without Route 53's metrics", async () => {
    await score();
    metrics.unreachable.add('us-east-1');
    metrics.phases.push({ from: start, entry: bad });
    expect(await minutes(14)).toMatchObject({ status: 'fulfilled' });
    expect(decisions(detailType.critical)).toHaveLength(1);
    expect(unhealthy()).toEqual([]);
  });
});

describe('a batch', () => {
  it('keeps the error of one service to itself', async () => {
    await addService('till');
    const results = await scoreRisk(
      [
        { serviceId: 'shop', subjectIds: [entryId] },
        { serviceId: 'nobody', subjectIds: [entryId] },
        { serviceId: 'till', subjectIds: [entryId, 'entry#unknown'] },
      ],
      services,
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: expect.any(UnknownServiceError) });
    expect((await subject(entryId, 'till')).score).not.toBeNull();
  });

  it('keeps a metric that CloudWatch fails to the subject that it belongs to', async () => {
    await addService('till');
    await score();
    await score([entryId], 'till');
    const before = await subject();
    metrics.failing.add('shop/entry#primary/errors-target');
    outside.now += minute;
    const results = await scoreRisk(
      ['shop', 'till'].map((serviceId) => ({ serviceId, subjectIds: [entryId] })),
      services,
    );
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    // Errors that could not be read are not zero errors.
    expect((await subject()).score).toBe(before.score);
    expect((await state()).observedUntil).toBe(parseState(before.detectorState).observedUntil);
  });

  it('reads each Region once for what is warm', async () => {
    await addService('till');
    await score();
    await score([entryId], 'till');
    metrics.reads.length = 0;
    outside.now += minute;
    await scoreRisk(
      ['shop', 'till'].map((serviceId) => ({ serviceId, subjectIds: [entryId] })),
      services,
    );
    expect(metrics.reads.map(({ region, keys }) => [region, keys.length])).toEqual([
      ['eu-west-1', 8],
      ['us-east-1', 2],
    ]);
  });
});

describe('cadence', () => {
  const due = async (subjectId: string) => ((Date.parse((await subject(subjectId)).nextDueAt) - Math.floor(outside.now / minute) * minute) / minute).toFixed();

  it('is a minute for the entry of the active side, at most 24 for calm instances, at most 15 for the other side', async () => {
    await tables.put('resources', subjectItem('shop', instanceId));
    await tables.put('resources', subjectItem('shop', 'entry#standby'));
    await score([entryId, instanceId, 'entry#standby']);
    expect(await due(entryId)).toBe('1');
    for (const [calm, most] of [
      [instanceId, 24],
      ['entry#standby', 15],
    ] as const)
      expect(Number(await due(calm))).toSatisfy((minutes: number) => minutes >= 1 && minutes <= most);
    metrics.phases.push({ from: start, entry: bad });
    await minutes(15, [entryId, instanceId]);
    expect(await due(instanceId)).toBe('1');
  });

  const record = (changes: Record<string, unknown>) => SubjectRecord.parse(subjectItem('shop', instanceId, changes));
  const at = (entryMetrics: [] | undefined, changes: Record<string, unknown> = {}, failureProbability: number | null = null) => {
    const service = serviceRecord({ plan: Plan.parse(planInput({ criticality: 'standard', ...(entryMetrics ? { entryMetrics } : {}) })) });
    const last = { timestamp: 0, silent: false, failureProbability, anomalyScore: 0, expectedInMinutes: null, reasons: [] };
    return Date.parse(nextDueAt(service, record(changes), { ...emptyState, last }, initialLevel(0), 0)) / minute;
  };
  const fiveMinutes = { metrics: record({}).metrics.map((metric) => ({ ...metric, periodSeconds: 300 })) };

  it.each([
    ['an uneasy one', 1, at(undefined, {}, 20)],
    // Three minutes after a period's end it is known.
    ['an uneasy one with a point each five minutes', 3, at(undefined, fiveMinutes, 20)],
    ['a calm one of a service without entry metrics', 1, at([])],
    // The entry, which carries the decisions, is read with it.
    ['the same with a point each five minutes', 3, at([], fiveMinutes)],
    ['the entry of a service without entry metrics', 3, at([], { subjectId: entryId, kind: 'entry', metrics: [] })],
    ['the entry', 1, at(undefined, { subjectId: entryId, kind: 'entry' })],
  ])('of %s is %d minutes', (_what, expected, actual) => expect(actual).toBe(expected));

  it('goes on without entry metrics: the resources speak for the service', async () => {
    await tables.put('services', { ...serviceRecord({ plan: Plan.parse(planInput({ entryMetrics: [] })) }) });
    await tables.put('resources', subjectItem('shop', entryId, { metrics: [] }));
    await tables.put('resources', subjectItem('shop', instanceId));
    expect(await score([entryId, instanceId])).toMatchObject([{ status: 'fulfilled' }]);
    expect(await subject()).toMatchObject({ score: null, level: 'partial' });
    expect((await subject(instanceId)).score).not.toBeNull();
    expect(await written('service', instanceId)).toMatchObject({ failureProbability: (await subject(instanceId)).score });
  });
});

describe('the handler', () => {
  const cloudwatch = mockClient(CloudWatchClient);
  const eventbridge = mockClient(EventBridgeClient);
  const route53 = mockClient(Route53Client);
  const event = (...bodies: string[]) => ({ Records: bodies.map((body, index) => ({ messageId: `message-${index}`, body })) }) as unknown as SQSEvent;
  const message = (serviceId: string) => JSON.stringify({ serviceId, subjectIds: [entryId] });

  beforeEach(() => {
    Object.assign(process.env, handlerEnvironment);
    resetServices();
    cloudwatch.reset();
    cloudwatch.on(GetMetricDataCommand).resolves({ MetricDataResults: [] });
    eventbridge.reset();
    eventbridge.on(PutEventsCommand).resolves({ Entries: [] });
    route53.reset();
    route53.rejects(new Error('Route 53 does not answer'));
  });
  afterEach(() => {
    for (const name of Object.keys(handlerEnvironment)) delete process.env[name];
    resetServices();
  });
  afterAll(() => {
    for (const mock of [cloudwatch, eventbridge, route53]) mock.restore();
  });

  it('hands back exactly the messages that failed or cannot be read', async () => {
    await tables.put('services', { serviceId: 'broken', plan: 'none', planHash: 'h' });
    const result = await handler(
      event(message('shop'), 'not JSON', message('nobody'), '{"serviceId": "shop", "subjectIds": []}', message('broken'), message('shop')),
      { functionName: 'score-risk' } as unknown as Context,
    );
    expect(result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(['message-1', 'message-2', 'message-3', 'message-4']);
    expect((await subject()).revision).toBe(1);
    expect(eventbridge.commandCalls(PutEventsCommand).length).toBeGreaterThan(0);
  });
});
