// An EventBridge rule that calls a function, with retries and a queue for what cannot be delivered.
import { Duration } from 'aws-cdk-lib';
import { type EventPattern, type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { ForestallFunction } from './function.ts';

export interface FunctionRuleProps {
  readonly ruleName: string;
  readonly description: string;
  /** undefined: the default bus */
  readonly eventBus?: IEventBus;
  readonly eventPattern: EventPattern;
  readonly target: ForestallFunction;
}

export class FunctionRule extends Construct {
  constructor(scope: Construct, id: string, { target, ...rule }: FunctionRuleProps) {
    super(scope, id);
    if (target.deadLetters === undefined) throw new Error(`${rule.ruleName}: the target of a rule needs a dead-letter queue`);
    new Rule(this, 'Rule', {
      ...rule,
      targets: [new LambdaFunction(target.function, { deadLetterQueue: target.deadLetters, retryAttempts: 8, maxEventAge: Duration.hours(1) })],
    });
  }
}
