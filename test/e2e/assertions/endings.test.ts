// The assertions hold for runs on the simulated cloud, and fail when anything of what they look at is otherwise.
import { beforeAll, describe, expect, it } from 'vitest';
import { failedOverChecks } from '../../../e2e/assertions/failed-over.ts';
import { type Observed, observed } from '../../../e2e/assertions/observed.ts';
import { crashChecks, duplicateChecks } from '../../../e2e/assertions/repetition.ts';
import { rolledBackChecks } from '../../../e2e/assertions/rolled-back.ts';
import type { Check } from '../../../e2e/check.ts';
import type { GatewayRecord } from '../../../e2e/gateway/record.ts';
import { badStandby, grayFailure, turningBad } from '../differential/runs.ts';
import { playAndObserve } from './observed-run.ts';

let moved: Observed;
let back: Observed;
let never: Observed;
beforeAll(async () => {
  moved = await playAndObserve(grayFailure, 1);
  back = await playAndObserve(turningBad, 2);
  never = await playAndObserve(badStandby, 1);
});

const failures = (checks: readonly Check[]) => checks.filter(({ ok }) => !ok);
const names = (checks: readonly Check[]) => failures(checks).map(({ name }) => name);

interface Parts {
  account?: Partial<Observed['account']>;
  run?: Partial<Observed['run']>;
  context?: Partial<Observed['context']>;
}
const changed = ({ context, run, account }: Observed, parts: Parts): Observed =>
  observed({ ...context, ...parts.context }, { ...run, ...parts.run }, { ...account, ...parts.account });

const callOf = ({ context: { calls } }: Observed, operation: string): GatewayRecord => {
  const call = calls.find((one) => one.operation === operation);
  if (call === undefined) throw new Error(`there is no ${operation}`);
  return call;
};

