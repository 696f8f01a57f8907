// DynamoDB: the calls that the product makes of its tables, with the conditions that it relies on.
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { tableNameOf } from '../../../rehearsal/runtime/tables.ts';
import { type Case, home, moto, type Stage, suite } from '../case.ts';

type Kit = Record<never, never>;
type Key = Record<string, AttributeValue>;

const [failovers, resources] = [tableNameOf('failovers'), tableNameOf('resources')];
const client = (stage: Stage) => stage.client(DynamoDBClient, home);
const key = (failoverId: string, entry = 'record'): Key => ({ failoverId: { S: failoverId }, entry: { S: entry } });

async function setUp(stage: Stage): Promise<Kit> {
  for (const [id, version] of [
    ['one', '1'],
    ['two', '2'],
  ] as const)
    await client(stage).send(new PutItemCommand({ TableName: failovers, Item: { ...key(id), version: { N: version }, reasons: { L: [{ S: 'why' }] } } }));
  for (const nextDueAt of ['2026-01-01', '2026-02-01', '2026-03-01'])
    await client(stage).send(
      new PutItemCommand({
        TableName: resources,
        Item: { serviceId: { S: 'shop' }, subjectId: { S: nextDueAt }, shard: { S: 'due' }, nextDueAt: { S: nextDueAt }, more: { S: 'x' } },
      }),
    );
  return {};
}

const of = (operation: string, name: string, call: Case<Kit>['call'], same?: readonly string[]): Case<Kit> => ({
  operation: `dynamodb:${operation}`,
  name,
  ...(same && { same }),
  call,
});
const update = (name: string, more: Partial<UpdateItemCommandInput>, same?: readonly string[]): Case<Kit> =>
  of(
    'UpdateItem',
    name,
    (stage) =>
      client(stage).send(
        new UpdateItemCommand({
          TableName: failovers,
          Key: key('one'),
          UpdateExpression: 'SET #version = #version + :one',
          ConditionExpression: '#version = :known',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':one': { N: '1' }, ':known': { N: '1' } },
          ...more,
        }),
      ),
    same,
  );
const query = (name: string, more: Partial<QueryCommandInput>, same?: readonly string[]): Case<Kit> =>
  of(
    'Query',
    name,
    (stage) =>
      client(stage).send(
        new QueryCommand({
          TableName: resources,
          IndexName: 'due',
          KeyConditionExpression: '#shard = :shard AND nextDueAt <= :now',
          ExpressionAttributeNames: { '#shard': 'shard' },
          ExpressionAttributeValues: { ':shard': { S: 'due' }, ':now': { S: '2026-02-15' } },
          ...more,
        }),
      ),
    same,
  );
const writes = (ids: readonly string[]) => ({ [failovers]: ids.map((id) => ({ PutRequest: { Item: key(id, 'batch') } })) });

