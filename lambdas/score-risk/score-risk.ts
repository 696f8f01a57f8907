// Scores a batch of services: one read of CloudWatch per Region, then service by service the detectors, the level, the events.

import type { EvidenceRecord } from '../../core/contracts/evidence.ts';
import { subjectKey, wholeService } from '../../core/contracts/names.ts';
import type { AssessmentRecord, ServiceRecord, SubjectRecord } from '../../core/contracts/records.ts';
import type { ScoringMessage } from '../../core/contracts/workflow.ts';
import type { LevelState } from '../../core/mirroring/levels.ts';
import type { Neighbour } from '../../core/prediction/evidence/neighbourhood.ts';
import { resourceWithEvidence } from '../../core/prediction/evidence/side.ts';
import type { Point } from '../../core/prediction/port.ts';
import { route53Region } from '../adapters/record-router.ts';
import type { MetricRequest } from '../adapters/telemetry.ts';
import { endpointChecks, healthWindow } from '../failover/endpoint-health.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';
import { nextDueAt } from './cadence.ts';
import { decide } from './decisions.ts';
import { withinReach } from './first-readings.ts';
import { neighboursOf, riskNow, riskSaid, type ZoneIds, zoneIdsOf } from './outside.ts';
import type { ScoringState } from './scoring-state.ts';
import { healthOfSides, healthRequestOf } from './side-health.ts';
import { type Reading, readingFor, type Scored, scoreSubject } from './subject-scoring.ts';
import { toWake, wake } from './wake.ts';

/** A record's health checks seldom change; they are looked up again this often, ms. */
const checksAge = 24 * 3_600_000;
/** After a failed look-up, ms: Route 53 allows an account five calls a second. */
const checksRetry = 10 * 60_000;
const assessmentsKeptDays = 30;

/** CloudWatch did not answer for some subjects: they were not scored and stay due. */
export class NotReadError extends Error {
  override readonly name = 'NotReadError';

  constructor(serviceId: string, unread: readonly Reading[], failures: readonly Error[]) {
    const names = unread.map(({ subject }) => subject.subjectId);
    super(`${names.length} subjects of '${serviceId}' were not read, the first ${names[0]}: ${failures[0]?.message ?? 'CloudWatch failed some metrics'}`, {
      cause: failures[0],
    });
  }
}

interface Prepared {
  readonly service: ServiceRecord;
  readonly subjects: readonly SubjectRecord[];
  readonly evidence: readonly EvidenceRecord[];
  readonly readings: readonly Reading[];
  /** the active side's entry, when its history waits for a later minute */
  readonly waiting?: Reading | undefined;
  readonly checks: SubjectRecord['healthChecks'];
}

/** `points` lacks the keys of what could not be read. */
interface News {
  readonly points: ReadonlyMap<string, readonly Point[]>;
  readonly failures: readonly Error[];
}

/**
 * Scores each message; an error of one service is its own. Results in the order of the messages. A service may come twice in a batch, as messages are delivered
 * at least once and what failed comes again beside the next minute's: it is scored once.
 */
export async function scoreRisk(messages: readonly ScoringMessage[], services: Services): Promise<PromiseSettledResult<void>[]> {
  const merged = [...Map.groupBy(messages, ({ serviceId }) => serviceId)].map(
    ([serviceId, of]): ScoringMessage => ({ serviceId, subjectIds: [...new Set(of.flatMap(({ subjectIds }) => subjectIds))] }),
  );
  const results = await scoreServices(merged, services);
  const places = new Map(merged.map(({ serviceId }, index) => [serviceId, index]));
  return messages.flatMap(({ serviceId }) => results[places.get(serviceId) ?? -1] ?? []);
}

