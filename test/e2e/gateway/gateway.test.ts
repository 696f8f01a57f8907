// What passes the gateway reaches the emulator unchanged and is on record; what the emulator lacks is made of what it has.
import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateSnapshotsCommand, DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { GetChangeCommand, Route53Client } from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../../../e2e/gateway/gateway.ts';

let gateway: Gateway;
let upstream: Server;
let answer: (path: string, body: string) => { status?: number; body: string };
const seen: string[] = [];

beforeEach(async () => {
  seen.length = 0;
  upstream = createServer(async (request, response) => {
    const body = (await buffer(request)).toString();
    seen.push(`${request.method} ${request.url} ${body}`);
    const { status = 200, body: text } = answer(request.url ?? '', body);
    response.writeHead(status, { 'content-type': text.startsWith('{') ? 'application/x-amz-json-1.0' : 'text/xml' });
    response.end(text);
  });
  await new Promise<void>((done) => upstream.listen(0, '127.0.0.1', done));
  gateway = await startGateway();
  const address = upstream.address();
  if (address !== null && typeof address === 'object') gateway.forwardTo(`http://127.0.0.1:${address.port}`);
});
afterEach(async () => {
  await gateway.stop();
  await new Promise((done) => upstream.close(done));
});

const as = (sessionToken?: string) => ({
  endpoint: gateway.endpoint,
  region: 'eu-west-1',
  maxAttempts: 1,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test', ...(sessionToken && { sessionToken }) },
});

test('records a function by its name, with what it asked and what it was answered', async () => {
  answer = () => ({ status: 400, body: '{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"no"}' });
  const call = new DynamoDBClient(as('forestall-score-risk')).send(new GetItemCommand({ TableName: 'forestall-services', Key: { serviceId: { S: 'shop' } } }));
  await expect(call).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  expect(gateway.calls).toMatchObject([
    {
      region: 'eu-west-1',
      service: 'dynamodb',
      operation: 'GetItem',
      caller: 'forestall-score-risk',
      input: { TableName: 'forestall-services', Key: { serviceId: { S: 'shop' } } },
      status: 400,
      errorCode: 'ConditionalCheckFailedException',
    },
  ]);
});

test('knows the operations of Route 53 by their paths', async () => {
  answer = () => ({
    body: '<GetChangeResponse><ChangeInfo><Id>/change/C1</Id><Status>INSYNC</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo></GetChangeResponse>',
  });
  await new Route53Client(as('forestall-verify-shift')).send(new GetChangeCommand({ Id: 'C1' }));
  expect(gateway.calls).toMatchObject([{ service: 'route53', operation: 'GetChange', input: { path: '/2013-04-01/change/C1', method: 'GET' } }]);
});

test('keeps nothing of the much that others send but that they did', async () => {
  answer = () => ({ body: '{}' });
  const MetricData = Array.from({ length: 100 }, (_, index) => ({ MetricName: `m${index}`, Value: index }));
  await new CloudWatchClient(as()).send(new PutMetricDataCommand({ Namespace: 'AWS/EC2', MetricData }));
  await new CloudWatchClient(as('forestall-dispatch-scoring')).send(new PutMetricDataCommand({ Namespace: 'Forestall', MetricData: MetricData.slice(0, 1) }));
  expect(gateway.calls).toMatchObject([
    { caller: 'outside', operation: 'PutMetricData', input: {} },
    { caller: 'forestall-dispatch-scoring', operation: 'PutMetricData', input: { Namespace: 'Forestall', MetricData: [{ MetricName: 'm0', Value: 0 }] } },
  ]);
});

test('tells its listeners before the caller knows', async () => {
  answer = () => ({ body: '<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>' });
  const order: string[] = [];
  const end = gateway.onAnswer(async ({ operation }, clientPort) => {
    await new Promise((done) => setTimeout(done, 20));
    order.push(`${operation} ${clientPort > 0}`);
  });
  await new EC2Client(as()).send(new DescribeInstancesCommand({}));
  order.push('caller');
  end();
  await new EC2Client(as()).send(new DescribeInstancesCommand({}));
  expect(order).toEqual(['DescribeInstances true', 'caller']);
});