export const tables = suite<Kit>(setUp, [
  of('GetItem', 'known', (stage) => client(stage).send(new GetItemCommand({ TableName: failovers, Key: key('two'), ConsistentRead: true })), [
    'Item.version.N',
    'Item.reasons.L[].S',
  ]),
  of('GetItem', 'absent item', (stage) => client(stage).send(new GetItemCommand({ TableName: failovers, Key: key('absent') }))),
  of('GetItem', 'absent table', (stage) => client(stage).send(new GetItemCommand({ TableName: 'absent', Key: key('one') }))),
  of('GetItem', 'half a key', (stage) => client(stage).send(new GetItemCommand({ TableName: failovers, Key: { failoverId: { S: 'one' } } }))),
  of('GetItem', 'key of another type', (stage) => client(stage).send(new GetItemCommand({ TableName: failovers, Key: { ...key('one'), entry: { N: '1' } } }))),
  of('PutItem', 'new, if absent', (stage) =>
    client(stage).send(new PutItemCommand({ TableName: failovers, Item: key('new'), ConditionExpression: 'attribute_not_exists(failoverId)' })),
  ),
  of('PutItem', 'known, if absent', (stage) =>
    client(stage).send(new PutItemCommand({ TableName: failovers, Item: key('new'), ConditionExpression: 'attribute_not_exists(failoverId)' })),
  ),
  of('PutItem', 'without the sort key', (stage) => client(stage).send(new PutItemCommand({ TableName: failovers, Item: { failoverId: { S: 'x' } } }))),
  of('PutItem', 'empty key', (stage) => client(stage).send(new PutItemCommand({ TableName: failovers, Item: key('') }))),
  of('PutItem', 'absent table', (stage) => client(stage).send(new PutItemCommand({ TableName: 'absent', Item: key('x') }))),
  of('PutItem', 'malformed condition', (stage) =>
    client(stage).send(new PutItemCommand({ TableName: failovers, Item: key('x'), ConditionExpression: 'attribute_not_exists(' })),
  ),
  update('the condition holds', { ReturnValues: 'ALL_NEW' }, ['Attributes.version.N']),
  update('the condition does not hold', {}),
  update('old values', { ConditionExpression: undefined, ExpressionAttributeValues: { ':one': { N: '1' } }, ReturnValues: 'ALL_OLD' }, [
    'Attributes.version.N',
  ]),
  update('only updated values', { ConditionExpression: undefined, ExpressionAttributeValues: { ':one': { N: '1' } }, ReturnValues: 'UPDATED_NEW' }, [
    'Attributes.version.N',
  ]),
  update('an absent item, if it exists', {
    Key: key('absent'),
    ConditionExpression: 'attribute_exists(failoverId)',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  }),
  update('a value that is not used', { ConditionExpression: undefined }),
  update('a value that is not given', { ExpressionAttributeValues: { ':one': { N: '1' } } }),
  update('a reserved word', {
    UpdateExpression: 'SET status = :one',
    ConditionExpression: undefined,
    ExpressionAttributeNames: undefined,
    ExpressionAttributeValues: { ':one': { N: '1' } },
  }),
  update('a key attribute', {
    UpdateExpression: 'SET entry = :one',
    ConditionExpression: undefined,
    ExpressionAttributeNames: undefined,
    ExpressionAttributeValues: { ':one': { S: '1' } },
  }),
  {
    ...update('adding to a list', {
      UpdateExpression: 'SET #entries = #entries + :one',
      ConditionExpression: undefined,
      ExpressionAttributeNames: { '#entries': 'reasons' },
      ExpressionAttributeValues: { ':one': { N: '1' } },
    }),
    on: moto,
  },
  of('DeleteItem', 'the condition does not hold', (stage) =>
    client(stage).send(
      new DeleteItemCommand({
        TableName: failovers,
        Key: key('two'),
        ConditionExpression: 'version = :v',
        ExpressionAttributeValues: { ':v': { N: '9' } },
      }),
    ),
  ),
  of('DeleteItem', 'known', (stage) => client(stage).send(new DeleteItemCommand({ TableName: failovers, Key: key('two') }))),
  of('DeleteItem', 'absent item', (stage) => client(stage).send(new DeleteItemCommand({ TableName: failovers, Key: key('two') }))),
  of('DeleteItem', 'absent table', (stage) => client(stage).send(new DeleteItemCommand({ TableName: 'absent', Key: key('two') }))),
  query('the index', {}, ['Count', 'Items[].nextDueAt.S']),
  query('a page of one', { Limit: 1 }, ['Count', 'LastEvaluatedKey.nextDueAt.S']),
  query('newest first', { ScanIndexForward: false }, ['Items[].nextDueAt.S']),
  query('nothing', { ExpressionAttributeValues: { ':shard': { S: 'none' }, ':now': { S: 'x' } } }, ['Count']),
  query('absent index', { IndexName: 'absent' }),
  query('a condition without the partition key', {
    KeyConditionExpression: 'nextDueAt <= :now',
    ExpressionAttributeNames: undefined,
    ExpressionAttributeValues: { ':now': { S: 'x' } },
  }),
  query('a consistent read of the index', { ConsistentRead: true }),
  query('absent table', { TableName: 'absent' }),
  of('Scan', 'a page of one', (stage) => client(stage).send(new ScanCommand({ TableName: resources, Limit: 1 })), ['Count', 'ScannedCount']),
  of('Scan', 'absent table', (stage) => client(stage).send(new ScanCommand({ TableName: 'absent' }))),
  of('BatchWriteItem', 'two', (stage) => client(stage).send(new BatchWriteItemCommand({ RequestItems: writes(['a', 'b']) }))),
  of('BatchWriteItem', 'the same twice', (stage) => client(stage).send(new BatchWriteItemCommand({ RequestItems: writes(['a', 'a']) }))),
  of('BatchWriteItem', 'twenty-six', (stage) =>
    client(stage).send(new BatchWriteItemCommand({ RequestItems: writes(Array.from({ length: 26 }, (_, index) => `b${index}`)) })),
  ),
  of('BatchWriteItem', 'none', (stage) => client(stage).send(new BatchWriteItemCommand({ RequestItems: {} }))),
]);
