// Applying a plan to real tables: what belongs to the running service survives, what cannot be protected is refused, a crash can be repeated over.
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../../core/contracts/plan.ts';
import { readPlan } from '../../../core/contracts/plan-source.ts';
import { ServiceRecord, SubjectRecord } from '../../../core/contracts/records.ts';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import type { HostedZone, ZoneRecord } from '../../../lambdas/adapters/hosted-zone.ts';
import { type ApplyPlanPorts, applyPlan, PlanRefusedError } from '../../../lambdas/apply-plan/apply-plan.ts';
import { connectApplyPlan } from '../../../lambdas/apply-plan/connect.ts';
import { DriverRefusedError, type Standing } from '../../../lambdas/drivers/port.ts';
import { parameterDriver, planWith } from '../../fixtures/drivers.ts';
import { startTables, type TestTables } from '../../fixtures/tables.ts';

const planOf = (text: string): Plan => {
  const read = readPlan(text);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.plan;
};
const shopText = readFileSync('plans/shop.yaml', 'utf8');
const shop = planOf(shopText);
const now = Date.parse('2026-11-20T12:00:00Z');
const later = now + 3_600_000;

const record = (setIdentifier: string, weight: number): ZoneRecord => ({
  type: 'A',
  setIdentifier,
  weight,
  healthCheckId: `check-${setIdentifier}`,
  ttlSeconds: 60,
});
const goodZone: HostedZone = { name: 'example.com', private: false, records: [record('primary', 100), record('standby', 0)] };

let tables: TestTables;
let zone: HostedZone | undefined;
let instances: { id: string; autoScalingGroup: string | undefined }[];
let ports: ApplyPlanPorts;
let readDriver: () => Promise<Standing>;

beforeEach(async () => {
  tables = await startTables();
  process.env['AWS_ENDPOINT_URL'] = tables.endpoint;
  process.env['AWS_ACCESS_KEY_ID'] = 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
  attachToClients(undefined);
  zone = goodZone;
  readDriver = () => Promise.resolve({ standby: 0, detail: 'with the primary' });
  instances = ['i-00000001', 'i-00000002'].map((id) => ({ id, autoScalingGroup: undefined }));
  ports = {
    store: connectApplyPlan('eu-central-1', {}).store,
    readHostedZone: () => Promise.resolve(zone),
    findInstances: () => Promise.resolve(instances),
    readDriver: () => readDriver(),
  };
});

afterEach(async () => {
  attachToClients(undefined);
  delete process.env['AWS_ENDPOINT_URL'];
  await tables.close();
});

const refusal = async (plan = shop) => {
  const error = await applyPlan(plan, ports, now).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PlanRefusedError);
  return (error as PlanRefusedError).mismatches;
};

describe('a first time', () => {
  it('writes a service and its subjects as the contracts say', async () => {
    const applied = await applyPlan(shop, ports, now);
    expect(applied).toMatchObject({ created: true, changed: true, mode: 'act', lockedBy: undefined, removed: [], restarted: [] });
    expect(ServiceRecord.parse(await tables.service('shop'))).toMatchObject({
      plan: shop,
      mode: 'act',
      activeSide: 'primary',
      level: 'minimal',
      fencingToken: 0,
      latched: {},
      killSwitch: false,
    });
    const subjects = (await tables.resources('shop')).map((item) => SubjectRecord.parse(item));
    expect(subjects.map(({ subjectId }) => subjectId)).toEqual([
      'entry#primary',
      'entry#standby',
      'resource#primary#i-00000001',
      'resource#primary#i-00000002',
    ]);
    for (const subject of subjects) expect(subject).toMatchObject({ shard: 'due#0', nextDueAt: '2026-11-20T12:00:00.000Z', score: null, detectorState: null });
    const [primary, standby, instance] = subjects;
    expect(primary).toMatchObject({ side: 'primary', kind: 'entry', region: 'eu-west-1' });
    expect(standby).toMatchObject({ side: 'standby', kind: 'entry', region: 'eu-central-1' });
    expect(primary?.metrics.map(({ dimensions }) => dimensions)).toEqual(Array(4).fill({ LoadBalancer: 'app/shop-primary/50dc6c495c0c9188' }));
    expect(instance).toMatchObject({ kind: 'ec2-instance', region: 'eu-west-1' });
    expect(instance?.metrics.map(({ name }) => name)).toEqual(['status-check', 'cpu', 'memory', 'disk', 'network-in', 'network-out']);
    expect(instance?.metrics.every(({ dimensions }) => dimensions?.['InstanceId'] === 'i-00000001')).toBe(true);
  });

  it('keeps dimensions and metrics that the plan names', async () => {
    const metrics =
      '        metrics:\n          - {name: queue, namespace: Shop, metric: Depth, dimensions: {Queue: orders}, statistic: Maximum, role: other}\n';
    await applyPlan(planOf(shopText.replace('        tags:\n', `${metrics}        tags:\n`)), ports, now);
    const subjects = await tables.resources('shop');
    expect(subjects.find(({ subjectId }) => subjectId === 'resource#primary#i-00000001')?.['metrics']).toMatchObject([
      { name: 'queue', dimensions: { Queue: 'orders' } },
    ]);
  });
});

