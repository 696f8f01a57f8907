// Scores a batch of services: one read of CloudWatch per Region, then service by service the detectors, the level, the events.
import { subjectKey, wholeService } from '../../core/contracts/names.ts';
import type { AssessmentRecord, ServiceRecord, SubjectRecord } from '../../core/contracts/records.ts';
import type { ScoringMessage } from '../../core/contracts/workflow.ts';
import type { LevelState } from '../../core/mirroring/levels.ts';
import type { Point } from '../../core/prediction/port.ts';
import { sideRisk } from '../../core/prediction/service-risk.ts';
import { RecordsUnfitError, route53Region } from '../adapters/record-router.ts';
import type { MetricRequest } from '../adapters/telemetry.ts';
import { endpointChecks, type Health, healthOf, healthRequest, healthWindow } from '../failover/endpoint-health.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';
import { nextDueAt } from './cadence.ts';
import { decide } from './decisions.ts';
import { parseState, type ScoringState } from './scoring-state.ts';
import { type Reading, readingFor, type Scored, scoreSubject } from './subject-scoring.ts';

/** A record's health checks seldom change; they are looked up again this often, ms. */
const checksAge = 24 * 3_600_000;
const assessmentsKeptDays = 30;

interface Prepared {
  readonly service: ServiceRecord;
  readonly subjects: readonly SubjectRecord[];
  readonly readings: readonly Reading[];
  readonly checks: SubjectRecord['healthChecks'];
}

type Series = ReadonlyMap<string, readonly Point[]>;

/** Scores each message; an error of one service is its own. Results in the order of the messages. */
export async function scoreRisk(messages: readonly ScoringMessage[], services: Services): Promise<PromiseSettledResult<void>[]> {
  const now = services.now();
  const prepared = await Promise.allSettled(messages.map((message) => prepare(message, services, now)));
  const read = readTogether(
    prepared.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    services,
    now,
  );
  return Promise.allSettled(
    prepared.map(async (result) => {
      if (result.status === 'rejected') throw result.reason;
      await scoreService(result.value, await read(result.value), services, now);
    }),
  );
}

async function prepare({ serviceId, subjectIds }: ScoringMessage, services: Services, now: number): Promise<Prepared> {
  const [service, subjects] = await Promise.all([services.services.get(serviceId), services.subjects.ofService(serviceId)]);
  const due = subjects.filter(({ subjectId, nextDueAt: at }) => subjectIds.includes(subjectId) && Date.parse(at) <= now);
  const readings = due.map((subject) => readingFor(service.plan, subject, now));
  const entry = readings.find(({ subject }) => isActiveEntry(service, subject));
  return { service, subjects, readings, checks: entry ? await currentChecks(service, entry.subject.healthChecks, services, now) : undefined };
}

const isActiveEntry = (service: ServiceRecord, subject: SubjectRecord) => subject.kind === 'entry' && subject.side === service.activeSide;

/** Health checks of the records; records that are unfit do not stop scoring. */
async function currentChecks(service: ServiceRecord, known: Prepared['checks'], services: Services, now: number): Promise<Prepared['checks']> {
  if (known && now - known.readAt < checksAge) return known;
  try {
    return { ...(await endpointChecks(service.plan, services)), readAt: now };
  } catch (error) {
    if (!(error instanceof RecordsUnfitError)) throw error;
    logger.warn('records unfit', { serviceId: service.serviceId, error });
    return known;
  }
}

const healthKey = (serviceId: string, side: string) => `${serviceId}/health/${side}`;

