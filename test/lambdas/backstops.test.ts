// What keeps things going when a part of Forestall failed: dispatch, starting, settling, sweeping.
import type { Context } from 'aws-lambda';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { defaultTableName, environment } from '../../core/contracts/deployment.ts';
import { detailType, type FailedExecution, type WorkflowEvent } from '../../core/contracts/events.ts';
import type { FailoverInput, ScoringMessage } from '../../core/contracts/workflow.ts';
import { attachToClients } from '../../lambdas/adapters/clients.ts';
import { UnknownServiceError } from '../../lambdas/adapters/service-store.ts';
import { confirmEvacuation } from '../../lambdas/confirm-evacuation/confirm-evacuation.ts';
import { dispatchScoring } from '../../lambdas/dispatch-scoring/dispatch-scoring.ts';
import { handOver } from '../../lambdas/hand-over/hand-over.ts';
import { openFailover } from '../../lambdas/open-failover/open-failover.ts';
import { resetServices, type Services } from '../../lambdas/services.ts';
import { handler as settleHandler } from '../../lambdas/settle-execution/handler.ts';
import { settleExecution } from '../../lambdas/settle-execution/settle-execution.ts';
import { shiftTraffic } from '../../lambdas/shift-traffic/shift-traffic.ts';
import { startWorkflow } from '../../lambdas/start-workflow/start-workflow.ts';
import { sweepOrphans } from '../../lambdas/sweep-orphans/sweep-orphans.ts';
import { MemoryKind } from '../fixtures/memory-kind.ts';
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
const step = { serviceId: 'shop', failoverId: 'f1' };
const request: FailoverInput = {
  ...step,
  kind: 'predictive',
  drill: null,
  score: null,
  from: 'primary',
  to: 'standby',
  expectedInMinutes: null,
  reasons: ['score 91'],
};

let tables: TestTables;
let outside: Outside;
let kind: MemoryKind;
let services: Services;
let sent: ScoringMessage[];
let order: string[];
/** what Step Functions says of executions: by machine */
let executions: Record<string, string>;

