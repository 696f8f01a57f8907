// The latest failure probability scores of both sides, as far as they are fresh.
import type { SideName } from '../../core/contracts/plan.ts';
import type { ServiceRecord, SubjectRecord } from '../../core/contracts/records.ts';
import type { SideScores } from '../../core/failover/interlocks.ts';
import { sideRiskWithEvidence } from '../../core/prediction/evidence/side.ts';
import { freshFor } from '../score-risk/cadence.ts';
import { neighboursOf, plannedOf, resourceOf, zoneIdsOf } from '../score-risk/outside.ts';
import { emptyState, parseState, type ScoringState } from '../score-risk/scoring-state.ts';
import type { Services } from '../services.ts';

type Last = ScoringState['last'];

/**
 * What is scored today, the entries of both sides and the primary's instances, with what is said of them, as scoring sees it: of an instance without a fresh
 * score only what is said counts. Other services in the same zones are not known here. A side of which nothing fresh is known has no score.
 */
export async function sideScores(service: ServiceRecord, { subjects, now }: Services): Promise<SideScores> {
  const { plan, activeSide } = service;
  const at = now();
  const { subjects: known, ...stored } = await subjects.withEvidence(service.serviceId);
  const states = new Map(known.map((subject) => [subject, parseState(subject.detectorState)]));
  const entryOf = (side: SideName) => known.find((subject) => subject.kind === 'entry' && subject.side === side);
  const stateOf = (subject: SubjectRecord | undefined) => (subject && states.get(subject)) ?? emptyState;
  const freshLast = (subject: SubjectRecord): Last => {
    const { last } = stateOf(subject);
    return last && isFresh(subject, last, at) ? last : null;
  };
  const serving = stateOf(entryOf(activeSide));
  const load = serving.requestsPerSecond;
  const zoneIds = zoneIdsOf(known);
  // An entry without users tells of those who have left: a score that stood when they were moved away stands for ever.
  const hasUsers = (side: SideName, rate: number | null) => side === activeSide || rate === null || rate >= plan.failover.drainedBelow * (load ?? 0);
  const score = (side: SideName): number | null => {
    const entry = entryOf(side);
    const { planned } = plannedOf(plan, side, serving, at);
    const risk = sideRiskWithEvidence({
      entry: (entry && hasUsers(side, stateOf(entry).requestsPerSecond) ? freshLast(entry) : null) ?? undefined,
      entryMetrics: entry?.metrics ?? [],
      resources: known
        .filter((subject) => subject.side === side && subject.kind !== 'entry')
        .map((subject) => resourceOf(subject, freshLast(subject), plan, zoneIds)),
      needed: load === null ? undefined : Math.ceil((load * plan.failover.headroom) / plan.sides[side].requestsPerSecondPerInstance),
      evidence: stored.evidence.filter((one) => one.side === side),
      neighbours: neighboursOf(service, known, zoneIds, freshLast, side),
      // Announced load comes to whichever side serves; it explains nothing on one that does not serve yet.
      planned: planned && side !== activeSide ? { ...planned, requestsPerSecond: null } : planned,
      ...{ horizonMinutes: plan.horizonMinutes, now: at },
    });
    // What is only said may speak against a side, and never for it: without a fresh score none is calm.
    const isMeasured = known.some((subject) => subject.side === side && freshLast(subject) !== null);
    return risk.held || (!isMeasured && (risk.score ?? 0) < plan.thresholds.partial) ? null : risk.score;
  };
  return { primary: score('primary'), standby: score('standby') };
}

/** A silent one holds the score of an earlier time, which says nothing of now. */
const isFresh = (subject: SubjectRecord, { timestamp, silent }: NonNullable<Last>, now: number) => !silent && now - timestamp <= freshFor(subject);
