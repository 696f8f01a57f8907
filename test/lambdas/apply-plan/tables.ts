// Real tables for tests: dynalite on a free port of this machine, with the tables as they are deployed.

import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { defaultTableName } from '../../../core/contracts/deployment.ts';

const dynalite = createRequire(import.meta.url)('dynalite') as (options: { createTableMs: number }) => Server;

export interface TestTables {
  readonly endpoint: string;
  readonly client: DynamoDBDocumentClient;
  service(serviceId: string): Promise<Record<string, unknown> | undefined>;
  resources(serviceId: string): Promise<Record<string, unknown>[]>;
  put(table: 'services' | 'resources', item: Record<string, unknown>): Promise<void>;
  close(): Promise<void>;
}

export async function startTables(): Promise<TestTables> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('dynalite has no port');
  const endpoint = `http://127.0.0.1:${address.port}`;
  const raw = new DynamoDBClient({ region: 'eu-central-1', endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const keys = { services: ['serviceId'], resources: ['serviceId', 'subjectId'] } as const;
  for (const [table, names] of Object.entries(keys) as ['services' | 'resources', readonly string[]][])
    await raw.send(
      new CreateTableCommand({
        TableName: defaultTableName(table),
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: names.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
      }),
    );
  const client = DynamoDBDocumentClient.from(raw);
  return {
    endpoint,
    client,
    service: async (serviceId) => (await client.send(new GetCommand({ TableName: defaultTableName('services'), Key: { serviceId } }))).Item,
    resources: async (serviceId) => {
      const query = { KeyConditionExpression: 'serviceId = :id', ExpressionAttributeValues: { ':id': serviceId } };
      return (await client.send(new QueryCommand({ TableName: defaultTableName('resources'), ...query }))).Items ?? [];
    },
    put: async (table, item) => void (await client.send(new PutCommand({ TableName: defaultTableName(table), Item: item }))),
    close: async () => {
      client.destroy();
      raw.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
