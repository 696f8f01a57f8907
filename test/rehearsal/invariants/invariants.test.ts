// Invariants I3 to I6 and I8: a good trace holds, and each way to break it is caught.
import { beforeEach, describe, expect, it } from 'vitest';
import { launchToken } from '../../../core/contracts/names.ts';
import type { FailoverEvent } from '../../../core/contracts/records.ts';
import { Accounting } from '../../../rehearsal/invariants/accounting.ts';
import { Endings } from '../../../rehearsal/invariants/endings.ts';
import { NoDestruction } from '../../../rehearsal/invariants/no-destruction.ts';
import { OneAtATime } from '../../../rehearsal/invariants/one-at-a-time.ts';
import { Repetition } from '../../../rehearsal/invariants/repetition.ts';
import { Tally } from '../../../rehearsal/invariants/tally.ts';
import type { Delivery, ExecutionView } from '../../../rehearsal/runtime/runtime.ts';
import { at, call, failover, instance, ledgerWith, lockOf, minute, mirror, plan, primary, setWeights, snapshot, standby, start } from './trace.ts';

let records: ReturnType<typeof ledgerWith>;
beforeEach(() => {
  records = ledgerWith();
});

const token = launchToken(plan.service, 0, 1);
const execution = (more: Partial<ExecutionView> = {}): ExecutionView => ({
  arn: 'arn:one',
  machine: 'fail-over',
  name: 'one',
  parent: undefined,
  status: 'SUCCEEDED',
  startedAt: start,
  endedAt: start + minute,
  input: { serviceId: plan.service, failoverId: 'one' },
  output: {},
  error: undefined,
  cause: undefined,
  history: [],
  ...more,
});

it('an invariant that was never checked did not hold', () => {
  expect(new Tally('I1').result).toEqual({ id: 'I1', held: false, checks: 0 });
});

describe('I3', () => {
  it('holds for one failover that changes weights under its lock', () => {
    const invariant = new OneAtATime(records.ledger);
    records.failover(failover());
    records.service({ lock: lockOf('one') });
    invariant.sample(start);
    invariant.call(setWeights({ primary: 90, standby: 10 }));
    expect(invariant.tally.result.held).toBe(true);
  });

  it('catches two failovers of one service, and a zone over its cap', () => {
    const invariant = new OneAtATime(records.ledger);
    records.failover(failover());
    records.failover(failover({ failoverId: 'two' }));
    invariant.sample(start);
    expect(invariant.tally.violations.map(({ detail }) => detail)).toEqual([expect.stringContaining('2 failovers'), expect.stringContaining(primary.zone)]);
  });

  it('lets an evacuation overtake a failover, and a waiting one wait', () => {
    const invariant = new OneAtATime(records.ledger);
    records.failover(failover());
    records.failover(failover({ failoverId: 'two', kind: 'evacuation' }));
    records.failover(failover({ failoverId: 'three', fencingToken: 0 }));
    invariant.sample(start);
    expect(invariant.tally.result.held).toBe(true);
  });

  it.each([
    ['without the lock', undefined],
    ["under another's lock", lockOf('two')],
    ['with an old token', lockOf('one', 2)],
    ['after the lease', lockOf('one', 1, -1)],
  ])('catches weights changed %s', (_what, lock) => {
    const invariant = new OneAtATime(records.ledger);
    records.failover(failover());
    records.service({ lock });
    invariant.call(setWeights({ primary: 90, standby: 10 }));
    expect(invariant.tally.violations).toHaveLength(1);
  });
});

