// Checks inputs against the model of an operation that ships in each SDK client (schema tuples, as @smithy/core reads them).

/**
 * A schema of the SDK: a number or string for simple types, else a tuple `[kind, namespace, name, traits, ...]`.
 * Structures (3, errors -3, unions 4): member names, member schemas, and how many of the first members are required.
 */
type SchemaRef = unknown;
type Check = (value: unknown, path: string, problems: string[]) => void;

/** What a model forbids, in the order found; empty when the input is valid. */
export type Problems = readonly string[];

const compiled = new Map<unknown, Check>();

const describe = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'a list' : value instanceof Date ? 'a date' : typeof value);

function simple(expected: string, accepts: (value: unknown) => boolean): Check {
  return (value, path, problems) => {
    if (!accepts(value)) problems.push(`${path} must be ${expected}, not ${describe(value)}`);
  };
}

const isBytes = (value: unknown) => value instanceof Uint8Array || typeof value === 'string';
const checks: Readonly<Record<string, Check>> = {
  string: simple('a string', (value) => typeof value === 'string'),
  number: simple('a number', (value) => typeof value === 'number' && !Number.isNaN(value)),
  boolean: simple('a boolean', (value) => typeof value === 'boolean'),
  timestamp: simple('a date', (value) => value instanceof Date && !Number.isNaN(value.getTime())),
  blob: simple('bytes', isBytes),
  bigint: simple('a big integer', (value) => typeof value === 'bigint' || typeof value === 'number'),
  anything: () => {},
};

function simpleCheck(code: number): Check | undefined {
  if (code === 0) return checks['string'];
  if (code === 1) return checks['number'];
  if (code === 2) return checks['boolean'];
  if (code >= 4 && code <= 7) return checks['timestamp'];
  if (code === 21 || code === 42) return checks['blob'];
  if (code === 17) return checks['bigint'];
  if (code === 15 || code === 19) return checks['anything'];
  return undefined;
}

const listOf =
  (member: Check): Check =>
  (value, path, problems) => {
    if (!Array.isArray(value)) problems.push(`${path} must be a list, not ${describe(value)}`);
    else for (const [index, item] of value.entries()) member(item, `${path}[${index}]`, problems);
  };

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date) && !(value instanceof Uint8Array);

const mapOf =
  (member: Check): Check =>
  (value, path, problems) => {
    if (!isPlain(value)) problems.push(`${path} must be a map, not ${describe(value)}`);
    else for (const key of Object.keys(value)) member(value[key], `${path}.${key}`, problems);
  };

function structureOf(names: readonly string[], schemas: readonly SchemaRef[], required: number, union: boolean): Check {
  const members = new Map(names.map((name, index) => [name, schemas[index]] as const));
  const mandatory = names.slice(0, required);
  return (value, path, problems) => {
    if (!isPlain(value)) {
      problems.push(`${path} must be a structure, not ${describe(value)}`);
      return;
    }
    for (const name of mandatory) if (value[name] === undefined || value[name] === null) problems.push(`${path} lacks the required parameter ${name}`);
    let given = 0;
    for (const name of Object.keys(value)) {
      const item = value[name];
      if (item === undefined) continue;
      given++;
      if (!members.has(name)) problems.push(`${path} has no parameter ${name}`);
      else if (item !== null) checkOf(members.get(name))(item, `${path}.${name}`, problems);
      else problems.push(`${path}.${name} is null`);
    }
    if (union && given !== 1) problems.push(`${path} must have exactly one member, not ${given}`);
  };
}

function compile(schema: unknown): Check {
  if (typeof schema === 'number') {
    const known = simpleCheck(schema);
    if (known) return known;
    // Lists and maps of simple types carry a flag beside the code of the member.
    const member = simpleCheck(schema & 0b0011_1111) ?? checks['anything'];
    if (member && schema >= 128) return mapOf(member);
    if (member && schema >= 64) return listOf(member);
  }
  if (schema === 'unit') return structureOf([], [], 0, false);
  if (!Array.isArray(schema)) throw new TypeError(`unknown schema ${String(schema)} in an SDK client: rehearsal/cloud/schema.ts has to learn it`);
  if (schema.length === 2) return checkOf(schema[0]);
  const kind: unknown = schema[0];
  if (kind === 0) return checkOf(schema[4]);
  if (kind === 1) return listOf((value, path, problems) => checkOf(schema[4])(value, path, problems));
  if (kind === 2) return mapOf((value, path, problems) => checkOf(schema[5])(value, path, problems));
  if (kind === 3 || kind === -3 || kind === 4) return structureOf(schema[4] as string[], schema[5] as unknown[], Number(schema[6] ?? 0), kind === 4);
  throw new TypeError(`unknown kind of schema ${String(kind)} in an SDK client: rehearsal/cloud/schema.ts has to learn it`);
}

function checkOf(reference: SchemaRef): Check {
  const known = compiled.get(reference);
  if (known) return known;
  const check = compile(typeof reference === 'function' ? reference() : reference);
  compiled.set(reference, check);
  return check;
}

/**
 * Checks the input of an operation.
 * @param operationSchema the `schema` of the SDK command: `[9, namespace, name, traits, input, output]`
 */
export function problemsOf(operationSchema: unknown, input: unknown): Problems {
  if (!Array.isArray(operationSchema) || operationSchema[0] !== 9) throw new TypeError('the SDK command has no operation schema');
  const problems: string[] = [];
  checkOf(operationSchema[4])(input, 'input', problems);
  return problems;
}
