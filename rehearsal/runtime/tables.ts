// DynamoDB in memory: dynalite's actions called in process, behind the tables of core/contracts/deployment.ts.
import { createRequire } from 'node:module';
import * as sdk from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type TableName, tables } from '../../core/contracts/deployment.ts';
import { NotSimulatedError } from '../cloud/call.ts';
import { faultsOf } from '../cloud/fault.ts';
import { type Operation, reads, type Service } from '../cloud/service.ts';

/** Name on AWS of a table. */
export const tableNameOf = (table: TableName): string => `forestall-${table}`;

interface DynaliteError extends Error {
  readonly statusCode?: number;
  readonly body?: { readonly __type: string; readonly message?: string; readonly Message?: string };
}
type Item = Readonly<Record<string, sdk.AttributeValue>>;

/** An item that was written. */
export interface ItemChange {
  readonly table: TableName;
  /** Value of the table's sort key, when it has one. */
  readonly sortKey: string | undefined;
  /** The whole item in native form; made when it is asked for. */
  item(): Readonly<Record<string, unknown>>;
}

const sortKeyOf = (table: TableName): string => {
  const definition = tables[table];
  return 'sortKey' in definition ? definition.sortKey : '';
};

interface LevelIterator {
  close(): Promise<void>;
  return?: () => Promise<void>;
}
interface DynaliteStore {
  readonly db: { close(done: () => void): void; values(options: unknown): LevelIterator };
}
type Action = (store: DynaliteStore, data: unknown, done: (error: DynaliteError | null | undefined, result?: object) => void) => void;

const load = createRequire(import.meta.url);
// dynalite keeps items as JSON in buffers. Kept as text they need no decoding, and small ones do not hold on to the pool that Node cuts buffers from.
const memoryLevel: { MemoryLevel: new (options: object) => object } = load('memory-level');
const { MemoryLevel } = memoryLevel;
memoryLevel.MemoryLevel = class extends MemoryLevel {
  constructor(options: object) {
    super({ ...options, storeEncoding: 'utf8' });
  }
};
const { create }: { create(options: Readonly<Record<string, number>>): DynaliteStore } = load('dynalite/db');
const validations: {
  checkTypes(data: unknown, types: unknown): unknown;
  checkValidations(data: unknown, types: unknown, custom: unknown, store: DynaliteStore): void;
} = load('dynalite/validations');

const fault = faultsOf(sdk, 'DynamoDBServiceException');
const operations = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'BatchWriteItem', 'CreateTable', 'DescribeTable', 'Scan'] as const;
type OperationName = (typeof operations)[number];

function dynaliteAction(name: OperationName): { act: Action; types: unknown; custom: unknown } {
  const file = `${name[0]?.toLowerCase()}${name.slice(1)}`;
  const { types, custom }: { types: unknown; custom: unknown } = load(`dynalite/validations/${file}`);
  const act: Action = load(`dynalite/actions/${file}`);
  return { act, types, custom };
}

function errorOf(error: DynaliteError): Error {
  if (error.statusCode === undefined || !error.body) return error;
  const name = error.body.__type.split('#').at(-1) ?? 'InternalServerError';
  return fault(name, error.body.message ?? error.body.Message ?? name, { status: error.statusCode });
}

/** Attribute values without the classes and undefined members that the wire would drop. */
const overTheWire = (input: unknown): unknown => JSON.parse(JSON.stringify(input));

/** A store whose queries let go of what they have read: dynalite ends its iterators with `return`, which they lack, and each keeps an old state of the store alive. */
function createStore(): DynaliteStore {
  const store = create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const values = store.db.values.bind(store.db);
  store.db.values = (options) => {
    const iterator = values(options);
    iterator.return = () => iterator.close();
    return iterator;
  };
  return store;
}

/** The tables of one rehearsal. */
export class Tables {
  readonly #store = createStore();
  readonly #listeners = new Set<(change: ItemChange) => void>();
  readonly #actions = new Map(operations.map((name) => [name, dynaliteAction(name)] as const));

