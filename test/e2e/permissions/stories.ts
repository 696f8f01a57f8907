// Runs in which every function makes every kind of call that it can make: ordinary scenarios, and some in which things go wrong on purpose.
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { ownershipTag } from '../../../core/contracts/deployment.ts';
import { detailType, eventSource } from '../../../core/contracts/events.ts';
import { decisionName } from '../../../core/contracts/names.ts';
import { controlRegionOf, Plan, type PlanInput } from '../../../core/contracts/plan.ts';
import type { Companion, ForestallArm } from '../../../rehearsal/arms/forestall.ts';
import { badStandby } from '../../../rehearsal/scenarios/bad-standby.ts';
import { drill } from '../../../rehearsal/scenarios/drill.ts';
import { exhaustion, leakStops } from '../../../rehearsal/scenarios/exhaustion.ts';
import { grayFailure } from '../../../rehearsal/scenarios/gray-failure.ts';
import type { Scenario } from '../../../rehearsal/scenarios/scenario.ts';
import { suddenDeath } from '../../../rehearsal/scenarios/sudden-death.ts';
import { hour, minute } from '../../../rehearsal/world/faults.ts';
import { quiet, retirement } from '../../rehearsal/announced.ts';
import { shop } from '../../rehearsal/plan.ts';
import { Cut, entered, leftovers, pausedEvacuation, silentRegion, stoppedMirrors, uncheckedRecords } from './upsets.ts';

export interface Story {
  readonly name: string;
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly companion?: () => Companion;
}

const balancing = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';

/** The default plan, with roles to pass on, every driver, and a side that is rebuilt after it was left, which takes longer than most stories last. */
export const plan: Plan = Plan.parse({
  ...shop,
  drivers: [
    { driver: 'route53-weights' },
    {
      driver: 'load-balancer-weights',
      ruleArn: `${balancing}:listener-rule/app/front/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee`,
      targetGroups: { primary: `${balancing}:targetgroup/to-primary/6d0ecf831eec9f01`, standby: `${balancing}:targetgroup/to-standby/6d0ecf831eec9f02` },
    },
    { driver: 'ssm-parameter', region: 'eu-central-1', name: '/shop/active-side', values: { primary: 'ireland', standby: 'frankfurt' } },
    {
      ...{ driver: 'appconfig', region: 'eu-central-1', applicationId: 'app1234', environmentId: 'env1234', configurationProfileId: 'pro1234' },
      versions: { primary: '1', standby: '2' },
    },
    // So short that it has to be prolonged.
    { driver: 'zonal-shift', loadBalancerArn: `${balancing}:loadbalancer/app/shop-primary/50dc6c495c0c9188`, awayFrom: 'euw1-az1', expiresHours: 1 },
    { driver: 'health-check' },
  ],
  after: { losingSide: 'rebuild', soakMinutes: 600 },
  sides: {
    ...shop.sides,
    primary: {
      ...shop.sides.primary,
      launchTemplate: { id: 'lt-0123456789abcdef1', roleArn: 'arn:aws:iam::123456789012:role/shop-host-of-the-primary' },
      resources: [{ kind: 'ec2-instance', tags: { service: 'shop', side: 'primary', [ownershipTag]: 'shop' } }],
    },
    standby: { ...shop.sides.standby, launchTemplate: { ...shop.sides.standby.launchTemplate, roleArn: 'arn:aws:iam::123456789012:role/shop-host' } },
  },
});
const changed = (changes: Partial<PlanInput>): Plan => Plan.parse({ ...plan, ...changes });

function stop({ runtime, run }: ForestallArm, machine: 'fail-over' | 'evacuate'): boolean {
  const running = runtime.executions().find((execution) => execution.machine === machine && execution.status === 'RUNNING');
  if (running === undefined) return false;
  // Nobody waits for the answer: the world must not hold the time.
  void runtime.cloud.client(SFNClient, controlRegionOf(run.plan)).send(new StopExecutionCommand({ executionArn: running.arn }));
  return true;
}

