// Turns metric points that arrive at different times into observations in order, each given once.
import type { MetricDefinition } from '../contracts/metrics.ts';
import type { Observation, Point } from './port.ts';

/** CloudWatch shows a point 1 to 3 minutes after its period; what is later than this is taken as missing. ms */
export const settleTime = 180_000;
/** A point younger than this after its period's end may still be partial. ms */
export const partialTime = 60_000;

type Metric = Pick<MetricDefinition, 'name' | 'role' | 'periodSeconds'>;

/** A balancer that counts no errors reports no point: absence beside requests means zero. */
const isSparse = ({ role }: Metric) => role === 'errors';

/**
 * Observations after `after` (ms, exclusive; null: from the first point) whose points are all there, or that are too old for more to come.
 * An observation is held back while a metric that should have a point for it has none yet, so that order and context are kept.
 * @param series points by metric name, oldest first
 * @param now ms since the epoch
 */
export function assemble(metrics: readonly Metric[], series: ReadonlyMap<string, readonly Point[]>, after: number | null, now: number): Observation[] {
  const values = new Map<number, Record<string, number>>();
  for (const { name, periodSeconds } of metrics)
    for (const { timestamp, value } of series.get(name) ?? []) {
      if ((after !== null && timestamp <= after) || timestamp + periodSeconds * 1000 + partialTime > now) continue;
      const at = values.get(timestamp) ?? {};
      at[name] = value;
      values.set(timestamp, at);
    }
  const observations: Observation[] = [];
  for (const timestamp of [...values.keys()].sort((a, b) => a - b)) {
    const found = values.get(timestamp) ?? {};
    const settled = metrics.every(
      // A metric of five minutes has a point at every fifth only.
      ({ name, periodSeconds }) => name in found || timestamp % (periodSeconds * 1000) !== 0 || timestamp + periodSeconds * 1000 + settleTime <= now,
    );
    if (!settled) break;
    observations.push({ timestamp, values: withZeros(metrics, found) });
  }
  return observations;
}

function withZeros(metrics: readonly Metric[], found: Record<string, number>): Record<string, number> {
  const hasRequests = metrics.some(({ name, role }) => role === 'requests' && name in found);
  if (!hasRequests) return found;
  return { ...Object.fromEntries(metrics.filter(isSparse).map(({ name }) => [name, 0])), ...found };
}

/**
 * The observation that says that nothing came: due when the newest minute that should be known has no point of any metric.
 * undefined while data may still be on its way, or when it is known.
 */
export function silence(metrics: readonly Metric[], after: number | null, now: number): Observation | undefined {
  if (metrics.length === 0 || after === null) return undefined;
  const period = Math.max(...metrics.map(({ periodSeconds }) => periodSeconds)) * 1000;
  const expected = Math.floor((now - settleTime - period) / period) * period;
  return expected - after >= 2 * period ? { timestamp: expected, values: {} } : undefined;
}
