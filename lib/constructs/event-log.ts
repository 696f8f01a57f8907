// Writes every event of the bus to a log group: what was decided when, and what AWS said about hosts at the time.
import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, ResourcePolicy, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { eventSource } from '../../core/contracts/events.ts';
import { hostEventPattern } from '../../core/contracts/evidence.ts';
import { eventLogGroup } from '../names.ts';

export class EventLog extends Construct {
  constructor(scope: Construct, eventBus: EventBus) {
    super(scope, 'event-log');
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: eventLogGroup,
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const rule = new Rule(this, 'Rule', {
      ruleName: 'forestall-event-log',
      eventBus,
      eventPattern: { source: [eventSource, ...hostEventPattern.source] },
      // Not the CDK's own target: it would add a custom resource to write the policy below.
      targets: [
        {
          bind: () => ({
            arn: Stack.of(this).formatArn({ service: 'logs', resource: 'log-group', resourceName: eventLogGroup, arnFormat: ArnFormat.COLON_RESOURCE_NAME }),
          }),
        },
      ],
    });
    new ResourcePolicy(this, 'Policy', {
      resourcePolicyName: 'forestall-event-log',
      policyStatements: [
        new PolicyStatement({
          principals: [new ServicePrincipal('events.amazonaws.com'), new ServicePrincipal('delivery.logs.amazonaws.com')],
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [logGroup.logGroupArn],
          conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
        }),
      ],
    });
  }
}