/** Someone stops the failover when the first users have been moved. `unheard`: and Forestall is not told. */
function stoppedHalfWay(unheard: boolean): () => Companion {
  return () => {
    const cut = new Cut('settle-execution');
    let stopped = false;
    return {
      begin(arm) {
        cut.on = unheard;
        cut.begin(arm);
      },
      tick(arm) {
        const moved = arm.runtime.cloud.calls.some(
          ({ functionName, operation }) => functionName === 'shift-traffic' && operation === 'ChangeResourceRecordSets',
        );
        if (!stopped && moved) stopped = stop(arm, 'fail-over');
      },
    };
  };
}

/** Someone stops the failover when all has moved: what is left is finished by the roll-back that takes its place. */
const stoppedAtItsEnd = (): Companion => {
  let stopped = false;
  return {
    begin: () => undefined,
    tick(arm) {
      if (!stopped && entered(arm, 'fail-over', 'Wait for drain')) stopped = stop(arm, 'fail-over');
    },
  };
};

/** Route 53's control plane is gone for half an hour when the first users have been moved. */
const silentControlPlane = (): Companion => {
  let since: number | undefined;
  let now = 0;
  return {
    begin({ runtime }) {
      runtime.cloud.intercept(({ service, caller }) =>
        caller !== 'world' && service === 'route53' && since !== undefined && now < since + 30 * minute
          ? Object.assign(new Error('cut off'), { name: 'ServiceUnavailable', $fault: 'server', $metadata: { httpStatusCode: 503 } })
          : undefined,
      );
    },
    tick({ runtime }, at) {
      now = at;
      if (runtime.cloud.calls.some(({ functionName, operation }) => functionName === 'shift-traffic' && operation === 'ChangeResourceRecordSets')) since ??= at;
    },
  };
};

/** The evacuation is stopped while it warms the standby, and Forestall is not told. */
const strandedEvacuation = (): Companion => {
  const unheard = new Cut('settle-execution');
  let stopped = false;
  return {
    begin(arm) {
      unheard.on = true;
      unheard.begin(arm);
    },
    tick(arm) {
      if (!stopped && entered(arm, 'evacuate', 'Warm standby')) stopped = stop(arm, 'evacuate');
    },
  };
};

const noLatch = (): Companion => {
  const latch = new Cut('latch-side');
  latch.on = true;
  return latch;
};

/** The primary suffers for an hour, is well again, and its service is called home several times; each time but the last something happens. */
const homecoming: Scenario = {
  ...grayFailure,
  name: 'homecoming',
  tell(setting) {
    const { onset } = setting;
    const until = onset + hour;
    return {
      end: onset + 8 * hour,
      description: 'The primary suffers for an hour.',
      faults: [
        {
          ...{ kind: 'degradation', label: 'suffers', side: 'primary', from: onset, until, seenByChecks: true },
          latency: [
            [onset, 1],
            [onset + 10 * minute, 4],
          ],
          errors: [
            [onset, 0],
            [onset + 30 * minute, 0.1],
          ],
        },
      ],
    };
  },
};
/** The hosts die at the end, and there is time to replace them. */
const lostHosts: Scenario = {
  ...grayFailure,
  name: 'lost-hosts',
  tell(setting) {
    const story = grayFailure.tell(setting);
    const faults = story.faults.map((fault) => (fault.kind === 'death' ? { ...fault, mode: 'hosts' as const } : fault));
    return { ...story, faults, end: setting.onset + 4 * hour };
  },
};

/** The standby is dead when its drill is due. */
const impossibleDrill: Scenario = {
  ...drill,
  name: 'impossible-drill',
  tell: (setting) => ({
    ...drill.tell(setting),
    faults: [{ kind: 'death', label: 'the standby is dead', side: 'standby', from: setting.start, until: null, mode: 'everything' }],
  }),
};

const disturbances = ['stopped', 'stopped unheard', 'roll-back cut off', 'target not checked', 'none'] as const;
const callHomeEvery = hour;

