// Scoring with what is said from outside, on real tables: notices, announced load, and zones across the services of one batch.
import { beforeEach, describe, expect, it } from 'vitest';
import { defaultTableName } from '../../core/contracts/deployment.ts';
import { detailType, type WorkflowEvent } from '../../core/contracts/events.ts';
import { Plan, type PlanInput } from '../../core/contracts/plan.ts';
import type { AssessmentRecord } from '../../core/contracts/records.ts';
import { attachToClients } from '../../lambdas/adapters/clients.ts';
import { entryMetricsOf } from '../../lambdas/apply-plan/subject-metrics.ts';
import { decide } from '../../lambdas/score-risk/decisions.ts';
import { scoreRisk } from '../../lambdas/score-risk/score-risk.ts';
import type { Services } from '../../lambdas/services.ts';
import { iso, minute, record } from '../core/prediction/evidence/fixture.ts';
import { useTables } from '../fixtures/handler-tables.ts';
import { TestMetrics } from '../fixtures/metrics.ts';
import { planInput } from '../fixtures/plan.ts';
import { serviceRecord } from '../fixtures/service.ts';
import { newOutside, type Outside, servicesOn } from '../fixtures/services.ts';
import type { TestTables } from '../fixtures/tables.ts';

const start = Date.parse('2026-03-02T12:00:30Z');
const names = {
  services: defaultTableName('services'),
  resources: defaultTableName('resources'),
  assessments: defaultTableName('assessments'),
  failovers: defaultTableName('failovers'),
};
const entryId = 'entry#primary';

let tables: TestTables;
let outside: Outside;
let metrics: TestMetrics;
let services: Services;
let emitted: WorkflowEvent[];

useTables((started) => {
  tables = started;
});
beforeEach(async () => {
  attachToClients(undefined);
  for (const item of await tables.items('resources')) await tables.remove('resources', { serviceId: item['serviceId'], subjectId: item['subjectId'] });
  for (const item of await tables.items('assessments')) await tables.remove('assessments', { subjectKey: item['subjectKey'], timestamp: item['timestamp'] });
  outside = newOutside();
  outside.now = start;
  emitted = [];
  metrics = new TestMetrics();
  const fakes = {
    telemetry: metrics,
    router: { read: () => Promise.resolve({ healthCheckIds: { primary: 'primary', standby: 'standby' } }), endpointCheck: (id: string) => Promise.resolve(id) },
    bus: { emit: (events: readonly WorkflowEvent[]) => Promise.resolve(void emitted.push(...events)) },
  };
  services = { ...servicesOn(names, outside), ...(fakes as unknown as Pick<Services, 'telemetry' | 'router' | 'bus'>) };
});

/** A service whose resources are scored already, and not due again. 200 requests a second, which two instances carry. */
async function addService(serviceId: string, changes: Partial<PlanInput> = {}): Promise<Plan> {
  const plan = Plan.parse(planInput({ criticality: 'standard', ...changes }));
  await tables.put('services', { ...serviceRecord({ level: 'minimal', lastSnapshotAt: '2026-03-02T11:00:00.000Z' }), serviceId, plan });
  await tables.put('resources', {
    ...{ serviceId, subjectId: entryId, side: 'primary', kind: 'entry', region: 'eu-west-1', metrics: entryMetricsOf(plan, 'primary') },
    ...{ shard: 'due#0', nextDueAt: iso(start - minute), score: null, detectorState: null },
  });
  return plan;
}
async function addResource(serviceId: string, id: string, zone: string, unusualSince?: number, changes: Record<string, unknown> = {}): Promise<void> {
  const last = { timestamp: start - 3 * minute, failureProbability: unusualSince === undefined ? 1 : 20, expectedInMinutes: null, reasons: [], unusualSince };
  await tables.put('resources', {
    ...{ serviceId, subjectId: `resource#primary#${id}`, side: 'primary', kind: 'ec2-instance', region: 'eu-west-1', zoneId: zone },
    ...{ metrics: [], shard: 'due#0', nextDueAt: iso(start + 600 * minute), score: 1 },
    detectorState: JSON.stringify({ version: 1, observedUntil: start, detector: null, last }),
    ...changes,
  });
}
const score = async (...serviceIds: string[]) => {
  const results = await scoreRisk(
    serviceIds.map((serviceId) => ({ serviceId, subjectIds: [entryId] })),
    services,
  );
  expect(results.map(({ status }) => status)).toEqual(serviceIds.map(() => 'fulfilled'));
};
const newest = async (serviceId: string): Promise<AssessmentRecord> => {
  const found = (await services.assessments.since(`${serviceId}/service`, '2000')).at(-1);
  if (!found) throw new Error(`no assessment of ${serviceId}`);
  return found;
};
/** What is decided in a minute in which not everything can be read. */
const decideOn = async (...serviceIds: string[]) => {
  await scoreRisk(
    serviceIds.map((serviceId) => ({ serviceId, subjectIds: [entryId] })),
    services,
  );
  return emitted;
};
const of = (type: WorkflowEvent['detail-type']) => emitted.filter((event) => event['detail-type'] === type);
const levels = () => emitted.flatMap((event) => (event['detail-type'] === detailType.levelChanged ? [event.detail.level] : []));

