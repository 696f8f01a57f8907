// Gives identifiers and times that differ from run to run the same names in every run.
import type { Plan } from '../../core/contracts/plan.ts';
import { documentOf } from './document.ts';
import type { TracedCall } from './run-record.ts';

/** A decision's name without the time at which it arose, and without the number of its repeat: `critical`. */
export const decisionKind = (decisionId: string): string | undefined =>
  /\.(level|due|critical|unhealthy|fail-back)\.\d{8}T\d{6}Z(\.\d+)?$/.exec(decisionId)?.[1];

/** Which of them comes first is a matter of the minute. */
const mirroring = ['level', 'due'];
const decision = /\b[a-z0-9-]+\.(level|due|critical|unhealthy|fail-back)\.\d{8}T\d{6}Z(?:\.\d+)?\b/g;
const time = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z\b/g;
const identifier = /\b(?:i|snap|vol|lt)-[0-9a-f]{8,17}\b/g;
const uuid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const arn = /\barn:aws:([a-z0-9-]+):[a-z0-9-]*:\d{12}:/g;

/**
 * Mirror instances are named by their place, snapshots by what they were taken of: the product's own records, which it writes on either cloud, say so.
 * Everything else that has an identifier is named by the order in which it appears.
 */
export class Names {
  readonly #known = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  constructor(plan: Plan, calls: readonly TracedCall[]) {
    const { primary, standby } = plan.sides;
    for (const [id, name] of [
      [plan.record.hostedZoneId, '<zone>'],
      [primary.loadBalancer.targetGroupArn, '<targets of primary>'],
      [standby.loadBalancer.targetGroupArn, '<targets of standby>'],
      [standby.launchTemplate.id, '<launch template>'],
      [standby.kmsKeyArn, '<key of standby>'],
    ] as const)
      this.#known.set(id, name);
    for (const { service, operation, input } of calls) if (service === 'dynamodb' && operation === 'PutItem') this.#learn(documentOf(input['Item']));
  }

  /** Of a mirror, an instance, a snapshot ... */
  of(id: string): string {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const kind = { i: 'instance', snap: 'snapshot', vol: 'volume', lt: 'template' }[id.split('-')[0] ?? ''] ?? 'id';
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const name = `<${kind} ${count}>`;
    this.#known.set(id, name);
    return name;
  }

  /** A text with all of its identifiers, decisions, ARNs and times named. */
  inText(text: string): string {
    const whole = this.#known.get(text);
    if (whole !== undefined) return whole;
    return text
      .replace(decision, (_whole, kind: string) => (mirroring.includes(kind) ? '<mirroring>' : `<${kind}>`))
      .replace(time, '<time>')
      .replace(identifier, (id) => this.of(id))
      .replace(uuid, (id) => this.of(id))
      .replace(arn, 'arn:$1:');
  }

  /** A whole input: dates left out, strings named, members in the order of their names. */
  inValue(value: unknown): unknown {
    if (typeof value === 'string') return this.inText(value);
    if (value instanceof Date) return undefined;
    if (Array.isArray(value)) return value.map((item) => this.inValue(item));
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => [key, this.inValue(item)] as const);
      return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
    }
    return value;
  }

  #learn(item: Readonly<Record<string, unknown>>): void {
    const { subjectId, instanceId, slot, resourceId, snapshotIds, copyIds } = item;
    if (typeof subjectId !== 'string') return;
    if (subjectId.startsWith('mirror#') && typeof instanceId === 'string') this.#known.set(instanceId, `<mirror ${String(slot)}>`);
    if (!subjectId.startsWith('snapshot#') || typeof resourceId !== 'string') return;
    const source = this.of(resourceId);
    for (const [ids, what] of [
      [snapshotIds, 'snapshot'],
      [copyIds, 'copy'],
    ] as const)
      for (const [index, id] of (Array.isArray(ids) ? ids : []).entries()) this.#known.set(String(id), `<${what} ${index + 1} of ${source.slice(1, -1)}>`);
  }
}
