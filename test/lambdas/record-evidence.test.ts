// Evidence on real tables: events that come twice, late, in any order or malformed, and what EC2 answers when it is asked.
import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { defaultTableName } from '../../core/contracts/deployment.ts';
import { EvidenceRecord } from '../../core/contracts/evidence.ts';
import { InvalidEventError } from '../../core/prediction/evidence/report.ts';
import { attachToClients } from '../../lambdas/adapters/clients.ts';
import type { WatchedInstance } from '../../lambdas/adapters/instance-watch.ts';
import { sideScores } from '../../lambdas/failover/side-scores.ts';
import { askEc2 } from '../../lambdas/record-evidence/ask-ec2.ts';
import { handler } from '../../lambdas/record-evidence/handler.ts';
import { recordEvidence } from '../../lambdas/record-evidence/record-evidence.ts';
import { resetServices, type Services } from '../../lambdas/services.ts';
import { account, deployed, health, instance, iso, minute, now, stateChange } from '../core/prediction/evidence/fixture.ts';
import { handlerEnvironment, useTables } from '../fixtures/handler-tables.ts';
import { serviceRecord } from '../fixtures/service.ts';
import { newOutside, type Outside, servicesOn } from '../fixtures/services.ts';
import type { TestTables } from '../fixtures/tables.ts';

const names = {
  services: defaultTableName('services'),
  resources: defaultTableName('resources'),
  assessments: defaultTableName('assessments'),
  failovers: defaultTableName('failovers'),
};
const other = 'i-0aaaaaaaaaaaaaaaa';

let tables: TestTables;
let outside: Outside;
let services: Services;
/** What EC2 says of running instances. */
let running: WatchedInstance[];
let asked: string[][];

useTables((started) => {
  tables = started;
});

const subjectOf = (serviceId: string, subjectId: string) => ({
  ...{ serviceId, subjectId, side: 'primary', kind: subjectId.startsWith('entry') ? 'entry' : 'ec2-instance', region: 'eu-west-1', metrics: [] },
  ...{ shard: 'due#0', nextDueAt: iso(now), score: null, detectorState: null },
});

beforeEach(async () => {
  attachToClients(undefined);
  for (const table of ['resources', 'services'] as const)
    for (const item of await tables.items(table))
      await tables.remove(table, { serviceId: item['serviceId'], ...(table === 'resources' ? { subjectId: item['subjectId'] } : {}) });
  outside = newOutside();
  outside.now = now;
  running = [];
  asked = [];
  const instanceWatch = {
    running: (_region: string, ids: readonly string[]) => {
      asked.push([...ids]);
      return Promise.resolve(running.filter(({ id }) => ids.includes(id)));
    },
  };
  services = { ...servicesOn(names, outside), instanceWatch: instanceWatch as unknown as Services['instanceWatch'] };
  for (const serviceId of ['shop', 'till']) await tables.put('services', { ...serviceRecord(), serviceId });
  for (const [serviceId, id] of [
    ['shop', instance],
    ['till', other],
  ] as const)
    for (const subjectId of ['entry#primary', `resource#primary#${id}`]) await tables.put('resources', subjectOf(serviceId, subjectId));
});

const kept = async (serviceId = 'shop') => (await services.evidence.kept(serviceId)).toSorted((a, b) => (a.subjectId < b.subjectId ? -1 : 1));
const record = (event: unknown) => recordEvidence(event, account, services);

