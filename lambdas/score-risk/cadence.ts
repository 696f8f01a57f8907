// How soon a subject is read again: telemetry reads are what costs, so calm resources are read seldom.
import type { ServiceRecord, SubjectRecord } from '../../core/contracts/records.ts';
import type { LevelState } from '../../core/mirroring/levels.ts';
import { lowestLevel } from '../../core/mirroring/policy.ts';
import { settleTime } from '../../core/prediction/assemble.ts';
import type { ScoringState } from './scoring-state.ts';

const calmMinutes = 15;
/** From this score on a resource is uneasy. */
const uneasyFrom = 15;
const minute = 60_000;
/** Minutes of the longer of the two periods that a metric may have. */
const longestPeriod = 5;

/**
 * The entry of the active side each minute: it is what users meet. A resource each minute when it, or its service, is uneasy; else each 15 minutes.
 * Without entry metrics the resources are all there is: they are read at their own period, together with the entry, which carries the decisions,
 * and when CloudWatch has had the time to show the period that ended.
 */
export function nextDueAt(service: ServiceRecord, subject: SubjectRecord, state: ScoringState, levels: LevelState | undefined, now: number): string {
  const minutes = minutesUntilDue(service, subject, state, levels);
  const { entryMetrics } = service.plan;
  if (entryMetrics === undefined || entryMetrics.length > 0 || subject.side !== service.activeSide)
    return new Date((Math.floor(now / minute) + minutes) * minute).toISOString();
  const step = minutes * minute;
  return new Date((Math.floor((now - settleTime) / step) + 1) * step + settleTime).toISOString();
}

function minutesUntilDue({ plan, activeSide }: ServiceRecord, subject: SubjectRecord, state: ScoringState, levels: LevelState | undefined): number {
  if (subject.side !== activeSide) return calmMinutes;
  const hasEntry = plan.entryMetrics === undefined || plan.entryMetrics.length > 0;
  if (subject.kind === 'entry') return hasEntry ? 1 : longestPeriod;
  const period = Math.min(...subject.metrics.map(({ periodSeconds }) => periodSeconds)) / 60;
  const uneasy = (state.last?.failureProbability ?? 0) >= uneasyFrom || (levels !== undefined && (levels.critical || levels.level !== lowestLevel(plan)));
  return uneasy || !hasEntry ? period : calmMinutes;
}