describe('I4', () => {
  const began = (instances = [instance('i-1', 'running')]) => new NoDestruction(records.ledger, () => instances);

  it.each([
    ['TerminateInstances', { InstanceIds: ['i-1'] }],
    ['StopInstances', { InstanceIds: ['i-1'] }],
    ['DeregisterTargets', { TargetGroupArn: 'x', Targets: [{ Id: 'i-1' }] }],
    ['DeleteSnapshot', { SnapshotId: 'snap-of-the-customer' }],
  ])('catches %s on the side that serves', (operation, input) => {
    const invariant = began();
    invariant.call(call(operation, input, { region: primary.region }));
    expect(invariant.tally.violations[0]?.detail).toContain(operation);
  });

  it('catches destruction of the old side before the point of no return, even when the other is active', () => {
    const invariant = began();
    records.service({ activeSide: 'standby' });
    records.failover(failover());
    invariant.call(call('TerminateInstances', { InstanceIds: ['i-1'] }, { region: primary.region }));
    expect(invariant.tally).toMatchObject({ result: { checks: 1 }, violations: [{ at: start }] });
  });

  describe('on a side that was left', () => {
    const soaked = { pointOfNoReturn: true, outcome: 'failed-over', endedAt: at(-61) } as const;
    const deregister = call('DeregisterTargets', { TargetGroupArn: 'x', Targets: [{ Id: 'i-1' }] }, { region: primary.region });
    const left = () => records.service({ activeSide: 'standby', latched: { primary: at(-61) } });

    it('allows what the plan wants once it was left for good, and the other side has served for long enough', () => {
      const invariant = began();
      left();
      records.failover(failover(soaked));
      invariant.call(deregister);
      expect(invariant.tally.result).toEqual({ id: 'I4', held: true, checks: 1 });
    });

    it.each<[string, () => void]>([
      ['past the point of no return, but not ended', () => records.failover(failover({ pointOfNoReturn: true }))],
      ['during the soak', () => records.failover(failover({ ...soaked, endedAt: at(-59) }))],
      ['after a failover that was rolled back', () => records.failover(failover({ ...soaked, outcome: 'rolled-back' }))],
      ['after a drill', () => records.failover(failover({ ...soaked, kind: 'drill' }))],
      ['that is not latched any more', () => records.service({ activeSide: 'standby', latched: {} })],
      ['that serves again', () => records.service({ activeSide: 'primary' })],
      ['that somebody is moving', () => records.service({ activeSide: 'standby', latched: { primary: at(-61) }, lock: lockOf('two') })],
    ])('catches destruction %s', (_what, break_) => {
      const invariant = began();
      left();
      records.failover(failover(soaked));
      break_();
      invariant.call(deregister);
      expect(invariant.tally.violations).toHaveLength(1);
    });

    it('catches the end of instances of which no other has taken the place', () => {
      const invariant = began();
      left();
      records.failover(failover(soaked));
      const terminate = call('TerminateInstances', { InstanceIds: ['i-1'] }, { region: primary.region });
      records.replacement({ status: 'launched' });
      invariant.call(terminate);
      expect(invariant.tally.violations[0]?.detail).toContain('leaves 1 instances gone, with 0 ready');
      records.replacement({ status: 'ready' });
      invariant.call(terminate);
      expect(invariant.tally.violations).toHaveLength(1);
    });

    it('allows the end of what was made there and is not needed', () => {
      const invariant = began();
      left();
      records.failover(failover(soaked));
      records.replacement({ status: 'launched', instanceId: 'i-20' });
      invariant.call(call('TerminateInstances', { InstanceIds: ['i-20'] }, { region: primary.region }));
      expect(invariant.tally.violations).toEqual([]);
    });
  });

  it('allows ending the idle mirror and retiring own snapshots, and forgets what failed', () => {
    const invariant = began();
    invariant.call(call('TerminateInstances', { InstanceIds: ['i-9'] }));
    invariant.call(call('CreateSnapshots', {}, { region: primary.region, output: { Snapshots: [{ SnapshotId: 'snap-1' }] } }));
    invariant.call(call('DeleteSnapshot', { SnapshotId: 'snap-1' }, { region: primary.region }));
    invariant.call(call('TerminateInstances', { InstanceIds: ['i-1'] }, { region: primary.region, error: new Error('denied') }));
    expect(invariant.tally.result).toEqual({ id: 'I4', held: true, checks: 3 });
  });

  it('catches an instance of the serving side that is being ended by anybody', () => {
    const instances = [instance('i-1', 'running')];
    const invariant = began(instances);
    invariant.minute(start);
    instances[0] = instance('i-1', 'shutting-down');
    invariant.minute(start + minute);
    expect(invariant.tally.violations[0]?.detail).toBe('i-1 is shutting-down on the side that serves');
  });
});

