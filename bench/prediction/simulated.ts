// Is the score of named metrics a probability? The scenarios' worlds played without a cloud, score and reality minute by minute.
import { join } from 'node:path';
import { loadPlan } from '../../bin/commands/plan-files.ts';
import { defaultEntryMetrics, defaultResourceMetrics, type MetricDefinition } from '../../core/contracts/metrics.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import { detector } from '../../core/prediction/detector.ts';
import { rocAuc } from '../../core/prediction/evaluation/ranking.ts';
import { reliability } from '../../core/prediction/evaluation/reliability.ts';
import type { Assessment, DetectorConfig } from '../../core/prediction/port.ts';
import { sideRisk } from '../../core/prediction/service-risk.ts';
import { scenarios } from '../../rehearsal/scenarios/catalogue.ts';
import { drawRun, type Scenario } from '../../rehearsal/scenarios/scenario.ts';
import { day, minute } from '../../rehearsal/world/faults.ts';
import { binomialQuantile, poissonQuantile, stream } from '../../rehearsal/world/random.ts';
import { fullStrength, historyLength, loadOf, type Run } from '../../rehearsal/world/run.ts';
import { hostsOf, latencyQuantile, type SideMoment, sideMoment } from '../../rehearsal/world/side.ts';
import { type Datum, type SideMinute, Telemetry } from '../../rehearsal/world/telemetry.ts';
import type { Section } from './section.ts';

/** A failure is a run of at least so many minutes in which the side misses its objective of errors: nothing shorter can be failed over from. */
const shortestFailure = 5;
/** Of `calm`, days that are played: a month says no more about its quiet. */
const calmDays = 4;

interface Lines {
  /** 0-1 */
  readonly scores: readonly number[];
  readonly labels: readonly number[];
}

/** What is read of an entry or of a host in one minute, by the names of its metrics. */
function valuesOf(metrics: readonly MetricDefinition[], data: readonly Datum[]): Record<string, number> {
  const values: Record<string, number> = {};
  for (const { name, metric, statistic, role } of metrics) {
    const datum = data.find(({ metricName }) => metricName === metric);
    if (datum) values[name] = (statistic === 'p99' ? datum.values.at(-1) : datum.values[0]) ?? 0;
    else if (role === 'errors' && data.length > 0) values[name] = 0;
  }
  return values;
}

/** One subject's detector, fed minute by minute. */
class Subject {
  readonly #metrics: readonly MetricDefinition[];
  readonly #config: DetectorConfig;
  #state: ReturnType<typeof detector.initial>;
  last: Assessment | undefined;

  constructor(metrics: readonly MetricDefinition[], { horizonMinutes, objective }: Plan) {
    this.#metrics = metrics;
    this.#config = { metrics, horizonMinutes, objective };
    this.#state = detector.initial(this.#config);
  }