async function scoreServices(messages: readonly ScoringMessage[], services: Services): Promise<PromiseSettledResult<void>[]> {
  const now = services.now();
  const prepared = withinTime(await Promise.allSettled(messages.map((message) => prepare(message, services, now))));
  const read = readTogether(
    prepared.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    services,
    now,
  );
  // Services that come in one batch share zones, and their resources are known already.
  const zoneIds = zoneIdsOf(prepared.flatMap((result) => (result.status === 'fulfilled' ? result.value.subjects : [])));
  const neighbours = prepared.map((result) => (result.status === 'fulfilled' ? neighboursOf(result.value.service, result.value.subjects, zoneIds) : []));
  return Promise.allSettled(
    prepared.map(async (result, index) => {
      if (result.status === 'rejected') throw result.reason;
      const others = neighbours.filter((_, other) => other !== index).flat();
      await scoreService(result.value, await read(result.value), { others, zoneIds }, services, now);
    }),
  );
}

async function prepare({ serviceId, subjectIds }: ScoringMessage, services: Services, now: number): Promise<Prepared> {
  const [service, { subjects, evidence }] = await Promise.all([services.services.get(serviceId), services.subjects.withEvidence(serviceId)]);
  const due = subjects.filter(({ subjectId, nextDueAt: at }) => subjectIds.includes(subjectId) && Date.parse(at) <= now);
  const readings = due.map((subject) => readingFor(service.plan, subject, now));
  const entry = readings.find(({ subject }) => isActiveEntry(service, subject));
  return { service, subjects, evidence, readings, checks: entry ? await currentChecks(service, entry.subject.healthChecks, services, now) : undefined };
}

/** Leaves out what there is no time for: it stays due. An entry that is left out is kept in mind: the service is decided on all the same. */
function withinTime(prepared: readonly PromiseSettledResult<Prepared>[]): PromiseSettledResult<Prepared>[] {
  const readings = withinReach(prepared.map((result) => (result.status === 'fulfilled' ? result.value.readings : [])));
  return prepared.map((result, index) => {
    if (result.status === 'rejected') return result;
    const { value } = result;
    const now = readings[index] ?? [];
    const waiting = value.readings.find((reading) => isActiveEntry(value.service, reading.subject) && !now.includes(reading));
    return { ...result, value: { ...value, readings: now, waiting } };
  });
}

const isActiveEntry = (service: ServiceRecord, subject: SubjectRecord) => subject.kind === 'entry' && subject.side === service.activeSide;

/** Health checks of the records. Neither unfit records nor a Route 53 that does not answer stop scoring: what was known stands. */
async function currentChecks(service: ServiceRecord, known: Prepared['checks'], services: Services, now: number): Promise<Prepared['checks']> {
  if (known && now - known.readAt < checksAge) return known;
  try {
    return { ...(await endpointChecks(service.plan, services)), readAt: now };
  } catch (error) {
    logger.warn('health checks not found', { serviceId: service.serviceId, error: error as Error });
    return { ...known, readAt: now - checksAge + checksRetry };
  }
}

/** What was last observed longer ago than this is read apart from the rest, ms: one instance that is gone must not make days of all others be read. */
const longAgo = 3_600_000;

