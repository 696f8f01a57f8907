// The engine: what each part makes of an observation (degradation, learned model, limits, status checks, signals), and the score that follows.
import { judgeErrors } from './errors.ts';
import { observeRisk } from './features/incident-risk.ts';
import { initialLimit, observeLimit } from './forecast/limit.ts';
import { expectedExhaustion, limitOf } from './forecast/limited.ts';
import { defaultModel } from './model/default.ts';
import { clamp, compact } from './numbers.ts';
import { begin, type Load, type Metric, observeBounded, observeDriven, observeLoadMetric, observePlain, warmFrom } from './observe.ts';
import type { Assessment, Detector, DetectorConfig, Observation } from './port.ts';
import { reasonsFor } from './reasons.ts';
import { cpuScore, degradationScore, evidenceLimit, pointEvidence, statusScore } from './scores.ts';
import { bank } from './signals/bank.ts';
import { type DetectorState, initialState, type MetricState } from './state.ts';
import { packState, parseState } from './stored-state.ts';
import { expectedAt, type Usual } from './usual.ts';

/** Larger values are cut, so that arithmetic on them stays finite. */
const largest = 1e90;

type Points = ReadonlyMap<string, number>;

/** Finite points that are not older than the last of their metric; everything else has no effect. */
function accept(state: DetectorState, { timestamp, values }: Observation, config: DetectorConfig): Points {
  const accepted = new Map<string, number>();
  if (!Number.isFinite(timestamp)) return accepted;
  for (const { name } of config.metrics) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined && Number.isFinite(value) && timestamp >= (state.metrics[name]?.at ?? Number.NEGATIVE_INFINITY))
      accepted.set(name, clamp(value, -largest, largest));
  }
  return accepted;
}

const inRole = (config: DetectorConfig, role: Metric['role']) => config.metrics.filter((metric) => metric.role === role);

/** Requests are the load; where there are none, network traffic stands for it. */
const loadSources = (config: DetectorConfig): readonly Metric[] => {
  const requests = inRole(config, 'requests');
  return requests.length > 0 ? requests : inRole(config, 'network');
};

/** A load this much above the usual, in doublings, is its ordinary variation. */
const ordinarySurge = 0.15;

function surgeOf(usual: Usual | undefined, timestamp: number, load: number): number {
  if (usual === undefined || usual.n < 30) return 0;
  return Math.max(0, Math.log2(load + 1) - Math.max(expectedAt(usual, timestamp), usual.level) - ordinarySurge);
}

function observeLoad(state: DetectorState, timestamp: number, points: Points, config: DetectorConfig): { load: DetectorState['load']; known: Load } {
  const sources = loadSources(config);
  const present = sources.flatMap(({ name }) => {
    const value = points.get(name);
    return value === undefined ? [] : [{ name, value: Math.max(0, value) }];
  });
  const fresh = 5 * 1000 * (sources[0]?.periodSeconds ?? 60);
  const before = state.load !== null && timestamp - state.load.at <= fresh ? state.load : { recent: [], surges: [] };
  const largest = (values: readonly number[]) => (values.length === 0 ? 0 : Math.max(...values));
  if (present.length === 0)
    return { load: state.load, known: { now: null, recent: before.recent.length === 0 ? null : largest(before.recent), surge: largest(before.surges) } };
  const now = Math.round(present.reduce((sum, { value }) => sum + Math.min(value, 1e15), 0));
  const surge = largest(present.map(({ name, value }) => surgeOf(state.metrics[name]?.usual, timestamp, value)));
  const recent = [...before.recent, now].slice(-3);
  const surges = [...before.surges, compact(surge, 1)].slice(-3);
  return { load: { recent, surges, at: timestamp }, known: { now, recent: largest(recent), surge: largest(surges) } };
}

/** Adds up the errors of all metrics of that role, and judges them against the requests. */
function observeErrors(state: DetectorState, timestamp: number, points: Points, load: Load, config: DetectorConfig) {
  const sources = inRole(config, 'errors');
  const present = sources.flatMap(({ name }) => points.get(name) ?? []);
  const requests = inRole(config, 'requests').length > 0 ? (load.now ?? load.recent) : null;
  if (present.length === 0 || requests === null) return { errors: state.errors, gain: undefined, intolerable: false };
  const counted = present.reduce((sum, value) => sum + Math.max(0, value), 0);
  const { usualRate, n } = state.errors;
  const judged = judgeErrors(counted, requests, usualRate, config.objective.errorRate);
  const warm = n >= 30;
  const unusual = warm && judged.gain !== undefined;
  const rate = Math.max(1 / (n + 1), 1 / 720) * (unusual ? 0.05 : 1);
  // Clipped, so that one bad minute is not the usual rate of the next day.
  const most = warm ? Math.max(3 * usualRate, 1e-4) : 0.02;
  const errors = {
    usualRate: compact(usualRate + rate * (Math.min(judged.rate, most) - usualRate), 1e-5),
    rate: compact(judged.rate, 0.001),
    served: Math.round(requests),
    n: Math.min(n + 1, 99_999),
    since: unusual ? (state.errors.since ?? timestamp) : null,
  };
  // Where an errors metric that was there before is absent now, the rest is no evidence that all is well.
  const whole = sources.every(({ name }) => points.has(name) || state.metrics[name] === undefined);
  const gain = unusual ? judged.gain : warm && whole ? -pointEvidence.relief : undefined;
  return { errors, gain, intolerable: judged.intolerable };
}

