// What must outlive everything else: the tables, their key, and the event bus.
import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { AnyPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { defaultTableName, type TableName, tables } from '../../core/contracts/deployment.ts';
import { EventLog } from '../constructs/event-log.ts';
import { HostEvents } from '../constructs/host-events.ts';
import { alarmArn, eventBusName, keyAlias } from '../names.ts';

export class StateStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { env: { region: string } }) {
    super(scope, id, props);
    const { region } = props.env;
    const key = this.key(region);

    for (const name of Object.keys(tables).filter((name): name is TableName => Object.hasOwn(tables, name))) {
      const schema: TableSchema = tables[name];
      new TableV2(this, `${name}-table`, {
        tableName: defaultTableName(name),
        partitionKey: { name: schema.partitionKey, type: AttributeType.STRING },
        ...(schema.sortKey === undefined ? {} : { sortKey: { name: schema.sortKey, type: AttributeType.STRING } }),
        ...(schema.ttl === undefined ? {} : { timeToLiveAttribute: schema.ttl }),
        globalSecondaryIndexes:
          schema.index === undefined
            ? []
            : [
                {
                  indexName: schema.index.name,
                  partitionKey: { name: schema.index.partitionKey, type: AttributeType.STRING },
                  sortKey: { name: schema.index.sortKey, type: AttributeType.STRING },
                  // Only what is due is asked of it; the detectors' states would be written twice.
                  projectionType: ProjectionType.KEYS_ONLY,
                },
              ],
        billing: Billing.onDemand(),
        encryption: TableEncryptionV2.customerManagedKey(key),
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        deletionProtection: true,
        removalPolicy: RemovalPolicy.RETAIN,
      });
    }

    new EventLog(this, new EventBus(this, 'event-bus', { eventBusName, description: 'Forestall: its decisions, and what AWS says about hosts' }));
    new HostEvents(this, region);
  }

  /**
   * One key for tables and notifications. Its policy lets whoever may use a table or the topic use the key through that service,
   * so that other stacks need no reference to it.
   */
  private key(region: string): Key {
    const key = new Key(this, 'key', {
      alias: keyAlias,
      description: 'Forestall: tables and notifications',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const use = [
      'kms:Encrypt',
      'kms:Decrypt',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
      'kms:GenerateDataKey',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:DescribeKey',
    ];
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'ThroughDynamoDbAndSns',
        principals: [new AnyPrincipal()],
        actions: [...use, 'kms:CreateGrant'],
        resources: ['*'],
        conditions: {
          StringEquals: { 'kms:CallerAccount': this.account, 'kms:ViaService': [`dynamodb.${region}.amazonaws.com`, `sns.${region}.amazonaws.com`] },
        },
      }),
    );
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsToTheTopic',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account }, ArnLike: { 'aws:SourceArn': alarmArn(region, 'forestall-*') } },
      }),
    );
    return key;
  }
}

interface TableSchema {
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly ttl?: string;
  readonly index?: { readonly name: string; readonly partitionKey: string; readonly sortKey: string };
}