const calledHome = (): Companion => {
  const cuts = { settle: new Cut('settle-execution'), target: new Cut('check-target'), back: new Cut('roll-back') };
  let called: { readonly at: number; readonly attempt: number } | undefined;
  let stopped = false;
  return {
    begin(arm) {
      for (const cut of Object.values(cuts)) cut.begin(arm);
      // While the target is looked at: no weight has been touched then.
      arm.runtime.cloud.onCall(({ functionName }) => {
        if (functionName === 'check-target' && !stopped && called && disturbances[called.attempt]?.startsWith('stopped')) stopped = stop(arm, 'fail-over');
      });
    },
    tick({ runtime, run, watch }, at) {
      if (watch.record?.activeSide !== 'standby' || at < (run.onset ?? 0) + 2 * hour) return;
      if (called !== undefined && at < called.at + callHomeEvery) return;
      called = { at, attempt: (called?.attempt ?? -1) + 1 };
      stopped = false;
      const next = disturbances[called.attempt];
      cuts.settle.on = next === 'stopped unheard';
      cuts.target.on = next === 'target not checked' || next === 'roll-back cut off';
      cuts.back.on = next === 'roll-back cut off';
      const { service } = run.plan;
      runtime.deliverEvent({
        source: eventSource,
        detailType: detailType.failBackApproved,
        detail: {
          serviceId: service,
          decisionId: decisionName(service, 'fail-back', new Date(at).toISOString(), called.attempt),
          decidedAt: new Date(at).toISOString(),
          approvedBy: 'test',
        },
      });
    },
  };
};

export const stories: readonly Story[] = [
  { name: 'gray-failure', scenario: grayFailure, plan },
  { name: 'exhaustion', scenario: exhaustion, plan },
  { name: 'bad-standby', scenario: badStandby, plan },
  { name: 'sudden-death', scenario: suddenDeath, plan },
  { name: 'sudden-death, when Forestall only advises', scenario: suddenDeath, plan: changed({ mode: 'advise' }) },
  {
    name: 'leak-stops, with snapshots twice an hour of which one is kept',
    scenario: leakStops,
    plan: changed({ mirroring: { snapshotEveryHours: { minimal: 0.5, partial: 0.5, full: 0.5 }, keepSnapshots: 1 } }),
    companion: leftovers,
  },
  { name: 'a failover that is stopped half-way', scenario: grayFailure, plan, companion: stoppedHalfWay(false) },
  { name: 'a failover that is stopped half-way, unheard', scenario: grayFailure, plan, companion: stoppedHalfWay(true) },
  { name: 'a failover that is stopped when all has moved', scenario: grayFailure, plan, companion: stoppedAtItsEnd },
  { name: 'a control plane that is silent', scenario: grayFailure, plan, companion: silentControlPlane },
  { name: 'an evacuation that is stopped, unheard', scenario: suddenDeath, plan, companion: strandedEvacuation },
  { name: 'an evacuation that cannot latch', scenario: suddenDeath, plan, companion: noLatch },
  { name: 'an evacuation that somebody pauses', scenario: suddenDeath, plan, companion: pausedEvacuation },
  { name: 'mirrors that are stopped', scenario: grayFailure, plan, companion: stoppedMirrors },
  { name: 'records whose health checks somebody takes off', scenario: grayFailure, plan, companion: uncheckedRecords },
  {
    name: 'a question that nobody answers, and a Region that does not answer',
    scenario: grayFailure,
    plan: changed({ approval: { required: ['predictive'], timeoutMinutes: 3, escalateAfterMinutes: 1, onTimeout: 'proceed' } }),
    companion: silentRegion,
  },
  {
    name: 'called home again and again',
    scenario: homecoming,
    plan: changed({ failover: { drainedBelow: 1e-9, drainMaxMinutes: 10, cooldownMinutes: 0 } }),
    companion: calledHome,
  },
  { name: 'an instance whose retirement is announced, and that is gone', scenario: quiet(3), plan, companion: () => retirement(10 * minute, 2 * hour) },
  { name: 'a drill', scenario: drill, plan },
  { name: 'a drill that cannot be', scenario: impossibleDrill, plan },
  { name: 'goes home by itself', scenario: homecoming, plan: changed({ failBack: { automatic: true, afterMinutes: 60 } }) },
  { name: 'a side that is rebuilt', scenario: lostHosts, plan: changed({ after: { losingSide: 'rebuild', soakMinutes: 40 } }) },
];