describe('I5', () => {
  const launch = call('RunInstances', { ClientToken: token }, { output: { Instances: [{ InstanceId: 'i-9' }] } });
  const nothing = { instances: [], snapshots: [] };

  it('holds for a side that is rebuilt, and catches what of it was not recorded first', () => {
    const invariant = new Accounting(records.ledger);
    const inPrimary = { region: primary.region };
    const replace = call('RunInstances', { ClientToken: 'shop-new-0-1' }, { ...inPrimary, output: { Instances: [{ InstanceId: 'i-20' }] } });
    const stop = call('StopInstances', { InstanceIds: ['i-1'] }, inPrimary);
    invariant.call(replace);
    invariant.call(stop);
    expect(invariant.tally.violations).toHaveLength(2);
    records.replacement({ instanceId: 'i-20', status: 'ready' });
    records.retired('i-1');
    invariant.call(replace);
    invariant.call(stop);
    invariant.end(start, { instances: [instance('i-20', 'running')], snapshots: [] });
    expect(invariant.tally.violations).toHaveLength(2);
    records.replacement({ instanceId: 'i-21', status: 'ready' });
    invariant.end(start, { instances: [instance('i-20', 'running')], snapshots: [] });
    expect(invariant.tally.violations[2]?.detail).toContain('i-20');
  });

  it('holds for what was recorded first and is in use', () => {
    const invariant = new Accounting(records.ledger);
    records.mirror(mirror());
    invariant.call(launch);
    records.mirror(mirror({ instanceId: 'i-9', status: 'ready' }));
    records.snapshot(snapshot());
    invariant.call(call('CreateSnapshots', { InstanceSpecification: { InstanceId: 'i-1' } }, { output: { Snapshots: [{ SnapshotId: 'snap-1' }] } }));
    records.snapshot(snapshot({ status: 'created', snapshotIds: ['snap-1'] }));
    invariant.call(call('CopySnapshot', { SourceSnapshotId: 'snap-1' }, { output: { SnapshotId: 'snap-2' } }));
    records.snapshot(snapshot({ status: 'copied', snapshotIds: ['snap-1'], copyIds: ['snap-2'] }));
    const old = { region: standby.region, startedAt: start, state: 'completed', copy: false } as const;
    invariant.end(start + 60 * minute, {
      instances: [instance('i-9', 'running'), instance('i-1', 'running')],
      snapshots: [
        { ...old, snapshotId: 'snap-1' },
        { ...old, snapshotId: 'snap-2' },
        { ...old, snapshotId: 'snap-of-the-customer' },
      ],
    });
    expect(invariant.tally.result).toEqual({ id: 'I5', held: true, checks: 5 });
  });

  it.each([
    ['an instance', launch],
    ['a snapshot', call('CreateSnapshots', { InstanceSpecification: { InstanceId: 'i-1' } })],
    ['a copy', call('CopySnapshot', { SourceSnapshotId: 'snap-1' })],
  ])('catches %s that was not recorded first', (_what, record) => {
    const invariant = new Accounting(records.ledger);
    invariant.call(record);
    invariant.end(start, nothing);
    expect(invariant.tally.violations).toHaveLength(1);
  });

  it('catches an instance and a snapshot that nobody knows any more', () => {
    const invariant = new Accounting(records.ledger);
    records.mirror(mirror());
    invariant.call(launch);
    records.mirror(mirror({ generation: 2, instanceId: 'i-10', status: 'ready' }));
    records.snapshot(snapshot());
    invariant.call(call('CreateSnapshots', { InstanceSpecification: { InstanceId: 'i-1' } }, { output: { Snapshots: [{ SnapshotId: 'snap-1' }] } }));
    records.snapshot(snapshot({ status: 'retired', snapshotIds: ['snap-1'] }));
    invariant.end(start + 60 * minute, {
      instances: [instance('i-9', 'running')],
      snapshots: [{ snapshotId: 'snap-1', region: primary.region, startedAt: start, state: 'completed', copy: false }],
    });
    expect(invariant.tally.violations.map(({ detail }) => detail)).toEqual([expect.stringContaining('i-9'), expect.stringContaining('snap-1')]);
  });
});

describe('I6', () => {
  const began = () => new Repetition(records.ledger, (id) => instance(id, 'running'), { primary: 100, standby: 0 });
  const duplicate: Delivery = { at: start, kind: 'event', to: 'start-workflow', id: 'e', duplicate: true, payload: { detail: { decisionId: 'one' } } };

  it('holds when a repeated event starts nothing more, and a settlement repeats on purpose', () => {
    const invariant = began();
    invariant.delivery(duplicate);
    invariant.end(start, [execution(), execution({ arn: 'arn:two', name: 'settle.1.one', machine: 'roll-back' })]);
    expect(invariant.tally.result).toEqual({ id: 'I6', held: true, checks: 2 });
  });

  it('catches a decision that started two executions', () => {
    const invariant = began();
    invariant.delivery(duplicate);
    invariant.end(start, [execution(), execution({ arn: 'arn:two', name: 'one-again' })]);
    expect(invariant.tally.violations.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('started 2 executions'),
      expect.stringContaining('more than once'),
    ]);
  });

  it('catches weights that are set again', () => {
    const invariant = began();
    invariant.call(setWeights({ primary: 90, standby: 10 }));
    invariant.call(setWeights({ primary: 90, standby: 10 }));
    expect(invariant.tally).toMatchObject({ result: { checks: 2 }, violations: [{ invariant: 'I6' }] });
  });

  it('catches a place that is launched again while its instance runs, not a retry that gets the same one', () => {
    const launch = (id: string, generation: number) =>
      call('RunInstances', { ClientToken: launchToken(plan.service, 0, generation) }, { output: { Instances: [{ InstanceId: id }] } });
    const invariant = began();
    invariant.call(launch('i-1', 1));
    invariant.call(launch('i-1', 1));
    expect(invariant.tally.result.held).toBe(true);
    invariant.call(launch('i-2', 2));
    expect(invariant.tally.violations[0]?.detail).toContain('while i-1 runs');
  });

  it('catches snapshots that are taken twice for one decision', () => {
    const invariant = began();
    const take = call('CreateSnapshots', { InstanceSpecification: { InstanceId: 'i-1' } });
    records.snapshot(snapshot());
    invariant.call(take);
    expect(invariant.tally.result.held).toBe(true);
    invariant.call(take);
    expect(invariant.tally.violations).toHaveLength(1);
  });
});

