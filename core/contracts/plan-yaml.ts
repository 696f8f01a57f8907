// YAML text -> plain value and the place of every path in it. Refuses whatever a reader of the plan could stumble over.
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, type YAMLError } from 'yaml';
import type { PlanProblem } from './plan-source.ts';

type Path = readonly PropertyKey[];
type Place = { line: number; column: number };
export type YamlSource =
  | { readonly ok: true; readonly value: unknown; readonly locate: (path: Path) => Place }
  | { readonly ok: false; readonly problems: PlanProblem[] };

const maxCharacters = 1_000_000;
const maxNodes = 10_000;
const maxDepth = 50;

/** Never throws. `locate` gives the key's place (the item's, in a list); for a path that is absent, that of the nearest parent that is there. */
export function parseYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const fail = (offset: number, problem: string, remedy: string, path = ''): YamlSource => ({
    ok: false,
    problems: [{ path, ...placeOf(offset), problem, remedy }],
  });
  if (text.length > maxCharacters) return fail(0, 'the file is larger than a plan can be (1 MB)', 'name a plan: a YAML file of some 100 lines');
  let documents: ReturnType<typeof parseAllDocuments>;
  try {
    documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  } catch (error) {
    return fail(
      0,
      `the file cannot be read as YAML (${error instanceof RangeError ? 'nested too deeply' : String(error)})`,
      'write it as plans/minimal.yaml is written',
    );
  }
  const [document, second] = documents;
  const broken = documents.flatMap(({ errors, warnings }): YAMLError[] => [...errors, ...warnings]);
  const [first] = broken.sort((a, b) => a.pos[0] - b.pos[0]);
  if (first?.message.includes('call stack')) return fail(0, 'the values are nested too deeply', 'write it as plans/minimal.yaml is written');
  if (first) return fail(first.pos[0], `not valid YAML: ${decapitalise(first.message)}`, syntaxRemedies[first.code] ?? 'correct the YAML at this place');
  if (document === undefined || document.contents === null || (isScalar(document.contents) && document.contents.value === null))
    return fail(0, 'the file is empty', 'write a plan; begin with a copy of plans/minimal.yaml');
  if (second) return fail(second.range?.[0] ?? 0, 'the file holds more than one YAML document', 'put each plan into a file of its own');
  const root = document.contents;
  if (!isMap(root)) return fail(root.range?.[0] ?? 0, 'the file is not a map of keys and values', 'write `key: value` lines, beginning with `service: NAME`');

  const walk = new Walk(placeOf, (alias) => alias.resolve(document));
  const value = walk.value(root, [], []);
  return walk.problems.length > 0 ? { ok: false, problems: walk.problems } : { ok: true, value, locate: (path) => walk.nearest(path) };
}

const decapitalise = (message: string) => message.charAt(0).toLowerCase() + message.slice(1);

const syntaxRemedies: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'align the line with the others of its block, and close every bracket and quote before it',
  BLOCK_AS_IMPLICIT_KEY: 'put the nested `key: value` onto a line of its own, or the value into quotes',
  MISSING_CHAR: 'add what is missing: a closing quote or bracket, or the colon after a key',
  BAD_DQ_ESCAPE: 'use single quotes, or write \\\\ for a backslash',
  TAG_RESOLVE_FAILED: 'leave the !tag out: a plan has plain values only',
  BAD_ALIAS: 'write the value out, or define the anchor (&name) before it is used',
  UNEXPECTED_TOKEN: 'remove what does not belong here, or put the value into quotes',
  MULTIPLE_ANCHORS: 'keep one anchor',
};

type AliasNode = Extract<Node, { source: string }> & { resolve(document: unknown): Node | undefined };

/** Turns nodes into plain values, remembering places. Aliases are followed, within bounds: a plan cannot grow out of a few lines. */
class Walk {
  readonly problems: PlanProblem[] = [];
  private readonly places = new Map<string, Place>();
  private nodes = 0;
  private readonly placeOf: (offset: number) => Place;
  private readonly resolve: (alias: AliasNode) => Node | undefined;

  constructor(placeOf: (offset: number) => Place, resolve: (alias: AliasNode) => Node | undefined) {
    this.placeOf = placeOf;
    this.resolve = resolve;
  }

  value(node: unknown, path: Path, inside: readonly unknown[]): unknown {
    if (this.problems.length > 0 && this.nodes > maxNodes) return undefined;
    this.nodes += 1;
    const offset = offsetOf(node);
    if (!this.places.has(keyOf(path))) this.places.set(keyOf(path), this.placeOf(offset));
    if (this.nodes > maxNodes)
      return this.refuse(offset, path, 'the plan grows beyond 10,000 values', 'write the values out instead of repeating aliases (*name)');
    if (inside.includes(node)) return this.refuse(offset, path, 'an alias (*name) contains itself', 'write the value out');
    if (inside.length > maxDepth) return this.refuse(offset, path, 'the values are nested too deeply', 'write it as plans/minimal.yaml is written');
    const within = [...inside, node];
    if (isAlias(node)) {
      const target = this.resolve(node as AliasNode);
      if (target !== undefined) return this.value(target, path, within);
      return this.refuse(
        offset,
        path,
        `there is no anchor &${node.source} before this alias`,
        'write the value out, or put it in quotes if the asterisk is meant',
      );
    }
    if (isSeq(node)) return node.items.map((item, index) => this.value(item, [...path, index], within));
    if (isMap(node)) return this.map(node.items, path, within);
    return isScalar(node) ? node.value : null;
  }

  private map(items: readonly { key: unknown; value: unknown }[], path: Path, inside: readonly unknown[]): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const { key, value } of items) {
      const name = isScalar(key) ? String(key.value) : undefined;
      const offset = offsetOf(key);
      if (name === undefined || name === '__proto__') this.refuse(offset, path, 'this cannot be a key', 'use a plain word as the key');
      else if (name === '<<') this.refuse(offset, [...path, name], 'merge keys (<<) are not supported', 'write the keys out');
      else if (Object.hasOwn(result, name)) this.refuse(offset, [...path, name], `the key \`${name}\` is here twice`, 'keep one of the two');
      else {
        this.places.set(keyOf([...path, name]), this.placeOf(offset));
        result[name] = this.value(value, [...path, name], inside);
      }
    }
    return result;
  }

  private refuse(offset: number, path: Path, problem: string, remedy: string): undefined {
    this.problems.push({ path: path.map(String).join('.'), ...this.placeOf(offset), problem, remedy });
  }

  nearest(path: Path): Place {
    for (let length = path.length; length > 0; length -= 1) {
      const place = this.places.get(keyOf(path.slice(0, length)));
      if (place) return place;
    }
    return this.places.get(keyOf([])) ?? { line: 1, column: 1 };
  }
}

const keyOf = (path: Path) => path.map(String).join('\n');
const offsetOf = (node: unknown) => (node as Node | null)?.range?.[0] ?? 0;
