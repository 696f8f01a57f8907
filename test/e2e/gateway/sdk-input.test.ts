// The SDK's own serialisers write requests; what is read back must be what the command was given.
import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CopySnapshotCommand,
  CreateSnapshotsCommand,
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DeregisterTargetsCommand, ElasticLoadBalancingV2Client, RegisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  ChangeResourceRecordSetsCommand,
  CreateHealthCheckCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sdkInputOf } from '../../../e2e/gateway/sdk-input.ts';
import { UnknownCallError } from '../../../e2e/gateway/sdk-schema.ts';
import { readXml, XmlError } from '../../../e2e/gateway/wire-xml.ts';
import { type RecordingServer, type Sent, startRecordingServer } from './recording-server.ts';

let server: RecordingServer;
beforeAll(async () => {
  server = await startRecordingServer();
});
afterAll(() => server.close());

interface Client {
  send(command: unknown): Promise<unknown>;
  destroy(): void;
}
type ClientClass = new (config: object) => Client;

/** What arrived when a client sent a command. The answer does not matter: not every client can read it. */
async function sent(make: unknown, command: object): Promise<Sent> {
  const client = new (make as ClientClass)({
    region: 'eu-west-1',
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  const before = server.sent.length;
  await client.send(command).catch(() => {});
  client.destroy();
  const record = server.sent[before];
  if (record === undefined) throw new Error(`${command.constructor.name} sent nothing`);
  return record.operation === '' ? { ...record, operation: command.constructor.name.replace(/Command$/, '') } : record;
}

const tags = [
  { Key: 'forestall:service', Value: 'shop & "co"' },
  { Key: 'forestall:slot', Value: '1' },
];
const record = (weight: number, side: string) => ({
  Name: 'shop.example.com.',
  Type: 'A' as const,
  SetIdentifier: side,
  Weight: weight,
  TTL: 60,
  ResourceRecords: [{ Value: '192.0.2.1' }, { Value: '192.0.2.2' }],
  HealthCheckId: `<${side}>`,
});

const given: readonly (readonly [unknown, new (input: never) => object, object])[] = [
  [
    EC2Client,
    RunInstancesCommand,
    {
      MinCount: 1,
      MaxCount: 1,
      LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '3' },
      Placement: { AvailabilityZone: 'eu-west-1a' },
      ClientToken: 'shop-0-1',
      TagSpecifications: [
        { ResourceType: 'instance', Tags: tags },
        { ResourceType: 'volume', Tags: tags },
      ],
      DryRun: false,
    },
  ],
  [EC2Client, StartInstancesCommand, { InstanceIds: ['i-1', 'i-2'] }],
  [EC2Client, StopInstancesCommand, { InstanceIds: ['i-1'], Force: true }],
  [EC2Client, TerminateInstancesCommand, { InstanceIds: ['i-1'] }],
  [EC2Client, CreateTagsCommand, { Resources: ['i-1', 'snap-1'], Tags: tags }],
  [
    EC2Client,
    CreateSnapshotsCommand,
    {
      InstanceSpecification: { InstanceId: 'i-1', ExcludeBootVolume: false },
      Description: 'why',
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: tags }],
      CopyTagsFromSource: 'volume',
    },
  ],
  [
    EC2Client,
    CopySnapshotCommand,
    {
      SourceRegion: 'eu-central-1',
      SourceSnapshotId: 'snap-1',
      Encrypted: true,
      KmsKeyId: 'arn:aws:kms:eu-west-1:1:key/k',
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: tags }],
    },
  ],
  [EC2Client, DeleteSnapshotCommand, { SnapshotId: 'snap-1' }],
  [EC2Client, DescribeInstancesCommand, { Filters: [{ Name: 'tag:role', Values: ['web', 'api'] }], MaxResults: 100 }],
  [ElasticLoadBalancingV2Client, RegisterTargetsCommand, { TargetGroupArn: 'arn:tg', Targets: [{ Id: 'i-1' }, { Id: 'i-2', Port: 80 }] }],
  [ElasticLoadBalancingV2Client, DeregisterTargetsCommand, { TargetGroupArn: 'arn:tg', Targets: [{ Id: 'i-1' }] }],
  [
    SNSClient,
    PublishCommand,
    { TopicArn: 'arn:topic', Subject: 'a = b', Message: 'one\ntwo & three', MessageAttributes: { severity: { DataType: 'String', StringValue: 'page' } } },
  ],
  [SQSClient, SendMessageBatchCommand, { QueueUrl: 'http://queue/1', Entries: [{ Id: '0', MessageBody: '{"a":1}' }] }],
  [
    EventBridgeClient,
    PutEventsCommand,
    { Entries: [{ Time: new Date('2026-01-01T00:00:01.500Z'), Source: 'forestall', DetailType: 'x', Detail: '{}', EventBusName: 'forestall' }] },
  ],
  [SFNClient, StartExecutionCommand, { stateMachineArn: 'arn:machine', name: 'n', input: '{"serviceId":"shop"}' }],
  [
    DynamoDBClient,
    UpdateItemCommand,
    {
      TableName: 'forestall-services',
      Key: { serviceId: { S: 'shop' } },
      UpdateExpression: 'SET #a = :a',
      ExpressionAttributeNames: { '#a': 'level' },
      ExpressionAttributeValues: { ':a': { M: { n: { N: '1' }, l: { L: [{ BOOL: true }, { NULL: true }] } } } },
    },
  ],
  [
    CloudWatchClient,
    PutMetricDataCommand,
    {
      Namespace: 'Forestall',
      MetricData: [
        {
          MetricName: 'SideEvacuated',
          Dimensions: [{ Name: 'Service', Value: 'shop' }],
          Timestamp: new Date('2026-01-01T00:01:00Z'),
          Value: 1,
          Values: [1, 2.5],
        },
      ],
    },
  ],
  [
    CloudWatchClient,
    PutMetricAlarmCommand,
    { AlarmName: 'a', ComparisonOperator: 'GreaterThanOrEqualToThreshold', EvaluationPeriods: 1, Threshold: 0.5, ActionsEnabled: false },
  ],
  [
    Route53Client,
    ChangeResourceRecordSetsCommand,
    {
      HostedZoneId: 'Z1',
      ChangeBatch: {
        Comment: 'one & two',
        Changes: [
          { Action: 'DELETE', ResourceRecordSet: record(100, 'primary') },
          {
            Action: 'CREATE',
            ResourceRecordSet: { ...record(90, 'standby'), AliasTarget: { HostedZoneId: 'Z2', DNSName: 'lb.', EvaluateTargetHealth: true } },
          },
        ],
      },
    },
  ],
  [
    Route53Client,
    CreateHealthCheckCommand,
    { CallerReference: 'c', HealthCheckConfig: { Type: 'CALCULATED', HealthThreshold: 2, ChildHealthChecks: ['a', 'b'] } },
  ],
  [Route53Client, ListResourceRecordSetsCommand, { HostedZoneId: 'Z1', StartRecordName: 'shop.example.com.', StartRecordType: 'A', MaxItems: 100 }],
  [Route53Client, GetChangeCommand, { Id: 'C1' }],
];

