// The latest failure probability scores of both sides, as far as they are fresh.
import type { SideName } from '../../core/contracts/plan.ts';
import type { ServiceRecord, SubjectRecord } from '../../core/contracts/records.ts';
import type { SideScores } from '../../core/failover/interlocks.ts';
import { sideRiskWithEvidence } from '../../core/prediction/evidence/side.ts';
import { freshFor } from '../score-risk/cadence.ts';
import { resourceOf } from '../score-risk/outside.ts';
import { parseState, type ScoringState } from '../score-risk/scoring-state.ts';
import type { Services } from '../services.ts';

type Part = NonNullable<ScoringState['last']>;

/** What is scored today, the entries of both sides and the primary's instances, with what is said of them. A side of which nothing fresh is known has no score. */
export async function sideScores(service: ServiceRecord, { subjects, now }: Services): Promise<SideScores> {
  const stored = await subjects.withEvidence(service.serviceId);
  const all = stored.subjects.map((subject) => ({ subject, state: parseState(subject.detectorState) }));
  const load = all.find(({ subject }) => isEntry(subject, service.activeSide))?.state.requestsPerSecond ?? null;
  // An entry without users tells of those who have left: a score that stood when they were moved away stands for ever.
  const hasUsers = (side: SideName, rate: number | null) =>
    side === service.activeSide || rate === null || rate >= service.plan.failover.drainedBelow * (load ?? 0);
  const score = (side: SideName): number | null => {
    const known = all.flatMap(({ subject, state }) =>
      subject.side === side && state.last && isFresh(subject, state.last, now()) ? [{ subject, state, last: state.last }] : [],
    );
    const entry = known.find(({ subject, state }) => isEntry(subject, side) && hasUsers(side, state.requestsPerSecond));
    const resources = known.filter(({ subject }) => subject.kind !== 'entry').map(({ subject, last }) => resourceOf(subject, last, service.plan));
    const { plan } = service;
    const needed = load === null ? undefined : Math.ceil((load * plan.failover.headroom) / plan.sides[side].requestsPerSecondPerInstance);
    return sideRiskWithEvidence({
      ...{ entry: entry?.last, entryMetrics: entry?.subject.metrics ?? [], resources, needed, neighbours: [], planned: undefined },
      ...{ evidence: stored.evidence.filter((one) => one.side === side), horizonMinutes: plan.horizonMinutes, now: now() },
    }).score;
  };
  return { primary: score('primary'), standby: score('standby') };
}

const isEntry = ({ kind, side }: SubjectRecord, of: SideName) => kind === 'entry' && side === of;
/** A silent one holds the score of an earlier time, which says nothing of now. */
const isFresh = (subject: SubjectRecord, { timestamp, silent }: Part, now: number) => !silent && now - timestamp <= freshFor(subject);
