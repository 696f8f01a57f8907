// The boundary: inputs against the SDK's models, what is not simulated, faults, and the log of calls.
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeInstancesCommand, DescribeVpcsCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { drawsOf } from '../../../rehearsal/cloud/draw.ts';
import { testAccount } from './account.ts';

describe('inputs', () => {
  it.each<[string, object, string]>([
    ['an unknown parameter', { MinCount: 1, MaxCount: 1, LaunchTemplat: {} }, 'input has no parameter LaunchTemplat'],
    ['an unknown nested parameter', { MinCount: 1, MaxCount: 1, Placement: { Zone: 'x' } }, 'input.Placement has no parameter Zone'],
    ['a parameter of the wrong type', { MinCount: '1', MaxCount: 1 }, 'input.MinCount must be a number, not string'],
    ['a list that is none', { MinCount: 1, MaxCount: 1, SecurityGroupIds: 'sg-1' }, 'input.SecurityGroupIds must be a list, not string'],
    ['a missing required parameter', { MaxCount: 1 }, 'input lacks the required parameter MinCount'],
  ])('with %s are refused and fail the rehearsal', async (_what, input, message) => {
    const account = testAccount();
    const client = account.own(EC2Client, 'eu-west-1');
    await expect(client.send(new RunInstancesCommand(input as never))).rejects.toThrow(message);
    expect(account.log.fatals).toMatchObject([{ name: 'MalformedInputError' }]);
  });

  it('accept undefined for what is optional', async () => {
    const client = testAccount().own(EC2Client, 'eu-west-1');
    await expect(client.send(new DescribeInstancesCommand({ NextToken: undefined }))).resolves.toMatchObject({
      Reservations: [],
      $metadata: { httpStatusCode: 200 },
    });
  });
});

describe('what is not simulated', () => {
  it('is refused loudly: operations, filters, Regions', async () => {
    const account = testAccount();
    const client = account.own(EC2Client, 'eu-west-1');
    await expect(client.send(new DescribeVpcsCommand({}))).rejects.toMatchObject({ name: 'NotSimulatedError' });
    account.cloud.physical.addInstance({ region: 'eu-west-1', zone: 'eu-west-1a' });
    await expect(client.send(new DescribeInstancesCommand({ Filters: [{ Name: 'vpc-id', Values: ['v'] }] }))).rejects.toMatchObject({
      name: 'NotSimulatedError',
    });
    expect(() => account.own(EC2Client, 'ap-south-1')).toThrow('not part of this rehearsal');
    expect(account.log.fatals).toHaveLength(3);
  });
});

describe('the log', () => {
  it("counts Forestall's calls, not the world's, and keeps those that change something or fail", async () => {
    const account = testAccount();
    const own = account.own(CloudWatchClient, 'eu-west-1');
    const world = account.cloud.client(CloudWatchClient, 'eu-west-1');
    const write = (client: CloudWatchClient, Namespace: string) =>
      client.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName: 'm', Value: 1 }] }));
    await write(world, 'AWS/EC2');
    await write(own, 'Forestall');
    await write(own, 'AWS/EC2').catch(() => {});
    expect(account.cloud.counts).toEqual({ 'cloudwatch:PutMetricData': 2 });
    expect(account.cloud.calls).toMatchObject([{ operation: 'PutMetricData', mutating: false, error: { name: 'InvalidParameterValueException' } }]);
  });

  it('lets interceptors answer with an error, and outages hit one Region', async () => {
    const account = testAccount();
    const here = account.own(EC2Client, 'eu-west-1');
    const there = account.own(EC2Client, 'eu-central-1');
    account.cloud.physical.setOutage('eu-west-1', 'ec2', true);
    await expect(here.send(new DescribeInstancesCommand({}))).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    await expect(there.send(new DescribeInstancesCommand({}))).resolves.toBeDefined();
    account.cloud.physical.setOutage('eu-west-1', 'ec2', false);
    const stop = account.cloud.intercept(({ operation }) =>
      operation === 'DescribeInstances' ? Object.assign(new Error('no'), { name: 'UnauthorizedOperation' }) : undefined,
    );
    await expect(here.send(new DescribeInstancesCommand({}))).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
    stop();
    await expect(here.send(new DescribeInstancesCommand({}))).resolves.toBeDefined();
  });
});

