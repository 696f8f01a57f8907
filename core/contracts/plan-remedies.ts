// Says what a schema issue means for the plan's author, and what to do about it.
import { z } from 'zod';
import { Plan } from './plan.ts';

type Path = readonly PropertyKey[];
export interface Finding {
  readonly path: Path;
  readonly problem: string;
  readonly remedy: string;
}

/** The parts of a JSON schema that are read here. */
interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | false;
}

let schema: Schema | undefined;
const planSchema = (): Schema => {
  schema ??= z.toJSONSchema(Plan, { io: 'input' }) as Schema;
  return schema;
};

/** One issue of the schema as findings: an unknown-key issue names several keys, every other one place. */
export function problemsOfIssue(issue: z.core.$ZodIssue, value: unknown): Finding[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(issue.path, key));
  const [problem, remedy] = explain(issue, at(value, issue.path), at(value, issue.path.slice(0, -1)));
  return [{ path: issue.path, problem, remedy }];
}

function explain(issue: z.core.$ZodIssue, found: unknown, parent: unknown): [string, string] {
  const known = schemaAt(issue.path);
  const name = String(issue.path.at(-1) ?? 'the plan');
  if (found === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value')) return missing(issue.path, name, parent, known);
  if (found === null)
    return [`\`${name}\` has no value`, isRequired(issue.path) ? `give it a value${meaning(known)}` : `give it a value${meaning(known)}, or leave the key out`];
  if (issue.code === 'custom') return custom(issue.message, issue.params?.['remedy']);
  const [message, written] = issue.message.split('; ', 2);
  switch (issue.code) {
    case 'invalid_type':
      return [`expected ${expected(issue.expected)}, found ${describe(found)}`, typeRemedy(issue.expected, found, known)];
    case 'invalid_value': {
      if (written) return [message ?? issue.message, written];
      if (issue.values.length === 1) return [`${describe(found)} is not supported`, `use ${String(issue.values[0])}`];
      const near = typeof found === 'string' ? nearest(found, issue.values.map(String)) : undefined;
      return [`${describe(found)} is not known here`, `${near ? `did you mean ${near}? ` : ''}use one of ${issue.values.map(String).join(', ')}`];
    }
    case 'too_small':
      return [
        `${size(issue.origin, found)} is too ${issue.origin === 'number' || issue.origin === 'int' ? 'small' : 'short'}`,
        bound(issue.origin, 'least', issue.minimum, issue.inclusive),
      ];
    case 'too_big':
      return [
        `${size(issue.origin, found)} is too ${issue.origin === 'number' || issue.origin === 'int' ? 'large' : 'long'}`,
        bound(issue.origin, 'most', issue.maximum, issue.inclusive),
      ];
    case 'invalid_format':
      if (issue.format === 'starts_with')
        return [`${describe(found)} does not begin with ${'prefix' in issue ? String(issue.prefix) : '/'}`, 'write it as in /health'];
      return [`${describe(found)} is ${message}`, written ?? `write ${known?.description ?? 'another value'}`];
    case 'invalid_union': {
      // A list whose entries have several forms, told apart by one key.
      const forms = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
      if (forms.length === 0) return [message ?? issue.message, written ?? `see docs/plans.md${meaning(known)}`];
      const problem = found === undefined ? `the key \`${name}\` is missing` : `${describe(found)} is not known here`;
      const near = typeof found === 'string' ? nearest(found, forms) : undefined;
      return [problem, `${near ? `did you mean ${near}? ` : ''}use one of ${forms.join(', ')}`];
    }
    default:
      return [message ?? issue.message, written ?? `see docs/plans.md${meaning(known)}`];
  }
}

const custom = (message: string, remedy: unknown): [string, string] => {
  if (typeof remedy === 'string') return [message, remedy];
  const [problem, written] = message.split('; ', 2);
  return [problem ?? message, written ?? 'see docs/plans.md'];
};

function missing(path: Path, name: string, parent: unknown, known: Schema | undefined): [string, string] {
  const where = path.slice(0, -1).map(String).join('.');
  const near = isMap(parent)
    ? nearest(
        name,
        Object.keys(parent).filter((key) => schemaAt([...path.slice(0, -1), key]) === undefined),
      )
    : undefined;
  const rename = near ? `rename \`${near}\`, or ` : '';
  return [`the key \`${name}\` is missing`, `${rename}add \`${name}:\`${where ? ` under \`${where}\`` : ''}${meaning(known)}`];
}

function unknownKey(path: Path, key: string): Finding {
  const known = Object.keys(schemaAt(path)?.properties ?? {});
  const near = nearest(key, known);
  const elsewhere = near === undefined ? pathsOf(key) : [];
  const remedy =
    near !== undefined
      ? `did you mean \`${near}\`?`
      : elsewhere.length > 0
        ? `\`${key}\` belongs under ${elsewhere.map((parent) => (parent === '' ? 'the top level' : `\`${parent}\``)).join(' or ')}`
        : `remove it; known here: ${known.join(', ')}`;
  return { path: [...path, key], problem: `unknown key \`${key}\``, remedy };
}

