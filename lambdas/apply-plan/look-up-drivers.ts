// Compares the plan's drivers with what they would change: before anything has moved is the time to find out that one cannot.
import type { Plan } from '../../core/contracts/plan.ts';
import type { TrafficDriver } from '../../core/contracts/plan-drivers.ts';
import { DriverRefusedError, type Standing } from '../drivers/port.ts';
import type { Mismatch } from './apply-plan.ts';

/** Where something stands. Throws DriverRefusedError when it is missing, unfit, or with neither side. */
export type ReadDriver = (plan: Plan, settings: TrafficDriver) => Promise<Standing>;

/** What keeps the drivers from working. Records are looked at by themselves; a latch needs nothing. `isNew`: the service was never applied before. */
export async function lookUpDrivers(plan: Plan, isNew: boolean, readDriver: ReadDriver): Promise<Mismatch[]> {
  const mismatches: Mismatch[] = [];
  for (const [index, settings] of plan.drivers.entries()) {
    if (settings.driver === 'route53-weights' || settings.driver === 'health-check') continue;
    const path = `drivers.${index}`;
    try {
      const { standby, detail, stickySeconds = 0 } = await readDriver(plan, settings);
      if (isNew && standby > 0)
        mismatches.push({
          path,
          problem: `${detail}, but a new service begins on its primary side`,
          remedy: 'set it to the primary, or swap the sides in the plan',
        });
      // Steps would be judged without these clients, and the losing side would not drain.
      if (stickySeconds > plan.failover.drainMaxMinutes * 60)
        mismatches.push({
          path,
          problem: `clients stay with a target group for ${stickySeconds} s whatever its weight, longer than the losing side is given to drain (${plan.failover.drainMaxMinutes} minutes)`,
          remedy: "shorten or turn off the action's target group stickiness, or raise `failover.drainMaxMinutes`",
        });
    } catch (error) {
      if (!(error instanceof DriverRefusedError)) throw error;
      const [problem = error.message, remedy = 'see docs/plans.md'] = error.message.split('; ', 2);
      mismatches.push({ path, problem, remedy });
    }
  }
  return mismatches;
}
