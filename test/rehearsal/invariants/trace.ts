// Pieces of traces: calls, records and a world, good unless a test breaks them.
import { ownershipTag } from '../../../core/contracts/deployment.ts';
import type { Plan, SideName } from '../../../core/contracts/plan.ts';
import type { FailoverEvent, FailoverRecord, MirrorRecord, ReplacementRecord, ServiceRecord, SnapshotRecord } from '../../../core/contracts/records.ts';
import type { CallRecord } from '../../../rehearsal/cloud/call.ts';
import type { InstanceView } from '../../../rehearsal/cloud/cloud.ts';
import { Ledger } from '../../../rehearsal/invariants/ledger.ts';
import type { WorldView } from '../../../rehearsal/invariants/world-view.ts';
import { shop } from '../plan.ts';

export const start = Date.UTC(2026, 0, 15, 12);
export const minute = 60_000;
export const at = (minutes: number): string => new Date(start + minutes * minute).toISOString();

export const plan: Plan = { ...shop, mode: 'act' };
export const { primary, standby } = plan.sides;

/** A successful call of Forestall that changes something. */
export const call = (operation: string, input: object, more: Partial<CallRecord> = {}): CallRecord => ({
  at: start,
  caller: 'forestall',
  service: 'ec2',
  operation,
  region: standby.region,
  mutating: true,
  input: input as Readonly<Record<string, unknown>>,
  output: {},
  ...more,
});

export const setWeights = (weights: Partial<Record<SideName, number>>, more: Partial<CallRecord> = {}): CallRecord =>
  call(
    'ChangeResourceRecordSets',
    {
      HostedZoneId: plan.record.hostedZoneId,
      ChangeBatch: {
        Changes: Object.entries(weights).flatMap(([side, Weight]) => {
          const SetIdentifier = plan.sides[side as SideName].setIdentifier;
          return [
            { Action: 'DELETE', ResourceRecordSet: { Name: `${plan.record.name}.`, Type: 'A', SetIdentifier, Weight: 77 } },
            { Action: 'CREATE', ResourceRecordSet: { Name: plan.record.name, Type: 'A', SetIdentifier, Weight } },
          ];
        }),
      },
    },
    { service: 'route53', region: 'us-east-1', ...more },
  );

const recordSet = { Name: plan.record.name, Type: 'A', SetIdentifier: primary.setIdentifier, Weight: 90 };
/** A change of a record that may not be the service's. */
export const setRecord = (more: Partial<typeof recordSet>): CallRecord =>
  setWeightsIn({ ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet: { ...recordSet, ...more } }] } });
export const setWeightsIn = (more: object): CallRecord => {
  const record = setWeights({ primary: 90 });
  return { ...record, input: { ...record.input, ...more } };
};

export const failover = (more: Partial<FailoverRecord> = {}): FailoverRecord => ({
  failoverId: 'one',
  score: null,
  mechanism: 'weights',
  drivers: {},
  entry: 'record',
  serviceId: plan.service,
  decisionId: 'one',
  kind: 'predictive',
  from: 'primary',
  to: 'standby',
  zone: primary.zone,
  profile: 'urgent',
  phase: 'shift',
  phaseStartedAt: at(0),
  pointOfNoReturn: false,
  fencingToken: 1,
  startedAt: at(0),
  reasons: ['because'],
  ...more,
});

export const mirror = (more: Partial<MirrorRecord> = {}): MirrorRecord => ({
  serviceId: plan.service,
  subjectId: 'mirror#00',
  slot: 0,
  generation: 1,
  status: 'intended',
  updatedAt: at(0),
  ...more,
});

export const snapshot = (more: Partial<SnapshotRecord> = {}): SnapshotRecord => ({
  serviceId: plan.service,
  subjectId: 'snapshot#i-1#d',
  resourceId: 'i-1',
  decisionId: 'd',
  snapshotIds: [],
  copyIds: [],
  status: 'intended',
  createdAt: at(0),
  ...more,
});

export const lockOf = (holder: string, token = 1, minutes = 10): NonNullable<ServiceRecord['lock']> => ({ holder, token, expiresAt: at(minutes) });

/** A ledger, and how Forestall writes to it. */
export function ledgerWith() {
  const ledger = new Ledger(plan);
  return {
    ledger,
    failover: (record: FailoverRecord) => ledger.take({ table: 'failovers', sortKey: 'record', item: () => record }),
    tell: (entry: string, more: Partial<FailoverEvent>) =>
      ledger.take({
        table: 'failovers',
        sortKey: `event#${entry}`,
        item: () => ({ failoverId: 'one', entry: `event#${entry}`, at: at(0), phase: 'shift', message: 'said', reasons: [], ...more }),
      }),
    mirror: (record: MirrorRecord) => ledger.take({ table: 'resources', sortKey: record.subjectId, item: () => record }),
    replacement: (more: Partial<ReplacementRecord>) =>
      ledger.take({
        table: 'resources',
        sortKey: 'replacement#0000',
        item: () => ({
          ...{ serviceId: plan.service, subjectId: 'replacement#0000', failoverId: 'one', slot: 0, generation: 1, status: 'intended', updatedAt: at(0) },
          ...more,
        }),
      }),
    retired: (instanceId: string) =>
      ledger.take({
        table: 'resources',
        sortKey: `retired#${instanceId}`,
        item: () => ({ serviceId: plan.service, subjectId: `retired#${instanceId}`, failoverId: 'one', instanceId, status: 'intended', updatedAt: at(0) }),
      }),
    snapshot: (record: SnapshotRecord) => ledger.take({ table: 'resources', sortKey: record.subjectId, item: () => record }),
    service: (more: Partial<ServiceRecord>) =>
      ledger.take({
        table: 'services',
        sortKey: undefined,
        item: () => ({ serviceId: plan.service, plan, planHash: 'h', mode: 'act', activeSide: 'primary', level: 'minimal', ...more }),
      }),
  };
}

/** A world in which both sides are well, with instances of 120 requests a second each; parts of it may be set. */
export function worldOf() {
  const state = {
    healthy: { primary: true, standby: true },
    ready: { primary: ['i-1', 'i-2', 'i-3', 'i-4'], standby: ['i-7', 'i-8', 'i-9'] },
    demand: 300,
    routed: { primary: 1, standby: 0 },
    degraded: { primary: false, standby: false },
  };
  const view: WorldView = {
    sideState: (side) => (state.healthy[side] ? 'healthy' : state.degraded[side] ? 'degraded' : 'lost'),
    readyInstances: (side) => state.ready[side],
    demandRps: () => state.demand,
    routedTo: (side) => state.routed[side],
  };
  return { state, view };
}

/** An instance that Forestall made on the standby. */
export const ownInstance = (instanceId: string): InstanceView => ({
  ...instance(instanceId, 'running', standby.region),
  launchTemplateId: standby.launchTemplate.id,
  tags: { [ownershipTag]: plan.service },
});

export const instance = (instanceId: string, state: InstanceView['state'], region = primary.region): InstanceView => ({
  instanceId,
  region,
  zone: `${region}a`,
  state,
  since: start,
  launchedAt: start,
  runningSince: state === 'running' ? start : undefined,
  launchTemplateId: undefined,
  tags: {},
  reachable: true,
});