describe('again', () => {
  const running = {
    mode: 'advise',
    activeSide: 'standby',
    level: 'full',
    fencingToken: 7,
    lock: { holder: 'f-1', token: 7, expiresAt: '2026-11-20T12:30:00.000Z' },
    canary: { verdict: 'pass', at: '2026-11-20T11:00:00.000Z', target: 'standby', method: 'probes', reasons: [] },
    latched: { primary: '2026-11-20T11:30:00.000Z' },
    killSwitch: true,
    lastFailover: { failoverId: 'f-0', outcome: 'failed-over', endedAt: '2026-11-19T00:00:00.000Z' },
    lastSnapshotAt: '2026-11-20T10:00:00.000Z',
  };

  it('never overwrites what the running service knows of itself', async () => {
    await tables.put('services', { serviceId: 'shop', plan: {}, planHash: 'old', ...running });
    const applied = await applyPlan(shop, ports, now);
    const { plan, planHash, ...rest } = (await tables.service('shop')) ?? {};
    expect(rest).toEqual({ serviceId: 'shop', ...running });
    expect(plan).toEqual(shop);
    expect(planHash).not.toBe('old');
    expect(applied).toMatchObject({ created: false, changed: true, mode: 'advise', lockedBy: 'f-1' });
  });

  it('does not mind that the standby has the traffic', async () => {
    await tables.put('services', { serviceId: 'shop', plan: {}, planHash: 'old', ...running });
    zone = { ...goodZone, records: [record('primary', 0), record('standby', 100)] };
    expect(await applyPlan(shop, ports, now)).toMatchObject({ created: false });
  });

  it('keeps scores and detector state, removes what the plan dropped, leaves mirrors, snapshots and latches alone', async () => {
    await applyPlan(shop, ports, now);
    const scored = { score: 12, detectorState: { n: 3 }, nextDueAt: '2026-11-20T12:15:00.000Z', scoredAt: '2026-11-20T12:00:00.000Z', revision: 4 };
    for (const item of await tables.resources('shop')) await tables.put('resources', { ...item, ...scored });
    const others = ['mirror#00', 'snapshot#i-00000001#d', 'latch#primary', 'resource#standby#i-00000009'].map((subjectId) => ({
      serviceId: 'shop',
      subjectId,
    }));
    for (const item of others) await tables.put('resources', item);
    instances = ['i-00000002', 'i-00000003'].map((id) => ({ id, autoScalingGroup: undefined }));

    const applied = await applyPlan(shop, ports, later);
    expect(applied).toMatchObject({ created: false, changed: false, restarted: [], removed: ['resource#primary#i-00000001'] });
    const after = new Map((await tables.resources('shop')).map((item) => [item['subjectId'], item]));
    expect(after.get('entry#primary')).toMatchObject(scored);
    expect(after.get('resource#primary#i-00000002')).toMatchObject(scored);
    expect(after.get('resource#primary#i-00000003')).toMatchObject({ score: null, detectorState: null, nextDueAt: new Date(later).toISOString() });
    expect(after.has('resource#primary#i-00000001')).toBe(false);
    for (const item of others) expect(after.get(item.subjectId)).toEqual(item);
  });

  it('begins scoring anew where the metrics changed, past the revision that scoring may be about to save', async () => {
    await applyPlan(shop, ports, now);
    for (const item of await tables.resources('shop'))
      await tables.put('resources', { ...item, score: 12, scoredAt: '2026-11-20T12:00:00.000Z', detectorState: { n: 3 }, revision: 4 });
    const applied = await applyPlan(planOf(shopText.replace('app/shop-primary/', 'app/shop-other/')), ports, later);
    expect(applied.restarted).toEqual(['entry#primary']);
    const after = new Map((await tables.resources('shop')).map((item) => [item['subjectId'], item]));
    expect(after.get('entry#primary')).toMatchObject({ score: null, detectorState: null, revision: 5, nextDueAt: new Date(later).toISOString() });
    expect(after.get('entry#primary')).not.toHaveProperty('scoredAt');
    expect(after.get('entry#standby')).toMatchObject({ score: 12, detectorState: { n: 3 }, revision: 4 });
  });

  it('refuses local data while the service is in mode act', async () => {
    await applyPlan(shop, ports, now);
    const before = await tables.service('shop');
    expect(await refusal(planOf(shopText.replace('data: external', 'data: local').replace('mode: act', 'mode: advise')))).toMatchObject([{ path: 'data' }]);
    expect(await tables.service('shop')).toEqual(before);
  });
});