describe('messaging', () => {
  it('takes events, refusing each bad entry by itself', async () => {
    const account = testAccount();
    const client = account.own(EventBridgeClient, 'eu-central-1');
    const { FailedEntryCount, Entries } = await client.send(
      new PutEventsCommand({
        Entries: [
          { EventBusName: 'forestall', Source: 'forestall', DetailType: 'x', Detail: '{"a":1}' },
          { EventBusName: 'forestall', Source: 'forestall', DetailType: 'x', Detail: 'not json' },
          { EventBusName: 'forestall', Source: 'aws.states', DetailType: 'x', Detail: '{}' },
        ],
      }),
    );
    expect(FailedEntryCount).toBe(2);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([undefined, 'MalformedDetail', 'NotAuthorizedForSourceException']);
    expect(account.events).toMatchObject([{ bus: 'forestall', detail: { a: 1 } }]);
  });

  it('takes batches of at most ten messages with distinct ids', async () => {
    const account = testAccount();
    const client = account.own(SQSClient, 'eu-central-1');
    const QueueUrl = 'https://sqs.eu-central-1.amazonaws.com/123456789012/forestall-scoring';
    const send = (ids: string[]) => client.send(new SendMessageBatchCommand({ QueueUrl, Entries: ids.map((Id) => ({ Id, MessageBody: Id })) }));
    await expect(send(Array.from({ length: 11 }, (_unused, index) => `m${index}`))).rejects.toMatchObject({ name: 'TooManyEntriesInBatchRequest' });
    await expect(send(['a', 'a'])).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
    await expect(send(['a', 'b'])).resolves.toMatchObject({ Failed: [], Successful: [{ Id: 'a' }, { Id: 'b' }] });
    expect(account.messages).toHaveLength(2);
  });

  it('takes events up to one megabyte together', async () => {
    const client = testAccount().own(EventBridgeClient, 'eu-central-1');
    const put = (length: number) => {
      const entry = { Source: 'forestall', DetailType: 'large', Detail: JSON.stringify({ text: 'x'.repeat(length) }), EventBusName: 'forestall' };
      return client.send(new PutEventsCommand({ Entries: [entry, entry] }));
    };
    await expect(put(400_000)).resolves.toMatchObject({ FailedEntryCount: 0 });
    await expect(put(600_000)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('takes any text without control characters as the subject of a message', async () => {
    const client = testAccount().own(SNSClient, 'eu-central-1');
    const TopicArn = 'arn:aws:sns:eu-central-1:123456789012:forestall-notifications';
    const publish = (Subject: string) => client.send(new PublishCommand({ TopicArn, Subject, Message: 'why' }));
    await expect(publish('Zurück auf die Hauptseite')).resolves.toBeDefined();
    for (const subject of ['one\ntwo', 'x'.repeat(101)]) await expect(publish(subject)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('records what is published', async () => {
    const account = testAccount();
    const client = account.own(SNSClient, 'eu-central-1');
    await client.send(new PublishCommand({ TopicArn: 'arn:aws:sns:eu-central-1:123456789012:forestall-notifications', Subject: 'Held', Message: 'why' }));
    expect(account.cloud.published).toMatchObject([{ subject: 'Held', message: 'why' }]);
    await expect(client.send(new PublishCommand({ TopicArn: 'arn:aws:sns:eu-central-1:123456789012:other', Message: 'x' }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });
});

describe('draws', () => {
  it('depend on the seed and the name alone, and look uniform', () => {
    const [one, other] = [drawsOf(7), drawsOf(8)];
    expect(one.uniform('boot', 3)).toBe(drawsOf(7).uniform('boot', 3));
    expect(one.uniform('boot', 3)).not.toBe(other.uniform('boot', 3));
    const values = Array.from({ length: 4000 }, (_unused, index) => one.uniform('x', index));
    expect(values.reduce((a, b) => a + b, 0) / values.length).toBeCloseTo(0.5, 1);
    const tenths = Map.groupBy(values, (value) => Math.floor(value * 10));
    for (const tenth of tenths.values()) expect(tenth.length).toBeGreaterThan(320);
  });
});