/** Reads each Region once for all services together (histories apart, they are long); a Region that fails fails only who needs it. */
function readTogether(all: readonly Prepared[], { telemetry }: Services, now: number): (prepared: Prepared) => Promise<News> {
  const groups = new Map<string, { region: string; from: number; requests: MetricRequest[] }>();
  const members = new Map<Prepared, Set<string>>();
  const groupOf = ({ serviceId, subjectId, region }: SubjectRecord, { observedUntil }: ScoringState, from: number): string =>
    observedUntil === null ? `history/${serviceId}/${subjectId}` : `${now - from > longAgo ? 'late' : 'news'}/${region}`;
  const add = (prepared: Prepared, name: string, region: string, from: number, requests: readonly MetricRequest[]) => {
    if (requests.length === 0) return;
    const group = groups.get(name) ?? { region, from, requests: [] };
    group.from = Math.min(group.from, from);
    group.requests.push(...requests);
    groups.set(name, group);
    members.set(prepared, (members.get(prepared) ?? new Set()).add(name));
  };
  for (const prepared of all) {
    for (const { subject, state, region, from, requests } of prepared.readings) add(prepared, groupOf(subject, state, from), region, from, requests);
    const request = healthRequestOf(prepared.service, prepared.service.activeSide, prepared.checks);
    add(prepared, 'health', route53Region, now - healthWindow, request ? [request] : []);
  }
  const reads = new Map([...groups].map(([name, { region, from, requests }]) => [name, telemetry.read(region, requests, from, now)]));
  // A failed read is reported by each service that awaits it, and by nobody when none does.
  for (const read of reads.values()) read.catch(() => undefined);
  return async (prepared) => {
    const parts = await Promise.allSettled([...(members.get(prepared) ?? [])].map((name) => reads.get(name)));
    return {
      points: new Map(parts.flatMap((part) => (part.status === 'fulfilled' && part.value ? [...part.value] : []))),
      failures: parts.flatMap((part) => (part.status === 'rejected' ? [part.reason as Error] : [])),
    };
  };
}

/**
 * What could not be read is not scored and stays due. The health of the sides and what is said of the active one are decided on all the same: when its Region
 * does not answer, or the entry's history waits, that is what is left. Throws at the end when a subject was not scored, so that the message comes again.
 */
async function scoreService(
  { service, subjects, evidence, readings, waiting, checks }: Prepared,
  { points, failures }: News,
  around: { readonly others: readonly Neighbour[]; readonly zoneIds: ZoneIds },
  services: Services,
  now: number,
): Promise<void> {
  const isRead = ({ requests }: Reading) => requests.every(({ key }) => points.has(key));
  const unread = readings.filter((reading) => !isRead(reading));
  const scored = readings.filter(isRead).map((reading) => withoutOldTenure(scoreSubject(service.plan, reading, points, now, services.model), service));
  const entry = scored.find(({ subject }) => isActiveEntry(service, subject));
  const unreadEntry = unread.find(({ subject }) => isActiveEntry(service, subject)) ?? waiting;
  const records = scored.filter((one) => one !== entry).flatMap((one) => assessmentOf(one, evidence, service, now));
  const anyEntry = entry ?? unreadEntry;
  const before = anyEntry?.state;
  let serviceState = before?.service;
  if (anyEntry && before) {
    const health = await healthOfSides(service, checks, points, services, now);
    const view = { ...around, service, subjects, evidence, scored, entry: anyEntry, needed: needed(service, before.requestsPerSecond) };
    const { risk, before: planned } = entry ? riskNow(view, now) : riskSaid(view, now);
    // What is only said is of now: no observation comes that would have a later time.
    const isSaid = entry === undefined && !risk.held;
    const observed = Math.max(before.last?.timestamp ?? 0, ...scored.map(({ state }) => state.last?.timestamp ?? 0));
    const time = isSaid ? now : observed || now;
    const decided = decide(service, before.service, { ...risk, saidOnly: isSaid }, health, time, now);
    serviceState = { ...decided.state, ...(planned.length > 0 ? { planned: [...planned] } : {}) };
    if (isSaid || (entry && scored.some(({ assessment }) => assessment)))
      records.push({
        subjectKey: subjectKey(service.serviceId, wholeService),
        timestamp: new Date(time).toISOString(),
        failureProbability: risk.score,
        anomalyScore: Math.max(0, ...scored.map(({ assessment }) => assessment?.anomalyScore ?? 0)),
        level: decided.state.levels.level,
        critical: decided.state.levels.critical,
        reasons: [...risk.reasons],
        expiresAt: expiry(now),
      });
    await services.assessments.add(records);
    // Before the state is saved: a crash in between emits the same decision again, and its name makes that harmless.
    if (service.mode !== 'observe') await services.bus.emit(decided.events);
  } else await services.assessments.add(records);
  await Promise.all(
    scored.map((one) => {
      const own = one === entry && serviceState ? { ...one.state, service: serviceState } : one.state;
      return services.subjects.save({
        ...subjectAfter(one.subject, own, service, serviceState?.levels, now),
        ...(one === entry && checks ? { healthChecks: checks } : {}),
      });
    }),
  );
  if (before && serviceState) {
    const asleep = subjects.filter(({ subjectId }) => !readings.some(({ subject }) => subject.subjectId === subjectId));
    const moods = [
      { score: before.last?.failureProbability ?? null, levels: before.service?.levels },
      { score: entry?.state.last?.failureProbability ?? null, levels: serviceState.levels },
    ] as const;
    await wake(toWake(service, asleep, ...moods, now), services);
  }
  if (unreadEntry && serviceState) await services.subjects.save(withDecisions(unreadEntry, serviceState, checks, now));
  if (unread.length > 0) throw new NotReadError(service.serviceId, unread, failures);
  for (const error of failures) logger.warn('health of the sides is unknown', { serviceId: service.serviceId, error });
}

