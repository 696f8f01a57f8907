// What must not be lost: tables, key, topic.
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { type TableName, tables } from '../../../core/contracts/deployment.ts';
import { synthesise } from '../fixture-app.ts';

const { templates } = synthesise({ alarmEmail: 'oncall@example.com' });
const state = templates.get('forestall-eu-central-1-state');
const operations = templates.get('forestall-eu-central-1-operations');

describe.each(Object.keys(tables) as TableName[])('table %s', (name) => {
  const { partitionKey, ...rest } = tables[name];

  test('has the keys of its contract', () => {
    const sortKey = 'sortKey' in rest ? rest.sortKey : undefined;
    state?.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TableName: `forestall-${name}`,
      KeySchema: [{ AttributeName: partitionKey, KeyType: 'HASH' }, ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' }])],
      BillingMode: 'PAY_PER_REQUEST',
      ...('ttl' in rest ? { TimeToLiveSpecification: { AttributeName: rest.ttl, Enabled: true } } : {}),
      ...('index' in rest ? { GlobalSecondaryIndexes: [Match.objectLike({ IndexName: rest.index.name })] } : {}),
    });
  });

  test('can be restored, is encrypted, and survives its stack', () => {
    state?.hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        TableName: `forestall-${name}`,
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
        Replicas: [
          Match.objectLike({
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            SSESpecification: { KMSMasterKeyId: Match.anyValue() },
          }),
        ],
      },
    });
  });
});

test('the key rotates, and is used through the services that hold the data only', () => {
  state?.hasResourceProperties('AWS::KMS::Key', {
    EnableKeyRotation: true,
    KeyPolicy: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Sid: 'ThroughDynamoDbAndSns',
          Condition: {
            StringEquals: {
              'kms:CallerAccount': { Ref: 'AWS::AccountId' },
              'kms:ViaService': ['dynamodb.eu-central-1.amazonaws.com', 'sns.eu-central-1.amazonaws.com'],
            },
          },
        }),
      ]),
    },
  });
});

test('the topic is encrypted, takes alarms, and tells the operator', () => {
  operations?.hasResourceProperties('AWS::SNS::Topic', { TopicName: 'forestall-notifications', KmsMasterKeyId: Match.anyValue() });
  operations?.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'oncall@example.com' });
  expect(synthesise().templates.get('forestall-eu-central-1-operations')?.findResources('AWS::SNS::Subscription')).toEqual({});
});