describe('after a failover', () => {
  it('all checks hold', () => {
    const checks = failedOverChecks(moved);
    expect(failures(checks)).toEqual([]);
    expect(checks.length).toBeGreaterThan(25);
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  });

  const minute = 60_000;
  it.each<[string, (run: Observed) => Parts]>([
    ['Route 53 has the weights 0/100', ({ account }) => ({ account: { records: account.records.map((record) => ({ ...record, weight: 50 })) } })],
    [
      'both records still have their health checks',
      ({ account }) => ({ account: { records: account.records.map((record) => ({ ...record, healthCheckId: undefined })) } }),
    ],
    ['Route 53 has the weights 0/100', ({ account }) => ({ account: { records: account.records.slice(1) } })],
    ["the primary's instances still exist", ({ account }) => ({ account: { primaryInstances: account.primaryInstances.slice(1) } })],
    [
      "the primary's instances still exist",
      ({ account }) => ({ account: { primaryInstances: account.primaryInstances.map((one) => ({ ...one, state: 'terminated' })) } }),
    ],
    [
      "the primary's instances carry no tag of the product's",
      ({ account }) => ({ account: { primaryInstances: account.primaryInstances.map((one) => ({ ...one, tags: { 'forestall:service': 'shop' } })) } }),
    ],
    [
      "no call of the product's functions changed the primary's instances",
      (run) => ({
        context: {
          calls: [
            ...run.context.calls,
            { ...callOf(run, 'RunInstances'), operation: 'StopInstances', input: { 'InstanceId.1': run.context.primaryInstances[0] } },
          ],
        },
      }),
    ],
    [
      "4 instances with the service's tag run in the standby's Region",
      ({ account }) => ({ account: { mirrors: account.mirrors.map((one, index) => (index === 0 ? { ...one, state: 'stopped' } : one)) } }),
    ],
    ["they are registered at the standby's balancer and healthy", () => ({ account: { targets: new Map() } })],
    ['each of them is recorded, and nothing is recorded that does not run', ({ run }) => ({ run: { mirrors: run.mirrors.slice(1) } })],
    [
      "each of the primary's instances has completed snapshots in the primary's Region",
      ({ account }) => ({ account: { snapshots: { ...account.snapshots, primary: [] } } }),
    ],
    [
      "each has completed copies of them in the standby's Region",
      ({ account }) => ({ account: { snapshots: { ...account.snapshots, standby: account.snapshots.standby.map((one) => ({ ...one, state: 'pending' })) } } }),
    ],
    ["each has completed copies of them in the standby's Region", ({ run }) => ({ run: { snapshots: run.snapshots.map((set) => ({ ...set, copyIds: [] })) } })],
    [
      "every copy was asked for with the plan's key",
      ({ context }) => ({
        context: {
          calls: context.calls.map((call) => (call.operation === 'CopySnapshot' ? { ...call, input: { ...(call.input as object), KmsKeyId: 'other' } } : call)),
        },
      }),
    ],
    ['the active side is standby', ({ run }) => ({ run: { service: { ...run.service, activeSide: 'primary' } } })],
    ['the lock is released', ({ run }) => ({ run: { service: { ...run.service, lock: { holder: 'x', token: 1, expiresAt: '2026-01-01T00:00:00.000Z' } } } })],
    ['latched: primary', ({ run }) => ({ run: { service: { ...run.service, latched: {} } } })],
    ['dispatch-scoring repeats the same latches', () => ({ run: { latches: [] } })],
    [
      'the service remembers its last failover',
      ({
        run: {
          service: { lastFailover: _last, ...service },
        },
      }) => ({ run: { service } }),
    ],
    ['its story goes through the phases', ({ run }) => ({ run: { events: run.events.filter(({ phase }) => phase !== 'drain') } })],
    ['every verdict, the beginning and the end have reasons', ({ run }) => ({ run: { events: run.events.map((event) => ({ ...event, reasons: [] })) } })],
    ['the record ended as failed-over', ({ run }) => ({ run: { failovers: run.failovers.map((one) => ({ ...one, outcome: 'held' as const })) } })],
    ['the point of no return is recorded', ({ run }) => ({ run: { failovers: run.failovers.map((one) => ({ ...one, pointOfNoReturn: false })) } })],
    ['the record says when it ended and why', ({ run }) => ({ run: { failovers: run.failovers.map((one) => ({ ...one, reasons: [] })) } })],
    ['there is one failover', ({ run }) => ({ run: { failovers: [...run.failovers, ...run.failovers] } })],
    [
      'the decision started exactly one execution',
      ({ run }) => ({ run: { executions: [...run.executions, ...run.executions.filter(({ machine }) => machine === 'fail-over')] } }),
    ],
    ['start-workflow asked for it', ({ context }) => ({ context: { calls: context.calls.filter(({ operation }) => operation !== 'StartExecution') } })],
    [
      'it succeeded, with everything nested in it',
      ({ run }) => ({ run: { executions: run.executions.map((one) => (one.machine === 'shift-traffic' ? { ...one, status: 'FAILED' } : one)) } }),
    ],
    ['nested in it: shift-traffic', ({ run }) => ({ run: { executions: run.executions.filter(({ machine }) => machine !== 'shift-traffic') } })],
    [
      'the weights went through the steps of the profile, each set once',
      ({ context }) => ({
        context: {
          calls: context.calls.filter((call) => call.operation !== 'ChangeResourceRecordSets' || !JSON.stringify(call.input).includes('<Weight>10<')),
        },
      }),
    ],
    [
      'the primary is reported as evacuated each minute since it was left',
      ({ account }) => {
        const gone = [...account.evacuated.primary.keys()].slice(10, 12);
        return { account: { evacuated: { ...account.evacuated, primary: new Map([...account.evacuated.primary].filter(([at]) => !gone.includes(at))) } } };
      },
    ],
    [
      'the primary is reported as evacuated each minute since it was left',
      ({ account }) => ({ account: { evacuated: { ...account.evacuated, primary: new Map() } } }),
    ],
    [
      'the standby is never reported as evacuated',
      ({ account }) => ({ account: { evacuated: { ...account.evacuated, standby: new Map([[account.at - 9 * minute, 1]]) } } }),
    ],
  ])('"%s" fails when it is otherwise', (name, change) => {
    const found = failures(failedOverChecks(changed(moved, change(moved))));
    expect(found.map((one) => one.name)).toContain(name);
    for (const { detail } of found) expect(detail).toBeTruthy();
  });

  it('a mirror that nobody recorded is held against it', () => {
    const [mirror] = moved.account.mirrors;
    if (mirror === undefined) throw new Error('there is no mirror');
    const account = { mirrors: [...moved.account.mirrors, { ...mirror, id: 'i-0000000000000twin' }] };
    expect(names(failedOverChecks(changed(moved, { account })))).toHaveLength(3);
  });

  it('one minute may be jumped over', () => {
    const [, , , one] = moved.account.evacuated.primary.keys();
    const primary = new Map([...moved.account.evacuated.primary].filter(([at]) => at !== one));
    expect(names(failedOverChecks(changed(moved, { account: { evacuated: { ...moved.account.evacuated, primary } } })))).toEqual([]);
  });
});

