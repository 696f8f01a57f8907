// The tables' adapters on real tables: conditions that hold when two write at once, and words that DynamoDB reserves.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultTableName } from '../../../core/contracts/deployment.ts';
import { Plan, StoredPlan } from '../../../core/contracts/plan.ts';
import type { FailoverRecord, SubjectRecord } from '../../../core/contracts/records.ts';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { RecordError } from '../../../lambdas/adapters/document-client.ts';
import { FailoverStore, UnknownFailoverError } from '../../../lambdas/adapters/failover-store.ts';
import { MirrorStore } from '../../../lambdas/adapters/mirror-store.ts';
import { ServiceStore, UnknownServiceError } from '../../../lambdas/adapters/service-store.ts';
import { SubjectStore } from '../../../lambdas/adapters/subject-store.ts';
import { planInput } from '../../fixtures/plan.ts';
import { serviceRecord } from '../../fixtures/service.ts';
import { startTables, type TestTables } from '../../fixtures/tables.ts';

const region = 'eu-central-1';
const now = Date.parse('2026-03-02T12:00:00Z');
const at = new Date(now).toISOString();
let tables: TestTables;
const failovers = new FailoverStore(region, defaultTableName('failovers'));
const services = new ServiceStore(region, defaultTableName('services'));
const subjects = new SubjectStore(region, defaultTableName('resources'));
const mirrors = new MirrorStore(region, defaultTableName('resources'));

beforeAll(() => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
});
beforeEach(async () => {
  if (tables) await tables.close();
  tables = await startTables();
  process.env['AWS_ENDPOINT_URL'] = tables.endpoint;
  attachToClients(undefined);
});
afterAll(async () => {
  attachToClients(undefined);
  delete process.env['AWS_ENDPOINT_URL'];
  await tables.close();
});