const meaning = (known: Schema | undefined) => {
  const values = known?.enum ? `one of ${known.enum.map(String).join(', ')}` : undefined;
  const parts = [known?.description, values].filter((part) => part !== undefined);
  return parts.length > 0 ? ` (${parts.join('; ')})` : '';
};

const typeNames: Record<string, string> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};
const expected = (type: string) => typeNames[type] ?? type;

function typeRemedy(type: string, found: unknown, known: Schema | undefined): string {
  if (type === 'string' && (typeof found === 'number' || typeof found === 'boolean')) return `put it in quotes, as in "${found}"`;
  if ((type === 'number' || type === 'int') && typeof found === 'string' && found.trim() !== '' && Number.isFinite(Number(found)))
    return `leave the quotes out: ${found.trim()}`;
  if (type === 'array') return `write it as a list${known?.items?.enum ? `, as in [${String(known.items.enum[0])}]` : ', one `- ` per line or in [ ]'}`;
  const keys = Object.keys(known?.properties ?? {});
  if (type === 'object' && keys.length > 0) return `write the keys below it: ${keys.join(', ')}`;
  return `write ${expected(type)}${meaning(known)}`;
}

const size = (origin: string, found: unknown) => (origin === 'array' && Array.isArray(found) ? `a list of ${found.length}` : describe(found));
const units: Record<string, string> = { array: ' entries', string: ' characters' };
const bound = (origin: string, side: 'least' | 'most', limit: number | bigint, inclusive: boolean | undefined) =>
  inclusive === false ? `use ${side === 'least' ? 'more' : 'less'} than ${limit}` : `use at ${side} ${limit}${units[origin] ?? ''}`;

function describe(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'an empty text' : `'${value.length > 80 ? `${value.slice(0, 77)}...` : value}'`;
  if (Array.isArray(value)) return 'a list';
  if (isMap(value)) return 'a map of keys';
  return value === undefined || value === null ? 'nothing' : String(value);
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inner, key) => (Array.isArray(inner) ? inner[Number(key)] : isMap(inner) && Object.hasOwn(inner, key) ? inner[String(key)] : undefined),
    value,
  );

function schemaAt(path: Path): Schema | undefined {
  let current: Schema | undefined = planSchema();
  for (const key of path) {
    const properties: Readonly<Record<string, Schema>> | undefined = current?.properties;
    if (typeof key === 'number') current = current?.items;
    else if (properties !== undefined) current = Object.hasOwn(properties, key) ? properties[String(key)] : undefined;
    else current = current?.additionalProperties || undefined;
  }
  return current;
}

function isRequired(path: Path): boolean {
  const parent = schemaAt(path.slice(0, -1));
  return parent !== undefined && 'required' in parent && Array.isArray(parent.required) && parent.required.includes(path.at(-1));
}

/** Dotted paths of the maps that know a key of this name. */
function pathsOf(name: string, within: Schema = planSchema(), path: readonly string[] = []): string[] {
  if (within.items) return pathsOf(name, within.items, path);
  return Object.entries(within.properties ?? {}).flatMap(([key, inner]) => [
    ...(key === name ? [path.join('.')] : []),
    ...pathsOf(name, inner, [...path, key]),
  ]);
}

/** The candidate that is most like a word: same letters in another spelling, or few edits away. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const ranked = candidates.map((candidate) => ({ candidate, edits: editDistance(plain(word), plain(candidate)) })).sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(1, Math.floor(Math.min(word.length, best.candidate.length) / 3)) ? best.candidate : undefined;
}

/** Levenshtein distance, by the usual two rows. Words are cut at 64 letters. */
function editDistance(a: string, b: string): number {
  const [from, to] = [a.slice(0, 64), b.slice(0, 64)];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1)
      current.push(
        Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1)),
      );
    previous = current;
  }
  return previous[to.length] ?? 0;
}
