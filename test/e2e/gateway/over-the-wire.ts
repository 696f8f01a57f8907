// Sends calls with the SDK's own clients to a recording server, so that there are records as the gateway makes them.
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as balancing from '@aws-sdk/client-elastic-load-balancing-v2';
import * as events from '@aws-sdk/client-eventbridge';
import * as route53 from '@aws-sdk/client-route-53';
import * as states from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import type { TracedCall } from '../../../e2e/differential/run-record.ts';
import type { GatewayRecord } from '../../../e2e/gateway/record.ts';
import { startRecordingServer } from './recording-server.ts';

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

/** Calls that only read are left out. */
export async function overTheWire(calls: readonly TracedCall[], caller = 'forestall-some-function'): Promise<GatewayRecord[]> {
  const server = await startRecordingServer();
  const records: GatewayRecord[] = [];
  try {
    for (const { at, service, operation, region, input, error } of calls) {
      if (/^(Get|Describe|List|Query$|Scan$|BatchWrite)/.test(operation)) continue;
      const [make, commands] = clients[service] ?? [];
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      const client = new (make as new (config: object) => Client)({ region, endpoint: server.endpoint, maxAttempts: 1, credentials });
      const command = commands?.[`${operation}Command`] as new (input: unknown) => object;
      const before = server.sent.length;
      // The server's answer is not one of AWS's.
      await client.send(new command(input)).catch(() => {});
      client.destroy();
      const sent = server.sent[before];
      if (sent === undefined) throw new Error(`${service}:${operation} sent nothing`);
      records.push({ ...sent, operation, at, caller, status: error === undefined ? 200 : 400, ...(error !== undefined && { errorCode: error }) });
    }
    return records;
  } finally {
    await server.close();
  }
}