describe('an event', () => {
  it('about an instance is kept with the service that has it, and with no other', async () => {
    expect(await record(stateChange())).toEqual({ recorded: 1 });
    expect(await kept()).toMatchObject([{ kind: 'state', names: [instance], status: 'open', side: 'primary' }]);
    expect(await kept('till')).toEqual([]);
  });

  it('about an instance of nobody is ignored', async () => {
    expect(await record(stateChange({}, { 'instance-id': 'i-0ffffffffffffffff' }))).toEqual({ recorded: 0, ignored: 'it concerns no service' });
  });

  it('about the Region is kept with every service that has a side there', async () => {
    expect(await record(health())).toEqual({ recorded: 2 });
    expect(await kept('till')).toMatchObject([{ scope: 'side', side: 'primary', impact: 'issue' }]);
  });

  it('that comes twice is kept once', async () => {
    await record(health());
    expect(await record(health())).toEqual({ recorded: 0 });
    expect(await kept()).toHaveLength(1);
  });

  it('that comes late does not undo a newer one', async () => {
    await record(stateChange({ time: '2026-03-02T12:01:00Z' }, { state: 'running' }));
    expect(await record(stateChange({ time: '2026-03-02T12:00:00Z' }, { state: 'stopping' }))).toEqual({ recorded: 0 });
    expect(await kept()).toMatchObject([{ status: 'closed' }]);
    const closed = health({ statusCode: 'closed', lastUpdatedTime: 'Mon, 02 Mar 2026 11:59:00 GMT' });
    await record(closed);
    await record(health());
    expect((await kept()).find(({ kind }) => kind === 'health')?.status).toBe('closed');
  });

  it('of a deployment is kept for its service', async () => {
    expect(await record(deployed({ service: 'shop', version: '7', side: 'primary' }))).toEqual({ recorded: 1 });
    expect(await kept()).toMatchObject([{ kind: 'deployment', label: 'deployment of 7 was completed' }]);
    expect(await record(deployed({ service: 'nobody' }))).toMatchObject({ recorded: 0 });
  });

  it('is no news when Forestall itself takes the instance away after a failover', async () => {
    await tables.put('resources', {
      ...{ serviceId: 'shop', subjectId: `retired#${instance}`, failoverId: 'f', instanceId: instance, status: 'stopped', updatedAt: iso(now) },
    });
    expect(await record(stateChange())).toMatchObject({ recorded: 0 });
    expect(await record(stateChange({ time: '2026-03-02T12:05:00Z' }, { state: 'running' }))).toEqual({ recorded: 1 });
  });

  it('that is malformed is refused, so that it ends where a person sees it', async () => {
    await expect(record(stateChange({}, { state: 'melted' }))).rejects.toThrow(InvalidEventError);
    await expect(record({ hello: 'world' })).rejects.toThrow(/a host event is not readable/);
    await expect(record(null)).rejects.toThrow(InvalidEventError);
    expect(await kept()).toEqual([]);
  });

  it('is replaced item by item when what is kept cannot be read', async () => {
    await tables.put('resources', { serviceId: 'shop', subjectId: `evidence#state#${instance}#${instance}`, kind: 'gossip' });
    expect(await kept()).toEqual([]);
    expect((await services.subjects.withEvidence('shop')).subjects).toHaveLength(2);
    await record(stateChange());
    expect(await kept()).toHaveLength(1);
  });
});

describe('events that come by the hundred', () => {
  const read = { index: 0, services: 0 };
  beforeEach(() => {
    Object.assign(read, { index: 0, services: 0 });
    const { subjects, services: all } = services;
    const due = subjects.due.bind(subjects);
    const every = all.all.bind(all);
    subjects.due = (...args) => {
      read.index++;
      return due(...args);
    };
    all.all = () => {
      read.services++;
      return every();
    };
  });
  const added = 'i-0cccccccccccccccc';
  const ofAdded = stateChange({}, { 'instance-id': added });

  it('read the index that dispatch-scoring reads once a minute, not once each', async () => {
    const events = Array.from({ length: 50 }, (_, index) => stateChange({}, { 'instance-id': `i-0fffffffffffff${100 + index}` }));
    const results = await Promise.all([...events, stateChange()].map(record));
    expect(results.reduce((sum, { recorded }) => sum + recorded, 0)).toBe(1);
    outside.now += minute - 1;
    await record(health());
    expect(read).toEqual({ index: 1, services: 1 });
    outside.now += 1;
    await record(stateChange({}, { state: 'running' }));
    expect(read).toEqual({ index: 2, services: 2 });
  });

  it('find an instance that was applied in the meantime within a minute', async () => {
    await record(stateChange());
    await tables.put('resources', subjectOf('shop', `resource#primary#${added}`));
    expect(await record(ofAdded)).toMatchObject({ recorded: 0 });
    outside.now += minute;
    expect(await record(ofAdded)).toEqual({ recorded: 1 });
  });

  it('find at once what a tick has found, which always reads', async () => {
    await record(stateChange());
    await tables.put('resources', subjectOf('shop', `resource#primary#${added}`));
    await askEc2(services);
    expect(asked).toEqual([[other, instance, added].sort()]);
    expect(await record(ofAdded)).toEqual({ recorded: 1 });
  });

  it('do not share an answer that failed', async () => {
    const { due } = services.subjects;
    services.subjects.due = () => Promise.reject(new Error('throttled'));
    await expect(record(stateChange())).rejects.toThrow('throttled');
    services.subjects.due = due;
    expect(await record(stateChange())).toEqual({ recorded: 1 });
  });
});

