// The metrics that the plan names for the canary, as CloudWatch has them for both sides.
import type { MetricEvidence } from '../../core/canary/judge.ts';
import { otherSide, type Plan, type SideName } from '../../core/contracts/plan.ts';
import type { Services } from '../services.ts';

const minute = 60_000;
/** The losing side is what it was before the step too; so few points as a bake has would be compared with too few. ms */
const lookBack = 15 * minute;

/**
 * Points of the receiving side since `since` (ms; undefined: there was no step, its last minutes), and of the losing side since a quarter of an hour before.
 * What could not be read is undefined: a Region out of reach is missing data, and no reason to fail the judge.
 */
export async function canaryMetrics(plan: Plan, target: SideName, since: number | undefined, services: Services): Promise<MetricEvidence[]> {
  const { metrics } = plan.canary;
  if (metrics.length === 0) return [];
  const now = services.now();
  const [receiving, losing] = await Promise.all([
    readSide(target, since ?? now - lookBack),
    readSide(otherSide(target), Math.min(since ?? now, now - minute) - lookBack),
  ]);
  return metrics.map(({ name, critical, worse, limit }) => ({ name, critical, worse, limit, receiving: receiving.get(name), losing: losing.get(name) }));

  async function readSide(side: SideName, from: number): Promise<ReadonlyMap<string, readonly number[]>> {
    const { region } = plan.sides[side];
    const requests = metrics.map((metric) => ({ key: metric.name, metric: { ...metric, dimensions: metric.dimensions[side] } }));
    try {
      const read = await services.telemetry.read(region, requests, Math.ceil(from / minute) * minute, now);
      // The period under way is partial, and its sum would look low.
      const ended = (key: string, timestamp: number) => timestamp + 1000 * (metrics.find(({ name }) => name === key)?.periodSeconds ?? 60) <= now;
      return new Map([...read].map(([key, points]) => [key, points.filter(({ timestamp }) => ended(key, timestamp)).map(({ value }) => value)]));
    } catch {
      return new Map();
    }
  }
}