describe('sdkInputOf', () => {
  it.each(given.map(([client, command, input]) => [command.name, client, command, input] as const))('reads %s', async (_name, client, command, input) => {
    const read = sdkInputOf(await sent(client, new command(input as never)));
    expect(read).toEqual({ operation: command.name.replace(/Command$/, ''), input });
  });

  it('reads the path of Route 53 with or without its query', async () => {
    const asked = await sent(Route53Client, new ListResourceRecordSetsCommand({ HostedZoneId: 'Z1' }));
    expect(sdkInputOf(asked).input).toEqual({ HostedZoneId: 'Z1' });
  });

  it('reads any tags that can be written', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ Key: text, Value: text }), { minLength: 1, maxLength: 12 }), async (Tags) => {
        const input = { Resources: ['i-1'], Tags };
        expect(sdkInputOf(await sent(EC2Client, new CreateTagsCommand(input))).input).toEqual(input);
      }),
      { numRuns: 25 },
    );
  });

  it('refuses what it does not know', () => {
    const call = { service: 'ec2', operation: 'RunInstances', input: { Action: 'RunInstances', MinCount: '1' } };
    expect(sdkInputOf(call).input).toEqual({ MinCount: 1 });
    expect(() => sdkInputOf({ ...call, service: 'quicksight' })).toThrow(UnknownCallError);
    expect(() => sdkInputOf({ ...call, operation: 'RunInstance' })).toThrow(/no operation/);
    expect(() => sdkInputOf({ ...call, input: { Colour: 'red' } })).toThrow(/'Colour'/);
    expect(() => sdkInputOf({ ...call, input: { 'TagSpecification.1.Tag.1.Kind': 'x' } })).toThrow(/'Kind'/);
    expect(() => sdkInputOf({ ...call, input: { 'MinCount.1': '1' } })).toThrow(/came as a structure/);
    expect(() => sdkInputOf({ ...call, input: 'text' })).toThrow(/no object/);
    expect(() => sdkInputOf({ service: 'states', operation: 'StartExecution', input: { arn: 'x' } })).toThrow(/'arn'/);
    expect(() => sdkInputOf({ service: 'sqs', operation: 'SendMessageBatch', input: { Entries: {} } })).toThrow(/is a list/);
    expect(() => sdkInputOf({ service: 'route53', operation: 'GetChange', input: { path: '/2013-04-01/hostedzone/Z1', method: 'GET', xml: '' } })).toThrow(
      /not of the form/,
    );
  });

  it('takes what a CBOR decoder makes of times and numbers', () => {
    const read = sdkInputOf({
      service: 'monitoring',
      operation: 'PutMetricData',
      input: {
        Namespace: 'n',
        MetricData: [
          { MetricName: 'm', Timestamp: 1_767_225_600n, Value: 1 },
          { MetricName: 'm', Timestamp: new Date(0) },
        ],
      },
    });
    expect(read.input['MetricData']).toEqual([
      { MetricName: 'm', Timestamp: new Date('2026-01-01T00:00:00Z'), Value: 1 },
      { MetricName: 'm', Timestamp: new Date(0) },
    ]);
  });
});

describe('readXml', () => {
  it('reads elements, text and references', () => {
    expect(readXml('<?xml version="1.0"?><a xmlns="u"><b>1 &lt; 2 &#65;&#x42;</b><!-- no --><c/></a>')).toEqual({
      name: 'a',
      text: '',
      children: [
        { name: 'b', text: '1 < 2 AB', children: [] },
        { name: 'c', text: '', children: [] },
      ],
    });
  });

  it.each(['', 'text', '<a>', '<a></b>', '<a>1 < 2</a>'])('refuses %j', (xml) => {
    expect(() => readXml(xml)).toThrow(XmlError);
  });
});
