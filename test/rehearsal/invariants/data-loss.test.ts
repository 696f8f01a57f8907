// I4's second half: moving users to data that are known to be too far behind is caught.
import { expect, it } from 'vitest';
import { Plan } from '../../../core/contracts/plan.ts';
import { WithinRpo } from '../../../rehearsal/invariants/data-loss.ts';
import { Ledger } from '../../../rehearsal/invariants/ledger.ts';
import { Tally } from '../../../rehearsal/invariants/tally.ts';
import { failover, minute, plan, setWeights, start, worldOf } from './trace.ts';

const lag = { name: 'lag', namespace: 'Shop', metric: 'ReplicaLag', statistic: 'Maximum', periodSeconds: 60 } as const;
const replicated = Plan.parse({ ...plan, replication: { lag }, recovery: { rpoSeconds: 60 } });

const watched = (seconds: number, of: typeof replicated = replicated, more: Parameters<typeof failover>[0] = {}) => {
  const ledger = new Ledger(of);
  ledger.take({ table: 'failovers', sortKey: 'record', item: () => failover({ weightsAtStart: { primary: 100, standby: 0 }, ...more }) });
  const invariant = new WithinRpo(new Tally('I4'), ledger, { ...worldOf().view, replicationLag: () => seconds });
  return {
    /** Users are moved after the lag has stood so long. */
    movedAfter: (minutes: number) => {
      invariant.sample(start - minutes * minute);
      invariant.call(setWeights({ primary: 90, standby: 10 }));
      return invariant.tally;
    },
  };
};

it('catches users who are moved to data that have been too far behind for long enough to be known', () => {
  expect(watched(61).movedAfter(6).violations[0]?.detail).toMatch(/whose data are 61 s behind; the objective is 60 s/);
});

it('holds within the objective, and while nobody could know better', () => {
  expect(watched(60).movedAfter(60).result).toEqual({ id: 'I4', held: true, checks: 1 });
  expect(watched(61).movedAfter(4).result).toEqual({ id: 'I4', held: true, checks: 1 });
});

it('says nothing of evacuations, of moves that have begun, of ways home, and of plans without a metric', () => {
  const checks = [
    watched(900, replicated, { kind: 'evacuation' }),
    watched(900, replicated, { weights: { primary: 90, standby: 10 } }),
    watched(900, replicated, { kind: 'fail-back', from: 'standby', to: 'primary' }),
    watched(900, plan),
  ].map((one) => one.movedAfter(60).result.checks);
  expect(checks).toEqual([0, 0, 0, 0]);
});
