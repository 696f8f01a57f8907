// What Route 53's own checkers say of both sides' endpoints, read from CloudWatch where Route 53 reports it.
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import type { Point } from '../../core/prediction/port.ts';
import { route53Region } from '../adapters/record-router.ts';
import type { MetricRequest } from '../adapters/telemetry.ts';
import type { Services } from '../services.ts';

export type Health = 'healthy' | 'unhealthy' | 'unknown';

/** How far back is read. Route 53 reports each minute, one to three minutes late. */
export const healthWindow = 7 * 60_000;
/** So many minutes in a row say that a side is lost; one could be the flip of a few checkers. */
const minutesLost = 2;

/** Endpoint checks of the sides, found through the records' health checks. undefined: a record's check has no endpoint check. */
export async function endpointChecks(plan: Plan, { router }: Services): Promise<Partial<Record<SideName, string>>> {
  const { healthCheckIds } = await router.read(plan);
  // One after the other: Route 53 answers five requests a second in an account.
  const primary = await router.endpointCheck(healthCheckIds.primary);
  const standby = await router.endpointCheck(healthCheckIds.standby);
  return { ...(primary ? { primary } : {}), ...(standby ? { standby } : {}) };
}

export const healthRequest = (key: string, healthCheckId: string): MetricRequest => ({
  key,
  metric: { namespace: 'AWS/Route53', metric: 'HealthCheckStatus', dimensions: { HealthCheckId: healthCheckId }, statistic: 'Minimum', periodSeconds: 60 },
});

/** Of the newest points. No points: unknown, which is neither. */
export function healthOf(points: readonly Point[]): Health {
  const newest = points.slice(-minutesLost);
  if (newest.length === 0) return 'unknown';
  if (newest.length === minutesLost && newest.every(({ value }) => value < 1)) return 'unhealthy';
  return newest.at(-1)?.value === 1 ? 'healthy' : 'unknown';
}

/** @param checks ids of the endpoint checks, as scoring stored them: Route 53's control plane need not be reachable */
export async function endpointHealth(checks: Partial<Record<SideName, string | undefined>>, services: Services): Promise<Record<SideName, Health>> {
  const requests = (['primary', 'standby'] as const).flatMap((side) => (checks[side] ? [healthRequest(side, checks[side])] : []));
  const series = await services.telemetry.read(route53Region, requests, services.now() - healthWindow, services.now());
  return { primary: healthOf(series.get('primary') ?? []), standby: healthOf(series.get('standby') ?? []) };
}
