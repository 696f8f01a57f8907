// How a weighted shift proceeds: which step is next, and whether the receiving side can carry it.
import type { Plan, SideName } from '../contracts/plan.ts';
import { isGradual } from '../contracts/plan-drivers.ts';
import type { Weights } from '../contracts/records.ts';

/** Weights (0-100 each) when `percent` of the traffic is to go to `to`. */
export function weightsFor(to: SideName, percent: number): Weights {
  if (!Number.isInteger(percent) || percent < 0 || percent > 100) throw new RangeError(`a shift step is a whole percentage, not ${percent}`);
  return to === 'standby' ? { primary: 100 - percent, standby: percent } : { primary: percent, standby: 100 - percent };
}

/** Whether both are known and the same. */
export const sameWeights = (a: Weights | undefined, b: Weights | undefined): boolean =>
  a !== undefined && b !== undefined && a.primary === b.primary && a.standby === b.standby;

/** Share of the traffic (0-1) that weights give to a side. Route 53 splits evenly when all weights are zero. */
export function shareOf(side: SideName, weights: Weights): number {
  const total = weights.primary + weights.standby;
  return total === 0 ? 0.5 : weights[side] / total;
}

/** `urgent` when the failure is expected within the plan's limit, or has begun, or cannot be told: waiting is what costs then. */
export function profileFor(plan: Plan, expectedInMinutes: number | null): 'calm' | 'urgent' {
  return expectedInMinutes === null || expectedInMinutes <= plan.shift.urgentWithinMinutes ? 'urgent' : 'calm';
}

/** A step is watched for at least the TTL: before that most users have not been asked to move. Seconds. */
export function bakeSeconds(plan: Plan, profile: 'calm' | 'urgent'): number {
  return Math.max(plan.shift[profile].bakeSeconds, plan.record.ttlSeconds);
}

/** Requests per second that `instances` carry on a side. */
export function capacityOf(plan: Plan, side: SideName, instances: number): number {
  return instances * plan.sides[side].requestsPerSecondPerInstance;
}

const plannedInstances = ({ sides }: Plan, side: SideName): number => (side === 'standby' ? sides.standby.instances.full : sides.primary.instances);

export interface CapacityCheck {
  readonly enough: boolean;
  readonly reason: string;
}

/**
 * Whether a side with so many ready instances carries `share` (0-1) of the demand (requests per second), with the plan's headroom.
 * Unknown demand is not enough evidence to call a capacity too small when everything that the plan asks for is ready.
 */
export function checkCapacity(plan: Plan, side: SideName, readyInstances: number, demand: number | undefined, share: number): CapacityCheck {
  const capacity = capacityOf(plan, side, readyInstances);
  if (demand === undefined) {
    const planned = plannedInstances(plan, side);
    return { enough: readyInstances >= planned, reason: `demand is unknown; ${readyInstances} of ${planned} instances of ${side} are ready` };
  }
  const needed = demand * share * plan.failover.headroom;
  return {
    enough: readyInstances > 0 && capacity >= needed,
    reason: `${side} carries ${Math.round(capacity)} requests/s with ${readyInstances} ready instances; ${Math.round(share * 100)} % of the demand with headroom is ${Math.round(needed)}${capacity > 0 ? ` (utilisation ${Math.round((needed / capacity) * 100)} %)` : ''}`,
  };
}

/** The next percentage for the receiving side after `current` (0-100), or undefined when the shift is complete. */
export function nextStep(steps: readonly number[], current: number): number | undefined {
  return steps.find((step) => step > current);
}

/**
 * How far a roll-back may go at once, as a percentage of traffic that stays on the losing side (`to`). The old side gets no more than it carries.
 * With everything back it is 0. While the demand is unknown, each ready instance carries its share of those that the plan names.
 */
export function rollBackStep(plan: Plan, backTo: SideName, readyInstances: number, demand: number | undefined, current: number): number {
  if (demand !== undefined && demand <= 0) return 0;
  const needed = demand === undefined ? capacityOf(plan, backTo, plannedInstances(plan, backTo)) : demand * plan.failover.headroom;
  const carried = Math.min(1, capacityOf(plan, backTo, readyInstances) / needed);
  // Each gradual driver divides again what the one before it has divided.
  const stays = (1 - carried) ** (1 / Math.max(1, plan.drivers.filter(isGradual).length));
  return Math.min(current, Math.ceil(stays * 100));
}
