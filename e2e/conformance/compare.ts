// Compares what two clouds said to the same call: the shape of the answer, chosen values, or the error.

/** Path of a member (`Reservations[].Instances[].InstanceId`) -> the kinds that it has, e.g. `string`. */
export type Shape = ReadonlyMap<string, ReadonlySet<string>>;

export type Outcome =
  | { readonly kind: 'answer'; readonly shape: Shape; readonly values: ReadonlyMap<string, readonly string[]> }
  | { readonly kind: 'error'; readonly name: string; readonly type: string; readonly status: number | undefined; readonly message: string };

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Date) return 'date';
  if (value instanceof Uint8Array) return 'bytes';
  if (typeof value === 'object') return 'structure';
  return typeof value;
}

/** What varies from run to run and from account to account, made alike. */
export function normalised(value: unknown): string {
  if (value instanceof Date) return '<date>';
  if (typeof value !== 'string') return JSON.stringify(value);
  return value
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>')
    .replace(/\b(i|ami|snap|vol|lt|vpc|subnet|sg|eni|r)-[0-9a-f]{8,17}\b/g, '<$1>')
    .replace(/\b\d{12}\b/g, '<account>')
    .replace(/^\/(hostedzone|change)\/[A-Z0-9]+$/, '/$1/<id>');
}

function walk(value: unknown, path: string, visit: (path: string, value: unknown) => void): void {
  if (value === undefined) return;
  if (path !== '') visit(path, value);
  const kind = kindOf(value);
  if (kind === 'list') for (const item of value as unknown[]) walk(item, `${path}[]`, visit);
  if (kind === 'structure')
    for (const [name, member] of Object.entries(value as object)) {
      // Words about the call itself: request id, attempts.
      if (path === '' && name === '$metadata') continue;
      walk(member, path === '' ? name : `${path}.${name}`, visit);
    }
}

/** Outcome of a call that was answered. */
export function answered(output: unknown): Outcome {
  const shape = new Map<string, Set<string>>();
  const values = new Map<string, string[]>();
  walk(output, '', (path, value) => {
    const kinds = shape.get(path) ?? new Set();
    shape.set(path, kinds.add(kindOf(value)));
    if (kindOf(value) === 'structure' || kindOf(value) === 'list') return;
    const known = values.get(path) ?? [];
    known.push(normalised(value));
    values.set(path, known);
  });
  return { kind: 'answer', shape, values };
}

/** Outcome of a call that was refused. */
export function refused(error: unknown): Outcome {
  if (!(error instanceof Error)) return { kind: 'error', name: String(error), type: typeof error, status: undefined, message: String(error) };
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return { kind: 'error', name: error.name, type: error.constructor.name, status: $metadata?.httpStatusCode, message: error.message };
}

const kinds = (of: ReadonlySet<string>) => [...of].sort().join('|');

/**
 * How the emulator's outcome differs from the simulated cloud's, a line each:
 * `- path` only the simulated cloud returns it; `+ path` only the emulator does; `~ path: ours, theirs` other kinds;
 * `= path: ours, theirs` other values; `! ours, theirs` answer and error, another error, or another class of it. Empty when they are alike.
 * @param same paths whose values are compared
 */
export function differences(ours: Outcome, theirs: Outcome, same: readonly string[] = []): string[] {
  const said = (outcome: Outcome) => (outcome.kind === 'answer' ? 'an answer' : `${outcome.name} ${outcome.status ?? '-'}`);
  if (ours.kind === 'error' && theirs.kind === 'error' && said(ours) === said(theirs))
    // Code may ask for the class.
    return ours.type === theirs.type ? [] : [`! class ${ours.type}, class ${theirs.type}`];
  if (ours.kind === 'error' || theirs.kind === 'error') return [`! ${said(ours)}, ${said(theirs)}`];
  const lines: string[] = [];
  // What is within something that one side lacks goes without saying.
  const within = (path: string, other: Shape) => [...parentsOf(path)].some((parent) => !other.has(parent));
  for (const [path, kind] of ours.shape) {
    const other = theirs.shape.get(path);
    if (other === undefined) {
      if (!within(path, theirs.shape)) lines.push(`- ${path}`);
    } else if (kinds(kind) !== kinds(other)) lines.push(`~ ${path}: ${kinds(kind)}, ${kinds(other)}`);
  }
  for (const path of theirs.shape.keys()) if (!ours.shape.has(path) && !within(path, ours.shape)) lines.push(`+ ${path}`);
  for (const path of same) {
    const [one, other] = [ours.values.get(path) ?? [], theirs.values.get(path) ?? []].map((list) => list.join(' '));
    if (one !== other) lines.push(`= ${path}: ${one}, ${other}`);
  }
  return lines.sort();
}

function* parentsOf(path: string): Generator<string> {
  for (let at = path.length - 1; at > 0; at--) if (path[at] === '.' || (path[at] === '[' && path[at + 1] === ']')) yield path.slice(0, at);
}