describe('a notice', () => {
  const notice = (changes: Parameters<typeof record>[0] = {}) =>
    record({
      ...{
        kind: 'health',
        event: 'h',
        subjectId: 'evidence#health#h#primary',
        scope: 'side',
        names: [],
        impact: 'issue',
        label: 'AWS Health: operational issue',
      },
      ...{ from: iso(start - 20 * minute), validUntil: iso(start + 300 * minute) },
      ...changes,
    });

  it('is in the score, the reasons and the level of the next minute, and gone when it is closed', async () => {
    await addService('shop');
    await score('shop');
    expect((await newest('shop')).failureProbability).toBeLessThan(10);
    await services.evidence.record(notice());
    outside.now += minute;
    await score('shop');
    const said = await newest('shop');
    expect(said.failureProbability).toBeGreaterThanOrEqual(35);
    expect(said.reasons).toContainEqual(
      expect.objectContaining({ kind: 'event', detail: expect.stringContaining('operational issue, since 2026-03-02 11:40 UTC') }),
    );
    expect(levels()).toEqual(['partial']);
    expect(await services.evidence.record(notice({ status: 'closed', order: iso(start + 2 * minute) }))).toBe(true);
    outside.now += minute;
    await score('shop');
    expect((await newest('shop')).failureProbability).toBeLessThan(10);
  });

  it('about the other side is not in it', async () => {
    await addService('shop');
    await services.evidence.record(notice({ side: 'standby' }));
    await score('shop');
    expect((await newest('shop')).failureProbability).toBeLessThan(10);
  });

  it('that cannot be read is left out, and the service is scored', async () => {
    await addService('shop');
    await tables.put('resources', { serviceId: 'shop', subjectId: 'evidence#health#x', kind: 'gossip', status: 7 });
    await score('shop');
    expect((await newest('shop')).failureProbability).toBeLessThan(10);
  });
});