  /** DynamoDB as the document client and the plain client see it. */
  readonly service: Service = {
    name: 'dynamodb',
    operations: Object.fromEntries(
      operations
        // Those of the tables themselves are the rehearsal's own: nobody else makes or describes one.
        .filter((name) => name !== 'CreateTable' && name !== 'DescribeTable')
        .map((name): [string, Operation] => [
          name,
          reads((input: object) => {
            if ('ReturnValuesOnConditionCheckFailure' in input && input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD')
              throw new NotSimulatedError(`dynamodb:${name} with ReturnValuesOnConditionCheckFailure is not simulated`);
            return this.#write(name, input);
          }),
        ]),
    ),
    finish: (output, features) => (features['DDB_MAPPER'] === undefined ? output : native(output)),
  };

  /** Creates every table, with its index. Before the clock is stopped. */
  async createAll(): Promise<void> {
    for (const [name, table] of Object.entries(tables)) {
      const { partitionKey, sortKey, index } = table as {
        partitionKey: string;
        sortKey?: string;
        index?: { name: string; partitionKey: string; sortKey: string };
      };
      const schemaOf = (partition: string, sort: string | undefined) => [
        { AttributeName: partition, KeyType: 'HASH' },
        ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' }]),
      ];
      const attributes = new Set([partitionKey, sortKey, index?.partitionKey, index?.sortKey].filter((attribute) => attribute !== undefined));
      await this.call('CreateTable', {
        TableName: tableNameOf(name as TableName),
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: schemaOf(partitionKey, sortKey),
        ...(index && {
          GlobalSecondaryIndexes: [
            { IndexName: index.name, KeySchema: schemaOf(index.partitionKey, index.sortKey), Projection: { ProjectionType: 'KEYS_ONLY' } },
          ],
        }),
      });
    }
    // A table becomes active by a timer, which must not be a virtual one.
    for (const name of Object.keys(tables))
      while (!(await this.#isActive(tableNameOf(name as TableName)))) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  async #isActive(TableName: string): Promise<boolean> {
    const { Table } = (await this.call('DescribeTable', { TableName })) as sdk.DescribeTableOutput;
    return Table?.TableStatus === 'ACTIVE' && (Table.GlobalSecondaryIndexes ?? []).every(({ IndexStatus }) => IndexStatus === 'ACTIVE');
  }

  /** Tells of each item that was written (not of deleted ones), at once. */
  onItem(listener: (change: ItemChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Runs an operation and tells the listeners what it wrote, as a stream would. */
  async #write(name: OperationName, input: object): Promise<object> {
    const { TableName = '', Item, Key, ReturnValues = 'NONE', RequestItems } = input as sdk.PutItemInput & sdk.UpdateItemInput & sdk.BatchWriteItemInput;
    // The new image of an update comes with the answer, if it is asked for.
    const asks = name === 'UpdateItem' && ReturnValues === 'NONE' && this.#listeners.size > 0;
    const result = await this.call(name, asks ? { ...input, ReturnValues: 'ALL_NEW' } : input);
    if (this.#listeners.size === 0) return result;
    if (name === 'PutItem') this.#tell(TableName, Item);
    if (name === 'UpdateItem')
      this.#tell(TableName, asks || ReturnValues === 'ALL_NEW' ? (result as sdk.UpdateItemOutput).Attributes : await this.#read(TableName, Key));
    if (name === 'BatchWriteItem')
      for (const [table, requests] of Object.entries(RequestItems ?? {})) for (const { PutRequest } of requests) this.#tell(table, PutRequest?.Item);
    return asks ? {} : result;
  }

  async #read(TableName: string, Key: Item | undefined): Promise<Item | undefined> {
    return ((await this.call('GetItem', { TableName, Key })) as sdk.GetItemOutput).Item;
  }

  #tell(tableName: string, image: Item | undefined): void {
    const table = Object.keys(tables).find((name) => tableNameOf(name as TableName) === tableName) as TableName | undefined;
    if (table === undefined || image === undefined) return;
    for (const listener of this.#listeners) listener({ table, sortKey: image[sortKeyOf(table)]?.S, item: () => unmarshall(image) });
  }

  /** Runs one operation; the input has attribute values. */
  call(name: OperationName, input: object): Promise<object> {
    const { act, types, custom } = this.#actions.get(name) ?? dynaliteAction(name);
    return new Promise((resolve, reject) => {
      try {
        const data = validations.checkTypes(overTheWire(input), types);
        validations.checkValidations(data, types, custom, this.#store);
        act(this.#store, data, (error, result) => {
          if (error) reject(errorOf(error));
          // The store keeps JSON text: answers share nothing with it.
          else resolve(result ?? {});
        });
      } catch (error) {
        reject(error instanceof Error ? errorOf(error) : error);
      }
    });
  }

  /** Frees the memory. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#store.db.close(resolve));
  }

  /** All items of a table in native form. */
  async items(table: TableName): Promise<Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    let start: Item | undefined;
    do {
      const page = (await this.call('Scan', { TableName: tableNameOf(table), ...(start && { ExclusiveStartKey: start }) })) as {
        Items?: Item[];
        LastEvaluatedKey?: Item;
      };
      for (const item of page.Items ?? []) items.push(unmarshall({ ...item }));
      start = page.LastEvaluatedKey;
    } while (start);
    return items;
  }
}

/** What the document client's unmarshalling, which is skipped, would make of an output. */
function native(output: object): object {
  const result: Record<string, unknown> = { ...output };
  for (const key of ['Item', 'Attributes', 'LastEvaluatedKey']) if (result[key]) result[key] = unmarshall(result[key] as Record<string, sdk.AttributeValue>);
  if (Array.isArray(result['Items'])) result['Items'] = result['Items'].map((item: Record<string, sdk.AttributeValue>) => unmarshall(item));
  return result;
}
