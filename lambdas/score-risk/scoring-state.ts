// What scoring remembers of a subject between two invocations, stored as JSON text.
import { z } from 'zod';
import { LevelState } from '../../core/mirroring/levels.ts';
import { LoadBefore } from '../../core/prediction/evidence/planned-load.ts';

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

export const ScoringState = z.object({
  version: z.literal(1),
  /** newest observation that the detector has seen, ms; null: none */
  observedUntil: z.number().nullable(),
  detector: z.unknown(),
  last: LastAssessment.nullable(),
  /** busiest of the last observations, requests per second; entry only */
  requestsPerSecond: z.number().nullable().default(null),
  /** entry of the active side only */
  service: z
    .object({
      levels: LevelState,
      unhealthySince: z.number().nullable().default(null),
      /** decisions that were emitted last, by what they are about */
      emitted: z.record(z.string(), z.string()).default({}),
      /** load before each one that the plan announces and that lasts or begins soon */
      planned: z.array(LoadBefore).optional(),
    })
    .optional(),
});
export type ScoringState = z.infer<typeof ScoringState>;

export const emptyState: ScoringState = { version: 1, observedUntil: null, detector: undefined, last: null, requestsPerSecond: null };

/** The stored state, or an empty one when it is absent or not readable: the history is read anew then. */
export function parseState(stored: string | null): ScoringState {
  if (stored === null) return emptyState;
  try {
    return ScoringState.parse(JSON.parse(stored));
  } catch {
    return emptyState;
  }
}
