// The steps of mirroring on real tables: whatever is repeated, lost or done by two at once, the mirror is what was asked for and nothing else is left.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultTableName } from '../../core/contracts/deployment.ts';
import { launchToken, mirrorSubject, resourceSubject } from '../../core/contracts/names.ts';
import { type MirroringLevel, Plan } from '../../core/contracts/plan.ts';
import type { ServiceRecord } from '../../core/contracts/records.ts';
import { NotActingError } from '../../lambdas/acting.ts';
import { attachToClients } from '../../lambdas/adapters/clients.ts';
import { checkStandby } from '../../lambdas/check-standby/check-standby.ts';
import { copySnapshots } from '../../lambdas/copy-snapshots/copy-snapshots.ts';
import { createSnapshots } from '../../lambdas/create-snapshots/create-snapshots.ts';
import { SnapshotError } from '../../lambdas/mirroring/snapshot-error.ts';
import { planMirroring } from '../../lambdas/plan-mirroring/plan-mirroring.ts';
import { prepareStandby } from '../../lambdas/prepare-standby/prepare-standby.ts';
import { recordLevel } from '../../lambdas/record-level/record-level.ts';
import { retireSnapshots } from '../../lambdas/retire-snapshots/retire-snapshots.ts';
import type { Services } from '../../lambdas/services.ts';
import { sweepOrphans } from '../../lambdas/sweep-orphans/sweep-orphans.ts';
import { MemoryKind, MemoryTargets } from '../fixtures/memory-kind.ts';
import { planInput } from '../fixtures/plan.ts';
import { serviceRecord } from '../fixtures/service.ts';
import { newOutside, type Outside, servicesOn } from '../fixtures/services.ts';
import { startTables, type TestTables } from '../fixtures/tables.ts';

const minute = 60_000;
const hour = 60 * minute;
const names = {
  services: defaultTableName('services'),
  resources: defaultTableName('resources'),
  assessments: defaultTableName('assessments'),
  failovers: defaultTableName('failovers'),
};
const workflow = { serviceId: 'shop', workflowId: 'w1' };

let tables: TestTables;
let outside: Outside;
let kind: MemoryKind;
let targets: MemoryTargets;
let services: Services;

beforeAll(() => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
});
afterAll(async () => {
  attachToClients(undefined);
  delete process.env['AWS_ENDPOINT_URL'];
  await tables.close();
});

beforeEach(async () => {
  attachToClients(undefined);
  if (tables) await tables.close();
  tables = await startTables();
  process.env['AWS_ENDPOINT_URL'] = tables.endpoint;
  outside = newOutside();
  kind = new MemoryKind();
  targets = new MemoryTargets();
  services = { ...servicesOn(names, outside), kinds: { 'ec2-instance': kind }, targets: targets as unknown as Services['targets'] };
  await setService();
  await setEntry('partial');
});

const setService = (changes: Partial<ServiceRecord> = {}) => tables.put('services', { ...serviceRecord(changes) });
const setEntry = (level: MirroringLevel) =>
  tables.put('resources', {
    ...{ serviceId: 'shop', subjectId: 'entry#primary', side: 'primary', kind: 'entry', region: 'eu-west-1', metrics: [], shard: 'due#0' },
    ...{ score: 3, level, nextDueAt: '2026-03-02T12:00:00.000Z' },
  });
const addResource = (id: string) =>
  tables.put('resources', {
    ...{ serviceId: 'shop', subjectId: resourceSubject('primary', id), side: 'primary', kind: 'ec2-instance', region: 'eu-west-1', metrics: [] },
    ...{ shard: 'due#0', score: 3, nextDueAt: '2026-03-02T12:00:00.000Z' },
  });
const prepare = (level: MirroringLevel, workflowId = 'w1') => prepareStandby({ serviceId: 'shop', workflowId, level }, services);
const check = (level: MirroringLevel, minutesAgo = 0) =>
  checkStandby({ ...workflow, level, startedAt: new Date(outside.now - minutesAgo * minute).toISOString() }, services);
