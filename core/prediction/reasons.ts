// Why the score is what it is, in words that an operator uses.
import { limitReason } from './forecast/reason.ts';
import type { DetectorConfig, Reason } from './port.ts';
import { runOf, signalReason } from './signal-reasons.ts';
import { unusualSignals } from './signals/bank.ts';
import type { MetricSignals } from './signals/port.ts';
import type { DetectorState, MetricState } from './state.ts';
import { duration, number, percent, quantity } from './wording.ts';

const mostReasons = 5;
/** Weights of reasons: a status check weighs 50, errors 40, a point that is seen once in 1,000 weighs 3, a missing one 2. */
const faint = 0.5;

interface Weighed {
  readonly weight: number;
  readonly reason: Reason;
}

interface Change {
  readonly before: DetectorState;
  readonly after: DetectorState;
  readonly timestamp: number;
  /** metrics with a point in this observation */
  readonly present: ReadonlySet<string>;
  readonly config: DetectorConfig;
}

type Metric = DetectorConfig['metrics'][number];

/** Inclusive: a run that began with the last point has lasted one period. */
function lasted({ since, at, every }: { since: number | null; at: number; every: number | null }): string {
  const time = at - (since ?? at) + (every ?? 0);
  return time > 0 ? `for ${duration(time)}` : 'at one point';
}

/** Latency and CPU are judged against their hour and the load that explains them. */
function levelReason(metric: Metric, known: MetricState, signals: MetricSignals | undefined): Weighed | undefined {
  if (known.since === null || known.expected === undefined || known.ratio === undefined) return undefined;
  const usual = known.curve === undefined ? 'for this hour' : 'for this hour and load';
  const run = signals ? runOf({ ...signals, since: known.since }, known.every ?? 0) : lasted(known);
  return {
    weight: (known.spreads ?? 0) + 10,
    reason: {
      metric: metric.name,
      kind: 'level',
      detail: `${metric.name} ${quantity(metric.role, known.value)}, ${number(known.ratio)}x its usual ${quantity(metric.role, known.expected)} ${usual}, ${run}`,
    },
  };
}

/** What has been so for this long, ms, explains half as much of what is the matter now. */
const halfExplained = 3 * 3_600_000;

/** Every other metric against its own past. What is context for others counts less than what can fail. */
function deviationReason(metric: Metric, known: MetricState, signals: MetricSignals | undefined): Weighed | undefined {
  const told = signals && signalReason(metric, signals, known.every ?? 0);
  if (!told) return undefined;
  const context = metric.role === 'requests' || metric.role === 'network' ? 0.25 : 1;
  const lasted = signals.at - (signals.since ?? signals.at);
  return { weight: (context * told.surprise) / (1 + lasted / halfExplained), reason: told.reason };
}

/** What a metric's own points say of it, by what it means; errors are told together. */
function ownReason(metric: Metric, known: MetricState, signals: MetricSignals | undefined): Weighed | undefined {
  if (metric.role === 'status') return statusReason(metric, known);
  if (metric.role === 'errors') return undefined;
  return metric.role === 'latency' || metric.role === 'cpu' ? levelReason(metric, known, signals) : deviationReason(metric, known, signals);
}

const statusReason = (metric: Metric, known: MetricState): Weighed | undefined =>
  (known.failing ?? 0) === 0
    ? undefined
    : {
        weight: 50,
        reason: {
          metric: metric.name,
          kind: 'status',
          detail: `${metric.name} failed ${known.failing === 1 ? 'once' : `${known.failing} times in a row`}, ${lasted(known)}`,
        },
      };

