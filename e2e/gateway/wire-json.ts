// Reads JSON and decoded CBOR bodies: what differs from the SDK's input is times and bytes.
import { type Schema, schemaOf, UnknownCallError } from './sdk-schema.ts';
import { timeOf } from './wire-scalar.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array) && !(value instanceof Date);

/** @param path for messages */
export function fromJson({ shape }: Schema, value: unknown, path: string): unknown {
  if (value === null || value === undefined) return undefined;
  if (shape.kind === 'time') return timeOf(value);
  if (shape.kind === 'bytes') return value instanceof Uint8Array ? value : new Uint8Array(Buffer.from(String(value), 'base64'));
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) throw new UnknownCallError(`${path} is a list by the SDK's model, but came as ${typeof value}`);
    const member = schemaOf(shape.member);
    return value.map((item, index) => fromJson(member, item, `${path}[${index}]`));
  }
  if (shape.kind === 'map') {
    const member = schemaOf(shape.value);
    return Object.fromEntries(Object.entries(objectAt(path, value)).map(([key, item]) => [key, fromJson(member, item, `${path}.${key}`)]));
  }
  if (shape.kind === 'structure') {
    const found = Object.entries(objectAt(path, value)).map(([name, item]) => {
      if (!shape.members.has(name)) throw new UnknownCallError(`${path} has a parameter '${name}' that the SDK's model does not have`);
      return [name, fromJson(schemaOf(shape.members.get(name)), item, `${path}.${name}`)] as const;
    });
    return Object.fromEntries(found.filter(([, item]) => item !== undefined));
  }
  return value;
}

function objectAt(path: string, value: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(value)) throw new UnknownCallError(`${path} is a structure by the SDK's model, but came as ${typeof value}`);
  return value;
}
