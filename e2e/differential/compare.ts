// Compares the traces of two runs, and sets aside what is known to differ.
import type { Section, Trace } from './trace.ts';

/** Where two traces part, in words. */
export interface Difference {
  /** `shop / failover 1 / phase shift`: the service, then the part of the trace. */
  readonly where: string;
  /** What the first run has there, and what the second. undefined: nothing. */
  readonly expected: string | undefined;
  readonly found: string | undefined;
}

/** A difference that was looked into: an entry of e2e/known-differences. Those of other kinds are not looked at here. */
export interface KnownDifference {
  readonly id: string;
  readonly kind: string;
  readonly shows?: {
    /** Ends of `where`: `phase canary` stands for that phase of every failover and service. Default: anywhere. */
    readonly cases?: readonly string[];
    /** Lines as `linesOf` writes them; `*` at the end stands for any rest. */
    readonly lines: readonly string[];
  };
}

export interface Comparison {
  /** Not known: each one fails the test. */
  readonly unexplained: readonly Difference[];
  readonly explained: readonly Difference[];
  /** Known differences of which a line did not show: the list is out of date, which fails the test too. */
  readonly outdated: readonly KnownDifference[];
}

/** `- ` with what the first run has, `+ ` with what the second has. */
export const linesOf = ({ expected, found }: Difference): string[] => [
  ...(expected === undefined ? [] : [`- ${expected}`]),
  ...(found === undefined ? [] : [`+ ${found}`]),
];

/** For people: one difference, over some lines. */
export const describeDifference = (difference: Difference): string => [difference.where, ...linesOf(difference).map((line) => `  ${line}`)].join('\n');

/**
 * @param expected trace of the simulated cloud
 * @param found trace of the other cloud
 * @param known of those, the entries of the kind `workflow` are used
 */
export function compareTraces<Known extends KnownDifference>(
  expected: Trace,
  found: Trace,
  known: readonly Known[] = [],
): Omit<Comparison, 'outdated'> & { readonly outdated: readonly Known[] } {
  return compareAll([[expected, found]], known);
}

/** The same over several services: a known difference has to show in one of them. */
export function compareAll<Known extends KnownDifference>(
  pairs: readonly (readonly [Trace, Trace])[],
  known: readonly Known[] = [],
): Omit<Comparison, 'outdated'> & { readonly outdated: readonly Known[] } {
  const entries = known.filter(({ kind }) => kind === 'workflow');
  const shown = new Set<string>();
  const differences = pairs.flatMap(([expected, found]) => differencesOf(expected, found));
  const excused = (line: string, where: string) => {
    const excuses = entries.flatMap(({ id, shows }) =>
      isAt(shows, where) ? (shows?.lines ?? []).filter((one) => means(one, line)).map((one) => `${id} ${one}`) : [],
    );
    for (const excuse of excuses) shown.add(excuse);
    return excuses.length > 0;
  };
  // All lines are looked at, so that each entry is seen to show.
  const isKnown = (difference: Difference) => linesOf(difference).filter((line) => !excused(line, difference.where)).length === 0;
  const { unexplained = [], explained = [] } = Object.groupBy(differences, (difference) => (isKnown(difference) ? 'explained' : 'unexplained'));
  const lines = ({ shows }: KnownDifference) => shows?.lines ?? [];
  const outdated = entries.filter((entry) => lines(entry).length === 0 || lines(entry).some((line) => !shown.has(`${entry.id} ${line}`)));
  return { unexplained, explained, outdated };
}

const isAt = (shows: KnownDifference['shows'], where: string) =>
  shows?.cases === undefined || shows.cases.some((end) => where === end || where.endsWith(` / ${end}`));
const means = (pattern: string, line: string) => (pattern.endsWith('*') ? line.startsWith(pattern.slice(0, -1)) : pattern === line);

/** Every line in which two traces differ, in the order of the trace. */
export function differencesOf(expected: Trace, found: Trace): Difference[] {
  const service = expected.service;
  const differences = [
    ...sequence(`${service} / service`, [service], [found.service]),
    ...sequence(`${service} / weights`, expected.weights, found.weights),
    ...sequence(`${service} / ending`, expected.ending, found.ending),
    ...sequence(`${service} / executions`, expected.executions, found.executions),
    ...sequence(`${service} / mirroring`, expected.mirroring, found.mirroring),
    ...sections(`${service} / thread`, expected.threads, found.threads),
  ];
  for (let index = 0; index < Math.max(expected.failovers.length, found.failovers.length); index++) {
    const where = `${service} / failover ${index + 1}`;
    const [a, b] = [expected.failovers[index], found.failovers[index]];
    if (a === undefined || b === undefined) {
      differences.push({ where, expected: a && `${a.name}: ${a.outcome}`, found: b && `${b.name}: ${b.outcome}` });
      continue;
    }
    differences.push(
      ...sequence(`${where} / name`, [a.name], [b.name]),
      ...sequence(`${where} / outcome`, [a.outcome], [b.outcome]),
      ...sequence(`${where} / phases`, a.phases, b.phases),
      ...sequence(`${where} / order of phases`, [a.sections.map(({ name }) => name).join(' > ')], [b.sections.map(({ name }) => name).join(' > ')]),
      ...sections(`${where} / phase`, a.sections, b.sections),
    );
  }
  return differences;
}

/** Sections by their names; a phase that comes twice is `shift (2)`. */
function sections(where: string, expected: readonly Section[], found: readonly Section[]): Difference[] {
  const [a, b] = [numbered(expected), numbered(found)];
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((name) => sequence(`${where} ${name}`, a.get(name) ?? [], b.get(name) ?? []));
}

function numbered(all: readonly Section[]): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { name, steps } of all) {
    let count = 1;
    while (found.has(count === 1 ? name : `${name} (${count})`)) count++;
    found.set(count === 1 ? name : `${name} (${count})`, steps);
  }
  return found;
}

/** The lines that are not in the longest common sequence of both. A line that was changed is one difference, not two. */
function sequence(where: string, expected: readonly string[], found: readonly string[]): Difference[] {
  const differences: Difference[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  const flush = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index++) differences.push({ where, expected: removed[index], found: added[index] });
    [removed, added] = [[], []];
  };
  const common = commonLengths(expected, found);
  let [a, b] = [0, 0];
  while (a < expected.length || b < found.length) {
    const [left, right] = [expected[a], found[b]];
    if (left !== undefined && left === right) {
      flush();
      a++;
      b++;
    } else if (left !== undefined && (right === undefined || (common[a + 1]?.[b] ?? 0) >= (common[a]?.[b + 1] ?? 0))) {
      removed.push(left);
      a++;
    } else if (right !== undefined) {
      added.push(right);
      b++;
    }
  }
  flush();
  return differences;
}

/** `[a][b]`: length of the longest common sequence of what follows. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  return lengths;
}
