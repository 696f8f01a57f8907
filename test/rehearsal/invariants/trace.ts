// Pieces of traces: calls, records and a world, good unless a test breaks them.
import type { Plan, SideName } from '../../../core/contracts/plan.ts';
import type { FailoverRecord, MirrorRecord, ServiceRecord, SnapshotRecord } from '../../../core/contracts/records.ts';
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
      ChangeBatch: {
        Changes: Object.entries(weights).flatMap(([side, Weight]) => {
          const SetIdentifier = plan.sides[side as SideName].setIdentifier;
          return [
            { Action: 'DELETE', ResourceRecordSet: { SetIdentifier, Weight: 77 } },
            { Action: 'CREATE', ResourceRecordSet: { SetIdentifier, Weight } },
          ];
        }),
      },
    },
    { service: 'route53', region: 'us-east-1', ...more },
  );

export const failover = (more: Partial<FailoverRecord> = {}): FailoverRecord => ({
  failoverId: 'one',
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
    mirror: (record: MirrorRecord) => ledger.take({ table: 'resources', sortKey: record.subjectId, item: () => record }),
    snapshot: (record: SnapshotRecord) => ledger.take({ table: 'resources', sortKey: record.subjectId, item: () => record }),
    service: (more: Partial<ServiceRecord>) =>
      ledger.take({
        table: 'services',
        sortKey: undefined,
        item: () => ({ serviceId: plan.service, plan, planHash: 'h', mode: 'act', activeSide: 'primary', level: 'minimal', ...more }),
      }),
  };
}

/** A world in which both sides are well; parts of it may be set. */
export function worldOf() {
  const state = { healthy: { primary: true, standby: true }, ready: { primary: 1000, standby: 1000 }, demand: 100, routed: { primary: 1, standby: 0 } };
  const view: WorldView = {
    sideHealthy: (side) => state.healthy[side],
    readyCapacityRps: (side) => state.ready[side],
    demandRps: () => state.demand,
    routedTo: (side) => state.routed[side],
  };
  return { state, view };
}

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
