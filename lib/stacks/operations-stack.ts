// Who is told when Forestall itself does not work, and what they look at.
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { ComparisonOperator, type IMetric, MathExpression, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { defaultTableName, type FunctionName, functions, type TableName, tables } from '../../core/contracts/deployment.ts';
import { alarmedMachines, watchedForThrottling } from '../alarms.ts';
import type { ControlRegion } from '../config.ts';
import { OperationsAlarm, type OperationsAlarmProps } from '../constructs/operations-alarm.ts';
import { OperationsDashboard } from '../constructs/operations-dashboard.ts';
import type { Omission } from '../emulator.ts';
import { deadLetterQueueName, functionName, keyAlias, scoringQueueName, stateMachineArn, topicName } from '../names.ts';

export interface OperationsStackProps extends StackProps {
  readonly control: ControlRegion;
  readonly alarmEmail: string | undefined;
  readonly omitted: ReadonlySet<Omission>;
}

export class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, { control, alarmEmail, omitted, ...props }: OperationsStackProps) {
    super(scope, id, props);
    const topic = new Topic(this, 'notifications', {
      topicName,
      displayName: 'Forestall',
      masterKey: Alias.fromAliasName(this, 'key', keyAlias),
      enforceSSL: true,
    });
    topic.grantPublish(new ServicePrincipal('cloudwatch.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': this.account } } }));
    if (alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(alarmEmail));

    const alarm = (alarmProps: Omit<OperationsAlarmProps, 'topic'>) =>
      omitted.has('metricMathAlarms') && alarmProps.metric instanceof MathExpression ? [] : [new OperationsAlarm(this, { ...alarmProps, topic }).alarm];
    const whenAny = {
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    };

    const alarms = [
      alarm({
        text: 'scoring-stopped',
        metric: ofFunction('dispatch-scoring', 'Invocations'),
        threshold: 1,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: 3,
        treatMissingData: TreatMissingData.BREACHING,
      }),
      alarm({ text: 'scoring-errors', metric: ofFunction('dispatch-scoring', 'Errors'), ...whenAny, evaluationPeriods: 2 }),
      alarm({ text: 'scoring-late', metric: ofQueue(scoringQueueName, 'ApproximateAgeOfOldestMessage'), ...whenAny, threshold: 300, evaluationPeriods: 3 }),
      ...functionsWithDeadLetters.map((name) =>
        alarm({ text: 'dead-letters', about: name, metric: ofQueue(deadLetterQueueName(name), 'ApproximateNumberOfMessagesVisible'), ...whenAny }),
      ),
      ...alarmedMachines.map((name) =>
        alarm({
          text: 'workflow-failed',
          about: name,
          metric: sum(['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'].map((what) => ofMachine(stateMachineArn(control.region, name), what))),
          ...whenAny,
        }),
      ),
      alarm({ text: 'throttled', metric: sum(watchedForThrottling.map((name) => ofFunction(name, 'Throttles'))), ...whenAny, evaluationPeriods: 3 }),
      alarm({
        text: 'tables-throttled',
        metric: sum(tableNames.flatMap((name) => ['ReadThrottleEvents', 'WriteThrottleEvents'].map((what) => ofTable(name, what)))),
        ...whenAny,
        evaluationPeriods: 3,
      }),
    ].flat();

    new OperationsDashboard(this, control, alarms);
  }
}

const functionsWithDeadLetters = Object.keys(functions)
  .filter((name): name is FunctionName => Object.hasOwn(functions, name))
  .filter((name) => functions[name].trigger !== 'task');
const tableNames = Object.keys(tables).filter((name): name is TableName => Object.hasOwn(tables, name));

const perMinute = { period: Duration.minutes(1), statistic: Stats.SUM };
const ofFunction = (name: FunctionName, metricName: string) =>
  new Metric({ namespace: 'AWS/Lambda', metricName, dimensionsMap: { FunctionName: functionName(name) }, ...perMinute });
const ofQueue = (queueName: string, metricName: string) =>
  new Metric({ namespace: 'AWS/SQS', metricName, dimensionsMap: { QueueName: queueName }, ...perMinute, statistic: Stats.MAXIMUM });
const ofMachine = (arn: string, metricName: string) =>
  new Metric({ namespace: 'AWS/States', metricName, dimensionsMap: { StateMachineArn: arn }, ...perMinute });
const ofTable = (name: TableName, metricName: string) =>
  new Metric({ namespace: 'AWS/DynamoDB', metricName, dimensionsMap: { TableName: defaultTableName(name) }, ...perMinute });

/** Metrics without data count as 0; one data point suffices. */
function sum(metrics: readonly IMetric[]): IMetric {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return new MathExpression({
    expression: Object.keys(usingMetrics)
      .map((id) => `FILL(${id}, 0)`)
      .join(' + '),
    usingMetrics,
    label: 'sum',
    period: Duration.minutes(1),
  });
}
