// The detector's stored state: its shape, and refusal of anything that this detector did not write.
import { z } from 'zod';
import { LimitState } from './limit.ts';
import { LoadCurve } from './load.ts';
import type { DetectorConfig } from './port.ts';
import { Usual } from './usual.ts';

export const stateVersion = 1;

const Time = z.number();

/** What is kept of one metric; the optional parts belong to some roles only. */
export const MetricState = z.strictObject({
  /** time of the last point, the usual time between points (null before the second), both ms; the last value */
  at: Time,
  every: z.number().positive().nullable(),
  value: z.number(),
  /** start of the unusual run that the last point belongs to */
  since: Time.nullable(),
  usual: Usual.optional(),
  /** last deviation in spreads, signed, and its surprise; 0 while warming up */
  spreads: z.number().optional(),
  surprise: z.number().optional(),
  /** latency and cpu: usual value by load; last ratio to the usual value and that value */
  curve: LoadCurve.optional(),
  ratio: z.number().optional(),
  expected: z.number().optional(),
  limit: LimitState.optional(),
  /** status: consecutive failed points */
  failing: z.int().min(0).optional(),
});
export type MetricState = z.infer<typeof MetricState>;

export const DetectorState = z.strictObject({
  version: z.literal(stateVersion),
  /** time of the newest point; null before the first */
  last: Time.nullable(),
  metrics: z.record(z.string(), MetricState),
  /** load of the last points (requests, else network bytes), doublings above usual, and the time of the last */
  load: z.strictObject({ recent: z.array(z.number()).max(3), surges: z.array(z.number()).max(3), at: Time }).nullable(),
  /** accumulated evidence of a failure that has begun */
  evidence: z.strictObject({ latency: z.number().min(0), errors: z.number().min(0), cpu: z.number().min(0) }),
  /** errors: usual share, share at the last point, points learned, start of the unusual run */
  errors: z.strictObject({ usualRate: z.number(), rate: z.number(), served: z.number(), n: z.int().min(0), since: Time.nullable() }),
  /** how unusual the metrics of unknown meaning are together, smoothed, in spreads; and the surprise of all metrics */
  breadth: z.number().min(0),
  surprise: z.number().min(0),
});
export type DetectorState = z.infer<typeof DetectorState>;

export const initialState = (): DetectorState => ({
  version: stateVersion,
  last: null,
  metrics: {},
  load: null,
  evidence: { latency: 0, errors: 0, cpu: 0 },
  errors: { usualRate: 0, rate: 0, served: 0, n: 0, since: null },
  breadth: 0,
  surprise: 0,
});

/** The stored state was not written by this detector. Discard it and warm up from history again. */
export class DetectorStateError extends Error {
  override readonly name = 'DetectorStateError';
}

/**
 * Reads stored state. Metrics that the configuration no longer names are dropped; new ones begin empty.
 * @throws DetectorStateError for another version or another shape
 */
export function parseState(stored: unknown, config: DetectorConfig): DetectorState {
  const version = typeof stored === 'object' && stored !== null && 'version' in stored ? stored.version : undefined;
  if (version !== stateVersion)
    throw new DetectorStateError(
      `detector state has version ${JSON.stringify(version) ?? 'none'}, this detector reads version ${stateVersion}; discard it and warm up from history`,
    );
  const parsed = DetectorState.safeParse(stored);
  if (!parsed.success)
    throw new DetectorStateError(`detector state is not one that this detector wrote; discard it and warm up from history:\n${z.prettifyError(parsed.error)}`, {
      cause: parsed.error,
    });
  const names = new Set(config.metrics.map(({ name }) => name));
  return { ...parsed.data, metrics: Object.fromEntries(Object.entries(parsed.data.metrics).filter(([name]) => names.has(name))) };
}
