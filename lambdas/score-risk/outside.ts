// What outside sources say, brought together with what was measured, for the active side of a service.
import type { EvidenceRecord } from '../../core/contracts/evidence.ts';
import type { Plan, SideName } from '../../core/contracts/plan.ts';
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

const resourcesOf = (side: SideName, subjects: readonly SubjectRecord[]) => subjects.filter((subject) => subject.side === side && subject.kind !== 'entry');

/** Ids of zones by their names, as far as plan:apply has noted both of any resource: those of one account mean the same. */
export interface ZoneIds {
  readonly byName: ReadonlyMap<string, string>;
  /** any resource has an id */
  readonly known: boolean;
}

/** What is known of the zones of services that are looked at together: the same zone must not be two, by its id and by its name. */
export const zoneIdsOf = (subjects: readonly SubjectRecord[]): ZoneIds => ({
  byName: new Map(subjects.flatMap(({ zone, zoneId }) => (zone === undefined || zoneId === undefined ? [] : [[zone, zoneId] as const]))),
  known: subjects.some(({ zoneId }) => zoneId !== undefined),
});

/** Id and name of the zone of a resource; that of the side where the record says nothing. Ids first: they mean the same in every account. */
export function zonesOf({ zoneId, zone, side }: SubjectRecord, plan: Pick<Plan, 'sides'>, ids: ZoneIds): string[] {
  const name = zone ?? plan.sides[side].zone;
  const id = zoneId ?? ids.byName.get(name);
  return [...(id === undefined ? [] : [id]), name];
}

/** A resource with the assessment that counts for it. */
export const resourceOf = (subject: SubjectRecord, last: Last, plan: Pick<Plan, 'sides'>, ids: ZoneIds): SideResource => ({
  id: subject.subjectId.split('#')[2] ?? subject.subjectId,
  zones: zonesOf(subject, plan, ids),
  part: last ?? undefined,
  metrics: subject.metrics,
});

/** A side's resources as neighbours of each other, and of other services in the same zones. Of whom the id is not known, while it is of others, counts nowhere. */
export const neighboursOf = (
  { serviceId, plan, activeSide }: ServiceRecord,
  subjects: readonly SubjectRecord[],
  ids: ZoneIds,
  lastOf: (subject: SubjectRecord) => Last = storedLast,
  side = activeSide,
): Neighbour[] =>
  resourcesOf(side, subjects).map((subject) => {
    const [zone, name] = zonesOf(subject, plan, ids);
    return { serviceId, zone: ids.known && name === undefined ? undefined : zone, unusualSince: lastOf(subject)?.unusualSince ?? null };
  });

export interface Seen {
  readonly service: ServiceRecord;
  readonly subjects: readonly SubjectRecord[];
  readonly evidence: readonly EvidenceRecord[];
  /** resources of the other services that are scored together with this one */
  readonly others: readonly Neighbour[];
  readonly zoneIds: ZoneIds;
  readonly scored: readonly Scored[];
  /** of the active side */
  readonly entry: Pick<Scored, 'subject' | 'state'>;
  /** instances that carry the present load */
  readonly needed: number | undefined;
}

export interface RiskNow {
  readonly risk: Risk;
  /** to be kept until the announced loads are over */
  readonly before: readonly LoadBefore[];
}

/** The risk of the active side. `now`: ms. */
export function riskNow({ service, subjects, evidence, others, zoneIds, scored, entry, needed }: Seen, now: number): RiskNow {
  const { plan, activeSide } = service;
  const fresh = new Map(scored.map((one) => [one.subject.subjectId, one.state.last]));
  const lastOf = (subject: SubjectRecord) => fresh.get(subject.subjectId) ?? storedLast(subject);
  const resources = resourcesOf(activeSide, subjects).map((subject) => resourceOf(subject, lastOf(subject), plan, zoneIds));
  const { planned, before } = plannedOf(plan, activeSide, entry.state, now);
  const risk = sideRiskWithEvidence({
    entry: entry.state.last ?? undefined,
    entryMetrics: entry.subject.metrics,
    resources,
    needed,
    evidence: evidence.filter(({ side }) => side === activeSide),
    neighbours: [...neighboursOf(service, subjects, zoneIds, lastOf), ...others],
    planned,
    horizonMinutes: plan.horizonMinutes,
    now,
  });
  return { risk, before };
}

/**
 * The risk by what is said alone, without any score: what counts while the active side's entry cannot be read, however its last scores were. An announcement
 * needs no metrics, and what is held is no evidence. Held when nothing is said.
 */
export function riskSaid({ service, subjects, evidence, zoneIds, entry, needed }: Omit<Seen, 'others' | 'scored'>, now: number): RiskNow {
  const { plan, activeSide } = service;
  const { planned, before } = plannedOf(plan, activeSide, entry.state, now);
  const risk = sideRiskWithEvidence({
    ...{ entry: undefined, entryMetrics: [], needed, planned, neighbours: [], horizonMinutes: plan.horizonMinutes, now },
    resources: resourcesOf(activeSide, subjects).map((subject) => resourceOf(subject, null, plan, zoneIds)),
    evidence: evidence.filter(({ side }) => side === activeSide),
  });
  return { risk: risk.score === null ? { ...risk, held: true } : risk, before };
}

/** Load that is announced around now, for a side. `state`: of the active side's entry. */
export function plannedOf(
  plan: Plan,
  side: SideName,
  { requestsPerSecond, service }: Pick<ScoringState, 'requestsPerSecond' | 'service'>,
  now: number,
): { readonly planned: Carried | undefined; readonly before: readonly LoadBefore[] } {
  const loads = loadsAround(plan, now, plan.horizonMinutes);
  const before = loadsBefore(loads, service?.planned ?? [], requestsPerSecond, now);
  return { planned: loads.length === 0 ? undefined : { loads, before, requestsPerSecond, capacity: capacityOf(plan, side) }, before };
}

/** Requests a second that a side carries at its full strength. */
function capacityOf({ sides, failover }: Plan, side: SideName): number {
  const instances = side === 'primary' ? sides.primary.instances : sides.standby.instances.full;
  return (instances * sides[side].requestsPerSecondPerInstance) / failover.headroom;
}
