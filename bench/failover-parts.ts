// What a failover's time and price are made of, read off the executions of its state machines.
import { type FunctionName, functions, type StateMachineName } from '../core/contracts/deployment.ts';
import { costOfUsage } from '../core/cost/prices.ts';

/** Of an execution: the states that it entered, and when (ms). */
export interface Execution {
  readonly arn: string;
  readonly machine: StateMachineName;
  readonly parent: string | undefined;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly history: readonly { readonly state: string; readonly at: number }[];
}

export const partNames = ['start', 'propagation', 'bake', 'probes', 'evidence', 'capacity', 'approval', 'drain', 'hand-over', 'other'] as const;
export type PartName = (typeof partNames)[number];
/** ms by what they went into */
export type Parts = Readonly<Record<PartName, number>>;

/** By the names of states; a task that runs another machine is told of by that machine's own states. */
const kinds: readonly (readonly [RegExp, PartName])[] = [
  [/propagation|^Verify/, 'propagation'],
  [/^Bake$/, 'bake'],
  [/^Probe/, 'probes'],
  [/evidence$|^Wait during step|^Hold step|^Judge/, 'evidence'],
  [/capacity|^Warm|^Check standby|^Prepare/, 'capacity'],
  [/approval/i, 'approval'],
  [/drain/, 'drain'],
  [/^Hand over|hand-over/, 'hand-over'],
];

const partOf = (state: string): PartName => kinds.find(([names]) => names.test(state))?.[1] ?? 'other';

/** An execution and all that it started. */
export function treeOf(root: Execution, all: readonly Execution[]): Execution[] {
  return [root, ...all.filter(({ parent }) => parent === root.arn).flatMap((child) => treeOf(child, all))];
}

/** Where the time from `from` to `until` (ms) went; `start` is what passed before the execution began. The parts sum up to all of it. */
export function partsOf(root: Execution, all: readonly Execution[], from: number, until: number): Parts {
  const parts = Object.fromEntries(partNames.map((name) => [name, 0])) as Record<PartName, number>;
  const within = (begin: number, end: number) => Math.max(0, Math.min(end, until) - Math.max(begin, from));
  const tree = treeOf(root, all);
  for (const execution of tree) {
    const children = tree.filter(({ parent }) => parent === execution.arn);
    execution.history.forEach(({ state, at }, index) => {
      const end = execution.history[index + 1]?.at ?? execution.endedAt ?? until;
      const nested = children.filter(
        ({ startedAt }) => startedAt >= at && startedAt <= end && startedAt < (execution.history[index + 1]?.at ?? Number.POSITIVE_INFINITY),
      );
      parts[partOf(state)] += within(at, end) - nested.reduce((sum, child) => sum + within(child.startedAt, child.endedAt ?? until), 0);
    });
  }
  parts.start = within(from, root.startedAt);
  parts.other += until - from - Object.values(parts).reduce((sum, part) => sum + part, 0);
  return parts;
}

/** Which function a Task state of a machine invokes; undefined: none. */
export type InvokedBy = (machine: StateMachineName, state: string) => FunctionName | undefined;

/** Reads it off the machines' ASL texts. */
export function invokedBy(source: (machine: StateMachineName) => string | undefined): InvokedBy {
  const known = new Map<string, FunctionName>();
  const byPlaceholder = new Map((Object.keys(functions) as FunctionName[]).map((name) => [name.replaceAll('-', ''), name]));
  const read = new Set<StateMachineName>();
  return (machine, state) => {
    if (!read.has(machine)) {
      read.add(machine);
      const { States = {} } = JSON.parse(source(machine) ?? '{}') as { States?: Record<string, { Parameters?: { FunctionName?: string } }> };
      for (const [name, { Parameters }] of Object.entries(States)) {
        const placeholder = /^\$\{(\w+)FunctionArn\}$/.exec(Parameters?.FunctionName ?? '')?.[1];
        const invoked = placeholder === undefined ? undefined : byPlaceholder.get(placeholder.toLowerCase());
        if (invoked) known.set(`${machine}/${name}`, invoked);
      }
    }
    return known.get(`${machine}/${state}`);
  };
}

/** An API call of Forestall's; `metrics`: how many a GetMetricData asked for. */
export interface Call {
  readonly at: number;
  readonly functionName: FunctionName | undefined;
  /** `service:Operation` */
  readonly operation: string;
  readonly metrics: number;
}

/** Changes of records in Route 53 are free. A function is taken to run so long, s, or as long as its state lasted in the rehearsal, where nothing but probes and time-outs takes time. */
const shortestRun = 1;

export interface Cost {
  readonly transitions: number;
  readonly invocations: number;
  readonly gigabyteSeconds: number;
  readonly metrics: number;
  readonly apiCalls: Readonly<Record<string, number>>;
  /** US dollars */
  readonly dollars: { readonly transitions: number; readonly metrics: number; readonly lambda: number; readonly sum: number };
}

/**
 * What a workflow cost: states entered by it and by all that it started, the functions that they invoked, and the calls of those functions while it ran.
 * Another workflow that runs the same functions at the same time is counted too; a state that is retried is counted once.
 */
export function costOf(root: Execution, all: readonly Execution[], calls: readonly Call[], invoked: InvokedBy): Cost {
  const tree = treeOf(root, all);
  const runs = tree.flatMap(({ machine, history, endedAt }) =>
    history.flatMap(({ state, at }, index) => {
      const name = invoked(machine, state);
      return name === undefined ? [] : [{ name, seconds: Math.max(shortestRun, ((history[index + 1]?.at ?? endedAt ?? at) - at) / 1000) }];
    }),
  );
  const names = new Set(runs.map(({ name }) => name));
  const own = calls.filter(
    ({ at, functionName }) => at >= root.startedAt && at <= (root.endedAt ?? at) && functionName !== undefined && names.has(functionName),
  );
  const transitions = tree.reduce((sum, { history }) => sum + history.length, 0);
  const metrics = own.reduce((sum, call) => sum + call.metrics, 0);
  const gigabyteSeconds = runs.reduce((sum, { name, seconds }) => sum + (seconds * functions[name].memoryMb) / 1024, 0);
  const dollars = {
    transitions: costOfUsage({ transition: transitions }).dollars,
    metrics: costOfUsage({ metricRead: metrics }).dollars,
    lambda: costOfUsage({ invocation: runs.length, gigabyteSecond: gigabyteSeconds }).dollars,
  };
  return {
    transitions,
    invocations: runs.length,
    gigabyteSeconds,
    metrics,
    apiCalls: Object.fromEntries([...Map.groupBy(own, ({ operation }) => operation)].map(([operation, { length }]) => [operation, length] as const).sort()),
    dollars: { ...dollars, sum: dollars.transitions + dollars.metrics + dollars.lambda },
  };
}
