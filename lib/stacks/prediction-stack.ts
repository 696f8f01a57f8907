// Scoring: a tick each minute, a queue of what is due, and the function that scores it.
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { functions } from '../../core/contracts/deployment.ts';
import { recordEvidencePattern } from '../../core/contracts/evidence.ts';
import type { ControlRegion } from '../config.ts';
import { DeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import { FunctionRule } from '../constructs/event-rule.ts';
import { ForestallFunction } from '../constructs/function.ts';
import { FunctionSchedule } from '../constructs/schedule.ts';
import { deadLetterQueueName, eventBusArn, evidenceQueueName, scoringQueueName } from '../names.ts';
import type { SourceFolders } from './source-folders.ts';

export interface PredictionStackProps extends StackProps {
  readonly control: ControlRegion;
  readonly sources: SourceFolders;
}

export class PredictionStack extends Stack {
  constructor(scope: Construct, id: string, { control, sources, ...props }: PredictionStackProps) {
    super(scope, id, props);
    const dispatch = new ForestallFunction(this, { name: 'dispatch-scoring', control, handlers: sources.handlers });
    new FunctionSchedule(this, 'dispatch-scoring', dispatch);

    const record = new ForestallFunction(this, { name: 'record-evidence', control, handlers: sources.handlers });
    if (record.deadLetters === undefined) throw new Error('record-evidence needs a dead-letter queue');
    const events = new Queue(this, 'evidence-queue', {
      queueName: evidenceQueueName,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(6 * functions['record-evidence'].timeoutSeconds),
      // An event that is read late is still right: it says of what time it is.
      retentionPeriod: Duration.days(1),
      deadLetterQueue: { queue: record.deadLetters, maxReceiveCount: 3 },
    });
    new FunctionRule(this, 'record-evidence-rule', {
      ruleName: 'forestall-record-evidence',
      description: 'Forestall: keeps what AWS says of hosts, and what was deployed',
      eventBus: EventBus.fromEventBusArn(this, 'event-bus', eventBusArn(control.region)),
      eventPattern: recordEvidencePattern,
      target: record,
      through: events,
    });
    record.function.addEventSource(
      new SqsEventSource(events, {
        batchSize: 10,
        reportBatchItemFailures: true,
        // A zone that dies sends hundreds of state changes in seconds. Called with each, the function would start as many containers, and each reads once what
        // is scored: the partition that dispatch-scoring reads, which must not be throttled then. The queue bounds it to two. Reserved concurrency would as
        // well, but it takes from the account's own, and an account that has no more than ten could not be deployed to.
        maxConcurrency: 2,
      }),
    );
    new FunctionSchedule(this, 'record-evidence', record);

    const queue = new Queue(this, 'scoring-queue', {
      queueName: scoringQueueName,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // Six times the function's time, as AWS advises: a message is not handed out again while it is being worked on.
      visibilityTimeout: Duration.seconds(6 * functions['score-risk'].timeoutSeconds),
      retentionPeriod: Duration.hours(1),
      deadLetterQueue: { queue: new DeadLetterQueue(this, 'scoring-dead-letters', deadLetterQueueName('score-risk')).queue, maxReceiveCount: 3 },
    });
    const score = new ForestallFunction(this, { name: 'score-risk', control, handlers: sources.handlers });
    score.function.addEventSource(
      new SqsEventSource(queue, {
        batchSize: 10,
        // One bad service must not make the others of its batch be scored twice.
        reportBatchItemFailures: true,
        // CloudWatch allows 50 GetMetricData calls a second in the account, which others need as well.
        maxConcurrency: 10,
      }),
    );
  }
}
