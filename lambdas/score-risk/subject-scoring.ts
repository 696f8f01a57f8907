// Scores one subject: points in, the detector's new state and the last assessment out.

import { subjectKey } from '../../core/contracts/names.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import type { SubjectRecord } from '../../core/contracts/records.ts';
import { assemble, silence } from '../../core/prediction/assemble.ts';
import { detector } from '../../core/prediction/detector.ts';
import { unusualSince } from '../../core/prediction/evidence/neighbourhood.ts';
import type { FailureModel } from '../../core/prediction/model/format.ts';
import type { Assessment, DetectorConfig, Point, Reason } from '../../core/prediction/port.ts';
import type { MetricRequest } from '../adapters/telemetry.ts';
import { emptyState, parseState, type ScoringState } from './scoring-state.ts';

/** A new subject's usual is learned from this much history, ms: enough for the time of day. */
const historyTime = 3 * 86_400_000;
/** Reasons that are kept with the state, which has to stay small: how many, and their characters. The history of assessments has them all. */
const kept = { entry: { reasons: 5, characters: 1000 }, resource: { reasons: 3, characters: 400 } } as const;

export interface Scored {
  readonly subject: SubjectRecord;
  readonly state: ScoringState;
  /** of this invocation; undefined when there was nothing new */
  readonly assessment: Assessment | undefined;
}

type Memory = ReturnType<typeof detector.parse>;

export interface Reading {
  readonly subject: SubjectRecord;
  readonly state: ScoringState;
  /** the detector's part of it, as it is in memory */
  readonly memory: Memory | undefined;
  readonly region: string;
  /** ms since the epoch */
  readonly from: number;
  readonly requests: readonly MetricRequest[];
}

const configOf = (plan: Plan, subject: SubjectRecord): DetectorConfig => ({
  metrics: subject.metrics,
  horizonMinutes: plan.horizonMinutes,
  objective: plan.objective,
});
const keyOf = (subject: SubjectRecord, metric: string) => `${subjectKey(subject.serviceId, subject.subjectId)}/${metric}`;

/** What has to be read for a subject: only what is newer than the last observation, or the history of a new one. */
export function readingFor(plan: Plan, subject: SubjectRecord, now: number): Reading {
  const stored = parseState(subject.detectorState);
  const memory = memoryOf(plan, subject, stored);
  const state = memory === undefined ? { ...stored, detector: undefined, observedUntil: null } : stored;
  return {
    subject,
    state,
    memory,
    region: subject.region,
    from: state.observedUntil === null ? now - historyTime : Math.max(state.observedUntil + 1, now - historyTime),
    requests: subject.metrics.map((metric) => ({ key: keyOf(subject, metric.name), metric })),
  };
}

/** What the detector remembers; undefined: a state of another version or of other metrics is given up, and the history read again. */
function memoryOf(plan: Plan, subject: SubjectRecord, state: ScoringState): Memory | undefined {
  if (state === emptyState || state.detector === undefined) return undefined;
  try {
    return detector.parse(state.detector, configOf(plan, subject));
  } catch {
    return undefined;
  }
}

export function scoreSubject(
  plan: Plan,
  { subject, state, memory: known, requests }: Reading,
  points: ReadonlyMap<string, readonly Point[]>,
  now: number,
  model?: FailureModel,
): Scored {
  const config: DetectorConfig = { ...configOf(plan, subject), ...(model === undefined ? {} : { model }) };
  const series = new Map(subject.metrics.map(({ name }, index) => [name, points.get(requests[index]?.key ?? '') ?? []]));
  const observations = assemble(subject.metrics, series, state.observedUntil, now);
  const silent = observations.length === 0 ? silence(subject.metrics, state.observedUntil, now) : undefined;
  let memory = known ?? detector.initial(config);
  let assessment: Assessment | undefined;
  let unusual = state.last?.unusualSince ?? null;
  for (const observation of silent ? [silent] : observations) {
    ({ state: memory, assessment } = detector.observe(memory, observation, config));
    if (!silent) unusual = unusualSince(unusual, assessment);
  }
  const newest = observations.at(-1);
  return {
    subject,
    assessment,
    state: {
      ...state,
      detector: detector.pack(memory),
      // Silence is not an observation: late points of those minutes are still wanted.
      observedUntil: newest?.timestamp ?? state.observedUntil,
      requestsPerSecond: requestRate(subject, observations.slice(-5)) ?? state.requestsPerSecond,
      last: assessment
        ? {
            timestamp: assessment.timestamp,
            silent: silent !== undefined,
            failureProbability: assessment.failureProbability,
            anomalyScore: assessment.anomalyScore,
            expectedInMinutes: assessment.expectedInMinutes,
            ...(unusual === null ? {} : { unusualSince: unusual }),
            reasons: keptReasons(assessment.reasons, subject.kind),
          }
        : state.last,
    },
  };
}

/** The most telling, at least one. */
export function keptReasons(reasons: readonly Reason[], kind: SubjectRecord['kind']): Reason[] {
  const most = kind === 'entry' ? kept.entry : kept.resource;
  let characters = 0;
  return reasons.filter(({ detail }, index) => {
    characters += detail.length;
    return index === 0 || (index < most.reasons && characters <= most.characters);
  });
}

function requestRate(subject: SubjectRecord, observations: readonly { values: Readonly<Record<string, number>> }[]): number | null {
  const metric = subject.metrics.find(({ role }) => role === 'requests');
  const rates = metric
    ? observations.flatMap(({ values }) => (values[metric.name] === undefined ? [] : [(values[metric.name] ?? 0) / metric.periodSeconds]))
    : [];
  return rates.length > 0 ? Math.max(...rates) : null;
}