it('reaches the same state when it is repeated after a crash at any write', async () => {
  await tables.put('resources', { serviceId: 'shop', subjectId: 'resource#primary#i-00000009', region: 'eu-west-1', metrics: [] });
  const reference = ['entry#primary', 'entry#standby', 'resource#primary#i-00000001', 'resource#primary#i-00000002'];
  for (let survived = 0; survived < 6; survived += 1) {
    let left = survived;
    const crashing = new Proxy(ports.store, {
      get:
        (store, name: keyof ApplyPlanPorts['store']) =>
        (...args: never[]) => {
          if (['writePlan', 'writeSubject', 'removeSubject'].includes(name)) {
            if (left === 0) throw new Error('crash');
            left -= 1;
          }
          return (store[name] as (...all: never[]) => unknown).apply(store, args);
        },
    });
    await expect(applyPlan(shop, { ...ports, store: crashing }, now)).rejects.toThrow('crash');
  }
  await applyPlan(shop, ports, later);
  expect((await tables.resources('shop')).map(({ subjectId }) => subjectId)).toEqual(reference);
  expect(ServiceRecord.parse(await tables.service('shop'))).toMatchObject({ mode: 'act', activeSide: 'primary' });
});

describe('refused, with nothing written', () => {
  afterEach(async () => {
    expect(await tables.service('shop')).toBeUndefined();
    expect(await tables.resources('shop')).toEqual([]);
  });

  const changes = (index: number, change: Partial<ZoneRecord>) =>
    goodZone.records.map((entry, position) => (position === index ? { ...entry, ...change } : entry));
  it.each<[string, HostedZone | undefined, string, RegExp]>([
    ['an unknown zone', undefined, 'record.hostedZoneId', /no hosted zone/],
    ['a private zone', { ...goodZone, private: true }, 'record.hostedZoneId', /private/],
    ['a foreign zone', { ...goodZone, name: 'example.org' }, 'record.name', /not in the hosted zone/],
    ['a zone that only ends alike', { ...goodZone, name: 'p.example.com' }, 'record.name', /not in the hosted zone/],
    ['a missing record', { ...goodZone, records: goodZone.records.slice(0, 1) }, 'sides.standby.setIdentifier', /no A record/],
    [
      'a simple record',
      { ...goodZone, records: [{ ...record('primary', 1), setIdentifier: undefined, weight: undefined }] },
      'sides.primary.setIdentifier',
      /simple/,
    ],
    ['a latency record', { ...goodZone, records: changes(0, { weight: undefined }) }, 'sides.primary.setIdentifier', /not weighted/],
    ['no health check', { ...goodZone, records: changes(1, { healthCheckId: undefined }) }, 'sides.standby.setIdentifier', /no health check/],
    ['a shared health check', { ...goodZone, records: changes(1, { healthCheckId: 'check-primary' }) }, 'record.name', /same health check/],
    ['another TTL', { ...goodZone, records: changes(0, { ttlSeconds: 300 }) }, 'record.ttlSeconds', /TTL of 300/],
    ['a third record', { ...goodZone, records: [...goodZone.records, record('third', 5)] }, 'record.name', /third A record/],
    ['a type that would stay', { ...goodZone, records: [...goodZone.records, { ...record('primary', 100), type: 'AAAA' }] }, 'record.types', /AAAA/],
    ['weights that are both 0', { ...goodZone, records: changes(0, { weight: 0 }) }, 'record.name', /weight 0/],
    ['a standby that has traffic', { ...goodZone, records: changes(1, { weight: 50 }) }, 'sides.standby.setIdentifier', /weight 50/],
  ])('%s', async (_name, given, path, problem) => {
    zone = given;
    const mismatches = await refusal();
    expect(mismatches.map((mismatch) => mismatch.path)).toContain(path);
    expect(mismatches.find((mismatch) => mismatch.path === path)?.problem).toMatch(problem);
  });

  it('an instance of an Auto Scaling group', async () => {
    instances = [{ id: 'i-00000001', autoScalingGroup: 'shop-asg' }];
    expect(await refusal()).toMatchObject([{ path: 'sides.primary.resources.0', problem: expect.stringContaining('shop-asg') }]);
  });

  it('tags that nothing carries', async () => {
    instances = [];
    expect(await refusal()).toMatchObject([{ path: 'sides.primary.resources.0.tags', problem: expect.stringContaining('service=shop and side=primary') }]);
  });

  it('an id that does not exist', async () => {
    instances = [{ id: 'i-00000001', autoScalingGroup: undefined }];
    const plan = planOf(shopText.replace(/ {8}tags:\n.*\n.*\n/, '        ids: [i-00000001, i-00000002]\n'));
    expect(await refusal(plan)).toMatchObject([{ path: 'sides.primary.resources.0.ids', problem: 'there is no instance i-00000002 in eu-west-1' }]);
  });

  it('an instance that two selectors mean', async () => {
    const plan = planOf(shopText.replace('    resources:\n', '    resources:\n      - kind: ec2-instance\n        ids: [i-00000001, i-00000002]\n'));
    expect((await refusal(plan)).map(({ problem }) => problem)).toEqual(['i-00000001 is selected twice', 'i-00000002 is selected twice']);
  });
});