describe('EC2, when it is asked', () => {
  const announcement = {
    id: 'instance-event-1',
    code: 'instance-retirement',
    description: 'degraded hardware',
    notBefore: now + 300 * minute,
    notAfter: undefined,
  };
  const says = (changes: Partial<WatchedInstance> = {}): WatchedInstance => ({ id: instance, impaired: false, announcements: [], ...changes });

  it('is asked once for all instances of a Region, and nothing is written when all is well', async () => {
    running = [says(), says({ id: other })];
    expect(await askEc2(services)).toEqual({ instances: 2, recorded: 0 });
    expect(asked).toEqual([[other, instance].sort()]);
  });

  it('tells of announced events once, of a change again, and of their end', async () => {
    running = [says({ announcements: [announcement] })];
    expect(await askEc2(services)).toMatchObject({ recorded: 1 });
    expect(await kept()).toMatchObject([
      { kind: 'announced', impact: 'stop', from: iso(announcement.notBefore), until: iso(announcement.notBefore + 120 * minute) },
    ]);
    outside.now += 5 * minute;
    expect(await askEc2(services)).toMatchObject({ recorded: 0 });
    running = [says({ announcements: [{ ...announcement, notBefore: now + 900 * minute }] })];
    outside.now += 5 * minute;
    expect(await askEc2(services)).toMatchObject({ recorded: 1 });
    expect(await kept()).toMatchObject([{ from: iso(now + 900 * minute) }]);
    running = [says({ announcements: [{ ...announcement, description: '[Canceled] degraded hardware' }] })];
    outside.now += 5 * minute;
    await askEc2(services);
    expect(await kept()).toMatchObject([{ status: 'closed' }]);
  });

  it('ends what it does not mention any more, also when the instance is gone', async () => {
    running = [says({ announcements: [announcement], impaired: true })];
    await askEc2(services);
    expect((await kept()).map(({ kind, status }) => [kind, status])).toEqual([
      ['announced', 'open'],
      ['status', 'open'],
    ]);
    running = [];
    outside.now += 5 * minute;
    await askEc2(services);
    expect((await kept()).map(({ status }) => status)).toEqual(['closed', 'closed']);
  });

  it('is believed anew while a check fails, and for half an hour at most', async () => {
    running = [says({ impaired: true })];
    await askEc2(services);
    const first = (await kept())[0]?.validUntil ?? '';
    expect(first).toBe(iso(now + 30 * minute));
    outside.now += 20 * minute;
    await askEc2(services);
    expect((await kept())[0]?.validUntil).toBe(iso(now + 50 * minute));
    // It is booting: nothing is known, and what was said of the time before is over.
    running = [says({ impaired: undefined })];
    outside.now += 5 * minute;
    await askEc2(services);
    expect((await kept())[0]?.status).toBe('closed');
  });

  it('that does not answer for a Region changes nothing there, and fails aloud', async () => {
    running = [says({ impaired: true })];
    await askEc2(services);
    const instanceWatch = { running: () => Promise.reject(new Error('throttled')) } as unknown as Services['instanceWatch'];
    await expect(askEc2({ ...services, instanceWatch })).rejects.toThrow('throttled');
    expect((await kept())[0]?.status).toBe('open');
  });

  it('tells of every service and item but the one that cannot be written, which is named and written with the next tick', async () => {
    running = [says({ announcements: [announcement], impaired: true }), says({ id: other, impaired: true })];
    const write = services.evidence.record.bind(services.evidence);
    services.evidence.record = async (one) => {
      if (one.kind === 'announced') throw new Error('throttled');
      // The failure is known before the others have been written.
      await new Promise((resolve) => setTimeout(resolve, 50));
      return write(one);
    };
    await expect(askEc2(services)).rejects.toThrow(/^service 'shop': throttled$/);
    expect((await kept('shop')).map(({ kind }) => kind)).toEqual(['status']);
    expect((await kept('till')).map(({ kind }) => kind)).toEqual(['status']);
    services.evidence.record = write;
    expect(await askEc2(services)).toEqual({ instances: 2, recorded: 1 });
  });

  it('may say nonsense', async () => {
    running = [
      says({
        announcements: [
          { ...announcement, notBefore: Number.NaN },
          { ...announcement, id: 'instance-event-2', code: 'gossip', notBefore: now + 4e13 },
        ],
      }),
    ];
    expect(await askEc2(services)).toMatchObject({ recorded: 0 });
  });
});

