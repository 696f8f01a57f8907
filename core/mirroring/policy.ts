// What a mirroring level asks for: instances, snapshots, validation.
import type { MirroringLevel, Plan } from '../contracts/plan.ts';
import type { CanaryRecord, ServiceRecord } from '../contracts/records.ts';

/** The lowest level that the criticality allows: a critical service always has a warm standby. */
export const lowestLevel = (plan: Plan): MirroringLevel => (plan.criticality === 'critical' ? 'partial' : 'minimal');

const order: readonly MirroringLevel[] = ['minimal', 'partial', 'full'];
export const higherLevel = (a: MirroringLevel, b: MirroringLevel): MirroringLevel => (order.indexOf(a) >= order.indexOf(b) ? a : b);

/** Standby instances that a level keeps running. */
export function instancesAt(plan: Plan, level: MirroringLevel): number {
  return level === 'minimal' ? 0 : plan.sides.standby.instances[level];
}

/** Whether the last canary still proves the target: it passed, it was this target, and it is not older than the plan says. */
export function canaryIsFresh(plan: Plan, canary: CanaryRecord | undefined, target: CanaryRecord['target'], now: number): boolean {
  return canary?.verdict === 'pass' && canary.target === target && now - Date.parse(canary.at) <= plan.mirroring.canaryMaxAgeMinutes * 60_000;
}

/** Whether a snapshot is due at this level. `lastSnapshotAt`: ISO time, or none yet. */
export function snapshotIsDue(plan: Plan, level: MirroringLevel, lastSnapshotAt: string | undefined, now: number): boolean {
  if (lastSnapshotAt === undefined) return true;
  return now - Date.parse(lastSnapshotAt) >= plan.mirroring.snapshotEveryHours[level] * 3_600_000;
}

export interface MirroringWork {
  readonly level: MirroringLevel;
  readonly snapshot: boolean;
  readonly standby: boolean;
  readonly canary: boolean;
}

/** What has to be done so that the mirror is what `wanted` asks for. `running`: standby instances that run or are being started. */
export function mirroringWork(service: ServiceRecord, wanted: MirroringLevel, running: number, now: number): MirroringWork {
  const { plan } = service;
  const level = higherLevel(wanted, lowestLevel(plan));
  return {
    level,
    snapshot: snapshotIsDue(plan, level, service.lastSnapshotAt, now),
    standby: running !== instancesAt(plan, level),
    canary: level === 'full' && !canaryIsFresh(plan, service.canary, 'standby', now),
  };
}
