// Reads the models that ship in the SDK's clients (schema tuples) far enough to understand a request that came over the wire.
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as balancing from '@aws-sdk/client-elastic-load-balancing-v2';
import * as events from '@aws-sdk/client-eventbridge';
import * as route53 from '@aws-sdk/client-route-53';
import * as quotas from '@aws-sdk/client-service-quotas';
import * as states from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';

/** By signing name. */
const clients: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  dynamodb,
  ec2,
  elasticloadbalancing: balancing,
  events,
  monitoring: cloudwatch,
  route53,
  servicequotas: quotas,
  sns,
  sqs,
  states,
};

/** Names on the wire, and where a member travels. */
export interface Traits {
  readonly xmlName?: string;
  readonly ec2QueryName?: string;
  readonly xmlFlattened?: unknown;
  readonly httpQuery?: string;
  readonly httpLabel?: unknown;
  /** method, path pattern, status */
  readonly http?: readonly [string, string, number];
}

export type Shape =
  | { readonly kind: 'text' | 'number' | 'boolean' | 'time' | 'bytes' | 'document' }
  | { readonly kind: 'list'; readonly member: unknown }
  | { readonly kind: 'map'; readonly key: unknown; readonly value: unknown }
  | { readonly kind: 'structure'; readonly name: string; readonly members: ReadonlyMap<string, unknown> };

export interface Schema {
  readonly shape: Shape;
  readonly traits: Traits;
}

/** A request cannot be understood: an operation, a service or a parameter that the SDK's model does not have. */
export class UnknownCallError extends Error {
  override readonly name = 'UnknownCallError';
}

/** Schema of an operation's input, with the traits of the operation. Throws UnknownCallError. */
export function operationSchema(service: string, operation: string): { readonly input: Schema; readonly traits: Traits } {
  const client = clients[service];
  if (client === undefined)
    throw new UnknownCallError(`${service}:${operation}: no SDK client is known for the signing name '${service}'; add it to e2e/gateway/sdk-schema.ts`);
  const tuple = client[`${operation}$`];
  if (!Array.isArray(tuple) || tuple[0] !== 9)
    throw new UnknownCallError(`${service}:${operation} is no operation of the SDK's model: the gateway may have named it wrongly`);
  return { input: schemaOf(tuple[4]), traits: traitsOf(tuple[3]) };
}

const read = new Map<unknown, Schema>();

/** What a reference within a schema stands for; traits of the reference go before those of what it refers to. */
export function schemaOf(reference: unknown): Schema {
  const known = read.get(reference);
  if (known) return known;
  const schema = resolve(reference);
  read.set(reference, schema);
  return schema;
}

function resolve(reference: unknown): Schema {
  if (typeof reference === 'function') return schemaOf(reference());
  if (typeof reference === 'number') return { shape: simple(reference), traits: {} };
  if (reference === 'unit') return { shape: { kind: 'structure', name: 'Unit', members: new Map() }, traits: {} };
  if (!Array.isArray(reference)) throw new TypeError(`unknown schema ${String(reference)} in an SDK client: e2e/gateway/sdk-schema.ts has to learn it`);
  if (reference.length === 2) {
    const target = schemaOf(reference[0]);
    return { shape: target.shape, traits: { ...target.traits, ...traitsOf(reference[1]) } };
  }
  const [kind, , name, own, fifth, sixth] = reference as readonly unknown[];
  const traits = traitsOf(own);
  if (kind === 0) {
    const target = schemaOf(fifth);
    return { shape: target.shape, traits: { ...target.traits, ...traits } };
  }
  if (kind === 1) return { shape: { kind: 'list', member: fifth }, traits };
  if (kind === 2) return { shape: { kind: 'map', key: fifth, value: sixth }, traits };
  if (kind === 3 || kind === 4 || kind === -3) {
    const members = new Map((fifth as readonly string[]).map((member, index) => [member, (sixth as readonly unknown[])[index]]));
    return { shape: { kind: 'structure', name: String(name), members }, traits };
  }
  throw new TypeError(`unknown kind of schema ${String(kind)} in an SDK client: e2e/gateway/sdk-schema.ts has to learn it`);
}

function simple(code: number): Shape {
  // Lists and maps of simple members carry a flag beside the member's code.
  if (code >= 128) return { kind: 'map', key: 0, value: code & 63 };
  if (code >= 64) return { kind: 'list', member: code & 63 };
  if (code === 0) return { kind: 'text' };
  if (code === 1 || code === 17) return { kind: 'number' };
  if (code === 2) return { kind: 'boolean' };
  if (code >= 4 && code <= 7) return { kind: 'time' };
  if (code === 21 || code === 42) return { kind: 'bytes' };
  return { kind: 'document' };
}

/** A number holds the traits without a value, one bit each; the first is `httpLabel`. */
function traitsOf(traits: unknown): Traits {
  if (typeof traits === 'number') return traits & 1 ? { httpLabel: 1 } : {};
  return (traits as Traits | undefined) ?? {};
}