describe('a side', () => {
  it('that is announced to lose its only instance scores as such, for whoever compares the sides', async () => {
    const last = { silent: false, timestamp: now - 2 * minute, failureProbability: 1, anomalyScore: 0, expectedInMinutes: null, reasons: [] };
    const detectorState = JSON.stringify({ version: 1, observedUntil: null, detector: null, last, requestsPerSecond: 10 });
    for (const subjectId of ['entry#primary', `resource#primary#${instance}`])
      await tables.put('resources', { ...subjectOf('shop', subjectId), detectorState });
    const before = await sideScores(serviceRecord(), services);
    running = [
      {
        id: instance,
        impaired: false,
        announcements: [{ id: 'e', code: 'instance-stop', description: '', notBefore: now + 20 * minute, notAfter: undefined }],
      },
    ];
    await askEc2(services);
    expect(before.primary).toBeLessThan(5);
    expect((await sideScores(serviceRecord(), services)).primary).toBeGreaterThan(90);
  });
});

describe('the handler', () => {
  const batch = (...events: unknown[]) => ({ Records: events.map((event, index) => ({ messageId: `message-${index}`, body: JSON.stringify(event) })) });
  const context = {
    invokedFunctionArn: `arn:aws:lambda:eu-central-1:${account}:function:forestall-record-evidence`,
    getRemainingTimeInMillis: () => 1000,
  } as Context;
  beforeEach(() => {
    Object.assign(process.env, handlerEnvironment);
    resetServices();
  });

  it('keeps events of its own account', async () => {
    const recent = new Date().toISOString();
    expect(await handler(batch(stateChange({ time: recent })), context)).toEqual({ batchItemFailures: [] });
    expect(EvidenceRecord.parse((await tables.resources('shop')).find(({ kind }) => kind === 'state'))).toMatchObject({ names: [instance] });
    const foreign = stateChange({ account: '999999999999', time: recent }, { state: 'running' });
    expect(await handler(batch(foreign), context)).toEqual({ batchItemFailures: [] });
    expect(await tables.resources('shop')).toContainEqual(expect.objectContaining({ kind: 'state', status: 'open' }));
  });

  it('gives back what cannot be read, and keeps the others of its batch', async () => {
    const { Records } = batch({ hello: 'world' }, stateChange({ time: new Date().toISOString() }));
    const garbled = { messageId: 'garbled', body: '{' };
    const result = await handler({ Records: [garbled, ...Records] }, context);
    expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: 'garbled' }, { itemIdentifier: 'message-0' }] });
    expect((await tables.resources('shop')).filter(({ kind }) => kind === 'state')).toHaveLength(1);
  });
});
