// Every fault that can strike in a story, derived from what the story did when nothing else went wrong.
import type { StateMachineName } from '../../core/contracts/deployment.ts';
import { refusals } from './errors.ts';
import type { CasePlayed } from './player.ts';
import { placeOf, type TaskState } from './task-states.ts';

export type Trace = CasePlayed['trace'];

/** Calls that change something: only of these it matters whether they were made. */
const isWrite = (call: string) =>
  /:(Put|Update|Delete|Change|Run|Start|Stop|Terminate|Register|Deregister|Create|Copy|Publish|Send|Modify|Batch|Cancel)/.test(call);

const ownMachines: readonly StateMachineName[] = ['fail-over', 'evacuate', 'adjust-mirroring', 'retire-side'];
const lasting = (fault: string) => `${fault}~lasting`;

/** Names of faults by the place that they are about; places of the whole run are under `run`. */
export function faultsOfStory(trace: Trace, tasks: readonly TaskState[]): Map<string, string[]> {
  const faults = new Map<string, string[]>();
  const add = (place: string, names: readonly string[]) => faults.set(place, [...(faults.get(place) ?? []), ...names]);
  const visits = new Map<string, number>();
  for (const state of trace.states) visits.set(state, (visits.get(state) ?? 0) + 1);
  const taskPlaces = new Map(tasks.map((task) => [placeOf(task), task]));

  for (const place of visits.keys()) {
    const task = taskPlaces.get(place);
    if (task) add(place, task.nested ? ofTask(place, true) : [...ofTask(place, false), ...ofCalls(place, callsAt(trace, place))]);
    add(place, abortions(place));
  }
  for (const name of new Set(trace.calls.flatMap(({ machine, functionName }) => (machine === undefined ? [functionName] : []))))
    add(`fn.${name}`, ofCalls(`fn.${name}`, [callsOf(trace, name)]));
  for (const place of visits.keys()) add(place, ofTheWorld(place, visits.get(place) ?? 1, taskPlaces.has(place)));
  add('run', [
    ...['leased', 'expired'].map((what) => `run/stale-lock@${what}`),
    ...['ahead', 'behind', 'jitter'].map((what) => `run/clock-skew@${what}`),
    ...['run/event-duplicated', 'run/event-reordered'],
    ...trace.events.map((_, index) => `run/event-lost@${index + 1}`),
  ]);
  return faults;
}

/** What the state machine sees. */
function ofTask(place: string, nested: boolean): string[] {
  const kinds = [...refusals, 'answer-lost', 'delayed'].map((kind) => `${place}/${kind}`);
  return [...kinds, ...(nested ? [`${place}/killed`] : []), ...kinds.map(lasting)];
}

/** Calls of the longest invocation at a place, by number. */
function callsAt(trace: Trace, place: string): string[][] {
  const longest: string[] = [];
  const all = new Set<string>();
  for (const { machine, state, number, call } of trace.calls)
    if (`${machine}.${state}` === place) {
      longest[number - 1] ??= call;
      all.add(call);
    }
  return [longest, [...all]];
}

function callsOf(trace: Trace, name: string): string[] {
  const longest: string[] = [];
  for (const { machine, functionName, number, call } of trace.calls) if (machine === undefined && functionName === name) longest[number - 1] ??= call;
  return longest;
}

/** The function ends after each of its calls; each write's answer is lost or late; each kind of call is refused for long. */
function ofCalls(place: string, [longest = [], all = longest]: readonly string[][]): string[] {
  const numbered = longest.map((call, index) => ({ call, number: index + 1 }));
  const writes = numbered.filter(({ call }) => isWrite(call));
  const last = numbered.at(-1);
  return [
    ...numbered.map(({ number }) => `${place}/killed@${number}`),
    ...(last ? [lasting(`${place}/killed@${last.number}`)] : []),
    ...writes.flatMap(({ number }) => [`${place}/answer-lost@${number}`, lasting(`${place}/answer-lost@${number}`), `${place}/delayed@${number}`]),
    ...[...new Set(all)].flatMap((call) => refusals.map((kind) => lasting(`${place}/${kind}@${call}`))),
  ];
}

/** Nobody hears of nested executions but who waits for them. */
const abortions = (place: string): string[] => {
  const alone = [...ownMachines, 'roll-back'].some((machine) => place.startsWith(`${machine}.`));
  return [`${place}/aborted`, ...(alone ? [`${place}/aborted-unheard`] : [])];
};

/** States at which traffic moves, has just moved, or is about to be judged. */
const isStep = (place: string) => /^(shift-traffic|roll-back)\.(Shift traffic|Step back|Bake|Probe sides)$/.test(place);
const isMove = (place: string) => /\.(Shift traffic|Step back|Bake)$/.test(place);

/** What happens around a failover: to sides and weights at each step, to Regions, control planes, metrics and the lock from each phase on. */
function ofTheWorld(place: string, visits: number, isTask: boolean): string[] {
  const found: string[] = [];
  if (isStep(place))
    for (let visit = 1; visit <= visits; visit++) {
      const at = visit === 1 ? place : `${place}#${visit}`;
      found.push(`${at}/standby-dies`, `${at}/primary-recovers`);
      if (isMove(place)) found.push(...['home', 'between', 'away'].map((what) => `${at}/foreign-weights@${what}`));
    }
  const outages = ['region-unreachable', 'partition', 'route53-down', 'metrics-missing'];
  const others = ['lock-taken', 'switched-off@mode', 'switched-off@kill-switch'];
  if (isTask && ownMachines.some((machine) => place.startsWith(`${machine}.`))) found.push(...[...outages, ...others].map((kind) => `${place}/${kind}`));
  else if (isMove(place))
    for (let visit = 1; visit <= Math.min(visits, 3); visit++) found.push(...outages.map((kind) => `${place}${visit === 1 ? '' : `#${visit}`}/${kind}`));
  return found;
}