beforeEach(async () => {
  attachToClients(undefined);
  if (tables) await tables.close();
  tables = await startTables();
  Object.assign(process.env, { AWS_ENDPOINT_URL: tables.endpoint, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  outside = newOutside();
  kind = new MemoryKind();
  sent = [];
  order = [];
  executions = {};
  const base = servicesOn(names, outside);
  const report = base.telemetry.reportEvacuated.bind(base.telemetry);
  const fakes = {
    queue: {
      send: (messages: readonly ScoringMessage[]) => {
        order.push('queue');
        sent.push(...messages);
        return Promise.resolve();
      },
    },
    telemetry: {
      ...base.telemetry,
      reportEvacuated: (...given: Parameters<typeof report>) => {
        order.push('latch');
        return outside.unreachable ? Promise.reject(new Error('CloudWatch does not answer')) : report(...given);
      },
    },
    workflows: { start: base.workflows.start.bind(base.workflows), status: (machine: string) => Promise.resolve(executions[machine] ?? 'unknown') },
    kinds: { 'ec2-instance': kind },
  };
  services = { ...base, ...(fakes as unknown as Pick<Services, 'queue' | 'telemetry' | 'workflows' | 'kinds'>) };
  await tables.put('services', { ...serviceRecord() });
});
afterAll(async () => {
  attachToClients(undefined);
  delete process.env['AWS_ENDPOINT_URL'];
  await tables.close();
});

const service = () => services.services.get('shop');
const record = (failoverId = 'f1') => services.failovers.get(failoverId);
const due = (serviceId: string, subjectId: string, minutesAgo = 0) =>
  tables.put('resources', { serviceId, subjectId, shard: 'due#0', nextDueAt: new Date(outside.now - minutesAgo * minute).toISOString() });

describe('dispatching', () => {
  it('puts what is due on the queue, one message a service', async () => {
    await due('shop', 'entry#primary');
    await due('shop', 'resource#primary#i-1', 3);
    await due('till', 'entry#primary', 1);
    await due('till', 'entry#standby', -1);
    expect(await dispatchScoring(services)).toEqual({ dispatched: 3, latched: 0 });
    expect(sent).toHaveLength(2);
    expect(sent).toContainEqual({ serviceId: 'till', subjectIds: ['entry#primary'] });
    expect(sent.find(({ serviceId }) => serviceId === 'shop')?.subjectIds.sort()).toEqual(['entry#primary', 'resource#primary#i-1']);
  });

  it('repeats every latch each minute, before anything else', async () => {
    await services.subjects.addLatch('shop', 'primary', new Date(outside.now).toISOString());
    await due('shop', 'entry#standby');
    for (let index = 0; index < 3; index++) {
      expect(await dispatchScoring(services)).toEqual({ dispatched: 1, latched: 1 });
      outside.now += minute;
    }
    expect(outside.evacuated).toEqual([1, 2, 3].map(() => ({ side: 'primary', evacuated: true })));
    expect(order).toEqual(['latch', 'queue', 'latch', 'queue', 'latch', 'queue']);
  });

  it('repeats the end of a latch as well, for a while: the evacuation check keeps the last value that it heard', async () => {
    await services.subjects.addLatch('shop', 'primary', new Date(outside.now).toISOString());
    await services.subjects.removeLatch('shop', 'primary', new Date(outside.now).toISOString());
    for (let index = 0; index < 20; index++) {
      expect(await dispatchScoring(services)).toMatchObject({ dispatched: 0, latched: 0 });
      outside.now += minute;
    }
    expect(outside.evacuated).toEqual(Array.from({ length: 17 }, () => ({ side: 'primary', evacuated: false })));
    expect(await tables.resources('shop')).toEqual([]);
  });

  it('latches again a side whose latch has just been lifted', async () => {
    const at = new Date(outside.now).toISOString();
    await services.subjects.addLatch('shop', 'primary', at);
    await services.subjects.removeLatch('shop', 'primary', at);
    await services.subjects.addLatch('shop', 'primary', at);
    await dispatchScoring(services);
    expect(outside.evacuated).toEqual([{ side: 'primary', evacuated: true }]);
  });

  it('sends what is due also when a latch could not be repeated, and fails then', async () => {
    await services.subjects.addLatch('shop', 'primary', new Date(outside.now).toISOString());
    await due('shop', 'entry#standby');
    outside.unreachable = true;
    await expect(dispatchScoring(services)).rejects.toThrow('does not answer');
    expect(sent).toHaveLength(1);
  });

  it('leaves out a name that it does not know', async () => {
    await due('shop', 'something#else');
    await due('shop', 'entry#primary');
    await services.subjects.addLatch('shop', 'primary', new Date(outside.now).toISOString());
    expect(await dispatchScoring(services)).toEqual({ dispatched: 1, latched: 1 });
  });

  it('asks nothing for nothing', async () => {
    expect(await dispatchScoring(services)).toEqual({ dispatched: 0, latched: 0 });
    expect(order).toEqual([]);
  });
});

describe('settling executions', () => {
  const failed = (machine: string, input: unknown, changes: Partial<z.infer<typeof FailedExecution>['detail']> = {}): z.infer<typeof FailedExecution> => ({
    detail: {
      executionArn: `arn:aws:states:eu-central-1:111122223333:execution:forestall-${machine}:f1`,
      stateMachineArn: `arn:aws:states:eu-central-1:111122223333:stateMachine:forestall-${machine}`,
      ...{ name: 'f1', status: 'TIMED_OUT', input: JSON.stringify(input) },
      ...changes,
    },
  });
  const nested = { AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn:aws:states:eu-central-1:111122223333:execution:forestall-fail-over:f1' };

  it('holds a failover that had changed nothing', async () => {
    await openFailover(request, services);
    expect(await settleExecution(failed('fail-over', request), services)).toBe('ended');
    expect(await record()).toMatchObject({ outcome: 'held', reasons: expect.arrayContaining(['execution f1 of forestall-fail-over ended as TIMED_OUT']) });
    expect((await service()).lock).toBeUndefined();
  });

  it('rolls back one that had, once, and halts when that fails as well', async () => {
    await openFailover(request, services);
    await shiftTraffic(step, services);
    expect(await settleExecution(failed('fail-over', request), services)).toBe('rolling-back');
    expect(await settleExecution(failed('fail-over', request), services)).toBe('rolling-back');
    expect(outside.started).toHaveLength(1);
    const rollBack = { name: String(outside.started[0]?.name), status: 'ABORTED' as const };
    expect(await settleExecution(failed('roll-back', outside.started[0]?.input, rollBack), services)).toBe('halted');
    expect(await record()).toMatchObject({ outcome: 'halted' });
    expect((await service()).lock).toBeUndefined();
  });

  it('leaves a nested execution to the machine that started it', async () => {
    await openFailover(request, services);
    await shiftTraffic(step, services);
    for (const machine of ['shift-traffic', 'roll-back', 'warm-standby', 'mirror-canary'])
      expect(await settleExecution(failed(machine, { ...step, ...nested }, { status: 'FAILED' }), services)).toBe('left to its caller');
    expect(outside.started).toEqual([]);
    expect((await record()).endedAt).toBeUndefined();
    expect(outside.told).toEqual([]);
  });

  it('halts a failover past the point of no return, and holds an evacuation that had latched nothing', async () => {
    await openFailover(request, services);
    await handOver(step, services);
    expect(await settleExecution(failed('fail-over', request), services)).toBe('halted');
    expect(outside.told.at(-1)).toMatchObject({ severity: 'page' });

    await services.failovers.create({
      ...(await record()),
      failoverId: 'e1',
      kind: 'evacuation',
      pointOfNoReturn: false,
      outcome: undefined,
      endedAt: undefined,
    });
    expect(await settleExecution(failed('evacuate', { ...step, failoverId: 'e1' }), services)).toBe('ended');
    expect(await record('e1')).toMatchObject({ outcome: 'held', reasons: expect.arrayContaining(['nothing had been latched']) });
  });

  it('ends a record once, however often the event comes', async () => {
    await openFailover(request, services);
    await settleExecution(failed('fail-over', request), services);
    const first = await record();
    outside.now += minute;
    expect(await settleExecution(failed('fail-over', request, { status: 'FAILED' }), services)).toBe('ended');
    expect(await record()).toEqual(first);
  });

  it.each<[string, string | undefined]>([
    ['of a failover that was never recorded', JSON.stringify(step)],
    ['of mirroring', JSON.stringify({ serviceId: 'shop', workflowId: 'w1' })],
    ['that cannot be read', '{"serviceId": '],
    ['that is none', undefined],
  ])('tells people of an input %s', async (_what, input) => {
    const event = failed('adjust-mirroring', {});
    const { input: _input, ...detail } = event.detail;
    expect(await settleExecution({ detail: input === undefined ? detail : { ...detail, input } }, services)).toBe('told');
    expect(outside.told).toMatchObject([{ severity: 'page' }]);
  });

  it('refuses an event that is not one', async () => {
    await expect(settleHandler({ detail: { status: 'RUNNING' } } as never, { functionName: 'x' } as unknown as Context)).rejects.toMatchObject({
      name: 'ParseError',
    });
  });
});

describe('sweeping', () => {
  const late = () => {
    outside.now += 11 * minute;
  };

  it('settles a failover whose execution is gone', async () => {
    await openFailover(request, services);
    late();
    expect(await sweepOrphans(services)).toMatchObject({ settled: 1 });
    expect(await record()).toMatchObject({ outcome: 'held', reasons: expect.arrayContaining(['its execution is gone (unknown)']) });
    expect(await services.failovers.running()).toEqual([]);
    expect(await sweepOrphans(services)).toMatchObject({ settled: 0 });
  });

  it('settles one whose lease ran out long ago', async () => {
    await openFailover(request, services);
    await services.failovers.removeRunning('f1');
    outside.now += 5 * hour;
    executions['fail-over'] = 'FAILED';
    expect(await sweepOrphans(services)).toMatchObject({ settled: 1 });
    expect((await service()).lock).toBeUndefined();
  });

  it.each(['fail-over', 'roll-back'])('leaves one alone while %s runs', async (machine) => {
    await openFailover(request, services);
    outside.now += 5 * hour;
    executions[machine] = 'RUNNING';
    expect(await sweepOrphans(services)).toMatchObject({ settled: 0 });
    expect((await record()).endedAt).toBeUndefined();
  });

  it('leaves a young one alone', async () => {
    await openFailover(request, services);
    outside.now += 9 * minute;
    expect(await sweepOrphans(services)).toMatchObject({ settled: 0 });
  });

  it('looks for an evacuation under its own machine', async () => {
    await tables.put('resources', {
      ...{ serviceId: 'shop', subjectId: 'entry#primary', side: 'primary', kind: 'entry', region: 'eu-west-1', metrics: [], shard: 'due#0', score: 3 },
      ...{ nextDueAt: '2026-03-02T12:00:00.000Z', healthChecks: { primary: 'check-1', standby: 'check-2', readAt: 0 } },
    });
    outside.health = { primary: 0, standby: 1 };
    outside.probes.primary = { failed: 50, slow: 0 };
    await confirmEvacuation({ ...step, from: 'primary', to: 'standby', decidedAt: '2026-03-02T11:59:00.000Z' }, services);
    late();
    executions['evacuate'] = 'RUNNING';
    expect(await sweepOrphans(services)).toMatchObject({ settled: 0 });
    executions['evacuate'] = 'ABORTED';
    expect(await sweepOrphans(services)).toMatchObject({ settled: 1 });
    expect(await record()).toMatchObject({ outcome: 'held' });
  });

  it('rolls back one that had changed weights, waits for that, and halts when it came to nothing', async () => {
    await openFailover(request, services);
    await shiftTraffic(step, services);
    late();
    executions['fail-over'] = 'ABORTED';
    await sweepOrphans(services);
    expect(outside.started).toMatchObject([{ machine: 'roll-back' }]);
    executions['roll-back'] = 'RUNNING';
    await sweepOrphans(services);
    expect((await record()).endedAt).toBeUndefined();
    executions['roll-back'] = 'TIMED_OUT';
    await sweepOrphans(services);
    expect(await record()).toMatchObject({ outcome: 'halted' });
    expect((await service()).lock).toBeUndefined();
  });

  it('frees the cap that an ended or unknown failover left', async () => {
    await openFailover(request, services);
    await services.failovers.update('f1', { outcome: 'rolled-back', endedAt: new Date(outside.now).toISOString(), phase: 'closed' });
    await services.failovers.addRunning('ghost', 'eu-west-1a', 1);
    late();
    await sweepOrphans(services);
    expect(await services.failovers.running()).toEqual([]);
    expect(await record()).toMatchObject({ outcome: 'rolled-back' });
  });

  it('goes on past one that it cannot settle, and fails at its end', async () => {
    await tables.put('failovers', { failoverId: 'broken', entry: 'record' });
    await services.failovers.addRunning('broken', 'us-east-1a', 0);
    expect(await openFailover(request, services)).toEqual({ decision: 'proceed' });
    // Without its lock f1 is found after the broken one.
    await tables.put('services', { ...serviceRecord() });
    late();
    await expect(sweepOrphans(services)).rejects.toThrow(/broken/);
    expect((await record()).endedAt).toBeDefined();
  });

  describe('instances', () => {
    beforeEach(async () => {
      kind.set('i-1', 'running');
      kind.set('i-2', 'running');
      await services.mirrors.intend('shop', 0, 1, new Date(outside.now).toISOString());
      await tables.put('resources', {
        ...{ serviceId: 'shop', subjectId: 'mirror#00', slot: 0, generation: 1, instanceId: 'i-1', status: 'ready' },
        updatedAt: new Date(outside.now).toISOString(),
      });
    });

    it('that nothing records are terminated', async () => {
      expect(await sweepOrphans(services)).toMatchObject({ terminated: 1 });
      expect(kind.alive()).toEqual(['i-1']);
    });

    it('are looked for once an hour', async () => {
      outside.now += 5 * minute;
      expect(await sweepOrphans(services)).toMatchObject({ terminated: 0 });
      outside.now += 55 * minute;
      expect(await sweepOrphans(services)).toMatchObject({ terminated: 1 });
    });

    it.each(['observe', 'advise'] as const)('are left alone in mode %s', async (mode) => {
      await tables.put('services', { ...serviceRecord({ mode }) });
      expect(await sweepOrphans(services)).toMatchObject({ terminated: 0 });
      expect(kind.changes).toEqual([]);
    });

    it('are left alone while a launch is under way, and not for ever after one that came to nothing', async () => {
      await services.mirrors.intend('shop', 1, 1, new Date(outside.now).toISOString());
      expect(await sweepOrphans(services)).toMatchObject({ terminated: 0 });
      outside.now += hour;
      expect(await sweepOrphans(services)).toMatchObject({ terminated: 1 });
    });

    it('started while the sweeper looks are no orphans', async () => {
      const owned = kind.owned.bind(kind);
      kind.owned = async () => {
        const found = await owned();
        kind.set('i-3', 'starting');
        await services.mirrors.intend('shop', 2, 1, new Date(outside.now).toISOString());
        return found;
      };
      expect(await sweepOrphans(services)).toMatchObject({ terminated: 0 });
    });
  });
});

describe('starting workflows', () => {
  const decidedAt = '2026-03-02T12:00:00Z';
  const about = { serviceId: 'shop', decisionId: 'd1', decidedAt };
  const mirroring = { machine: 'adjust-mirroring', name: 'd1', input: { serviceId: 'shop', workflowId: 'd1' } };
  const critical: WorkflowEvent = {
    'detail-type': detailType.critical,
    detail: { ...about, side: 'primary', score: 91.4, expectedInMinutes: null, reasons: [] },
  };

  it.each<[WorkflowEvent, unknown]>([
    [{ 'detail-type': detailType.levelChanged, detail: { ...about, level: 'full', previous: 'partial', score: 71 } }, mirroring],
    [{ 'detail-type': detailType.mirroringDue, detail: { ...about, level: 'full' } }, mirroring],
    [critical, { machine: 'fail-over', name: 'd1', input: { serviceId: 'shop', failoverId: 'd1', kind: 'predictive', from: 'primary', to: 'standby' } }],
    [
      { 'detail-type': detailType.sideUnhealthy, detail: { ...about, side: 'primary' } },
      { machine: 'evacuate', name: 'd1', input: { serviceId: 'shop', failoverId: 'd1', from: 'primary', to: 'standby', decidedAt } },
    ],
    [
      { 'detail-type': detailType.failBackApproved, detail: { ...about, approvedBy: 'ann', drill: null } },
      { machine: 'fail-over', name: 'd1', input: { kind: 'fail-back', from: 'standby', to: 'primary', reasons: ['fail-back approved by ann'] } },
    ],
  ])('from $detail-type', async (event, expected) => {
    expect(await startWorkflow(event, services)).toBe('started');
    expect(await startWorkflow(event, services)).toBe('exists');
    expect(outside.started).toHaveLength(1);
    expect(outside.started[0]).toMatchObject(expected as object);
  });

  it('ignores a critical score that is long past: one that stands has been reported anew', async () => {
    outside.now += 21 * minute;
    expect(await startWorkflow(critical, services)).toBe('ignored');
    outside.now -= 2 * minute;
    expect(await startWorkflow(critical, services)).toBe('started');
  });

  it('fails for a service that is not there, so that the event comes again', async () => {
    await expect(startWorkflow({ ...critical, detail: { ...critical.detail, serviceId: 'nobody' } } as WorkflowEvent, services)).rejects.toBeInstanceOf(
      UnknownServiceError,
    );
  });

  it('two deliveries at once start one execution', async () => {
    const started = await Promise.all([startWorkflow(critical, services), startWorkflow(critical, services)]);
    expect(started).toContain('started');
    expect(outside.started).toHaveLength(1);
  });

  it('names the environment variable that is missing', async () => {
    resetServices();
    delete process.env[environment.servicesTable];
    await expect(settleHandler({ detail: { executionArn: 'a', stateMachineArn: 'b', name: 'c', status: 'FAILED' } }, {} as unknown as Context)).rejects.toThrow(
      environment.servicesTable,
    );
  });
});
