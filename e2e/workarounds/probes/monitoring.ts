// CloudWatch, and what is told to people: metrics, alarms, subscriptions, events.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { home, type Lab, needed, probeAccount, until } from '../lab.ts';
import type { Probe } from '../probe.ts';
import { passingTime } from './routing.ts';

const Namespace = 'Probe';
const side = (Value: string) => [{ Name: 'side', Value }];

async function addAlarm(lab: Lab, AlarmName: string, rest: Partial<PutMetricAlarmCommandInput>): Promise<void> {
  const common = { Namespace, MetricName: AlarmName, Statistic: 'Maximum', EvaluationPeriods: 1, Threshold: 1 } as const;
  await lab
    .client(CloudWatchClient)
    .send(new PutMetricAlarmCommand({ AlarmName, ...common, ComparisonOperator: 'GreaterThanOrEqualToThreshold', Period: 60, ...rest }));
}

async function stateOf(lab: Lab, AlarmName: string): Promise<string> {
  const { MetricAlarms } = await lab.client(CloudWatchClient).send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
  return needed(MetricAlarms?.[0]?.StateValue, `the state of ${AlarmName}`);
}

export const monitoringProbes: readonly Probe[] = [
  {
    id: 'descending-order-ignored',
    async look(lab) {
      const client = lab.client(CloudWatchClient);
      const now = Date.now();
      const MetricData = [1, 2, 3].map((Value) => ({ MetricName: 'order', Value, Timestamp: new Date(now - (4 - Value) * 60_000) }));
      await client.send(new PutMetricDataCommand({ Namespace, MetricData }));
      const { MetricDataResults } = await client.send(
        new GetMetricDataCommand({
          StartTime: new Date(now - 600_000),
          EndTime: new Date(now + 60_000),
          ScanBy: 'TimestampDescending',
          MetricDataQueries: [{ Id: 'order', MetricStat: { Metric: { Namespace, MetricName: 'order' }, Period: 60, Stat: 'Maximum' } }],
        }),
      );
      return { 'the oldest first': MetricDataResults?.[0]?.Values?.join() === '1,2,3' };
    },
  },
  {
    id: 'alarms-not-evaluated',
    async look(lab) {
      await addAlarm(lab, 'dimensions', { Dimensions: side('one') });
      await addAlarm(lab, 'silence', { Period: 10, TreatMissingData: 'breaching' });
      await lab
        .client(CloudWatchClient)
        .send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName: 'dimensions', Dimensions: side('other'), Value: 5 }] }));
      const other = await stateOf(lab, 'dimensions');
      await sleep(passingTime);
      return {
        'by the passing of time': (await stateOf(lab, 'silence')) === 'INSUFFICIENT_DATA',
        'by their own dimensions': other === 'ALARM',
      };
    },
  },
  {
    id: 'email-confirmed-at-once',
    async look(lab) {
      const { TopicArn } = await lab.client(SNSClient).send(new CreateTopicCommand({ Name: 'probe' }));
      const { SubscriptionArn } = await lab.client(SNSClient).send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'probe@example.com' }));
      return { 'an ARN at once': SubscriptionArn?.startsWith('arn:') === true };
    },
  },
  {
    id: 'events-not-delivered-to-logs',
    async look(lab) {
      const group = '/aws/events/probe';
      await lab.json('logs', 'Logs_20140328.CreateLogGroup', { logGroupName: group });
      const { QueueUrl } = await lab.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'probe' }));
      const events = lab.client(EventBridgeClient);
      await events.send(new PutRuleCommand({ Name: 'probe', EventPattern: JSON.stringify({ source: ['probe'] }) }));
      const Targets = [
        { Id: 'logs', Arn: `arn:aws:logs:${home}:${probeAccount}:log-group:${group}` },
        { Id: 'queue', Arn: `arn:aws:sqs:${home}:${probeAccount}:probe` },
      ];
      await events.send(new PutTargetsCommand({ Rule: 'probe', Targets }));
      await events.send(new PutEventsCommand({ Entries: [{ Source: 'probe', DetailType: 'Probe', Detail: '{}' }] }));
      // When the other target has it, the first one would have it too.
      await until(
        async () => (await lab.client(SQSClient).send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.length ?? 0,
        (count) => count > 0,
        'the event',
      );
      const found = await lab.json('logs', 'Logs_20140328.FilterLogEvents', { logGroupName: group });
      return { 'the log group is empty': /"events":\s*\[\s*\]/.test(found) };
    },
  },
];
