// A table of the product as CreateTable takes it.
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

interface TableDefinition {
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly index?: { readonly name: string; readonly partitionKey: string; readonly sortKey: string };
}

/** Keys are strings, the index has keys only. */
export function createTableInput(TableName: string, { partitionKey, sortKey, index }: TableDefinition): CreateTableCommandInput {
  const schemaOf = (partition: string, sort: string | undefined) => [
    { AttributeName: partition, KeyType: 'HASH' as const },
    ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' as const }]),
  ];
  const attributes = new Set([partitionKey, sortKey, index?.partitionKey, index?.sortKey].filter((attribute) => attribute !== undefined));
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    KeySchema: schemaOf(partitionKey, sortKey),
    ...(index && {
      GlobalSecondaryIndexes: [
        { IndexName: index.name, KeySchema: schemaOf(index.partitionKey, index.sortKey), Projection: { ProjectionType: 'KEYS_ONLY' as const } },
      ],
    }),
  };
}