/** Reads each Region once for all services together (histories apart, they are long); a Region that fails fails only who needs it. */
function readTogether(all: readonly Prepared[], { telemetry }: Services, now: number): (prepared: Prepared) => Promise<Series> {
  const groups = new Map<string, { region: string; from: number; requests: MetricRequest[] }>();
  const members = new Map<Prepared, Set<string>>();
  const add = (prepared: Prepared, name: string, region: string, from: number, requests: readonly MetricRequest[]) => {
    if (requests.length === 0) return;
    const group = groups.get(name) ?? { region, from, requests: [] };
    group.from = Math.min(group.from, from);
    group.requests.push(...requests);
    groups.set(name, group);
    members.set(prepared, (members.get(prepared) ?? new Set()).add(name));
  };
  for (const prepared of all) {
    for (const { subject, state, region, from, requests } of prepared.readings)
      add(prepared, state.observedUntil === null ? `history/${prepared.service.serviceId}/${subject.subjectId}` : `news/${region}`, region, from, requests);
    const requests = (['primary', 'standby'] as const).flatMap((side) => {
      const id = prepared.checks?.[side];
      return id ? [healthRequest(healthKey(prepared.service.serviceId, side), id)] : [];
    });
    add(prepared, 'health', route53Region, now - healthWindow, requests);
  }
  const reads = new Map([...groups].map(([name, { region, from, requests }]) => [name, telemetry.read(region, requests, from, now)]));
  // A failed read is reported by each service that awaits it, and by nobody when none does.
  for (const read of reads.values()) read.catch(() => undefined);
  return async (prepared) => {
    const parts = await Promise.all([...(members.get(prepared) ?? [])].map((name) => reads.get(name)));
    return new Map(parts.flatMap((part) => (part ? [...part] : [])));
  };
}

async function scoreService({ service, subjects, readings, checks }: Prepared, series: Series, services: Services, now: number): Promise<void> {
  const scored = readings.map((reading) => scoreSubject(service.plan, reading, series, now));
  const entry = scored.find(({ subject }) => isActiveEntry(service, subject));
  const records = scored.filter((one) => one !== entry).flatMap((one) => assessmentOf(one, now));
  let serviceState = entry?.state.service;
  if (entry) {
    const side = (name: 'primary' | 'standby'): Health => healthOf(series.get(healthKey(service.serviceId, name)) ?? []);
    const risk = sideRisk(entry.state.last ?? undefined, partsOf(service, subjects, scored), needed(service, entry.state.requestsPerSecond));
    const time = Math.max(...[entry, ...scored].map(({ state }) => state.last?.timestamp ?? 0)) || now;
    const decided = decide(service, entry.state.service, risk, { primary: side('primary'), standby: side('standby') }, time, now);
    serviceState = decided.state;
    if (scored.some(({ assessment }) => assessment))
      records.push({
        subjectKey: subjectKey(service.serviceId, wholeService),
        timestamp: new Date(time).toISOString(),
        failureProbability: risk.score,
        anomalyScore: Math.max(...scored.map(({ assessment }) => assessment?.anomalyScore ?? 0)),
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

/** The last assessments of the active side's resources, those of this invocation first. */
function partsOf(service: ServiceRecord, subjects: readonly SubjectRecord[], scored: readonly Scored[]) {
  return subjects
    .filter(({ side, kind }) => side === service.activeSide && kind !== 'entry')
    .flatMap((subject) => {
      const last = scored.find((one) => one.subject.subjectId === subject.subjectId)?.state.last ?? parseState(subject.detectorState).last;
      return last ? [last] : [];
    });
}

/** Instances that carry the present load within the objective. */
function needed({ plan, activeSide }: ServiceRecord, requestsPerSecond: number | null): number | undefined {
  return requestsPerSecond === null ? undefined : Math.ceil((requestsPerSecond * plan.failover.headroom) / plan.sides[activeSide].requestsPerSecondPerInstance);
}

const expiry = (now: number) => Math.floor(now / 1000) + assessmentsKeptDays * 86_400;

function assessmentOf({ subject, assessment }: Scored, now: number): AssessmentRecord[] {
  if (!assessment) return [];
  const { failureProbability, anomalyScore, reasons, timestamp } = assessment;
  const key = subjectKey(subject.serviceId, subject.subjectId);
  return [{ subjectKey: key, timestamp: new Date(timestamp).toISOString(), failureProbability, anomalyScore, reasons: [...reasons], expiresAt: expiry(now) }];
}