describe('a zone', () => {
  it('that turns unusual across the services of a batch raises each of them', async () => {
    for (const serviceId of ['shop', 'till', 'desk']) await addService(serviceId);
    for (const [serviceId, zone, unusual] of [
      ['shop', 'euw1-az2', true],
      ['till', 'euw1-az2', true],
      ['desk', 'euw1-az1', false],
    ] as const)
      for (let index = 0; index < (unusual ? 6 : 16); index++)
        await addResource(serviceId, `i-${index}`, zone, unusual && index < 5 ? start - (5 + index) * minute : undefined);
    await score('shop', 'till', 'desk');
    const detail = '10 of 12 resources in euw1-az2 turned unusual within 15 minutes; 0 of 16 elsewhere';
    expect((await newest('shop')).reasons).toContainEqual({ metric: 'euw1-az2', kind: 'neighbourhood', detail });
    expect((await newest('till')).failureProbability).toBeGreaterThanOrEqual(50);
    expect((await newest('desk')).failureProbability).toBeLessThan(10);
    expect(emitted.some((event) => event['detail-type'] === detailType.critical)).toBe(false);
  });

  it('is not made of the same resources twice when two messages of one service are in a batch', async () => {
    await addService('shop');
    for (let index = 0; index < 6; index++)
      await addResource('shop', `i-${index}`, index < 2 ? 'euw1-az2' : 'euw1-az1', index < 2 ? start - 5 * minute : undefined);
    await score('shop', 'shop');
    expect((await newest('shop')).reasons).toEqual([]);
  });

  it('is one zone, whether a resource has its id or only its name, and never elsewhere of itself', async () => {
    // shop was applied before ids were noted: the same zone by its name.
    for (const serviceId of ['shop', 'till']) await addService(serviceId);
    for (let index = 0; index < 4; index++) {
      await addResource('shop', `i-${index}`, '', start - 5 * minute, { zone: 'eu-west-1a', zoneId: undefined });
      await addResource('till', `i-${index}`, 'euw1-az2', undefined, { zone: 'eu-west-1a' });
      await addResource('till', `j-${index}`, 'euw1-az2', undefined, { zone: 'eu-west-1a' });
    }
    await addResource('shop', 'i-9', 'euw1-az1', undefined, { zone: 'eu-west-1b' });
    await score('shop', 'till');
    expect((await newest('shop')).reasons).toEqual([]);
    expect((await newest('till')).reasons).toEqual([]);
  });

  it('that is not known by its id counts nowhere while others are', async () => {
    for (const serviceId of ['shop', 'till']) await addService(serviceId);
    for (let index = 0; index < 4; index++) await addResource('shop', `i-${index}`, '', start - 5 * minute, { zone: 'eu-west-1a', zoneId: undefined });
    for (let index = 0; index < 9; index++) await addResource('till', `i-${index}`, 'euw1-az2');
    await addResource('shop', 'i-9', 'euw1-az1');
    await score('shop', 'till');
    expect((await newest('shop')).reasons).toEqual([]);
  });

  it('is nothing when its service is alone in the batch and nowhere else', async () => {
    await addService('shop');
    for (let index = 0; index < 6; index++) await addResource('shop', `i-${index}`, 'euw1-az2', start - 5 * minute);
    await score('shop');
    expect((await newest('shop')).reasons.filter(({ kind }) => kind === 'neighbourhood')).toEqual([]);
  });
});

describe('announced load', () => {
  const sale = (factor: number) => ({ plannedLoad: [{ name: 'sale', factor, from: '2026-03-02T12:30:00Z', until: '2026-03-02T14:00:00Z' }] });

  it('that the side does not carry warms a standby beforehand, and until it is over', async () => {
    await addService('shop', sale(3));
    await score('shop');
    outside.now += minute;
    await score('shop');
    const said = await newest('shop');
    expect(said.failureProbability).toBeGreaterThanOrEqual(30);
    expect(said.reasons).toContainEqual(
      expect.objectContaining({ kind: 'planned', detail: expect.stringMatching(/planned load 'sale' in \d+ minutes: 3 times .* the side carries 480/) }),
    );
    expect(levels()).toEqual(['partial']);
    outside.now = Date.parse('2026-03-02T13:00:30Z');
    await score('shop');
    expect((await newest('shop')).reasons).toContainEqual(expect.objectContaining({ detail: expect.stringContaining("planned load 'sale' for 31 minutes") }));
    outside.now = Date.parse('2026-03-02T14:01:30Z');
    await score('shop');
    expect((await newest('shop')).failureProbability).toBeLessThan(10);
  });

  it('that the side carries changes nothing', async () => {
    await addService('shop', sale(2));
    await score('shop');
    outside.now += minute;
    await score('shop');
    expect(await newest('shop')).toMatchObject({ reasons: [] });
    expect(levels()).toEqual([]);
  });
});

