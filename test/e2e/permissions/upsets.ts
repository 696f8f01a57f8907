// What goes wrong on purpose in a story of the permissions: calls that fail, and things that change while a step is tried again.
import { EC2Client, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { ChangeResourceRecordSetsCommand, ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import type { FunctionName, StateMachineName } from '../../../core/contracts/deployment.ts';
import { ownershipTag } from '../../../core/contracts/deployment.ts';
import type { SnapshotRecord } from '../../../core/contracts/records.ts';
import { route53Region } from '../../../rehearsal/arms/account.ts';
import type { Companion, ForestallArm } from '../../../rehearsal/arms/forestall.ts';
import { AccountItems } from '../../../rehearsal/chaos/account-items.ts';
import type { PendingCall } from '../../../rehearsal/cloud/call.ts';
import { hour } from '../../../rehearsal/world/faults.ts';
import { shop } from '../../rehearsal/plan.ts';

/** The function's calls fail while `on`, as if its network was gone. `error`: its name decides whether state machines try again. */
export class Cut {
  on = false;
  readonly #of: FunctionName;
  readonly #error: string;
  readonly #only: (call: Pick<PendingCall, 'service' | 'region'>) => boolean;

  /** `only`: some of its calls. */
  constructor(of: FunctionName, error = 'CutOff', only: (call: Pick<PendingCall, 'service' | 'region'>) => boolean = () => true) {
    this.#of = of;
    this.#error = error;
    this.#only = only;
  }

  begin({ runtime }: ForestallArm): void {
    runtime.cloud.intercept((call) =>
      this.on && call.functionName === this.#of && this.#only(call) ? Object.assign(new Error('cut off'), { name: this.#error }) : undefined,
    );
  }
}

export const entered = ({ runtime }: ForestallArm, machine: StateMachineName, state: string): boolean =>
  runtime.executions().some((execution) => execution.machine === machine && execution.status === 'RUNNING' && execution.history.at(-1)?.state === state);

/** Something happens while the step of the function is tried again and again. Nobody waits for it: the world must not hold the time. */
function meanwhile(of: FunctionName, machine: StateMachineName, state: string, happens: (arm: ForestallArm) => Promise<unknown>): Companion {
  const cut = new Cut(of, 'ServiceUnavailable');
  let happenedAt: number | undefined;
  return {
    begin(arm) {
      cut.on = true;
      cut.begin(arm);
    },
    tick(arm, at) {
      if (happenedAt !== undefined && at > happenedAt) cut.on = false;
      if (happenedAt !== undefined || !entered(arm, machine, state)) return;
      happenedAt = at;
      void happens(arm);
    },
  };
}

/** Mirrors are stopped by someone while the failover is being opened, which takes it some attempts. */
export const stoppedMirrors = (): Companion =>
  meanwhile('open-failover', 'fail-over', 'Open failover', ({ runtime, run }) => {
    const { region } = run.plan.sides.standby;
    const mirrors = runtime.cloud.physical.instances(region).filter(({ state }) => state === 'running');
    return runtime.cloud.client(EC2Client, region).send(new StopInstancesCommand({ InstanceIds: mirrors.slice(0, 3).map(({ instanceId }) => instanceId) }));
  });

/** Somebody takes the health checks off the primary's records while the failover is being opened. */
export const uncheckedRecords = (): Companion =>
  meanwhile('open-failover', 'fail-over', 'Open failover', async ({ runtime, run: { plan } }) => {
    const { hostedZoneId: HostedZoneId } = plan.record;
    const route53 = runtime.cloud.client(Route53Client, route53Region);
    const { ResourceRecordSets = [] } = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
    const sets = ResourceRecordSets.filter(({ SetIdentifier }) => SetIdentifier === plan.sides.primary.setIdentifier);
    const Changes = sets.map(({ HealthCheckId: _taken, ...set }) => ({ Action: 'UPSERT' as const, ResourceRecordSet: set }));
    await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
  });

/** Somebody turns the kill switch while the evacuation is being confirmed. */
export const pausedEvacuation = (): Companion =>
  meanwhile('confirm-evacuation', 'evacuate', 'Confirm evacuation', ({ runtime, run: { plan } }) =>
    new AccountItems(runtime.cloud, plan).set('services', { serviceId: plan.service }, { killSwitch: true }),
  );

/** What is in the Region that is left does not answer: its balancer while the traffic moves, its zonal shift when the service is handed over. */
export const silentRegion = (): Companion => {
  const cuts = [
    new Cut('shift-traffic', 'ServiceUnavailable', ({ service, region }) => service === 'elasticloadbalancing' && region === shop.sides.primary.region),
    new Cut('hand-over', 'ServiceUnavailable', ({ service }) => service === 'arc-zonal-shift'),
  ];
  return {
    begin(arm) {
      for (const cut of cuts) {
        cut.on = true;
        cut.begin(arm);
      }
    },
  };
};

/** An instance that carries the service's tag and that nobody has recorded, and a set of snapshots whose workflow ended long ago before they were made. */
export const leftovers = (): Companion => ({
  begin({ runtime, run: { plan, onset } }) {
    const { region, zone } = plan.sides.standby;
    runtime.cloud.physical.addInstance({ region, zone, tags: { [ownershipTag]: plan.service } });
    const created = new Date((onset ?? 0) - 60 * hour).toISOString();
    const decisionId = `${plan.service}.minimal.20260101T000000Z`;
    void new AccountItems(runtime.cloud, plan).put('resources', {
      ...{ serviceId: plan.service, subjectId: `snapshot#i-00000000000000001#${decisionId}`, resourceId: 'i-00000000000000001', decisionId },
      ...{ snapshotIds: [], copyIds: [], status: 'created', createdAt: created },
    } satisfies SnapshotRecord);
  },
});