  observe(timestamp: number, data: readonly Datum[]): void {
    const { state, assessment } = detector.observe(this.#state, { timestamp, values: valuesOf(this.#metrics, data) }, this.#config);
    this.#state = state;
    this.last = assessment;
  }
}

/** The primary carries everything, as in the arm `none`. */
function minuteOf(run: Run, at: number, load: number): { moment: SideMoment; measured: SideMinute; hosts: ReturnType<typeof hostsOf> } {
  const { seed, environment, faults, plan } = run;
  const hosts = hostsOf('primary', fullStrength(plan, 'primary'), at, faults);
  const { latencySeconds } = plan.objective;
  const moment = sideMoment({
    side: 'primary',
    at,
    load,
    hosts,
    saturation: environment.saturation.primary,
    nature: environment.nature.primary,
    faults,
    objectiveSeconds: latencySeconds,
  });
  const requests = poissonQuantile(load * 60, stream(seed, 'history/requests').uniform(at / minute));
  const failed = binomialQuantile(requests, moment.failure, stream(seed, 'history/failed').uniform(at / minute));
  const failedAtBalancer = moment.failure > 0 ? Math.round((failed * moment.failureAtBalancer) / moment.failure) : 0;
  const [median, p90, p99] = [0.5, 0.9, 0.99].map((q) => latencyQuantile(moment, q));
  const { utilisation, reachable } = moment;
  return {
    moment,
    hosts,
    measured: {
      requests,
      failedAtTarget: failed - failedAtBalancer,
      failedAtBalancer,
      median: median ?? 0,
      p90: p90 ?? 0,
      p99: p99 ?? 0,
      utilisation,
      reachable,
    },
  };
}

/** Score of the side and whether it fails within the horizon, each minute until it fails: after that there is nothing left to predict. */
function play(scenario: Scenario, seed: number, given: Plan): Lines {
  const run = drawRun(scenario, seed, given);
  const { plan, start } = run;
  const end = scenario.name === 'calm' ? Math.min(run.end, start + calmDays * day) : run.end;
  const telemetry = new Telemetry(run);
  const load = loadOf(run);
  const entry = new Subject(defaultEntryMetrics, plan);
  const hosts = Array.from({ length: fullStrength(plan, 'primary') }, () => new Subject(defaultResourceMetrics['ec2-instance'], plan));
  const failing: boolean[] = [];
  const scores: number[] = [];
  for (let at = start - historyLength; at < end; at += minute) {
    const now = minuteOf(run, at, load(at));
    entry.observe(at, telemetry.entry('primary', at, now.measured));
    for (const [index, host] of hosts.entries())
      host.observe(at, telemetry.host('primary', at, { index, instanceId: `i-${index}`, downSince: now.hosts[index]?.downSince ?? null }, now.measured));
    if (at < start) continue;
    const needed = Math.ceil((load(at) * plan.failover.headroom) / plan.sides.primary.requestsPerSecondPerInstance);
    const parts = hosts.flatMap(({ last }) => (last ? [last] : []));
    scores.push((sideRisk(entry.last, parts, needed).score ?? 0) / 100);
    failing.push(now.moment.failure > plan.objective.errorRate);
  }
  return untilFailure(scores, failing, plan.horizonMinutes);
}

function untilFailure(scores: readonly number[], failing: readonly boolean[], horizon: number): Lines {
  const lasts = failing.map((_, index) => failing.slice(index, index + shortestFailure).every(Boolean) && index + shortestFailure <= failing.length);
  const begins = lasts.indexOf(true);
  const until = begins < 0 ? scores.length - horizon : begins + 1;
  const kept = scores.slice(0, Math.max(0, until));
  return { scores: kept, labels: kept.map((_, index) => (begins >= 0 && begins - index <= horizon ? 1 : 0)) };
}

/** Simulated worlds need no data set. */
export async function run(): Promise<Section> {
  const plan = loadPlan(join(import.meta.dirname, '..', '..', 'plans', 'shop.yaml'));
  const seeds = Number(process.env['FORESTALL_SEEDS'] ?? 10);
  const played = scenarios
    .filter(({ name }) => name !== 'drill')
    .map((scenario) => ({ name: scenario.name, ...merged(Array.from({ length: seeds }, (_, seed) => play(scenario, 501 + seed, plan))) }));
  const pooled = merged(played);
  const rows = [...played.map((one) => rowOf(one.name, one)), rowOf('all', pooled)];
  const found = reliability(pooled.scores, pooled.labels);
  return {
    name: 'simulated',
    title: 'Score of named metrics in the simulated world, minute by minute until the side fails',
    target: 'a Brier score below that of the base rate',
    columns: ['scenario', 'minutes', 'fails within the horizon', 'Brier', 'Brier of the base rate', 'ECE', 'ROC AUC'],
    rows,
    notes: [
      `${seeds} seeds from 501 on.`,
      ...(found?.bins.map(({ mean, observed, count }) => `score ${(100 * mean).toFixed(0)}: ${(100 * observed).toFixed(1)} % of ${count} minutes`) ?? []),
    ],
    figures: {
      'simulated.brier': found?.brier ?? null,
      'simulated.base': found?.baseBrier ?? null,
      'simulated.ece': found?.ece ?? null,
      'simulated.skill': found ? 1 - found.brier / found.baseBrier : null,
    },
    demands: { 'simulated.skill': { atLeast: 0 } },
  };
}

const merged = (all: readonly Lines[]): Lines => ({ scores: all.flatMap(({ scores }) => scores), labels: all.flatMap(({ labels }) => labels) });

function rowOf(name: string, { scores, labels }: Lines): Section['rows'][number] {
  const found = reliability(scores, labels);
  if (!found) return [name, 0, null, null, null, null, null];
  const auc = rocAuc(scores, labels);
  return [
    name,
    found.count,
    `${(100 * found.baseRate).toFixed(1)} %`,
    found.brier.toFixed(4),
    found.baseBrier.toFixed(4),
    found.ece.toFixed(4),
    auc?.toFixed(3) ?? null,
  ];
}