test('makes CreateSnapshots of one CreateSnapshot a volume, with its tags and without excluded volumes', async () => {
  answer = (_path, body) => {
    const form = new URLSearchParams(body);
    if (form.get('Action') === 'DescribeInstances')
      return {
        body: `<DescribeInstancesResponse>${['vol-1', 'vol-2', 'vol-3'].map((id) => `<volumeId>${id}</volumeId>`).join('')}</DescribeInstancesResponse>`,
      };
    const volume = form.get('VolumeId');
    return {
      body: `<CreateSnapshotResponse><requestId>r</requestId><snapshotId>snap-${volume}</snapshotId><volumeId>${volume}</volumeId><status>pending</status></CreateSnapshotResponse>`,
    };
  };
  const { Snapshots } = await new EC2Client(as('forestall-create-snapshots')).send(
    new CreateSnapshotsCommand({
      InstanceSpecification: { InstanceId: 'i-1', ExcludeDataVolumeIds: ['vol-2'] },
      Description: 'of i-1',
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'forestall:service', Value: 'shop' }] }],
    }),
  );
  expect(Snapshots).toMatchObject([
    { SnapshotId: 'snap-vol-1', VolumeId: 'vol-1', State: 'pending' },
    { SnapshotId: 'snap-vol-3', VolumeId: 'vol-3', State: 'pending' },
  ]);
  expect(seen.filter((request) => request.includes('Action=CreateSnapshot&'))).toHaveLength(2);
  for (const request of seen.slice(1)) expect(request).toContain('TagSpecification.1.Tag.1.Value=shop');
  // On record as the one call that it was.
  expect(gateway.calls).toMatchObject([{ operation: 'CreateSnapshots', made: ['snap-vol-1', 'snap-vol-3'] }]);
});

test('passes on why CreateSnapshots is not possible', async () => {
  answer = () => ({ status: 400, body: '<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>no</Message></Error></Errors></Response>' });
  const call = new EC2Client(as('forestall-create-snapshots')).send(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: 'i-0' } }));
  await expect(call).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
  expect(gateway.calls).toMatchObject([{ operation: 'CreateSnapshots', status: 400, errorCode: 'InvalidInstanceID.NotFound' }]);
});

describe('client tokens', () => {
  const launch = (ClientToken: string, InstanceType: 't3.micro' | 't3.small' = 't3.micro') =>
    new EC2Client(as('forestall-prepare-standby')).send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1, ClientToken, InstanceType }));
  const idOf = ({ Instances }: { Instances?: { InstanceId?: string | undefined }[] | undefined }) => Instances?.[0]?.InstanceId;
  let launched = 0;
  beforeEach(() => {
    launched = 0;
    answer = () => ({
      body: `<RunInstancesResponse><reservationId>r</reservationId><instancesSet><item><instanceId>i-${++launched}</instanceId></item></instancesSet></RunInstancesResponse>`,
    });
  });

  test('the same launch again, even at the same time, is the same instance', async () => {
    const ids = (await Promise.all([launch('a'), launch('a'), launch('b')])).map(idOf);
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toBe(ids[1]);
    expect(idOf(await launch('a'))).toBe(ids[0]);
    expect(launched).toBe(2);
  });

  test('another launch with a token that was used is refused', async () => {
    await launch('a');
    await expect(launch('a', 't3.small')).rejects.toMatchObject({ name: 'IdempotentParameterMismatch' });
    expect(launched).toBe(1);
  });

  test('a launch that was refused may be tried again', async () => {
    const good = answer;
    answer = () => ({
      status: 400,
      body: '<Response><Errors><Error><Code>InsufficientInstanceCapacity</Code><Message>no</Message></Error></Errors></Response>',
    });
    await expect(launch('a')).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });
    answer = good;
    expect(idOf(await launch('a'))).toBe('i-1');
  });
});
