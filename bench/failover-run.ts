// Plays one run of the failover bench, and measures what became of it.
import { environment } from '../core/contracts/deployment.ts';
import { controlRegionOf, type Plan } from '../core/contracts/plan.ts';
import { ServiceStore } from '../lambdas/adapters/service-store.ts';
import { atOnce, inSteps, movementWhen } from '../rehearsal/arms/answered.ts';
import { playBaseline } from '../rehearsal/arms/baseline.ts';
import { type Companion, type ForestallPlayed, playForestall } from '../rehearsal/arms/forestall.ts';
import type { Movement } from '../rehearsal/arms/movement.ts';
import { fromStateMachines } from '../rehearsal/runtime/machines.ts';
import { scenarioNamed } from '../rehearsal/scenarios/catalogue.ts';
import { drawRun } from '../rehearsal/scenarios/scenario.ts';
import { minute, second } from '../rehearsal/world/faults.ts';
import type { Run } from '../rehearsal/world/run.ts';
import { type Call, type Cost, costOf, type Execution, invokedBy, type Parts, partsOf, treeOf } from './failover-parts.ts';

export interface TimingJob {
  readonly question: 'move' | 'evacuation' | 'drill';
  readonly scenario: string;
  readonly seed: number;
  readonly plan: Plan;
  /** `fresh`: the standby counts as validated at the onset, whatever the score had time for. */
  readonly canary: 'as-found' | 'fresh';
  /** Mean length of long-lived connections at most, s: what a balancer's client keep-alive does. */
  readonly connectionSeconds?: number;
}

/** ms from a moment until the losing side has less than 1 %: of what resolvers that honour the TTL hold, of their users' requests, of all requests. null: never. */
export interface Reached {
  readonly lookUps: number | null;
  readonly honouring: number | null;
  readonly all: number | null;
}

export interface MoveMeasured {
  readonly question: 'move';
  readonly scenario: string;
  readonly seed: number;
  readonly outcome: string;
  /** Whether a canary was fresh when the score became critical, or had to be run first. */
  readonly canary: 'fresh' | 'within';
  /** From the critical score on. */
  readonly forestall: Reached;
  /** All weight at once, in effect at once, at that moment. */
  readonly oracle: Reached;
  /** The profile's steps with bakes of the TTL, and nothing between them. */
  readonly stepped: Reached;
  /** ms from the critical score on; weights count when they are in effect. */
  readonly firstWeight: number | null;
  readonly allWeight: number | null;
  /** All weight found in sync. */
  readonly verified: number | null;
  readonly handedOver: number | null;
  readonly closed: number | null;
  /** Of the time until all weight was found in sync. */
  readonly parts: Parts | null;
  readonly cost: Cost | null;
}

export interface EvacuationMeasured {
  readonly question: 'evacuation';
  readonly seed: number;
  readonly outcome: string;
  readonly dies: string;
  /** From the first failed request on, ms. */
  readonly flipped: number | null;
  readonly latched: number | null;
  readonly forestall: Reached;
  readonly reactive: Reached;
  readonly oracle: Reached;
  /** When other settings of the endpoint check would have flipped, by `<interval> x <failures>`, ms. */
  readonly otherChecks: Readonly<Record<string, number | null>>;
  readonly failed: { readonly forestall: number; readonly reactive: number };
  readonly cost: Cost | null;
}

export interface DrillMeasured {
  readonly question: 'drill';
  readonly seed: number;
  /** Kind and outcome of each move, in order. */
  readonly moves: readonly string[];
  readonly requests: number;
  readonly failed: { readonly forestall: number; readonly none: number };
  readonly slow: { readonly forestall: number; readonly none: number };
  /** Of all moves together. */
  readonly transitions: number;
  readonly dollars: number;
}

export type Measured = MoveMeasured | EvacuationMeasured | DrillMeasured;

/** Throws for a scenario that does not exist. */
export async function measure(job: TimingJob): Promise<Measured> {
  const scenario = scenarioNamed(job.scenario);
  if (scenario === undefined) throw new Error(`there is no scenario ${job.scenario}`);
  const drawn = drawRun(scenario, job.seed, job.plan);
  const run = job.connectionSeconds === undefined ? drawn : withConnections(drawn, job.connectionSeconds * second);
  const observer = new Observer(run, job.canary);
  const played = await playForestall(run, [observer]);
  if (job.question === 'move') return moveOf(run, played, observer);
  return job.question === 'evacuation' ? evacuationOf(run, played, observer) : drillOf(run, played, observer);
}

const withConnections = (run: Run, longest: number): Run => {
  const { keepAlive } = run.environment;
  return { ...run, environment: { ...run.environment, keepAlive: { ...keepAlive, meanLength: Math.min(keepAlive.meanLength, longest) } } };
};

/** Keeps what is gone when the arm is. */
class Observer implements Companion {
  executions: readonly Execution[] = [];
  readonly calls: Call[] = [];
  flippedAt: number | undefined;
  readonly #run: Run;
  readonly #canary: TimingJob['canary'];

  constructor(run: Run, canary: TimingJob['canary']) {
    this.#run = run;
    this.#canary = canary;
  }

