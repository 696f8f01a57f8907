// How soon a subject is read again: reading telemetry is what costs, so it is done by risk.
import { subjectKey } from '../../core/contracts/names.ts';
import type { ServiceRecord, SubjectRecord } from '../../core/contracts/records.ts';
import type { LevelState } from '../../core/mirroring/levels.ts';
import { lowestLevel } from '../../core/mirroring/policy.ts';
import { settleTime } from '../../core/prediction/assemble.ts';
import type { ScoringState } from './scoring-state.ts';

/** Minutes between two readings of a calm resource: the longest there is. */
export const calmMinutes = 24;
/** The entry of the side without users: what a move would go to must be known a little better than a calm resource. */
export const otherSideMinutes = 15;
/** From this score on a resource is uneasy: it is read at its own period. */
export const uneasyFrom = 15;
/** Minutes by failure probability, 0-100: from which score on, and how often. */
const grades: readonly (readonly [from: number, minutes: number])[] = [
  [4, 10],
  [0, calmMinutes],
];
/** So unusual, 0-1, nothing is calm, whatever its failure probability: the anomaly score stays just below 0.5 while what it has told of lasts. */
const unusualFrom = 0.45;
const unusualMinutes = 10;
const minute = 60_000;
/** Minutes of the longer of the two periods that a metric may have. */
const longestPeriod = 5;

/** How old a score may be and still be fresh, ms: it comes from data that are minutes late, the more so the longer their period, and one reading may fail. */
export function freshFor({ kind, metrics }: Pick<SubjectRecord, 'kind' | 'metrics'>): number {
  const period = Math.max(1, ...metrics.map(({ periodSeconds }) => periodSeconds / 60));
  return ((kind === 'entry' ? 2 * otherSideMinutes : 1.5 * calmMinutes) + 2 * (period - 1)) * minute;
}

type Known = Pick<NonNullable<ScoringState['last']>, 'failureProbability' | 'anomalyScore'>;

/** Minutes between two readings of a resource: never longer for a higher score, at least its own period. `periodMinutes`: of its metrics, the shortest. */
export function minutesByRisk(last: Known | null, periodMinutes: number): number {
  const score = last?.failureProbability ?? 0;
  if (score >= uneasyFrom) return periodMinutes;
  const byScore = grades.find(([from]) => score >= from)?.[1] ?? calmMinutes;
  return Math.max(periodMinutes, (last?.anomalyScore ?? 0) >= unusualFrom ? Math.min(byScore, unusualMinutes) : byScore);
}

/** Whether a service as a whole asks for its resources to be watched closely. */
export const isUneasy = ({ plan }: Pick<ServiceRecord, 'plan'>, levels: LevelState | undefined): boolean =>
  levels !== undefined && (levels.critical || levels.level !== lowestLevel(plan));

/** A place of its own for each subject within a step of minutes, always the same: a fleet is read evenly and not all in one minute. */
export function phaseOf(key: string, stepMinutes: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  // The last step of the hash alone leaves keys that differ in their last letter close together.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) % stepMinutes;
}

/**
 * The entry of the active side each minute: it is what users meet. A resource at its own period when it, or its service, is uneasy, as soon as CloudWatch
 * shows the period that ended; else the less often the calmer it is, in minutes of its own. Without entry metrics the resources are all there is: they are
 * read at their own period, together with the entry, which carries the decisions.
 */
export function nextDueAt(service: ServiceRecord, subject: SubjectRecord, state: ScoringState, levels: LevelState | undefined, now: number): string {
  const { minutes, spread } = nextStep(service, subject, state, levels);
  const step = minutes * minute;
  const offset = spread ? phaseOf(subjectKey(subject.serviceId, subject.subjectId), minutes) * minute : settleTime;
  return new Date((Math.floor((now - offset) / step) + 1) * step + offset).toISOString();
}

/** `spread`: at minutes of its own. What is watched closely is not: it is read when there is something to read. */
function nextStep({ plan, activeSide }: ServiceRecord, subject: SubjectRecord, state: ScoringState, levels: LevelState | undefined) {
  if (subject.side !== activeSide) return { minutes: otherSideMinutes, spread: true };
  const hasEntry = plan.entryMetrics === undefined || plan.entryMetrics.length > 0;
  if (subject.kind === 'entry') return { minutes: hasEntry ? 1 : longestPeriod, spread: false };
  const period = Math.min(...subject.metrics.map(({ periodSeconds }) => periodSeconds)) / 60;
  const minutes = !hasEntry || isUneasy({ plan }, levels) ? period : minutesByRisk(state.last, period);
  return { minutes, spread: minutes > period };
}
