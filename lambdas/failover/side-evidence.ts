// What can be measured of a side now: ready instances, demand, and what the load balancer saw.
import type { BalancerEvidence } from '../../core/canary/judge.ts';
import { defaultEntryMetrics } from '../../core/contracts/metrics.ts';
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import type { Point } from '../../core/prediction/port.ts';
import type { Services } from '../services.ts';

const minute = 60_000;

/** Instances that a side's balancer finds healthy: running, registered, answering. */
export async function readyInstances(plan: Plan, side: SideName, { targets }: Services): Promise<number> {
  const { region, loadBalancer } = plan.sides[side];
  const health = await targets.health(region, loadBalancer.targetGroupArn);
  return [...health.values()].filter((state) => state === 'healthy').length;
}

type BalancerSeries = Readonly<Record<(typeof defaultEntryMetrics)[number]['name'], readonly Point[]>>;

/** The balancer's metrics of a side, minute by minute. Times: ms since the epoch. */
export async function balancerSeries(plan: Plan, side: SideName, from: number, to: number, { telemetry }: Services): Promise<BalancerSeries> {
  const { region, loadBalancer } = plan.sides[side];
  const requests = defaultEntryMetrics.map((metric) => ({ key: metric.name, metric: { ...metric, dimensions: { LoadBalancer: loadBalancer.dimension } } }));
  const read = await telemetry.read(region, requests, Math.floor(from / minute) * minute, to);
  // Requests without the errors beside them would look like success.
  const series = requests.every(({ key }) => read.has(key)) ? read : new Map<string, Point[]>();
  return Object.fromEntries(defaultEntryMetrics.map(({ name }) => [name, series.get(name) ?? []])) as unknown as BalancerSeries;
}

const total = (points: readonly Point[]) => points.reduce((sum, { value }) => sum + value, 0);

/** Requests and errors of whole minutes that began at or after `since` (ms). undefined: CloudWatch has nothing yet. */
export async function balancerEvidence(plan: Plan, side: SideName, since: number, services: Services): Promise<BalancerEvidence | undefined> {
  const series = await balancerSeries(plan, side, Math.ceil(since / minute) * minute, services.now(), services);
  if (series.requests.length === 0) return undefined;
  const requests = Math.round(total(series.requests));
  const errors = Math.min(requests, Math.round(total(series['errors-target']) + total(series['errors-balancer'])));
  return { requests, errors };
}

/** How far back demand is looked for: CloudWatch is 1 to 3 minutes behind, and the highest of some minutes is the safe one. */
const demandWindow = 8 * minute;

/** Requests per second to both sides together: the busiest of the last minutes. undefined: no data, or a Region that does not tell its part. */
export async function demand(plan: Plan, services: Services): Promise<number | undefined> {
  const now = services.now();
  const perMinute = new Map<number, number>();
  const sides = await Promise.allSettled((['primary', 'standby'] as const).map((side) => balancerSeries(plan, side, now - demandWindow, now, services)));
  const told = sides.flatMap((side) => (side.status === 'fulfilled' ? [side.value] : []));
  if (told.length < sides.length) return undefined;
  for (const series of told) for (const { timestamp, value } of series.requests) perMinute.set(timestamp, (perMinute.get(timestamp) ?? 0) + value);
  return perMinute.size === 0 ? undefined : Math.max(...perMinute.values()) / 60;
}