const mirrors = () => services.mirrors.instances('shop');
/** The standby at a level, ready. */
async function standbyAt(level: MirroringLevel): Promise<void> {
  await prepare(level);
  kind.settle();
  await check(level);
  expect(await check(level)).toEqual({ decision: 'ready' });
  kind.changes.length = 0;
}

describe('levels', () => {
  it('go up and down: instances are started, registered, and taken away', async () => {
    expect(await prepare('partial')).toEqual({ decision: 'wait' });
    expect(kind.alive()).toHaveLength(3);
    expect(await check('partial')).toEqual({ decision: 'wait' });
    expect(targets.registered.size).toBe(0);
    kind.settle();
    expect(await check('partial')).toEqual({ decision: 'wait' });
    expect(await check('partial')).toEqual({ decision: 'ready' });
    expect((await mirrors()).map(({ status }) => status)).toEqual(['ready', 'ready', 'ready']);

    await standbyAt('full');
    expect(kind.alive()).toHaveLength(4);
    expect(targets.registered.size).toBe(4);

    expect(await prepare('partial')).toEqual({ decision: 'ready' });
    expect(kind.alive()).toHaveLength(3);
    expect(targets.registered.size).toBe(3);
    expect((await mirrors()).map(({ status }) => status)).toEqual(['ready', 'ready', 'ready', 'terminated']);

    expect(await prepare('minimal')).toEqual({ decision: 'ready' });
    expect(kind.alive()).toEqual([]);
    await standbyAt('full');
    expect((await mirrors()).map(({ generation }) => generation)).toEqual([2, 2, 2, 2]);
  });

  it('do not go down while a failover that was held has left traffic on the standby, or while nobody can tell', async () => {
    await standbyAt('full');
    outside.weights = { primary: 50, standby: 50 };
    expect(await prepare('partial')).toEqual({ decision: 'ready' });
    expect(kind.alive()).toHaveLength(4);
    services = { ...services, router: { read: () => Promise.reject(new Error('Route 53 does not answer')) } as unknown as Services['router'] };
    expect(await prepare('partial')).toEqual({ decision: 'ready' });
    expect(kind.alive()).toHaveLength(4);
    expect(kind.changes).toEqual([]);
  });

  it('are reached once: a repeat changes nothing', async () => {
    await standbyAt('full');
    expect(await prepare('full')).toEqual({ decision: 'ready' });
    expect(await check('full')).toEqual({ decision: 'ready' });
    expect(kind.changes).toEqual([]);
  });

  it('start what was stopped', async () => {
    await standbyAt('partial');
    kind.set('i-2', 'stopped');
    expect(await prepare('partial')).toEqual({ decision: 'wait' });
    expect(kind.changes).toEqual(['start i-2']);
  });

  it('are what plan-mirroring asks for, and nothing is asked for once they are there', async () => {
    expect(await planMirroring(workflow, services)).toMatchObject({ decision: 'adjust', level: 'partial', standby: true, snapshot: true, canary: false });
    await standbyAt('partial');
    await services.services.setSnapshotTaken('shop', new Date(outside.now).toISOString());
    expect(await planMirroring(workflow, services)).toEqual({ decision: 'nothing', level: 'partial', standby: false, snapshot: false, canary: false });
    await setEntry('full');
    expect(await planMirroring(workflow, services)).toMatchObject({ decision: 'adjust', level: 'full', standby: true, canary: true });
  });

  it('of full is recorded only with a canary that passed', async () => {
    await recordLevel({ ...workflow, level: 'full' }, services);
    expect(await services.services.get('shop')).toMatchObject({ level: 'partial' });
    expect(outside.told).toMatchObject([{ severity: 'page', lines: ['there is no verdict'] }]);
    await services.services.setCanary('shop', { verdict: 'pass', at: new Date(outside.now).toISOString(), target: 'standby', method: 'probes', reasons: [] });
    await recordLevel({ ...workflow, level: 'full' }, services);
    expect(await services.services.get('shop')).toMatchObject({ level: 'full' });
  });
});

