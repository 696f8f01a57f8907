// What the invariants do not hold against Forestall, and how narrow each excuse is.
import { describe, expect, it } from 'vitest';
import { evacuationMetric } from '../../../core/contracts/deployment.ts';
import { Accounting } from '../../../rehearsal/invariants/accounting.ts';
import { Ledger } from '../../../rehearsal/invariants/ledger.ts';
import { ModeIsRespected } from '../../../rehearsal/invariants/modes.ts';
import { OneAtATime } from '../../../rehearsal/invariants/one-at-a-time.ts';
import { Repetition } from '../../../rehearsal/invariants/repetition.ts';
import { at, call, failover, ledgerWith, lockOf, minute, plan, primary, setWeights, snapshot, start } from './trace.ts';

const snapshots = (more: object) => call('CreateSnapshots', { InstanceSpecification: { InstanceId: 'i-1' } }, { region: primary.region, ...more });

describe('a call that the network kept', () => {
  const afterwards = () => {
    const records = ledgerWith();
    records.snapshot(snapshot({ status: 'retired', createdAt: at(0) }));
    return records.ledger;
  };

  it('was recorded before it was made', () => {
    const late = new Accounting(afterwards());
    late.call(snapshots({ at: start + 5 * minute, sentAt: start + minute }));
    expect(late.tally.violations).toEqual([]);
    const unrecorded = new Accounting(afterwards());
    unrecorded.call(snapshots({ at: start + 5 * minute, sentAt: start - minute }));
    expect(unrecorded.tally.violations).toHaveLength(1);
  });

  it('is no repetition, as one made at that time is', () => {
    const late = new Repetition(afterwards(), () => undefined, {});
    late.call(snapshots({ at: start + 5 * minute, sentAt: start + minute }));
    expect(late.tally.violations).toEqual([]);
    late.call(snapshots({ at: start + 5 * minute }));
    expect(late.tally.violations).toHaveLength(1);
  });
});

describe('an operator who switches a service off', () => {
  const service = (mode: string) => ({
    table: 'services' as const,
    sortKey: undefined,
    item: () => ({ serviceId: plan.service, plan, planHash: 'h', mode, activeSide: 'primary', level: 'minimal' }),
  });
  const switchedOff = () => {
    const ledger = new Ledger(plan);
    ledger.take(service('act'), start);
    ledger.take(service('observe'), start + minute);
    return new ModeIsRespected(ledger, () => undefined);
  };
  const latch = (Value: number) =>
    call(
      'PutMetricData',
      {
        Namespace: evacuationMetric.namespace,
        MetricData: [
          {
            MetricName: evacuationMetric.metricName,
            Value,
            Dimensions: [
              { Name: 'Service', Value: plan.service },
              { Name: 'Side', Value: 'primary' },
            ],
          },
        ],
      },
      { mutating: false, service: 'cloudwatch' },
    );

  it('is known to every call ten seconds later', () => {
    const soon = switchedOff();
    soon.call(setWeights({ primary: 90 }, { at: start + minute + 9_000 }));
    expect(soon.tally.violations).toEqual([]);
    const later = switchedOff();
    later.call(setWeights({ primary: 90 }, { at: start + minute + 10_000 }));
    expect(later.tally.violations).toHaveLength(1);
  });

  it('does not lift a latch by it: the latch is repeated, and none is set anew', () => {
    const invariant = switchedOff();
    invariant.call({ ...latch(1), at: start + 30_000 });
    const before = invariant.tally.violations.length;
    invariant.call({ ...latch(1), at: start + 10 * minute });
    expect(invariant.tally.violations).toHaveLength(before);
    invariant.call({ ...latch(0), at: start + 11 * minute });
    invariant.call({ ...latch(1), at: start + 12 * minute });
    expect(invariant.tally.violations).toHaveLength(before + 1);
  });
});

describe('the sweeper', () => {
  const after = (outcome: 'evacuated' | 'rolled-back') => {
    const records = ledgerWith();
    records.failover(failover({ kind: 'evacuation', outcome, endedAt: at(1) }));
    records.service({ lock: lockOf('one', 7) });
    return new OneAtATime(records.ledger);
  };

  it('aligns the weights after an evacuation that has ended, under a lock in its name', () => {
    const invariant = after('evacuated');
    invariant.call(setWeights({ primary: 0, standby: 100 }, { functionName: 'sweep-orphans' }));
    expect(invariant.tally.violations).toEqual([]);
  });

  it('and nobody else does, nor after any other ending', () => {
    const other = after('evacuated');
    other.call(setWeights({ primary: 0, standby: 100 }, { functionName: 'shift-traffic' }));
    const ending = after('rolled-back');
    ending.call(setWeights({ primary: 0, standby: 100 }, { functionName: 'sweep-orphans' }));
    expect([other, ending].map(({ tally }) => tally.violations.length)).toEqual([1, 1]);
  });
});
