// An EventBridge rule that calls a function, at once or through a queue, with retries and a queue for what cannot be delivered.
import { Duration } from 'aws-cdk-lib';
import { type EventPattern, type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ForestallFunction } from './function.ts';

export interface FunctionRuleProps {
  readonly ruleName: string;
  readonly description: string;
  /** undefined: the default bus */
  readonly eventBus?: IEventBus;
  readonly eventPattern: EventPattern;
  readonly target: ForestallFunction;
  /** The queue that the function is fed from; undefined: it is called with each event. */
  readonly through?: IQueue;
}

export class FunctionRule extends Construct {
  constructor(scope: Construct, id: string, { target, through, ...rule }: FunctionRuleProps) {
    super(scope, id);
    if (target.deadLetters === undefined) throw new Error(`${rule.ruleName}: the target of a rule needs a dead-letter queue`);
    const delivery = { deadLetterQueue: target.deadLetters, retryAttempts: 8, maxEventAge: Duration.hours(1) };
    new Rule(this, 'Rule', { ...rule, targets: [through === undefined ? new LambdaFunction(target.function, delivery) : new SqsQueue(through, delivery)] });
  }
}
