// DynamoDB's items and expressions in plain form.
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

type Plain = Readonly<Record<string, unknown>>;

/** An item in attribute values as an object; {} for anything else. Throws TypeError on a type of value that the product does not write. */
export function documentOf(item: unknown): Plain {
  if (typeof item !== 'object' || item === null) return {};
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value as AttributeValue)]));
}

function plain(value: AttributeValue): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.L !== undefined) return value.L.map(plain);
  if (value.M !== undefined) return documentOf(value.M);
  throw new TypeError(`e2e/differential/document.ts does not read the attribute value ${JSON.stringify(value)} yet`);
}

/** What an UpdateItem changes: each path that it sets, with the value if it is a plain one, and each that it removes. */
export interface Changes {
  readonly set: Readonly<Record<string, unknown>>;
  readonly removed: readonly string[];
}

export function changesOf(input: Plain): Changes {
  const names = (input['ExpressionAttributeNames'] ?? {}) as Readonly<Record<string, string>>;
  const values = documentOf(input['ExpressionAttributeValues']);
  const named = (path: string) => path.replace(/#\w+/g, (name) => names[name] ?? name);
  const set: Record<string, unknown> = {};
  const removed: string[] = [];
  for (const [, verb, list = ''] of String(input['UpdateExpression'] ?? '').matchAll(/\b(SET|REMOVE)\s+(.+?)(?=\s+(?:SET|REMOVE)\s|$)/g))
    for (const part of list.split(/,\s*(?![^(]*\))/)) {
      const [path = '', expression = ''] = part.split(/\s*=\s*/);
      if (verb === 'REMOVE') removed.push(named(path.trim()));
      else set[named(path.trim())] = expression in values ? values[expression] : '<computed>';
    }
  return { set, removed };
}
