// Whether a side measures well, and has for a while: health checks and scores. What cannot be measured speaks against it.
import { subjectKey } from '../../core/contracts/names.ts';
import type { SideName } from '../../core/contracts/plan.ts';
import type { ServiceRecord, SubjectRecord } from '../../core/contracts/records.ts';
import { route53Region } from '../adapters/record-router.ts';
import { freshFor } from '../score-risk/cadence.ts';
import { parseState } from '../score-risk/scoring-state.ts';
import type { Services } from '../services.ts';
import { healthRequest, healthWindow } from './endpoint-health.ts';

const minute = 60_000;
/** For so long the last score speaks; further back the history is asked. */
const lastScoreTime = 30 * minute;
/** Route 53 reports each minute, up to so much late. */
const lateness = 5 * minute;
/** A few minutes may be missing from a long time. */
const leastReported = 0.8;

/** `against`: measured, and not well. `missing`: cannot be measured, which is neither. */
export interface Wellness {
  readonly against: readonly string[];
  readonly missing: readonly string[];
}

const against = (...reasons: string[]): Wellness => ({ against: reasons, missing: [] });
const missing = (...reasons: string[]): Wellness => ({ against: [], missing: reasons });

/** Everything that keeps a side from being called well: what is known against it, and what is not known. */
export async function againstSide(service: ServiceRecord, side: SideName, since: number, services: Services): Promise<string[]> {
  const wellness = await sideWellness(service, side, since, services);
  return [...wellness.against, ...wellness.missing];
}

/**
 * What speaks against a side since `since` (ms), or in the last minutes if that is earlier: an endpoint check that was not healthy all the while,
 * a score at which a warm standby would be asked for, or no evidence. Nothing: it measures well. Resources without a score have no say;
 * the entry has one on the active side only, where there are requests to measure.
 */
export async function sideWellness(service: ServiceRecord, side: SideName, since: number, services: Services): Promise<Wellness> {
  const scored = await services.subjects.ofService(service.serviceId);
  const parts = scored.filter((subject) => subject.side === side && (subject.kind !== 'entry' || side === service.activeSide));
  const found = await Promise.all([againstHealth(side, scored, since, services), ...parts.map((subject) => againstScores(service, subject, since, services))]);
  return { against: found.flatMap((one) => one.against), missing: found.flatMap((one) => one.missing) };
}

async function againstHealth(side: SideName, scored: readonly SubjectRecord[], since: number, services: Services): Promise<Wellness> {
  // Scoring stores both checks with the entry of the side that was active then.
  const check = scored.find(({ kind, healthChecks }) => kind === 'entry' && healthChecks?.[side] !== undefined)?.healthChecks?.[side];
  if (check === undefined) return missing(`the endpoint check of ${side} is not known`);
  const now = services.now();
  const from = Math.min(since, now - healthWindow);
  const points = (await services.telemetry.read(route53Region, [healthRequest(side, check)], from, now)).get(side) ?? [];
  const unhealthy = points.filter(({ value }) => value < 1).length;
  if (unhealthy > 0) return against(`Route 53's checkers found ${side} unhealthy in ${unhealthy} of the last ${points.length} minutes`);
  const expected = Math.max(1, Math.floor((now - from - lateness) / minute) * leastReported);
  const minutes = Math.round((now - from) / minute);
  return points.length < expected ? missing(`Route 53 reports ${side} for ${points.length} of the last ${minutes} minutes only`) : against();
}

async function againstScores({ plan }: ServiceRecord, subject: SubjectRecord, since: number, services: Services): Promise<Wellness> {
  const { subjectId, score, scoredAt, detectorState } = subject;
  const now = services.now();
  const stale = scoredAt === undefined || now - Date.parse(scoredAt) > freshFor(subject) || parseState(detectorState).last?.silent === true;
  if (stale) return missing(`there is no fresh score of ${subjectId}`);
  if (score === null) return subject.kind === 'entry' ? missing(`${subjectId} has no score yet`) : against();
  if (score >= plan.thresholds.partial) return against(`${subjectId} has the score ${Math.round(score)}`);
  if (now - since <= lastScoreTime) return against();
  const history = await services.assessments.since(subjectKey(subject.serviceId, subjectId), new Date(since).toISOString());
  const highest = Math.max(...history.map(({ failureProbability }) => failureProbability ?? 0), 0);
  return highest >= plan.thresholds.partial ? against(`${subjectId} had the score ${Math.round(highest)} since ${new Date(since).toISOString()}`) : against();
}
