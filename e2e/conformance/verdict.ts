// Judges differences by the lists of those that are known, and the lists by the differences.
import type { KnownDifference } from '../known-differences/known-difference.ts';
import type { Emulator } from './case.ts';
import type { LeftOut } from './left-out.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail?: string;
}

/** What one case showed on one emulator. */
export interface Finding {
  readonly operation: string;
  readonly name: string;
  readonly where: Emulator;
  /** As `differences` writes them. */
  readonly lines: readonly string[];
}

/** Whether a pattern, with `*` at its end for any rest, means a text. */
const means = (pattern: string, text: string) => (pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : pattern === text);

const knownAs = ({ where, operation, shows }: KnownDifference, finding: Finding): boolean =>
  shows !== undefined && where === finding.where && means(operation, finding.operation) && (shows.cases?.includes(finding.name) ?? true);

/** Whether the lists excuse a line of a finding. */
function excused(line: string, finding: Finding, known: readonly KnownDifference[], leftOut: readonly LeftOut[]): boolean {
  return (
    known.some((difference) => knownAs(difference, finding) && difference.shows?.lines.some((pattern) => means(pattern, line))) ||
    leftOut.some(({ operation, paths }) => means(operation, finding.operation) && paths.some((path) => means(`+ ${path}`, line)))
  );
}

/** One check for each finding: it holds when every difference is in a list. */
export function judgeFindings(findings: readonly Finding[], known: readonly KnownDifference[], leftOut: readonly LeftOut[]): Check[] {
  return findings.map((finding) => {
    const unknown = finding.lines.filter((line) => !excused(line, finding, known, leftOut));
    const name = `${finding.operation}, ${finding.name}, as on ${finding.where}`;
    return unknown.length === 0 ? { name, ok: true } : { name, ok: false, detail: unknown.join('\n') };
  });
}

/** One check for each entry of the lists: it holds when all that it names showed. */
export function judgeLists(findings: readonly Finding[], known: readonly KnownDifference[], leftOut: readonly LeftOut[]): Check[] {
  const check = (name: string, idle: readonly string[]): Check =>
    idle.length === 0 ? { name, ok: true } : { name, ok: false, detail: `no longer shows, take it off the list: ${idle.join('; ')}` };
  const ofKnown = known
    .filter(({ kind }) => kind === 'conformance')
    .map((difference) => {
      const { cases = [], lines = [] } = difference.shows ?? {};
      const met = findings.filter((finding) => knownAs(difference, finding));
      const shown = (patterns: readonly string[], finding: Finding) => finding.lines.some((line) => patterns.some((pattern) => means(pattern, line)));
      return check(`known difference ${difference.id}`, [
        ...lines.filter((pattern) => !met.some((finding) => shown([pattern], finding))),
        ...cases.filter((name) => !met.some((finding) => finding.name === name && shown(lines, finding))),
        ...(lines.length === 0 ? ['it names no line'] : []),
      ]);
    });
  const ofLeftOut = leftOut.map(({ operation, paths }) => {
    const met = findings.filter((finding) => means(operation, finding.operation)).flatMap(({ lines }) => lines);
    return check(
      `left out of ${operation}: ${paths.join(', ')}`,
      paths.filter((path) => !met.some((line) => means(`+ ${path}`, line))),
    );
  });
  return [...ofKnown, ...ofLeftOut];
}

/**
 * One check for each operation that the simulated cloud answers: it holds when a case of it was answered and another was refused.
 * @param outcomes of all cases on the simulated cloud
 */
export function judgeCompleteness(
  answers: readonly string[],
  outcomes: readonly { readonly operation: string; readonly name: string; readonly kind: 'answer' | 'error' }[],
): Check[] {
  const ofOperations = answers.map((operation): Check => {
    const kinds = new Set(outcomes.filter((outcome) => outcome.operation === operation).map(({ kind }) => kind));
    const missing = [...(kinds.has('answer') ? [] : ['no case that is answered']), ...(kinds.has('error') ? [] : ['no case that is refused'])];
    const name = `cases of ${operation}`;
    return missing.length === 0 ? { name, ok: true } : { name, ok: false, detail: missing.join(', ') };
  });
  const keys = outcomes.map(({ operation, name }) => `${operation}, ${name}`);
  const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
  const unknown = [...new Set(outcomes.map(({ operation }) => operation))].filter((operation) => !answers.includes(operation));
  return [
    ...ofOperations,
    ...twice.map((key): Check => ({ name: `a name of its own for ${key}`, ok: false, detail: 'two cases have it' })),
    ...unknown.map((operation): Check => ({ name: `cases of ${operation}`, ok: false, detail: 'the simulated cloud does not answer it' })),
  ];
}
