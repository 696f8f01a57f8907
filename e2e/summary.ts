// What a run comes to, for a reader in a hurry: what was deployed, what was executed, what was asserted.
import type { Tally } from './check.ts';
import type { Played } from './failovers.ts';
import type { Gateway } from './gateway/gateway.ts';

export interface Account {
  /** `kind name` of everything, by Region. */
  readonly deployed: ReadonlyMap<string, readonly string[]>;
  readonly played: Played | undefined;
}

/** Lines of text. */
export function summarise({ deployed, played }: Account, { calls }: Pick<Gateway, 'calls'>, tally: Pick<Tally, 'parts'>): string[] {
  return [
    ...[...deployed].map(([region, items]) => `deployed in ${region}: ${counted(items.map(kindOf))}`),
    ...(played?.services.flatMap((service) => executed(service)) ?? []),
    ...(played === undefined ? [] : [`gone wrong on purpose: ${mishaps(played)}`]),
    ...called(calls),
    ...[...tally.parts].map(([heading, { passed, failed }]) => `asserted, ${heading}: ${passed} passed, ${failed} failed`),
  ];
}

/** `state machine forestall-fail-over` is a state machine. */
const kindOf = (item: string): string => item.slice(0, item.lastIndexOf(' '));

/** `25 function, 8 state machine`: how often each occurs, the most frequent first. */
export function counted(names: readonly string[]): string {
  const counts = Map.groupBy(names, (name) => name);
  return [...counts]
    .map(([name, { length }]) => ({ name, length }))
    .sort((a, b) => b.length - a.length || (a.name < b.name ? -1 : 1))
    .map(({ name, length }) => `${length} ${name}`)
    .join(', ');
}

function executed({ name, scenario, collected, played }: Played['services'][number]): string[] {
  const ended = collected.failovers.filter(({ outcome }) => outcome !== undefined && outcome !== 'refused');
  const story = ended.map(
    ({ outcome, startedAt, endedAt }) => `${outcome}${endedAt === undefined ? '' : ` after ${minutesBetween(startedAt, endedAt)} minutes`}`,
  );
  const weights = played.weights.map(({ primary, standby }) => `${primary}/${standby}`).join(', ');
  const { requests, failed } = played.totals;
  return [
    `executed, ${name} (${scenario.name}): ${story.join('; ') || 'nothing ended'}; weights ${weights}; ${failed} of ${requests} requests of the world failed`,
    `executed, ${name}: ${counted(collected.executions.map(({ machine, status }) => `${machine} ${status.toLowerCase()}`))}`,
  ];
}

const minutesBetween = (from: string, to: string): string => ((Date.parse(to) - Date.parse(from)) / 60_000).toFixed(1);

function mishaps({ crashedAt, repeated, services }: Played): string {
  const rough = services.filter((service) => service.rough).map(({ name }) => name);
  const crash = crashedAt === undefined ? 'no function was killed' : `${crashedAt.caller} was killed after its ${crashedAt.operation}`;
  return `${crash}, ${repeated} event(s) put twice (${rough.join(', ')})`;
}

function called(calls: Gateway['calls']): string[] {
  const ours = calls.filter(({ caller }) => caller !== 'outside');
  if (ours.length === 0) return [];
  const functions = new Set(ours.map(({ caller }) => caller)).size;
  return [
    `called: ${ours.length} API calls by ${functions} functions; most often ${counted(ours.map(({ operation }) => operation))
      .split(', ')
      .slice(0, 6)
      .join(', ')}`,
  ];
}
