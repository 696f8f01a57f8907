// What scoring remembers of a subject between two invocations, stored as JSON text.
import { z } from 'zod';
import { LevelState } from '../../core/mirroring/levels.ts';
import { LoadBefore } from '../../core/prediction/evidence/planned-load.ts';

const scoringVersion = 1;

const LastAssessment = z.object({
  /** no metric had a point: the score is held */
  silent: z.boolean().default(false),
  timestamp: z.number(),
  failureProbability: z.number().nullable(),
  /** 0-1; of a state that was stored before it was kept: 0 */
  anomalyScore: z.number().default(0),
  expectedInMinutes: z.number().nullable(),
  /** ms; absent: it is not unusual */
  unusualSince: z.number().optional(),
  reasons: z.array(
    z.object({ metric: z.string(), kind: z.enum(['level', 'trend', 'limit', 'status', 'missing', 'event', 'planned', 'neighbourhood']), detail: z.string() }),
  ),
});

/** What was decided of a service. */
const ServiceState = z.object({
  levels: LevelState,
  unhealthySince: z.number().nullable().catch(null).default(null),
  /** decisions that were emitted last, by what they are about */
  emitted: z.record(z.string(), z.string()).catch({}).default({}),
  /** load before each one that the plan announces and that lasts or begins soon */
  planned: z.array(LoadBefore).optional().catch(undefined),
});

export const ScoringState = z.object({
  version: z.literal(scoringVersion),
  /** newest observation that the detector has seen, ms; null: none */
  observedUntil: z.number().nullable(),
  detector: z.unknown(),
  last: LastAssessment.nullable(),
  /** busiest of the last observations, requests per second; entry only */
  requestsPerSecond: z.number().nullable().default(null),
  /** entry of the active side only */
  service: ServiceState.optional(),
});
export type ScoringState = z.infer<typeof ScoringState>;

export const emptyState: ScoringState = { version: scoringVersion, observedUntil: null, detector: undefined, last: null, requestsPerSecond: null };

/**
 * The stored state. Without a part that is not readable, or of another version: the history is read anew then. The level and the decisions of a service are
 * read apart, because no history brings them back: as long as they are readable they stand, whatever else is not.
 */
export function parseState(stored: string | null): ScoringState {
  if (stored === null) return emptyState;
  const json = jsonOf(stored);
  const whole = ScoringState.safeParse(json);
  if (whole.success) return whole.data;
  const { version, last, service } = Parts.safeParse(json).data ?? {};
  const known = version === scoringVersion && last ? { last } : {};
  return { ...emptyState, ...known, ...(service ? { service } : {}) };
}

const Parts = z.object({
  version: z.unknown(),
  last: LastAssessment.nullish().catch(null),
  service: ServiceState.optional().catch(undefined),
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
