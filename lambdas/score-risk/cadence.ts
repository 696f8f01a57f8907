// How soon a subject is read again: telemetry reads are what costs, so calm resources are read seldom.
import type { ServiceRecord, SubjectRecord } from '../../core/contracts/records.ts';
import type { LevelState } from '../../core/mirroring/levels.ts';
import { lowestLevel } from '../../core/mirroring/policy.ts';
import type { ScoringState } from './scoring-state.ts';

const calmMinutes = 15;
/** From this score on a resource is uneasy. */
const uneasyFrom = 15;
const minute = 60_000;

/**
 * The entry of the active side each minute: it is what users meet. A resource each minute when it, or its service, is uneasy; else each 15 minutes.
 * Without entry metrics the resources are all there is, and are read at their own period.
 */
export function nextDueAt(service: ServiceRecord, subject: SubjectRecord, state: ScoringState, levels: LevelState | undefined, now: number): string {
  return new Date(Math.floor(now / minute) * minute + minutesUntilDue(service, subject, state, levels) * minute).toISOString();
}

function minutesUntilDue({ plan, activeSide }: ServiceRecord, subject: SubjectRecord, state: ScoringState, levels: LevelState | undefined): number {
  if (subject.side !== activeSide) return calmMinutes;
  const hasEntry = plan.entryMetrics === undefined || plan.entryMetrics.length > 0;
  if (subject.kind === 'entry') return hasEntry ? 1 : 5;
  const period = Math.min(...subject.metrics.map(({ periodSeconds }) => periodSeconds)) / 60;
  const uneasy = (state.last?.failureProbability ?? 0) >= uneasyFrom || (levels !== undefined && (levels.critical || levels.level !== lowestLevel(plan)));
  return uneasy ? Math.max(1, period) : hasEntry ? calmMinutes : period;
}
