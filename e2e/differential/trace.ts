// What a run did, with everything left out that only time and chance decide: equal for two runs that took the same way.
import type { FailoverOutcome, FailoverRecord, Weights } from '../../core/contracts/records.ts';
import { executionLines } from './executions.ts';
import { decisionKind, Names } from './names.ts';
import type { RunRecord, TracedCall } from './run-record.ts';
import { stepsOf, type TracedStep } from './steps.ts';
import { weightsOf } from './weights.ts';

/** Steps under a heading, in their order. */
export interface Section {
  readonly name: string;
  readonly steps: readonly string[];
}

export interface FailoverTrace {
  /** `critical: predictive from primary to standby, urgent` */
  readonly name: string;
  readonly outcome: string;
  /** Phases that its story tells of, in order, each once in a row; without that of a canary which passed. */
  readonly phases: readonly string[];
  /** Mutating calls by phase of the record. */
  readonly sections: readonly Section[];
}

/** All texts are for people too: a difference is shown with them. */
export interface Trace {
  readonly service: string;
  /** `100/0`: primary and standby, as Route 53 was set to, beginning with what stood before. Empty when nothing was set. */
  readonly weights: readonly string[];
  readonly failovers: readonly FailoverTrace[];
  /** Executions of failovers with the ways through their states; and which machines mirrored. */
  readonly executions: readonly string[];
  readonly mirroring: readonly string[];
  /** What was done beside the failovers: mirror by mirror, resource by resource; `workflows` and `canary` in the order of the alphabet. */
  readonly threads: readonly Section[];
  /** What the service's record says in the end. */
  readonly ending: readonly string[];
}

/** Outcomes of decisions that were repeated while they stood: how many there are is a matter of how long the run went on. */
const untried: readonly (FailoverOutcome | undefined)[] = ['refused', 'advised'];
const unordered = ['workflows', 'canary'];

/** Throws UntracedCallError on a mutating call that it has no rule for. */
export function traceOf(run: RunRecord): Trace {
  const { plan, calls, executions, service } = run;
  const tried = run.failovers.filter(({ outcome }) => !untried.includes(outcome));
  const told = (tried.length > 0 ? tried : run.failovers).toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  const ends = tried.map(({ endedAt }) => (endedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(endedAt)));
  const until = ends.length > 0 ? Math.max(...ends) : Number.POSITIVE_INFINITY;
  const weaver = new Weaver(run, until);
  for (const call of calls) weaver.take(call);
  const lines = executionLines(executions, (id) => told.some(({ failoverId }) => failoverId === id), until);
  return {
    service: plan.service,
    weights: weaver.weights,
    failovers: told.map((record) => failoverTrace(record, run, weaver)),
    executions: lines.failovers,
    mirroring: lines.mirroring,
    threads: weaver.threads(),
    ending: [
      `mode ${service.mode}`,
      `active side ${service.activeSide}`,
      `latched: ${Object.keys(service.latched).sort().join(', ') || 'none'}`,
      service.lock === undefined ? 'the lock is free' : 'the lock is held',
      `last failover: ${service.lastFailover?.outcome ?? 'none'}`,
    ],
  };
}

function failoverTrace(record: FailoverRecord, { events }: RunRecord, weaver: Weaver): FailoverTrace {
  const { failoverId, kind, from, to, profile, outcome, pointOfNoReturn } = record;
  // A canary that passed may have been mirroring's, just before: e2e/differential/steps.ts says more.
  const story = events
    .filter((event) => event.failoverId === failoverId && !(event.phase === 'canary' && event.verdict !== 'fail'))
    .sort((a, b) => a.at.localeCompare(b.at) || a.entry.localeCompare(b.entry));
  const phases = story.map(({ phase }) => phase);
  return {
    name: `${decisionKind(failoverId) ?? 'other'}: ${kind} from ${from} to ${to}, ${profile}`,
    outcome: `${outcome ?? 'open'}, ${pointOfNoReturn ? 'after' : 'before'} the point of no return`,
    phases: phases.filter((phase, index) => phase !== phases[index - 1]),
    sections: weaver.phases(failoverId),
  };
}

interface Phase {
  readonly name: string;
  readonly steps: string[];
}

/** Sorts steps into the phases of failovers and into the threads beside them. */
class Weaver {
  readonly weights: string[] = [];
  readonly #run: RunRecord;
  readonly #until: number;
  readonly #names: Names;
  readonly #phases = new Map<string, Phase[]>();
  readonly #threads = new Map<string, string[]>();
  readonly #reported = new Map<string, string>();
  #standing: Partial<Weights> | undefined;
  /** The failover that holds the lock, or held it last. */
  #acting = '';

  constructor(run: RunRecord, until: number) {
    this.#run = run;
    this.#until = until;
    this.#names = new Names(run.plan, run.calls);
  }

  take(call: TracedCall): void {
    const { plan } = this.#run;
    for (const step of stepsOf(call, { plan, names: this.#names })) this.#add(step, call);
    if (call.operation === 'ChangeResourceRecordSets' && call.error === undefined) this.#weigh(call);
  }

  phases(failoverId: string): Section[] {
    return this.#phases.get(failoverId) ?? [];
  }

  threads(): Section[] {
    return [...this.#threads]
      .map(([name, steps]) => ({ name, steps: unordered.includes(name) ? steps.toSorted() : steps }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #add({ thread, text, failoverId, phase }: TracedStep, call: TracedCall): void {
    if (thread !== 'failover') {
      // Sets of snapshots are all alike; whatever else goes on after the failover has no end that both runs share.
      if (thread.startsWith('snapshots') || call.at < this.#until) this.#thread(thread, text);
      return;
    }
    if (call.service === 'cloudwatch' && this.#isRepeat(text)) return;
    if (call.operation === 'UpdateItem' && failoverId !== undefined && String(call.input['TableName']).endsWith('services')) this.#acting = failoverId;
    const phases = this.#phases.get(failoverId ?? this.#acting) ?? [];
    this.#phases.set(failoverId ?? this.#acting, phases);
    if (phases.length === 0 || (phase !== undefined && phases.at(-1)?.name !== phase)) phases.push({ name: phase ?? 'before', steps: [] });
    const steps = phases.at(-1)?.steps ?? [];
    // A repeat changes nothing, but for Route 53: going there, back and there again is three changes.
    if (call.service === 'route53' ? steps.at(-1) !== text : !steps.includes(text)) steps.push(text);
  }

  #thread(name: string, text: string): void {
    const steps = this.#threads.get(name) ?? [];
    this.#threads.set(name, steps);
    if (!steps.includes(text)) steps.push(text);
  }

  /** dispatch-scoring says each minute which sides are latched: what counts is the first time that it is so. */
  #isRepeat(text: string): boolean {
    const at = text.lastIndexOf(':');
    const [what, value] = [text.slice(0, at), text.slice(at + 1)];
    const repeat = this.#reported.get(what) === value;
    this.#reported.set(what, value);
    return repeat;
  }

  #weigh({ input }: TracedCall): void {
    const [first] = this.#run.failovers.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
    const change = weightsOf(this.#run.plan, input, this.#standing ?? first?.weightsAtStart ?? {});
    if (change === undefined) return;
    if (this.weights.length === 0) this.weights.push(textOf(change.found));
    this.#standing = change.left;
    if (this.weights.at(-1) !== textOf(change.left)) this.weights.push(textOf(change.left));
  }
}

const textOf = ({ primary, standby }: Partial<Weights>) => `${primary ?? '?'}/${standby ?? '?'}`;