/** Every metric's own state, and what latency and CPU add to the evidence. */
function observeMetrics(state: DetectorState, timestamp: number, points: Points, load: Load, config: DetectorConfig) {
  const calm = state.evidence.latency + state.evidence.errors < 0.8;
  const metrics: Record<string, MetricState> = { ...state.metrics };
  let latency: number | undefined;
  let cpu: number | undefined;
  let beyond = 0;
  for (const metric of config.metrics) {
    const value = points.get(metric.name);
    if (value === undefined) continue;
    const before = state.metrics[metric.name] ?? begin(timestamp);
    switch (metric.role) {
      case 'latency':
      case 'cpu': {
        const driven = observeDriven(metric, before, timestamp, value, load, calm);
        metrics[metric.name] = driven.state;
        beyond = Math.max(beyond, driven.beyond);
        // Metrics of one role say the same thing: the worst counts, not the sum.
        if (driven.evidence !== undefined) {
          if (metric.role === 'latency') latency = Math.max(latency ?? driven.evidence, driven.evidence);
          else cpu = Math.max(cpu ?? driven.evidence, driven.evidence);
        }
        break;
      }
      case 'memory':
      case 'disk':
      case 'connections':
      case 'other':
        metrics[metric.name] = observeBounded(before, timestamp, value);
        break;
      case 'requests':
      case 'network':
        metrics[metric.name] = observeLoadMetric(before, timestamp, value);
        break;
      default:
        metrics[metric.name] = observePlain(metric, before, timestamp, value);
    }
    const limit = limitOf(metric, config);
    const known = metrics[metric.name];
    if (limit !== undefined && known !== undefined)
      metrics[metric.name] = { ...known, limit: observeLimit(before.limit ?? initialLimit(timestamp, limit), timestamp, value, limit) };
  }
  return { metrics, latency, cpu, beyond };
}

/**
 * A burst of load explains latency and errors for a while: such evidence counts less and does not reach `full`. Moving an overload to
 * a standby of the same size would not help either.
 */
const burstFrom = 0.15;
const burstMost = 1.5;
/** So far beyond what is known, nothing is known: traffic has just come to this side. Only intolerable errors count then. */
const unknownFrom = 3;
/** Errors that are tolerable, however significant, are worth a warning only. */
const tolerableMost = 0.9;

interface Gains {
  readonly latency: number | undefined;
  readonly errors: number | undefined;
  readonly intolerable: boolean;
  readonly cpu: number | undefined;
  /** doublings by which load is above what is known or usual */
  readonly beyond: number;
}

function accumulate(before: DetectorState['evidence'], gains: Gains): DetectorState['evidence'] {
  const unknown = gains.beyond > unknownFrom;
  const burst = !unknown && gains.beyond > burstFrom;
  const discount = unknown ? 0 : 1 / (1 + 4 * gains.beyond);
  /** `most` bounds what is added, not what is there already. */
  const add = (sum: number, gain: number | undefined, most: number) =>
    gain === undefined ? sum : compact(clamp(sum + gain, 0, gain > 0 ? Math.max(sum, most) : evidenceLimit), 0.1);
  const positive = (gain: number | undefined, factor: number) => (gain !== undefined && gain > 0 ? gain * factor : gain);

  const errorsMost = burst ? burstMost : evidenceLimit;
  // A few errors beside slow answers are the same thing seen twice (a deployment, mostly).
  const seenTwice = !gains.intolerable && (gains.errors ?? 0) > 0 && (gains.latency ?? 0) > 0;
  const errors = add(
    before.errors,
    seenTwice ? undefined : positive(gains.errors, unknown ? 1 : discount),
    (gains.intolerable ? errorsMost : Math.min(errorsMost, tolerableMost)) - (burst || !gains.intolerable ? before.latency : 0),
  );
  // Both together add no more than one alone may: a blip of three minutes, seen at four points, stays below critical.
  const room = Math.max(0, pointEvidence.mostTogether - (errors > before.errors ? (gains.errors ?? 0) : 0));
  const latencyGain = gains.latency === undefined ? undefined : Math.min(gains.latency, room);
  const latency = add(before.latency, positive(latencyGain, discount), burst ? burstMost - errors : evidenceLimit);
  const cpuGain = gains.cpu === undefined ? undefined : Math.min(gains.cpu, 0.25);
  return { latency, errors, cpu: add(before.cpu, positive(cpuGain, discount), burst ? 0.5 : evidenceLimit) };
}

