// Health of the sides, read for the active one each minute and for the other only when something hangs on it.
import { otherSide, type SideName } from '../../core/contracts/plan.ts';
import type { ServiceRecord, SubjectRecord } from '../../core/contracts/records.ts';
import type { Point } from '../../core/prediction/port.ts';
import { route53Region } from '../adapters/record-router.ts';
import type { MetricRequest } from '../adapters/telemetry.ts';
import { type Health, healthOf, healthRequest, healthWindow } from '../failover/endpoint-health.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';

type Checks = SubjectRecord['healthChecks'];
const healthKey = (serviceId: string, side: SideName) => `${serviceId}/health/${side}`;

/** What to read of a side; undefined: its record has no endpoint check. */
export function healthRequestOf({ serviceId }: ServiceRecord, side: SideName, checks: Checks): MetricRequest | undefined {
  const id = checks?.[side];
  return id ? healthRequest(healthKey(serviceId, side), id) : undefined;
}

/**
 * Each request to CloudWatch is paid for, and only an active side that is lost makes the other one matter: it is asked for then, in the same minute.
 * A side that cannot be read is unknown.
 * @param points with those of the active side's check
 */
export async function healthOfSides(
  service: ServiceRecord,
  checks: Checks,
  points: ReadonlyMap<string, readonly Point[]>,
  { telemetry }: Pick<Services, 'telemetry'>,
  now: number,
): Promise<Record<SideName, Health>> {
  const { serviceId, activeSide } = service;
  const other = otherSide(activeSide);
  const known: Record<SideName, Health> = { primary: 'unknown', standby: 'unknown' };
  known[activeSide] = healthOf(points.get(healthKey(serviceId, activeSide)) ?? []);
  const request = healthRequestOf(service, other, checks);
  if (known[activeSide] !== 'unhealthy' || request === undefined) return known;
  try {
    const read = await telemetry.read(route53Region, [request], now - healthWindow, now);
    known[other] = healthOf(read.get(request.key) ?? []);
  } catch (error) {
    logger.warn('health of the other side is unknown', { serviceId, error: error as Error });
  }
  return known;
}