describe('two at once', () => {
  it('never start more than the level asks for', async () => {
    await Promise.all([prepare('full', 'w1'), prepare('full', 'w2'), prepare('partial', 'w3')]);
    expect(kind.instances.size).toBe(4);
    expect(new Set((await mirrors()).map(({ instanceId }) => instanceId)).size).toBe(4);
  });

  it('nor when EC2 does not show yet what was just started', async () => {
    kind.slowToShow = true;
    await prepare('full', 'w1');
    await prepare('full', 'w2');
    expect(await check('full')).toEqual({ decision: 'wait' });
    expect(await planMirroring(workflow, services)).toMatchObject({ standby: true });
    expect(kind.instances.size).toBe(4);
    kind.settle();
    await check('full');
    expect(await check('full')).toEqual({ decision: 'ready' });
  });

  it('and what never appears is lost after a while', async () => {
    kind.slowToShow = true;
    await prepare('partial');
    outside.now += 3 * minute;
    expect(await check('partial')).toEqual({ decision: 'failed' });
  });

  it('do not overwrite what another has begun meanwhile', async () => {
    await tables.put('resources', {
      ...{ serviceId: 'shop', subjectId: mirrorSubject(0), slot: 0, generation: 1, status: 'terminated', updatedAt: '2026-03-02T11:00:00.000Z' },
    });
    let raced = false;
    kind.duringLaunch = async () => {
      if (raced) return;
      raced = true;
      // While the first waits for EC2, another finds its instance lost and uses the place anew.
      await services.mirrors.save({
        ...{ serviceId: 'shop', subjectId: mirrorSubject(0), slot: 0, generation: 2, instanceId: 'i-1', status: 'launched' },
        updatedAt: '2026-03-02T11:00:00.000Z',
      });
      kind.set('i-1', 'terminated');
      await prepare('partial', 'w2');
    };
    await prepare('partial', 'w1');
    expect((await mirrors())[0]).toMatchObject({ generation: 3, status: 'launched' });
    expect(kind.alive()).toHaveLength(3);
    expect((await mirrors()).map(({ instanceId }) => instanceId).sort()).toEqual(kind.alive().sort());
  });
});

describe('a crash', () => {
  it('after the intention: the launch is made under the same token', async () => {
    kind.failing.add('!launch');
    await expect(prepare('partial')).rejects.toThrow('launch');
    expect(await mirrors()).toMatchObject([{ slot: 0, generation: 1, status: 'intended' }]);
    kind.failing.clear();
    await prepare('partial');
    expect([...kind.tokens.keys()]).toEqual([0, 1, 2].map((slot) => launchToken('shop', slot, 1)));
  });

  it('after the launch: the retry gets the same instance', async () => {
    kind.failing.add(`launch ${launchToken('shop', 1, 1)}`);
    await expect(prepare('partial')).rejects.toThrow('lost');
    kind.failing.clear();
    await prepare('partial');
    expect(kind.instances.size).toBe(3);
    expect((await mirrors()).map(({ instanceId }) => instanceId)).toEqual(['i-1', 'i-2', 'i-3']);
  });

  it('after the launch, swept up before the retry: another instance is started, not waited for', async () => {
    kind.failing.add(`launch ${launchToken('shop', 2, 1)}`);
    await expect(prepare('partial')).rejects.toThrow('lost');
    kind.failing.clear();
    outside.now += hour;
    expect(await sweepOrphans(services)).toEqual({ settled: 0, aligned: 0, terminated: 1 });
    kind.set('i-3', 'terminated');
    await prepare('partial');
    expect((await mirrors())[2]).toMatchObject({ generation: 2, instanceId: 'i-4', status: 'launched' });
    expect(kind.alive()).toEqual(['i-1', 'i-2', 'i-4']);
  });

  it('between taking away and recording it: the place can be used again', async () => {
    await standbyAt('full');
    kind.failing.add('terminate i-4');
    await expect(prepare('partial')).rejects.toThrow('lost');
    kind.failing.clear();
    expect(await prepare('partial')).toEqual({ decision: 'ready' });
    await standbyAt('full');
    expect(kind.alive()).toEqual(['i-1', 'i-2', 'i-3', 'i-5']);
  });
});