describe('I8', () => {
  const ended = { endedAt: at(1), outcome: 'failed-over' } as const;
  const end = start + 60 * minute;

  it('holds when the lock is free and every record says how it ended', () => {
    const invariant = new Endings(records.ledger);
    records.failover(failover(ended));
    invariant.minute(start);
    invariant.end(end, [execution()]);
    expect(invariant.tally.result).toMatchObject({ held: true, checks: 5 });
  });

  it('holds while a failover runs', () => {
    const invariant = new Endings(records.ledger);
    records.failover(failover());
    records.service({ lock: lockOf('one', 1, 70) });
    invariant.end(end, [execution({ status: 'RUNNING', endedAt: undefined })]);
    expect(invariant.tally.result.held).toBe(true);
  });

  it('catches a lock past its lease, and one that an ended failover holds', () => {
    const invariant = new Endings(records.ledger);
    records.failover(failover(ended));
    records.service({ lock: lockOf('one', 1, 10) });
    invariant.end(end, [execution()]);
    expect(invariant.tally.violations.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('ran out'),
      expect.stringContaining('still holds the lock'),
    ]);
  });

  it('catches an ended execution whose record is open, or that has none', () => {
    const open = new Endings(records.ledger);
    records.failover(failover());
    open.end(end, [execution({ status: 'FAILED' })]);
    expect(open.tally.violations).toHaveLength(2);
    const absent = new Endings(ledgerWith().ledger);
    absent.end(end, [execution({ machine: 'evacuate' })]);
    expect(absent.tally.violations).toHaveLength(1);
  });

  it('catches an ending without outcome', () => {
    const invariant = new Endings(records.ledger);
    records.failover(failover({ endedAt: at(1) }));
    invariant.end(end, []);
    expect(invariant.tally.violations).toHaveLength(1);
  });

  const reasons = ['because'];
  describe.each(['rolled-back', 'held', 'halted'] as const)('of a failover that ended as %s', (outcome) => {
    const judged = () => {
      const invariant = new Endings(records.ledger);
      records.failover(failover({ endedAt: at(1), outcome }));
      invariant.end(end, []);
      return invariant.tally;
    };

    it.each<[string, Partial<FailoverEvent>]>([
      ['035-judged-x', { verdict: 'fail', reasons }],
      ['030-canary-x', { verdict: 'no-evidence', reasons }],
      ['020-target-hold', { phase: 'target-checked', reasons }],
      ['075-failed', { reasons }],
      ['080-kept', { phase: 'roll-back', reasons }],
      ['end', { phase: 'halted', reasons }],
      ['end', { phase: 'closed', reasons: ['execution one of forestall-fail-over ended as FAILED', 'no weight had been changed'] }],
    ])('holds with the line %s %o', (entry, line) => {
      records.tell(entry, line);
      expect(judged()).toMatchObject({ violations: [], result: { held: true } });
    });

    it('catches a story of lines that do not tell why', () => {
      records.tell('010-opened', { phase: 'opened', reasons });
      records.tell('020-target-canary', { phase: 'target-checked', reasons });
      records.tell('030-canary-x', { verdict: 'pass', reasons });
      records.tell('035-judged-x', { verdict: 'fail', reasons: [] });
      records.tell('075-failed', {});
      records.tell('080-cold', { phase: 'roll-back' });
      records.tell('end', { phase: 'closed', reasons: ['the weights are what they were at the start'] });
      expect(judged().violations.map(({ detail }) => detail)).toEqual([`one ended as ${outcome}, and no line of its story tells why`]);
    });

    it("catches a story that is another failover's", () => {
      records.tell('075-failed', { failoverId: 'two', reasons });
      expect(judged().violations).toHaveLength(1);
    });
  });
});
