// A plan whose data are replicated: a prediction moves nobody while the other side is too far behind, or while nobody knows.
import { expect, it } from 'vitest';
import { Plan } from '../../core/contracts/plan.ts';
import { rehearse } from '../../rehearsal/rehearse.ts';
import { badStandby } from '../../rehearsal/scenarios/bad-standby.ts';
import { drawRun, type Scenario } from '../../rehearsal/scenarios/scenario.ts';
import { minute, type ReplicationLag } from '../../rehearsal/world/faults.ts';
import { shop } from './plan.ts';

const lag = { name: 'lag', namespace: 'Shop', metric: 'ReplicaLag', statistic: 'Maximum', dimensions: { Cluster: 'shop' } } as const;
const replicated = Plan.parse({ ...shop, replication: { lag }, recovery: { rpoSeconds: 60 } });

/** A primary that looks risky beside a good standby, whose data are behind as `fault` says. */
const behind = (fault: Partial<ReplicationLag>): Scenario => ({
  ...badStandby,
  tell(setting) {
    const story = badStandby.tell(setting);
    const primary = story.faults.filter((one) => !('side' in one) || one.side === 'primary');
    const from = setting.onset - 20 * minute;
    return {
      ...story,
      faults: [...primary, { kind: 'replication-lag', label: 'replication lags', from, until: null, seconds: [[from, 5]], measured: true, ...fault }],
    };
  },
});
const play = async (fault: Partial<ReplicationLag>) => {
  const { report } = await rehearse(drawRun(behind(fault), 1, replicated), null);
  const [failover] = report.forestall.failovers;
  return { outcome: failover?.outcome, told: failover?.events.flatMap(({ reasons }) => reasons).join('\n'), report, violations: report.violations };
};

it('moves within the objective, and the record says how far the data were behind', async () => {
  const { outcome, told, violations, report } = await play({});
  expect(violations).toEqual([]);
  expect(outcome).toBe('failed-over');
  expect(told).toContain('the replication lag is 5 s, the recovery point objective 60 s');
  expect(report.result.invariants.find(({ id }) => id === 'I4')?.held).toBe(true);
}, 60_000);

it.each<[string, Partial<ReplicationLag>, RegExp]>([
  ['too far behind', { seconds: [[0, 600]] }, /the replication lag is 600 s, .*would lose more writes than the plan allows/],
  ['not measured', { measured: false }, /no data of the last 10 minutes: what a move would lose is not known/],
])(
  'holds while the data are %s',
  async (_name, fault, reason) => {
    const { outcome, told, violations, report } = await play(fault);
    expect(violations).toEqual([]);
    expect(outcome).toBe('held');
    expect(told).toMatch(reason);
    expect(report.forestall.weights).toHaveLength(1);
  },
  60_000,
);