describe('failovers', () => {
  const record: FailoverRecord = {
    ...{ failoverId: 'f1', entry: 'record', serviceId: 'shop', decisionId: 'f1', kind: 'predictive', from: 'primary', to: 'standby', zone: 'eu-west-1a' },
    ...{
      profile: 'urgent',
      phase: 'opened',
      phaseStartedAt: at,
      pointOfNoReturn: false,
      fencingToken: 1,
      startedAt: at,
      reasons: ['score 91'],
      score: 91,
      mechanism: 'weights',
      drivers: {},
    },
  };

  it('are claimed by one, and by the next while nothing was started', async () => {
    const claims = await Promise.all([failovers.claim('d1', at), failovers.claim('d1', at)]);
    expect(claims).toEqual([true, true]);
    await failovers.markStarted('d1');
    expect(await failovers.claim('d1', at)).toBe(false);
    await failovers.claim('d1', at);
    expect(await failovers.claim('d1', at)).toBe(false);
  });

  it('are created once', async () => {
    expect(await failovers.create(record)).toBe(true);
    expect(await failovers.create({ ...record, reasons: ['another'] })).toBe(false);
    expect(await failovers.get('f1')).toEqual(record);
    await expect(failovers.get('f2')).rejects.toBeInstanceOf(UnknownFailoverError);
  });

  it('take every field of a record, until they have ended', async () => {
    await failovers.create(record);
    const weights = { primary: 90, standby: 10 };
    const fields: Partial<FailoverRecord> = {
      ...{ weightsAtStart: weights, intended: weights, weights, changeId: 'c', stepVerifiedAt: at, phase: 'shift', phaseStartedAt: at, pointOfNoReturn: true },
      ...{
        fencingToken: 2,
        zone: 'z',
        kind: 'fail-back',
        from: 'standby',
        to: 'primary',
        profile: 'calm',
        reasons: [],
        serviceId: 's',
        decisionId: 'd',
        startedAt: at,
      },
    };
    expect(await failovers.update('f1', { ...fields, outcome: undefined })).toBe(true);
    expect(await failovers.get('f1')).toEqual({ ...record, ...fields });
    expect(await failovers.update('f1', { outcome: 'held', endedAt: at })).toBe(true);
    expect(await failovers.update('f1', { phase: 'drain' })).toBe(false);
    expect(await failovers.update('f2', { phase: 'drain' })).toBe(false);
    expect((await failovers.get('f1')).phase).toBe('shift');
  });

  it('that another version wrote are named in the error', async () => {
    await tables.put('failovers', { ...record, phase: 'dancing' });
    await expect(failovers.find('f1')).rejects.toBeInstanceOf(RecordError);
    await expect(failovers.find('f1')).rejects.toThrow(/failover 'f1' is not readable: phase/);
  });

  it('have a story in the order of time, in which a retry rewrites its line', async () => {
    const line = (phase: 'opened' | 'shift', minute: number, message: string) => ({ at: new Date(now + minute * 60_000).toISOString(), phase, message });
    await failovers.tell('f1', '040-shift', line('shift', 2, 'second'));
    await failovers.tell('f1', '010-opened', line('opened', 1, 'first'));
    await failovers.tell('f1', '040-shift', { ...line('shift', 3, 'second again'), reasons: ['why'] });
    expect((await failovers.story('f1')).map(({ message }) => message)).toEqual(['first', 'second again']);
  });

  it('have probes since a time', async () => {
    const none = { requests: 10, failed: 0, slow: 0 };
    for (const minute of [3, 1, 2])
      await failovers.addProbes('w1', new Date(now + minute * 60_000).toISOString(), { primary: none, standby: { ...none, failed: minute } });
    const since = await failovers.probesSince('w1', new Date(now + 2 * 60_000).toISOString());
    expect(since.map(({ standby }) => standby.failed)).toEqual([2, 3]);
    expect(await failovers.story('w1')).toEqual([]);
  });

  it('share the caps: of two that saw the same, one gets the place', async () => {
    const taken = await Promise.all(['a', 'b'].map((id) => failovers.addRunning(id, 'eu-west-1a', 0)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    const [first] = await failovers.running();
    expect(await failovers.addRunning(first?.failoverId ?? '', 'eu-west-1a', 0)).toBe(true);
    await failovers.removeRunning(first?.failoverId ?? '');
    await failovers.removeRunning(first?.failoverId ?? '');
    expect(await failovers.running()).toEqual([]);
  });

  it('run nowhere before there was one', async () => {
    expect(await failovers.running()).toEqual([]);
    await failovers.removeRunning('f1');
  });
});

describe('services', () => {
  const find = () => services.get('shop');
  beforeEach(() => tables.put('services', { ...serviceRecord() }));

  it('are locked by one of two, with a token of its own', async () => {
    const service = await find();
    const tokens = await Promise.all(['a', 'b'].map((holder) => services.acquireLock(service, holder, now)));
    expect(tokens.filter((token) => token !== undefined)).toEqual([1]);
    const { lock } = await find();
    expect(await services.holdsLock('shop', lock?.holder ?? '', 1, now)).toBe(true);
    expect(await services.holdsLock('shop', lock?.holder ?? '', 2, now)).toBe(false);
    expect(await services.holdsLock('shop', 'c', 1, now)).toBe(false);
  });

  it('keep the lock of another when one that is not the holder ends', async () => {
    await services.acquireLock(await find(), 'a', now);
    const last = { failoverId: 'b', outcome: 'held', endedAt: at } as const;
    expect(await services.releaseLock('shop', 'b', last)).toBe(false);
    expect((await find()).lock?.holder).toBe('a');
    expect(await services.releaseLock('shop', 'a', { ...last, failoverId: 'a' })).toBe(true);
    expect(await find()).toMatchObject({ lastFailover: { failoverId: 'a' } });
    expect((await find()).lock).toBeUndefined();
    expect(await services.releaseLock('shop', 'a', undefined)).toBe(false);
  });

  it('have every field written by name', async () => {
    await services.setLevel('shop', 'full');
    await services.setCanary('shop', { verdict: 'fail', at, target: 'standby', method: 'probes', reasons: ['slow'] });
    await services.setSnapshotTaken('shop', at);
    await services.handOver('shop', 'primary', 'standby', at);
    expect(await find()).toMatchObject({ level: 'full', canary: { verdict: 'fail' }, lastSnapshotAt: at, activeSide: 'standby', latched: { primary: at } });
    await services.liftLatch('shop', 'primary');
    await services.liftLatch('shop', 'primary');
    expect((await find()).latched).toEqual({});
  });

  it('that are not there are not made by a write', async () => {
    await services.setLevel('nobody', 'full');
    await services.handOver('nobody', 'primary', 'standby', at);
    await expect(services.get('nobody')).rejects.toBeInstanceOf(UnknownServiceError);
    expect((await services.all()).map(({ serviceId }) => serviceId)).toEqual(['shop']);
  });

  it('stay readable when a newer version would refuse their plan', async () => {
    const canary = { evidenceWaitMinutes: 60 };
    expect(Plan.safeParse(planInput({ canary })).success).toBe(false);
    await tables.put('services', serviceRecord({ plan: StoredPlan.parse(planInput({ canary })) }));
    expect((await services.get('shop')).plan.canary.evidenceWaitMinutes).toBe(60);
  });

  it('of which one cannot be read are all but that one', async () => {
    await tables.put('services', { serviceId: 'broken', plan: 'none' });
    expect((await services.all()).map(({ serviceId }) => serviceId)).toEqual(['shop']);
    await expect(services.get('broken')).rejects.toBeInstanceOf(RecordError);
  });
});

describe('subjects', () => {
  const subject: SubjectRecord = {
    ...{ serviceId: 'shop', subjectId: 'entry#primary', side: 'primary', kind: 'entry', region: 'eu-west-1', metrics: [], shard: 'due#0' },
    ...{ nextDueAt: at, score: null, detectorState: null, revision: 0 },
  };
  const stored = () => subjects.find('shop', 'entry#primary');

  it('are saved by one of two that read the same', async () => {
    await tables.put('resources', { ...subject });
    const saved = await Promise.all([1, 2].map((score) => subjects.save({ ...subject, score, scoredAt: at, detectorState: '{}' })));
    expect(saved.filter(Boolean)).toHaveLength(1);
    expect((await stored())?.revision).toBe(1);
  });

  it('keep level and health checks, and what the plan wrote meanwhile', async () => {
    await tables.put('resources', { ...subject, region: 'eu-west-3' });
    expect(
      await subjects.save({
        ...subject,
        score: 3,
        scoredAt: at,
        detectorState: '{}',
        level: 'full',
        healthChecks: { primary: 'a', standby: undefined, readAt: 1 },
      }),
    ).toBe(true);
    expect(await stored()).toMatchObject({ level: 'full', healthChecks: { primary: 'a', readAt: 1 }, region: 'eu-west-3', score: 3 });
  });

  it('that are made due stay due, whatever a scoring under way had in mind', async () => {
    await tables.put('resources', { ...subject });
    await subjects.makeDue('shop', 'entry#primary', at);
    expect(await subjects.save({ ...subject, nextDueAt: new Date(now + 900_000).toISOString(), score: 1, scoredAt: at, detectorState: '{}' })).toBe(false);
    expect((await stored())?.nextDueAt).toBe(at);
  });

  it('that the plan dropped do not come back', async () => {
    expect(await subjects.save({ ...subject, score: 1, scoredAt: at, detectorState: '{}' })).toBe(false);
    await subjects.makeDue('shop', 'entry#primary', at);
    expect(await stored()).toBeUndefined();
  });

  it('of a service are entries and resources only', async () => {
    for (const subjectId of ['entry#primary', 'entry#standby', 'resource#primary#i-1']) await tables.put('resources', { ...subject, subjectId });
    await subjects.addLatch('shop', 'primary', at);
    await mirrors.intend('shop', 0, 1, at);
    await mirrors.intendSnapshot('shop', 'i-1', 'd1', at);
    expect((await subjects.ofService('shop')).map(({ subjectId }) => subjectId)).toEqual(['entry#primary', 'entry#standby', 'resource#primary#i-1']);
    expect((await subjects.due(at, 10)).map(({ subjectId }) => subjectId).sort()).toEqual([
      'entry#primary',
      'entry#standby',
      'latch#primary',
      'resource#primary#i-1',
    ]);
    expect(await subjects.due(at, 2)).toHaveLength(2);
  });
});

describe('mirrors', () => {
  it('take a place once for a generation, and forget no newer one', async () => {
    expect(await mirrors.intend('shop', 0, 1, at)).toBe(true);
    expect(await mirrors.intend('shop', 0, 1, at)).toBe(false);
    expect(await mirrors.intend('shop', 0, 2, at)).toBe(true);
    const [record] = await mirrors.instances('shop');
    if (!record) throw new Error('no record');
    expect(await mirrors.save({ ...record, generation: 1, instanceId: 'i-1', status: 'launched' })).toBe(false);
    expect(await mirrors.save({ ...record, instanceId: 'i-2', status: 'launched' })).toBe(true);
    expect(await mirrors.instances('shop')).toMatchObject([{ generation: 2, instanceId: 'i-2' }]);
  });

  it('are in the order of their places beyond ten', async () => {
    for (const slot of [11, 2, 100, 0]) await mirrors.intend('shop', slot, 1, at);
    expect((await mirrors.instances('shop')).map(({ slot }) => slot)).toEqual([0, 2, 11, 100]);
  });
});