  begin({ runtime }: Parameters<NonNullable<Companion['begin']>>[0]): void {
    runtime.cloud.onCall(({ at, caller, functionName, service, operation, input }) => {
      const queries = input['MetricDataQueries'];
      if (caller === 'forestall')
        this.calls.push({ at, functionName, operation: `${service}:${operation}`, metrics: Array.isArray(queries) ? queries.length : 0 });
    });
    const { onset, plan } = this.#run;
    if (this.#canary === 'fresh' && onset !== null)
      runtime.clock.at(onset, () =>
        new ServiceStore(controlRegionOf(plan), process.env[environment.servicesTable] ?? '').setCanary(plan.service, {
          verdict: 'pass',
          at: new Date(onset).toISOString(),
          target: 'standby',
          method: 'probes',
          reasons: ['set by the bench'],
        }),
      );
  }

  async end({ runtime, world }: Parameters<NonNullable<Companion['end']>>[0]): Promise<void> {
    this.executions = runtime.executions();
    this.flippedAt = world.checkers.primary.changes.find(({ healthy }) => !healthy)?.at;
  }
}

const since = (from: number, at: number | null | undefined) => (at === null || at === undefined ? null : at - from);
const reached = (from: number, { lookUpsMovedAt, honouringMovedAt, movedAt }: Movement): Reached => ({
  lookUps: since(from, lookUpsMovedAt),
  honouring: since(from, honouringMovedAt),
  all: since(from, movedAt),
});
const timeOf = (text: string | null) => (text === null ? null : Date.parse(text));
const entered = (execution: Execution | undefined, state: RegExp) => execution?.history.find((entry) => state.test(entry.state))?.at;
const invoked = invokedBy(fromStateMachines);

function moveOf(run: Run, { result, timeline, movement }: ForestallPlayed, { executions, calls }: Observer): MoveMeasured {
  const named = { question: 'move' as const, scenario: run.scenario, seed: run.seed, outcome: result.outcome };
  const critical = timeOf(result.detectedAt);
  if (critical === null) {
    const never: Reached = { lookUps: null, honouring: null, all: null };
    const times = { firstWeight: null, allWeight: null, verified: null, handedOver: null, closed: null, parts: null, cost: null };
    return { ...named, canary: 'within', forestall: never, oracle: never, stepped: never, ...times };
  }
  const root = executions.find(({ machine, startedAt }) => machine === 'fail-over' && startedAt >= critical);
  const tree = root ? treeOf(root, executions) : [];
  const weights = timeline.weights.filter(({ at }) => at >= critical);
  const verifiedAt = tree.flatMap(({ history }) => history.filter(({ state }) => state === 'Bake')).at(-1)?.at;
  const { steps } = run.plan.shift.urgent;
  return {
    ...named,
    canary: tree.some(({ machine }) => machine === 'mirror-canary') ? 'within' : 'fresh',
    forestall: reached(critical, movement),
    oracle: reached(critical, movementWhen(run, atOnce(critical))),
    stepped: reached(critical, movementWhen(run, inSteps(critical, steps, run.plan.record.ttlSeconds * second))),
    firstWeight: since(critical, weights.find(({ standby }) => standby > 0)?.at),
    allWeight: since(critical, weights.find(({ primary }) => primary === 0)?.at),
    verified: since(critical, verifiedAt),
    handedOver: since(critical, entered(root, /^Close failed over$/)),
    closed: since(critical, root?.endedAt),
    parts: root && verifiedAt !== undefined ? partsOf(root, executions, critical, verifiedAt) : null,
    cost: root ? costOf(root, executions, calls, invoked) : null,
  };
}

function evacuationOf(run: Run, { result, movement }: ForestallPlayed, { executions, calls, flippedAt }: Observer): EvacuationMeasured {
  // Some two hundred requests come each second: the first of them fails as the side dies.
  const death = run.onset ?? run.start;
  const root = executions.findLast(({ machine, history }) => machine === 'evacuate' && history.some(({ state }) => state === 'Latch side'));
  const reactive = playBaseline(run, 'reactive');
  const flip = (intervalSeconds: number, failureThreshold: number) =>
    since(death, timeOf(playBaseline({ ...run, endpointCheck: { intervalSeconds, failureThreshold } }, 'reactive').result.detectedAt));
  return {
    question: 'evacuation',
    seed: run.seed,
    outcome: result.outcome,
    dies: String(run.parameters['what dies'] ?? ''),
    flipped: since(death, flippedAt),
    latched: since(death, entered(root, /^Latch side$/)),
    forestall: reached(death, movement),
    reactive: reached(death, reactive.movement),
    oracle: reached(death, movementWhen(run, atOnce(death))),
    otherChecks: { '30 s x 3': flip(30, 3), '10 s x 3': flip(10, 3) },
    failed: { forestall: result.failed, reactive: reactive.result.failed },
    cost: root ? costOf(root, executions, calls, invoked) : null,
  };
}

function drillOf(run: Run, { result, timeline }: ForestallPlayed, { executions, calls }: Observer): DrillMeasured {
  const none = playBaseline(run, 'none').result;
  const costs = executions.filter(({ machine }) => machine === 'fail-over').map((root) => costOf(root, executions, calls, invoked));
  return {
    question: 'drill',
    seed: run.seed,
    moves: timeline.failovers.map(({ kind, outcome, events }) => {
      const took = (events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0);
      return `${kind} ${outcome} ${(took / minute).toFixed(1)} min`;
    }),
    requests: result.requests,
    failed: { forestall: result.failed, none: none.failed },
    slow: { forestall: result.slow, none: none.slow },
    transitions: costs.reduce((sum, cost) => sum + cost.transitions, 0),
    dollars: costs.reduce((sum, cost) => sum + cost.dollars.sum, 0),
  };
}