/** The probability that metrics of unknown meaning give. */
function observeUnknown(state: DetectorState, timestamp: number, points: Points, config: DetectorConfig): DetectorState['risk'] {
  const own = new Map<string, number>();
  for (const { name } of inRole(config, 'other')) {
    const value = points.get(name);
    if (value !== undefined) own.set(name, value);
  }
  return own.size === 0 ? state.risk : observeRisk(state.risk, timestamp, own, config.model ?? defaultModel(), config.horizonMinutes);
}

/** The worst of what is known; null while nothing is known well enough. */
function score(state: DetectorState, timestamp: number, config: DetectorConfig): Pick<Assessment, 'failureProbability' | 'expectedInMinutes'> {
  const parts: { score: number; minutes: number | null }[] = [];
  const rounded = (value: number) => Math.round(value * 10) / 10;
  const warm = (metric: Metric) => (state.metrics[metric.name]?.usual?.n ?? state.metrics[metric.name]?.seen ?? 0) > warmFrom(metric);
  const evidence = state.evidence.latency + state.evidence.errors;
  if (inRole(config, 'latency').some(warm) || state.errors.n > 30) {
    const degradation = degradationScore(evidence);
    parts.push({ score: rounded(degradation), minutes: degradation >= 70 ? 0 : null });
  }
  if (inRole(config, 'cpu').some(warm)) parts.push({ score: rounded(cpuScore(state.evidence.cpu)), minutes: null });
  // In hundredths of a percent: calm resources are told apart by them.
  const { probability } = state.risk;
  if (probability !== null) parts.push({ score: Math.round(probability * 10_000) / 100, minutes: probability >= 0.7 ? 0 : null });
  for (const metric of config.metrics) {
    const known = state.metrics[metric.name];
    if (known?.failing !== undefined) parts.push({ score: statusScore(known.failing), minutes: known.failing > 1 ? 0 : null });
    if (known?.limit === undefined || !warm(metric)) continue;
    const exhaustion = expectedExhaustion(metric, known, timestamp, config);
    const minutes = exhaustion?.minutes ?? null;
    parts.push({ score: rounded(Math.max(1, exhaustion?.score ?? 1)), minutes: minutes === null ? null : Math.round(minutes) });
  }
  const worst = parts.reduce<(typeof parts)[number] | undefined>((most, part) => (most === undefined || part.score > most.score ? part : most), undefined);
  if (worst === undefined) return { failureProbability: null, expectedInMinutes: null };
  return { failureProbability: worst.score, expectedInMinutes: worst.score >= 30 ? worst.minutes : null };
}

function observe(state: DetectorState, observation: Observation, config: DetectorConfig): { state: DetectorState; assessment: Assessment } {
  const points = accept(state, observation, config);
  const usable = Number.isFinite(observation.timestamp) && observation.timestamp >= (state.last ?? Number.NEGATIVE_INFINITY);
  let next = state;
  let anomalyScore = 0;
  if (points.size > 0) {
    const { timestamp } = observation;
    const { load, known } = observeLoad(state, timestamp, points, config);
    const { metrics, latency, cpu, beyond } = observeMetrics(state, timestamp, points, known, config);
    const { errors, gain, intolerable } = observeErrors(state, timestamp, points, known, config);
    const judged = bank.observe(state.bank, { timestamp, values: Object.fromEntries(points) }, config);
    anomalyScore = judged.score;
    next = {
      version: state.version,
      last: Math.max(state.last ?? timestamp, timestamp),
      metrics,
      load,
      evidence: accumulate(state.evidence, { latency, errors: gain, intolerable, cpu, beyond }),
      errors,
      risk: observeUnknown(state, timestamp, points, config),
      bank: judged.state,
    };
  }
  const timestamp = usable ? observation.timestamp : (next.last ?? 0);
  const scored = score(next, timestamp, config);
  return {
    state: next,
    assessment: {
      timestamp,
      ...scored,
      anomalyScore,
      reasons: reasonsFor({ before: state, after: next, timestamp, present: new Set(points.keys()), config }),
    },
  };
}

/** See the port. Scores and the evidence behind them are documented in `scores.ts`. */
export const detector: Detector<DetectorState> = { initial: initialState, observe, pack: packState, parse: parseState };