describe('drivers', () => {
  const driven = { ...shop, drivers: planWith(parameterDriver).drivers };

  it('that cannot work are refused, with what to do', async () => {
    readDriver = () => Promise.reject(new DriverRefusedError("there is no parameter /shop/active-side; create it with the value 'ireland'"));
    expect(await refusal(driven)).toEqual([
      { path: 'drivers.1', problem: 'there is no parameter /shop/active-side', remedy: "create it with the value 'ireland'" },
    ]);
    expect(await tables.service('shop')).toBeUndefined();
  });

  it('of a new service stand with its primary; later they stand where they were left', async () => {
    readDriver = () => Promise.resolve({ standby: 100, detail: "it is 'frankfurt'" });
    expect(await refusal(driven)).toMatchObject([{ path: 'drivers.1', problem: "it is 'frankfurt', but a new service begins on its primary side" }]);
    readDriver = () => Promise.resolve({ standby: 0, detail: "it is 'ireland'" });
    await applyPlan(driven, ports, now);
    readDriver = () => Promise.resolve({ standby: 100, detail: "it is 'frankfurt'" });
    await expect(applyPlan(driven, ports, now)).resolves.toMatchObject({ created: false });
  });

  it('that keep clients where they are for longer than a side is given to drain are refused', async () => {
    const drain = shop.failover.drainMaxMinutes * 60;
    readDriver = () => Promise.resolve({ standby: 0, detail: 'with the primary', stickySeconds: drain + 1 });
    expect(await refusal(driven)).toMatchObject([
      { path: 'drivers.1', problem: expect.stringContaining(`stay with a target group for ${drain + 1} s`), remedy: expect.stringContaining('stickiness') },
    ]);
    readDriver = () => Promise.resolve({ standby: 0, detail: 'with the primary', stickySeconds: drain });
    await expect(applyPlan(driven, ports, now)).resolves.toMatchObject({ created: true });
  });

  it('that nobody may read are no mismatch, but an error', async () => {
    readDriver = () => Promise.reject(new Error('AccessDenied'));
    await expect(applyPlan(driven, ports, now)).rejects.toThrow('AccessDenied');
  });

  it('that are always there are not asked', async () => {
    readDriver = () => Promise.reject(new Error('asked'));
    await applyPlan(shop, ports, now);
  });
});