function errorsReason({ after, config }: Change): Weighed | undefined {
  const { since, rate, usualRate, served } = after.errors;
  if (since === null) return undefined;
  const metrics = config.metrics.filter(({ role }) => role === 'errors');
  const worst = metrics.toSorted((a, b) => (after.metrics[b.name]?.value ?? 0) - (after.metrics[a.name]?.value ?? 0))[0];
  const known = worst === undefined ? undefined : after.metrics[worst.name];
  if (worst === undefined || known === undefined) return undefined;
  const { errorRate } = config.objective;
  const against = `${rate > errorRate ? 'above' : 'within'} the objective of ${percent(errorRate)}`;
  return {
    weight: 40,
    reason: {
      metric: worst.name,
      kind: 'level',
      detail: `${percent(rate)} of ${number(served)} requests failed, usually ${percent(usualRate)}, ${against}, ${lasted({ ...known, since })}`,
    },
  };
}

/** A point of one metric may only be late; when every metric is absent, one period is enough to say so. */
const overdue = ({ at, every }: MetricState, timestamp: number, all: boolean): boolean =>
  every !== null && (timestamp - at > 2.5 * every || (all && timestamp - at >= 0.9 * every));

/** Points that are overdue now, and points that came after a gap. */
function missingReasons({ before, after, timestamp, present, config }: Change): Weighed[] {
  const silent: { name: string; detail: string }[] = [];
  for (const { name } of config.metrics) {
    const known = after.metrics[name];
    const earlier = before.metrics[name];
    if (known === undefined) continue;
    if (present.has(name)) {
      if (typeof earlier?.every === 'number' && known.at - earlier.at > 3.5 * earlier.every)
        silent.push({ name, detail: `${name} was absent for ${duration(known.at - earlier.at)} before this point` });
    } else if (overdue(known, timestamp, present.size === 0))
      silent.push({ name, detail: `${name} has had no point for ${duration(timestamp - known.at)}; its part of the score is held` });
  }
  const [first, ...others] = silent;
  if (first === undefined) return [];
  // Absence of everything is one finding, not one for each metric.
  const shown = others.length < 3 ? silent : [{ name: first.name, detail: `${first.detail}; ${others.length} other metrics likewise` }];
  return shown.map(({ name, detail }) => ({ weight: 2, reason: { metric: name, kind: 'missing', detail } }));
}

/** From this probability on, a score without a reason would be a riddle. */
const explainedFrom = 0.15;

/** Metrics of unknown meaning come to rest before an incident is over, and the model remembers that: said when no metric says more. */
function afterwards({ after: { risk }, config }: Change, weighed: readonly Weighed[]): Weighed[] {
  const named = config.metrics.find(({ role }) => role === 'other');
  if (named === undefined || (risk.probability ?? 0) < explainedFrom || weighed.some(({ weight }) => weight >= faint)) return [];
  const detail = 'no metric is far from its usual now; how unusual they were together in the last hours still counts';
  return [{ weight: 1, reason: { metric: named.name, kind: 'level', detail } }];
}

/** Most telling first, at most five; empty when nothing is unusual. */
export function reasonsFor(change: Change): Reason[] {
  const weighed: Weighed[] = missingReasons(change);
  const errors = errorsReason(change);
  if (errors !== undefined) weighed.push(errors);
  for (const metric of change.config.metrics) {
    const known = change.after.metrics[metric.name];
    if (known === undefined) continue;
    const signals = change.present.has(metric.name) ? unusualSignals(change.after.bank, metric.name) : undefined;
    const own = ownReason(metric, known, signals);
    const limit = limitReason(metric, known, change.timestamp, change.config);
    // How a latency departs from its usual is said beside where it is going; of the others, where they are going says it.
    if (limit !== undefined) weighed.push(limit);
    if (own !== undefined && (limit === undefined || metric.role === 'latency')) weighed.push(own);
  }
  const after = afterwards(change, weighed);
  // What is old or faint explains nothing of now.
  return [...weighed, ...after]
    .sort((a, b) => b.weight - a.weight)
    .filter(({ weight }) => weight >= faint)
    .slice(0, mostReasons)
    .map(({ reason }) => reason);
}
