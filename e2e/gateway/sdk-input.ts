// Turns a recorded call back into what the caller gave to its SDK command, by the SDK's own model of the operation.
import type { GatewayRecord } from './record.ts';
import { operationSchema, UnknownCallError } from './sdk-schema.ts';
import { fromForm } from './wire-form.ts';
import { fromJson } from './wire-json.ts';
import { fromRest } from './wire-rest.ts';

export interface SdkInput {
  /** Of the SDK command, without `Command`: `RunInstances`. */
  readonly operation: string;
  /** As the command takes it: members by their names in the SDK, lists as arrays, times as Date, bytes as Uint8Array. DynamoDB's items in attribute values. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** The SDK adds these by itself, whatever it is given. */
const added: Readonly<Record<string, readonly string[]>> = { CopySnapshot: ['PresignedUrl', 'DestinationRegion'] };

const forms = ['ec2', 'elasticloadbalancing', 'sns'];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Idempotency tokens that the SDK drew are there too; an empty list cannot be told from an absent one in a query form.
 * Throws UnknownCallError for a service or operation that the model does not have, and for a parameter that was not understood:
 * nothing of a call is dropped silently.
 */
export function sdkInputOf({ service, operation, input }: Pick<GatewayRecord, 'service' | 'operation' | 'input'>): SdkInput {
  const { input: schema, traits } = operationSchema(service, operation);
  const at = `${service}:${operation}`;
  if (!isObject(input)) throw new UnknownCallError(`${at}: the recorded input is no object`);
  const read = forms.includes(service)
    ? fromForm(schema, input, at)
    : service === 'route53'
      ? fromRest(schema, traits, input, at)
      : fromJson(schema, input, at);
  if (!isObject(read)) throw new UnknownCallError(`${at}: the recorded input has no parameters`);
  return { operation, input: Object.fromEntries(Object.entries(read).filter(([name]) => !added[operation]?.includes(name))) };
}