/** Levels and decisions belong to the time for which a side is the active one; what is left of an earlier time must not act when it is so again. */
function withoutOldTenure(scored: Scored, service: ServiceRecord): Scored {
  if (isActiveEntry(service, scored.subject)) return scored;
  const { service: _old, ...state } = scored.state;
  return { ...scored, state };
}

/** An entry whose metrics could not be read, or whose history waits: its decisions are stored, and it stays due. */
function withDecisions({ subject, state }: Reading, service: NonNullable<ScoringState['service']>, checks: Prepared['checks'], now: number): SubjectRecord {
  return {
    ...subject,
    scoredAt: subject.scoredAt ?? new Date(now).toISOString(),
    detectorState: JSON.stringify({ ...state, service }),
    level: service.levels.level,
    ...(checks ? { healthChecks: checks } : {}),
  };
}

/** What is stored of a subject. `level` of the service goes to the entry of its active side, where plan-mirroring looks. */
function subjectAfter(subject: SubjectRecord, state: ScoringState, service: ServiceRecord, levels: LevelState | undefined, now: number): SubjectRecord {
  return {
    ...subject,
    score: state.last?.failureProbability ?? null,
    scoredAt: new Date(now).toISOString(),
    nextDueAt: nextDueAt(service, subject, state, levels, now),
    detectorState: JSON.stringify(state),
    ...(state.service ? { level: state.service.levels.level } : {}),
  };
}

/** Instances that carry the present load within the objective. */
function needed({ plan, activeSide }: ServiceRecord, requestsPerSecond: number | null): number | undefined {
  return requestsPerSecond === null ? undefined : Math.ceil((requestsPerSecond * plan.failover.headroom) / plan.sides[activeSide].requestsPerSecondPerInstance);
}

const expiry = (now: number) => Math.floor(now / 1000) + assessmentsKeptDays * 86_400;

/** The history of an instance tells what was said of it as well: it is what people look at. */
function assessmentOf({ subject, assessment }: Scored, evidence: readonly EvidenceRecord[], { plan }: ServiceRecord, now: number): AssessmentRecord[] {
  if (!assessment) return [];
  const { anomalyScore, timestamp } = assessment;
  const about = { evidence: evidence.filter(({ side }) => side === subject.side), horizonMinutes: plan.horizonMinutes, now };
  const { failureProbability, reasons } = resourceWithEvidence(assessment, subject.subjectId.split('#')[2] ?? '', about) ?? assessment;
  const key = subjectKey(subject.serviceId, subject.subjectId);
  return [{ subjectKey: key, timestamp: new Date(timestamp).toISOString(), failureProbability, anomalyScore, reasons: [...reasons], expiresAt: expiry(now) }];
}