describe('after a roll-back', () => {
  it('all checks hold, whether or not anybody was moved', () => {
    expect(failures(rolledBackChecks(back))).toEqual([]);
    expect(failures(rolledBackChecks(never))).toEqual([]);
    expect([back.changes.length, never.changes.length]).toEqual([3, 0]);
  });

  it.each<[string, (run: Observed) => Parts]>([
    ['Route 53 has the weights 100/0', ({ account }) => ({ account: { records: account.records.map((record) => ({ ...record, weight: 50 })) } })],
    [
      'every share that was given to the standby was taken back',
      ({ context }) => ({
        context: {
          calls: context.calls.filter(
            (call, index, all) =>
              call.operation !== 'ChangeResourceRecordSets' || index !== all.findLastIndex(({ operation }) => operation === 'ChangeResourceRecordSets'),
          ),
        },
      }),
    ],
    ['the lock is released', ({ run }) => ({ run: { service: { ...run.service, lock: { holder: 'x', token: 1, expiresAt: '2026-01-01T00:00:00.000Z' } } } })],
    ['latched: none', ({ run }) => ({ run: { service: { ...run.service, latched: { standby: '2026-01-01T00:00:00.000Z' } } } })],
    [
      'a line of its story tells why',
      ({ run }) => ({ run: { events: run.events.filter(({ phase, verdict }) => phase !== 'roll-back' && (verdict === undefined || verdict === 'pass')) } }),
    ],
    ['the failover is before its point of no return', ({ run }) => ({ run: { failovers: run.failovers.map((one) => ({ ...one, pointOfNoReturn: true })) } })],
    ['nested in it: roll-back', ({ run }) => ({ run: { executions: run.executions.filter(({ machine }) => machine !== 'roll-back') } })],
    ['no side was ever reported as evacuated', ({ account }) => ({ account: { evacuated: { ...account.evacuated, primary: new Map([[account.at, 1]]) } } })],
  ])('"%s" fails when it is otherwise', (name, change) => {
    expect(names(rolledBackChecks(changed(back, change(back))))).toContain(name);
  });

  it('a failover is no roll-back, and a roll-back no failover', () => {
    expect(names(rolledBackChecks(moved)).length).toBeGreaterThan(5);
    expect(names(failedOverChecks(back)).length).toBeGreaterThan(8);
  });
});

describe('after an event that came twice', () => {
  const twice = (run: Observed, second: Partial<GatewayRecord>): Observed => {
    const id = run.failover?.failoverId ?? '';
    const claim = run.context.calls.find(
      ({ operation, input }) => operation === 'PutItem' && JSON.stringify(input).includes('"claim"') && JSON.stringify(input).includes(id),
    );
    if (claim === undefined) throw new Error('there is no claim');
    return changed(run, { context: { calls: [...run.context.calls, { ...claim, ...second }] } });
  };
  const refused = { status: 400, errorCode: 'ConditionalCheckFailedException' };

  it('all checks hold when the second claim was refused', () => {
    expect(failures(duplicateChecks(twice(moved, refused)))).toEqual([]);
  });

  it('they fail when it was accepted, or never made, or started something', () => {
    expect(names(duplicateChecks(twice(moved, {})))).toEqual(['one claim was accepted', 'all others were refused']);
    const once = changed(moved, { context: { calls: moved.context.calls.filter(({ status }) => status < 400) } });
    expect(names(duplicateChecks(once))).toContain('the decision was claimed more than once');
    const started = twice(moved, refused);
    const executions = [...started.run.executions, ...started.roots.map((root) => ({ ...root, arn: 'other', name: 'other' }))];
    expect(names(duplicateChecks(changed(started, { run: { executions } })))).toEqual(['there is one execution']);
    expect(names(duplicateChecks(changed(started, { run: { claims: [] } })))).toEqual(['one claim stands, of a workflow that was started']);
  });
});

describe('after a crash', () => {
  const withAttempts = (failures: readonly string[], begun: number, succeeded = true): Observed =>
    changed(moved, {
      run: {
        executions: moved.run.executions.map((one) =>
          one.machine === 'shift-traffic' ? { ...one, attempts: [{ state: 'Shift traffic', begun, failures, succeeded }] } : one,
        ),
      },
    });

  it('all checks hold when a state was tried again', () => {
    expect(failures(crashChecks(withAttempts(['Runtime.HandlerError'], 2), 'forestall-some-function'))).toEqual([]);
  });

  it('they fail when nothing was tried again, when it did not help, or when weights were set twice', () => {
    const retry = 'its history shows a failed attempt at a state, and one that succeeded';
    expect(names(crashChecks(withAttempts([], 1), 'forestall-some-function'))).toEqual([retry]);
    expect(names(crashChecks(withAttempts(['Error'], 1, false), 'forestall-some-function'))).toEqual([retry]);
    expect(names(crashChecks(withAttempts(['Error'], 2), 'forestall-other'))).toEqual(['forestall-other called the cloud']);
    const run = withAttempts(['Error'], 2);
    const calls = run.context.calls.flatMap((call) => (call.operation === 'ChangeResourceRecordSets' ? [call, call] : [call]));
    expect(names(crashChecks(changed(run, { context: { calls } }), 'forestall-some-function'))).toEqual(['each weight was set once']);
  });
});
