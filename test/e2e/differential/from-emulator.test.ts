// The calls of a run on the simulated cloud, sent over the wire by the SDK's clients and read back as the gateway's: the same trace.

import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as balancing from '@aws-sdk/client-elastic-load-balancing-v2';
import * as events from '@aws-sdk/client-eventbridge';
import * as route53 from '@aws-sdk/client-route-53';
import * as states from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CollectedRun } from '../../../e2e/assertions/collect-run.ts';
import { UnattributedCallError } from '../../../e2e/differential/attribution.ts';
import { describeDifference, differencesOf } from '../../../e2e/differential/compare.ts';
import { recordsOfEmulator } from '../../../e2e/differential/from-emulator.ts';
import type { RunRecord, TracedCall } from '../../../e2e/differential/run-record.ts';
import { traceOf } from '../../../e2e/differential/trace.ts';
import type { GatewayRecord } from '../../../e2e/gateway/record.ts';
import { type RecordingServer, startRecordingServer } from '../gateway/recording-server.ts';
import { grayFailure, play, rewritten } from './runs.ts';

interface Client {
  send(command: unknown): Promise<unknown>;
  destroy(): void;
}
const clients: Readonly<Record<string, readonly [unknown, Readonly<Record<string, unknown>>]>> = {
  cloudwatch: [cloudwatch.CloudWatchClient, cloudwatch],
  dynamodb: [dynamodb.DynamoDBClient, dynamodb],
  ec2: [ec2.EC2Client, ec2],
  elasticloadbalancing: [balancing.ElasticLoadBalancingV2Client, balancing],
  events: [events.EventBridgeClient, events],
  route53: [route53.Route53Client, route53],
  sns: [sns.SNSClient, sns],
  sqs: [sqs.SQSClient, sqs],
  states: [states.SFNClient, states],
};

let server: RecordingServer;
let run: RunRecord;
let wire: GatewayRecord[];

async function overTheWire({ at, service, operation, region, input, error }: TracedCall): Promise<GatewayRecord> {
  const [make, commands] = clients[service] ?? [];
  const client = new (make as new (config: object) => Client)({
    ...{ region, endpoint: server.endpoint, maxAttempts: 1, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
  });
  const before = server.sent.length;
  const command = commands?.[`${operation}Command`] as new (input: unknown) => object;
  await client.send(new command(input)).catch(() => {});
  client.destroy();
  const sent = server.sent[before];
  if (sent === undefined) throw new Error(`${service}:${operation} sent nothing`);
  return {
    ...sent,
    operation,
    at,
    caller: 'forestall-some-function',
    status: error === undefined ? 200 : 400,
    ...(error !== undefined && { errorCode: error }),
  };
}

beforeAll(async () => {
  server = await startRecordingServer();
  run = await play(grayFailure, 1);
  const mutating = run.calls.filter(({ operation }) => !/^(Get|Describe|List|Query$|Scan$|BatchWrite)/.test(operation));
  wire = [];
  for (const call of mutating) wire.push(await overTheWire(call));
});
afterAll(() => server.close());

const collected = (record: RunRecord): CollectedRun => ({
  ...record,
  executions: record.executions.map((execution) => ({ ...execution, endedAt: undefined, attempts: [] })),
  ...{ claims: [], mirrors: [], snapshots: [], latches: [] },
});

it('makes the same trace of the same calls', () => {
  const [record] = recordsOfEmulator([collected(run)], wire);
  if (record === undefined) throw new Error('there is no record');
  expect(record.calls.length).toBeGreaterThan(200);
  expect(differencesOf(traceOf(run), traceOf(record)).map(describeDifference)).toEqual([]);
});

it('keeps services apart that are played at one time, and leaves out who is no function of ours', () => {
  const rename = (text: string) => text.replace(/\bshop\b/g, 'mall').replace(/\b(i|snap)-[0-9a-f]/g, '$1-0');
  const mall = rewritten(run, rename);
  const other = wire.map((record) => ({ ...record, input: JSON.parse(rename(JSON.stringify(record.input))) as unknown }));
  const outside = wire.map((record) => ({ ...record, caller: 'outside', input: {} }));
  const both = [...outside, ...wire, ...other].sort((a, b) => a.at - b.at);
  const [first, second] = recordsOfEmulator([collected(run), collected(mall)], both);
  if (first === undefined || second === undefined) throw new Error('there are not two records');
  expect(mall.plan.service).toBe('mall');
  expect(differencesOf(traceOf(run), traceOf(first)).map(describeDifference)).toEqual([]);
  expect(differencesOf(traceOf(mall), traceOf(second)).map(describeDifference)).toEqual([]);
  expect(second.calls.length).toBe(first.calls.length);
});

it('refuses a call that is about no service', () => {
  const launch = wire.find(({ operation }) => operation === 'RunInstances');
  const stray = { ...launch, input: { MinCount: '1', MaxCount: '1' } } as GatewayRecord;
  expect(() => recordsOfEmulator([collected(run)], [...wire, stray])).toThrow(UnattributedCallError);
});