describe('waiting for the standby', () => {
  it('ends when an instance is lost, and the next workflow replaces it', async () => {
    await prepare('partial');
    kind.settle();
    kind.set('i-2', 'terminated');
    await check('partial');
    expect(await check('partial')).toEqual({ decision: 'failed' });
    await prepare('partial', 'w2');
    kind.settle();
    await check('partial');
    expect(await check('partial')).toEqual({ decision: 'ready' });
    expect(kind.alive()).toEqual(['i-1', 'i-3', 'i-4']);
  });

  it('ends after 20 minutes', async () => {
    await prepare('partial');
    expect(await check('partial', 19)).toEqual({ decision: 'wait' });
    expect(await check('partial', 21)).toEqual({ decision: 'failed' });
  });

  it('is not over while a target is unhealthy', async () => {
    await standbyAt('partial');
    targets.registered.set('i-1', 'other');
    expect(await check('partial')).toEqual({ decision: 'wait' });
  });
});

describe('nothing is taken away', () => {
  it.each<[string, Partial<ServiceRecord>]>([
    ['while the standby serves', { activeSide: 'standby' }],
    ['while a side is latched', { latched: { primary: '2026-03-02T11:00:00.000Z' } }],
    ['while a failover holds the lock', { lock: { holder: 'f1', token: 1, expiresAt: '2026-03-02T13:00:00.000Z' } }],
  ])('%s', async (_when, changes) => {
    await standbyAt('full');
    await setService(changes);
    await prepare('minimal');
    expect(kind.changes).toEqual([]);
    kind.set('i-99', 'running');
    expect(await sweepOrphans(services)).toMatchObject({ terminated: 0 });
    expect(kind.alive()).toHaveLength(5);
  });

  it('when the lock is taken while instances are being started', async () => {
    await standbyAt('full');
    kind.set('i-1', 'terminated');
    kind.duringLaunch = () => setService({ lock: { holder: 'f1', token: 1, expiresAt: '2026-03-02T13:00:00.000Z' } });
    await prepare('partial');
    expect(kind.alive()).toHaveLength(4);
  });

  it('but is once the lease has run out', async () => {
    await standbyAt('full');
    await setService({ lock: { holder: 'f1', token: 1, expiresAt: '2026-03-02T11:00:00.000Z' } });
    await prepare('partial');
    expect(kind.alive()).toHaveLength(3);
  });

  it('nor asked for while the standby serves', async () => {
    await setService({ activeSide: 'standby' });
    expect(await planMirroring(workflow, services)).toMatchObject({ decision: 'nothing' });
  });
});

describe('a service that does not act', () => {
  const steps: [string, () => Promise<unknown>][] = [
    ['prepare-standby', () => prepare('full')],
    ['check-standby', () => check('full')],
    ['create-snapshots', () => createSnapshots(workflow, services)],
    ['copy-snapshots', () => copySnapshots({ ...workflow, startedAt: new Date(outside.now).toISOString() }, services)],
    ['retire-snapshots', () => retireSnapshots(workflow, services)],
  ];
  const states: [string, Partial<ServiceRecord>][] = [
    ['in mode observe', { mode: 'observe' }],
    ['in mode advise', { mode: 'advise' }],
    ['with its kill switch on', { killSwitch: true }],
  ];

  it.each(states.flatMap(([state, changes]) => steps.map(([step, run]) => [step, state, changes, run] as const)))(
    '%s changes nothing %s',
    async (_step, _state, changes, run) => {
      await addResource('i-a');
      await setService(changes);
      await expect(run()).rejects.toBeInstanceOf(NotActingError);
      expect(kind.changes).toEqual([]);
      expect(targets.registered.size).toBe(0);
    },
  );

  it.each(states)('%s plans nothing', async (_state, changes) => {
    await setService(changes);
    expect(await planMirroring(workflow, services)).toMatchObject({ decision: 'nothing' });
    expect(outside.told).toHaveLength(changes.mode === 'advise' ? 1 : 0);
  });
});

