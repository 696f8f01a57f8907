// What outside sources say, brought together with what was measured, for the active side of a service.
import type { EvidenceRecord } from '../../core/contracts/evidence.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import type { ServiceRecord, SubjectRecord } from '../../core/contracts/records.ts';
import type { Neighbour } from '../../core/prediction/evidence/neighbourhood.ts';
import { type Carried, type LoadBefore, loadsAround, loadsBefore } from '../../core/prediction/evidence/planned-load.ts';
import { type SideResource, sideRiskWithEvidence } from '../../core/prediction/evidence/side.ts';
import type { Risk } from '../../core/prediction/service-risk.ts';
import { parseState, type ScoringState } from './scoring-state.ts';
import type { Scored } from './subject-scoring.ts';

type Last = ScoringState['last'];

/** Reading a stored state costs more than all that follows here; it is asked for by each neighbour. */
const known = new WeakMap<SubjectRecord, Last>();

/** The last assessment that is stored of a subject. */
export function storedLast(subject: SubjectRecord): Last {
  const last = known.get(subject);
  if (last !== undefined) return last;
  const read = parseState(subject.detectorState).last;
  known.set(subject, read);
  return read;
}

const activeResources = (service: ServiceRecord, subjects: readonly SubjectRecord[]) =>
  subjects.filter(({ side, kind }) => side === service.activeSide && kind !== 'entry');

/** Id and name of the zone of a resource; that of the side where the record says nothing. Ids first: they mean the same in every account. */
export const zonesOf = ({ zoneId, zone, side }: SubjectRecord, plan: Pick<Plan, 'sides'>): string[] => [
  ...(zoneId === undefined ? [] : [zoneId]),
  zone ?? plan.sides[side].zone,
];

/** A resource with the assessment that counts for it. */
export const resourceOf = (subject: SubjectRecord, last: Last, plan: Pick<Plan, 'sides'>): SideResource => ({
  id: subject.subjectId.split('#')[2] ?? subject.subjectId,
  zones: zonesOf(subject, plan),
  part: last ?? undefined,
  metrics: subject.metrics,
});

/** The active side's resources as neighbours of each other, and of other services in the same zones. */
export const neighboursOf = (service: ServiceRecord, subjects: readonly SubjectRecord[], lastOf: (subject: SubjectRecord) => Last = storedLast): Neighbour[] =>
  activeResources(service, subjects).map((subject) => ({
    serviceId: service.serviceId,
    zone: zonesOf(subject, service.plan)[0],
    unusualSince: lastOf(subject)?.unusualSince ?? null,
  }));

export interface Seen {
  readonly service: ServiceRecord;
  readonly subjects: readonly SubjectRecord[];
  readonly evidence: readonly EvidenceRecord[];
  /** resources of the other services that are scored together with this one */
  readonly others: readonly Neighbour[];
  readonly scored: readonly Scored[];
  /** of the active side */
  readonly entry: Scored;
  /** instances that carry the present load */
  readonly needed: number | undefined;
}

export interface RiskNow {
  readonly risk: Risk;
  /** to be kept until the announced loads are over */
  readonly before: readonly LoadBefore[];
}

/** The risk of the active side. `now`: ms. */
export function riskNow({ service, subjects, evidence, others, scored, entry, needed }: Seen, now: number): RiskNow {
  const { plan, activeSide } = service;
  const fresh = new Map(scored.map((one) => [one.subject.subjectId, one.state.last]));
  const lastOf = (subject: SubjectRecord) => fresh.get(subject.subjectId) ?? storedLast(subject);
  const resources = activeResources(service, subjects).map((subject) => resourceOf(subject, lastOf(subject), plan));
  const { requestsPerSecond } = entry.state;
  const loads = loadsAround(plan, now, plan.horizonMinutes);
  const before = loadsBefore(loads, entry.state.service?.planned ?? [], requestsPerSecond, now);
  const planned: Carried | undefined = loads.length === 0 ? undefined : { loads, before, requestsPerSecond, capacity: capacityOf(plan, activeSide) };
  const risk = sideRiskWithEvidence({
    entry: entry.state.last ?? undefined,
    entryMetrics: entry.subject.metrics,
    resources,
    needed,
    evidence: evidence.filter(({ side }) => side === activeSide),
    neighbours: [...neighboursOf(service, subjects, lastOf), ...others],
    planned,
    horizonMinutes: plan.horizonMinutes,
    now,
  });
  return { risk, before };
}

/** Requests a second that a side carries at its full strength. */
function capacityOf({ sides, failover }: Plan, side: 'primary' | 'standby'): number {
  const instances = side === 'primary' ? sides.primary.instances : sides.standby.instances.full;
  return (instances * sides[side].requestsPerSecondPerInstance) / failover.headroom;
}