describe('an entry that is not read', () => {
  const retired = (id: string) => record({ subjectId: `evidence#announced#${id}`, event: id, names: [id], from: iso(start + 10 * minute) });
  /** CloudWatch of the Region stops answering once the entry is known. */
  const cutOff = async (resources: number) => {
    await addService('shop');
    for (let index = 0; index < resources; index++) await addResource('shop', `i-${index}`, 'euw1-az1');
    await score('shop');
    metrics.unreachable.add('eu-west-1');
    outside.now += minute;
  };

  it('keeps nobody from being evacuated: not when its history waits for a later minute', async () => {
    const many = Array.from({ length: 13 }, (_, index) => `s${index}`);
    for (const serviceId of many) await addService(serviceId);
    metrics.health = { primary: 0, standby: 1 };
    await decideOn(...many);
    expect(new Set(of(detailType.sideUnhealthy).map(({ detail }) => detail.serviceId))).toEqual(new Set(many));
    // What waits stays due, remembers what was decided, and decides the same a minute later.
    const waiting = await services.subjects.find('s12', entryId);
    expect(waiting).toMatchObject({ score: null, nextDueAt: iso(start - minute) });
    const decided = of(detailType.sideUnhealthy).length;
    outside.now += minute;
    await decideOn(...many);
    expect(of(detailType.sideUnhealthy)).toHaveLength(decided);
  });

  it('raises the level by what is said, warms a standby, and lowers nothing', async () => {
    await cutOff(4);
    await decideOn('shop');
    expect(levels()).toEqual([]);
    await services.evidence.record(record({ kind: 'health', event: 'h', subjectId: 'evidence#health#h#primary', scope: 'side', names: [], impact: 'issue' }));
    outside.now += 31 * minute;
    await decideOn('shop');
    expect(levels()).toEqual(['partial']);
    expect(of(detailType.critical)).toEqual([]);
    expect(await newest('shop')).toMatchObject({ failureProbability: 35, level: 'partial', timestamp: iso(outside.now) });
  });

  it('is critical when the announced loss alone leaves too few, again each quarter of an hour, and not when enough are left', async () => {
    await cutOff(4);
    await services.evidence.record(retired('i-0'));
    await decideOn('shop');
    // 200 requests a second, which two of the four carry with headroom.
    expect(of(detailType.critical)).toEqual([]);
    for (const id of ['i-1', 'i-2']) await services.evidence.record(retired(id));
    await decideOn('shop');
    await decideOn('shop');
    expect(of(detailType.critical)).toHaveLength(1);
    expect(of(detailType.critical)[0]?.detail).toMatchObject({
      side: 'primary',
      reasons: [expect.stringContaining('instance-retirement'), expect.anything(), expect.anything()],
    });
    outside.now += 16 * minute;
    await decideOn('shop');
    expect(of(detailType.critical)).toHaveLength(2);
  });
});

describe('what is only said', () => {
  const plan = Plan.parse(planInput({ criticality: 'standard' }));
  const service = { ...serviceRecord(), plan };
  const unknown = { primary: 'unknown', standby: 'unknown' } as const;
  const said = (score: number) => ({ score, expectedInMinutes: null, reasons: [], held: false, saidOnly: true });
  const before = { levels: { level: 'full', since: 0, critical: true, criticalSince: 0 }, emitted: {}, unhealthySince: null } as const;

  it('lowers no level, ends no critical state, and moves nobody because of one', () => {
    const { state, events } = decide(service, before, said(45), unknown, start, start);
    expect(state.levels).toEqual(before.levels);
    expect(events.filter((event) => event['detail-type'] === detailType.critical)).toEqual([]);
  });
  it('moves when it alone is critical', () => {
    const { events } = decide(service, before, said(97), unknown, start, start);
    expect(events.filter((event) => event['detail-type'] === detailType.critical)).toHaveLength(1);
  });
});
