// Applies a plan: looks at what is really there, refuses what cannot be protected, then writes the service and what is scored of it.
import { createHash } from 'node:crypto';
import { entrySubject, resourceSubject } from '../../core/contracts/names.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import type { HostedZone } from '../adapters/hosted-zone.ts';
import type { FoundInstance } from '../adapters/instance-lookup.ts';
import type { AppliedService, PlannedSubject, PlanSubject } from '../adapters/plan-store.ts';
import { lookUpInstances, lookUpRecords, type SelectedInstance } from './look-up.ts';
import { lookUpDrivers, type ReadDriver } from './look-up-drivers.ts';
import { entryMetricsOf, resourceMetricsOf } from './subject-metrics.ts';

/** Something about the world that does not fit the plan; `path` is a key of the plan. */
export interface Mismatch {
  readonly path: string;
  readonly problem: string;
  readonly remedy: string;
}

/** The plan does not fit what is there; nothing was written. */
export class PlanRefusedError extends Error {
  override readonly name = 'PlanRefusedError';
  readonly mismatches: readonly Mismatch[];

  constructor(mismatches: readonly Mismatch[]) {
    super(mismatches.map(({ path, problem, remedy }) => `${path}: ${problem}; ${remedy}`).join('\n'));
    this.mismatches = mismatches;
  }
}

export interface ApplyPlanPorts {
  readonly store: {
    service(serviceId: string): Promise<AppliedService | undefined>;
    writePlan(plan: Plan, planHash: string): Promise<boolean>;
    subjects(serviceId: string, prefix: string): Promise<PlannedSubject[]>;
    writeSubject(subject: PlanSubject, restart: boolean): Promise<void>;
    removeSubject(serviceId: string, subjectId: string): Promise<void>;
  };
  /** undefined: there is no such zone. `trusted`: an emulator without Route 53, where nothing is compared. */
  readonly readHostedZone: (hostedZoneId: string, name: string) => Promise<HostedZone | 'trusted' | undefined>;
  readonly findInstances: (region: string, selector: { ids?: string[] | undefined; tags?: Record<string, string> | undefined }) => Promise<FoundInstance[]>;
  readonly readDriver: ReadDriver;
}

export interface AppliedPlan {
  readonly serviceId: string;
  readonly created: boolean;
  /** whether the service's plan is another one than before */
  readonly changed: boolean;
  /** the service's mode, which need not be the plan's */
  readonly mode: Plan['mode'];
  /** who holds the service's lock, when a workflow is running */
  readonly lockedBy: string | undefined;
  readonly subjects: readonly string[];
  readonly restarted: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Can be repeated at any time, also after a crash between two writes: each write is complete in itself and the same when made again.
 * `now`: ms since the epoch. Throws `PlanRefusedError` before anything is written.
 */
export async function applyPlan(plan: Plan, ports: ApplyPlanPorts, now: number): Promise<AppliedPlan> {
  const { store } = ports;
  const before = await store.service(plan.service);
  const isNew = before === undefined;
  const [records, resources, drivers] = await Promise.all([
    lookUpRecords(plan, isNew, ports.readHostedZone),
    lookUpInstances(plan, ports.findInstances),
    lookUpDrivers(plan, isNew, ports.readDriver),
  ]);
  const mismatches = [...records, ...resources.mismatches, ...drivers];
  if (mismatches.length > 0) throw new PlanRefusedError(mismatches);

  const planHash = hashOf(plan);
  if (!(await store.writePlan(plan, planHash)))
    throw new PlanRefusedError([
      {
        path: 'data',
        problem: `the service ${plan.service} is in mode act, which \`data: local\` does not allow: moving traffic would lose the writes since the last snapshot`,
        remedy: 'change the mode of the service to advise first',
      },
    ]);

  // Only what a plan can name is ever removed: mirrors, snapshots and latches stand under other prefixes.
  const known = new Map(
    (await Promise.all(['entry#', 'resource#primary#'].map((prefix) => store.subjects(plan.service, prefix))))
      .flat()
      .map((subject) => [subject.subjectId, subject]),
  );
  const subjects = subjectsOf(plan, resources.instances, new Date(now).toISOString());
  const restarted: string[] = [];
  for (const subject of subjects) {
    const stored = known.get(subject.subjectId);
    const restart = stored !== undefined && canonical([stored.region, stored.metrics]) !== canonical([subject.region, subject.metrics]);
    if (restart) restarted.push(subject.subjectId);
    await store.writeSubject(subject, restart);
  }
  const planned = new Set(subjects.map(({ subjectId }) => subjectId));
  const removed = [...known.keys()].filter((subjectId) => !planned.has(subjectId));
  for (const subjectId of removed) await store.removeSubject(plan.service, subjectId);
  return {
    serviceId: plan.service,
    created: isNew,
    changed: before?.planHash !== planHash,
    mode: before?.mode ?? plan.mode,
    lockedBy: before?.lock && Date.parse(before.lock.expiresAt) > now ? before.lock.holder : undefined,
    subjects: [...planned],
    restarted,
    removed,
  };
}

function subjectsOf(plan: Plan, instances: readonly SelectedInstance[], now: string): PlanSubject[] {
  const entries = (['primary', 'standby'] as const).map(
    (side): PlanSubject => ({
      serviceId: plan.service,
      subjectId: entrySubject(side),
      side,
      kind: 'entry',
      region: plan.sides[side].region,
      metrics: entryMetricsOf(plan, side),
      nextDueAt: now,
    }),
  );
  const resources = instances.map(
    ({ id, zone, zoneId, selector }): PlanSubject => ({
      serviceId: plan.service,
      subjectId: resourceSubject('primary', id),
      side: 'primary',
      kind: selector.kind,
      region: plan.sides.primary.region,
      ...(zone === undefined ? {} : { zone }),
      ...(zoneId === undefined ? {} : { zoneId }),
      metrics: resourceMetricsOf(selector, id),
      nextDueAt: now,
    }),
  );
  return [...entries, ...resources];
}

/** JSON with sorted keys: the same for the same content. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/** SHA-256 of the plan with all its defaults, in hex. */
export const hashOf = (plan: Plan): string => createHash('sha256').update(canonical(plan)).digest('hex');
