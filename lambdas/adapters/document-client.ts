// DynamoDB as documents, and what every table adapter needs of it.
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { z } from 'zod';
import { clientFor } from './clients.ts';

const documentClients = new WeakMap<DynamoDBClient, DynamoDBDocumentClient>();

export function documentClient(region: string): DynamoDBDocumentClient {
  const client = clientFor(DynamoDBClient, region);
  const known = documentClients.get(client);
  if (known) return known;
  const made = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  documentClients.set(client, made);
  return made;
}

/** What an adapter of one table knows: the table's name, and the client of the control Region. */
export abstract class TableAdapter {
  protected readonly table: string;
  readonly #region: string;

  constructor(region: string, table: string) {
    this.#region = region;
    this.table = table;
  }

  protected get client(): DynamoDBDocumentClient {
    return documentClient(this.#region);
  }
}

/** An item that is not what its contract says: written by another version, or by hand. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

export function parseItem<Schema extends z.ZodType>(schema: Schema, item: unknown, what: string): z.infer<Schema> {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RecordError(`${what} is not readable: ${issue?.path.join('.')}: ${issue?.message}. Apply the plan again, or restore the item.`, {
    cause: parsed.error,
  });
}

/** True when the write was made, false when its condition did not hold. Other errors are thrown. */
export async function conditionally(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** All pages of a query. */
export async function queryAll(client: DynamoDBDocumentClient, input: QueryCommandInput, signal?: AbortSignal): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await client.send(new QueryCommand({ ...input, ...(from ? { ExclusiveStartKey: from } : {}) }), signal ? { abortSignal: signal } : {});
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from);
  return items;
}