describe('snapshots', () => {
  const copy = (workflowId = 'w1', hoursAgo = 0) =>
    copySnapshots({ serviceId: 'shop', workflowId, startedAt: new Date(outside.now - hoursAgo * hour).toISOString() }, services);
  const retire = (workflowId = 'w1') => retireSnapshots({ serviceId: 'shop', workflowId }, services);
  const create = (workflowId = 'w1') => createSnapshots({ serviceId: 'shop', workflowId }, services);
  const records = () => services.mirrors.snapshots('shop');
  const kept = (prefix: string) => [...kind.snapshots.keys()].filter((id) => id.startsWith(prefix));
  /** One whole workflow. */
  async function whole(workflowId: string): Promise<void> {
    await create(workflowId);
    kind.settle();
    await copy(workflowId);
    kind.settle();
    expect(await copy(workflowId)).toEqual({ decision: 'copied' });
    await retire(workflowId);
    outside.now += hour;
  }
  beforeEach(async () => {
    await addResource('i-a');
    await addResource('i-b');
  });

  it('are taken once for a decision, of every resource of the primary', async () => {
    expect(await create()).toEqual({ decision: 'created' });
    expect(await create()).toEqual({ decision: 'nothing' });
    expect(kind.changes).toEqual(['snapshot i-a', 'snapshot i-b']);
    expect((await services.services.get('shop')).lastSnapshotAt).toBe(new Date(outside.now).toISOString());
  });

  it('are the same after a lost answer', async () => {
    kind.failing.add('snapshot');
    await expect(create()).rejects.toThrow('lost');
    kind.failing.clear();
    await create();
    expect(kind.snapshots.size).toBe(4);
    expect((await records()).map(({ status, snapshotIds }) => [status, snapshotIds.length])).toEqual([
      ['created', 2],
      ['created', 2],
    ]);
  });

  it('of the others are taken when one resource cannot be: the workflow says so at its end', async () => {
    kind.failing.add('!snapshot i-a');
    expect(await create()).toEqual({ decision: 'created' });
    expect((await services.services.get('shop')).lastSnapshotAt).toBeDefined();
    kind.settle();
    await copy();
    kind.settle();
    expect(await copy()).toEqual({ decision: 'copied' });
    await expect(retire()).rejects.toThrow(/no snapshot of i-a/);
    expect(kept('copy')).toHaveLength(2);
  });

  it('are not said to be taken when none is', async () => {
    kind.failing.add('!snapshot');
    await expect(create()).rejects.toThrow('failed');
    expect((await services.services.get('shop')).lastSnapshotAt).toBeUndefined();
  });

  it('are copied when they are complete, and not before', async () => {
    await create();
    expect(await copy()).toEqual({ decision: 'wait' });
    expect(kept('copy')).toEqual([]);
    kind.settle();
    expect(await copy()).toEqual({ decision: 'wait' });
    expect(await copy()).toEqual({ decision: 'wait' });
    kind.settle();
    expect(await copy()).toEqual({ decision: 'copied' });
    expect(await copy()).toEqual({ decision: 'copied' });
    expect(kept('copy')).toHaveLength(4);
  });

  it('are copied once, whatever answer is lost', async () => {
    await create();
    kind.settle();
    kind.failing.add('copy snap-i-a-data-w1');
    await expect(copy()).rejects.toThrow('lost');
    kind.failing.clear();
    await copy();
    kind.settle();
    expect(await copy()).toEqual({ decision: 'copied' });
    expect(kept('copy')).toHaveLength(4);
  });

  it('wait when the Region copies as many as it can', async () => {
    kind.copyLimit = 1;
    await create();
    kind.settle();
    for (let rest = 4; rest > 0; rest--) {
      expect(await copy()).toEqual({ decision: 'wait' });
      kind.settle();
    }
    await copy();
    expect(await copy()).toEqual({ decision: 'copied' });
  });

  it('that fail, or never end, end the workflow', async () => {
    await create();
    kind.settle();
    await copy();
    await expect(copy('w1', 25)).rejects.toBeInstanceOf(SnapshotError);
    const first = kind.snapshots.get('copy-of-snap-i-a-root-w1');
    if (first) first.state = 'error';
    await expect(copy()).rejects.toThrow(/copy-of-snap-i-a-root-w1 in eu-central-1 failed/);
  });

  it('are kept as complete sets, as many as the plan says, in both Regions', async () => {
    for (const workflowId of ['w1', 'w2', 'w3', 'w4']) await whole(workflowId);
    await create('w5');
    await retire('w5');
    expect(kept('snap-i-a')).toHaveLength(3 * 2 + 2);
    expect(kept('copy-of-snap-i-a')).toHaveLength(3 * 2);
    expect(kept('snap-i-a-root')).toEqual(['w2', 'w3', 'w4', 'w5'].map((id) => `snap-i-a-root-${id}`));
    kind.changes.length = 0;
    await retire('w5');
    expect(kind.changes).toEqual([]);
  });

  it('that nobody wrote down, because the answer was lost, are found by their tags and removed with their decision', async () => {
    kind.failing.add('snapshot i-a');
    await create();
    kind.failing.clear();
    kind.settle();
    kind.failing.add('copy snap-i-b-root-w1');
    await expect(copy()).rejects.toThrow('lost');
    kind.failing.clear();
    expect((await records()).map(({ status, copyIds }) => [status, copyIds])).toEqual([
      ['intended', []],
      ['created', []],
    ]);
    expect([kept('snap-i-a'), kept('copy')]).toEqual([expect.objectContaining({ length: 2 }), ['copy-of-snap-i-b-root-w1']]);
    outside.now += 49 * hour;
    await whole('w2');
    expect(kept('snap-i').every((id) => id.endsWith('-w2'))).toBe(true);
    expect(kept('copy').every((id) => id.endsWith('-w2'))).toBe(true);
    expect((await records()).map(({ status }) => status)).toEqual(['retired', 'retired', 'copied', 'copied']);
  });

  it('of a workflow that failed are removed after two days, from both Regions', async () => {
    await create();
    kind.settle();
    kind.copyLimit = 3;
    await copy();
    expect(kept('copy')).toHaveLength(3);
    outside.now += 47 * hour;
    await whole('w2').catch(() => undefined);
    kind.copyLimit = 20;
    outside.now += 2 * hour;
    await whole('w3');
    expect([...kind.snapshots.keys()].filter((id) => id.endsWith('w1'))).toEqual([]);
    expect(kept('snap-i-a-root')).toContain('snap-i-a-root-w3');
  });

  it('go on with the deletion that a crash left', async () => {
    await setService({ plan: Plan.parse(planInput({ mirroring: { keepSnapshots: 1 } })) });
    await whole('w1');
    await create('w2');
    kind.settle();
    await copy('w2');
    kind.settle();
    await copy('w2');
    kind.failing.add('delete copy-of-snap-i-a-root-w1');
    await expect(retire('w2')).rejects.toThrow('lost');
    kind.failing.clear();
    await retire('w2');
    expect([...kind.snapshots.keys()].filter((id) => id.endsWith('w1'))).toEqual([]);
  });
});
