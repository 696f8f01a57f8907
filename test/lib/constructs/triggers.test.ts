// What calls functions: schedules, rules and the scoring queue.

import { Match, Template } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { describe, expect, test } from 'vitest';
import { stateMachines } from '../../../core/contracts/deployment.ts';
import { detailType } from '../../../core/contracts/events.ts';
import { hostEventPattern } from '../../../core/contracts/evidence.ts';
import { FunctionRule } from '../../../lib/constructs/event-rule.ts';
import { ForestallFunction } from '../../../lib/constructs/function.ts';
import { HostEvents } from '../../../lib/constructs/host-events.ts';
import { FunctionSchedule } from '../../../lib/constructs/schedule.ts';
import { control, fixtureStack, policyStatements, synthesise } from '../fixture-app.ts';

const { templates } = synthesise();
const stackOf = (kind: string) => {
  const template = templates.get(`forestall-eu-central-1-${kind}`);
  if (template === undefined) throw new Error(`no stack ${kind}`);
  return template;
};

describe('a schedule', () => {
  test.each([
    ['prediction', 'dispatch-scoring', 'rate(1 minute)'],
    ['prediction', 'record-evidence', 'rate(5 minutes)'],
    ['failover', 'sweep-orphans', 'rate(5 minutes)'],
    ['failover', 'schedule-moves', 'rate(5 minutes)'],
  ])('of the %s stack calls %s at %s and puts aside what it cannot deliver', (kind, name, rate) => {
    stackOf(kind).hasResourceProperties('AWS::Scheduler::Schedule', {
      Name: `forestall-${name}`,
      GroupName: `forestall-${name}`,
      ScheduleExpression: rate,
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 2 }, DeadLetterConfig: { Arn: Match.anyValue() } },
    });
  });

  test('calls exactly its function', () => {
    const stack = fixtureStack();
    new FunctionSchedule(stack, 'sweep-orphans', new ForestallFunction(stack, { name: 'sweep-orphans', control: control() }));
    const invoking = policyStatements(Template.fromStack(stack)).filter(({ statement }) => statement.Action === 'lambda:InvokeFunction');
    expect(invoking.map(({ statement }) => statement.Resource)).toEqual([{ 'Fn::GetAtt': [expect.stringContaining('sweeporphansFunction'), 'Arn'] }]);
  });
});

describe('a rule', () => {
  test('starts workflows from decisions on our own bus', () => {
    stackOf('failover').hasResourceProperties('AWS::Events::Rule', {
      Name: 'forestall-start-workflow',
      EventBusName: Match.anyValue(),
      EventPattern: {
        source: ['forestall'],
        'detail-type': [
          detailType.levelChanged,
          detailType.mirroringDue,
          detailType.critical,
          detailType.sideUnhealthy,
          detailType.failBackApproved,
          detailType.drillDue,
        ],
      },
      Targets: [{ DeadLetterConfig: { Arn: Match.anyValue() }, RetryPolicy: { MaximumRetryAttempts: 8, MaximumEventAgeInSeconds: 3600 } }],
    });
  });

  test('keeps what is forwarded from every Region', () => {
    stackOf('prediction').hasResourceProperties('AWS::Events::Rule', {
      Name: 'forestall-record-evidence',
      EventBusName: Match.anyValue(),
      EventPattern: hostEventPattern,
      Targets: [{ DeadLetterConfig: { Arn: Match.anyValue() }, RetryPolicy: { MaximumRetryAttempts: 8, MaximumEventAgeInSeconds: 3600 } }],
    });
  });

  test('settles what failed in any of our machines, and in no other', () => {
    const rules = stackOf('failover').findResources('AWS::Events::Rule', { Properties: { Name: 'forestall-settle-execution' } });
    const [pattern] = Object.values(rules).map(({ Properties }) => Properties.EventPattern);
    expect(pattern.source).toEqual(['aws.states']);
    expect(pattern.detail.status).toEqual(['FAILED', 'TIMED_OUT', 'ABORTED']);
    const arns = JSON.stringify(pattern.detail.stateMachineArn);
    expect(pattern.detail.stateMachineArn).toHaveLength(stateMachines.length);
    for (const name of stateMachines) expect(arns).toContain(`:stateMachine:forestall-${name}"`);
  });

  test('refuses a target that has nowhere to put dead letters', () => {
    const stack = fixtureStack();
    const target = new ForestallFunction(stack, { name: 'check-drain', control: control() });
    const eventBus = EventBus.fromEventBusName(stack, 'bus', 'forestall');
    expect(() => new FunctionRule(stack, 'rule', { ruleName: 'r', description: 'd', eventBus, eventPattern: { source: ['forestall'] }, target })).toThrow(
      'needs a dead-letter queue',
    );
  });
});

test('the scoring queue reports failures one by one and gives up after three tries', () => {
  const prediction = stackOf('prediction');
  prediction.hasResourceProperties('AWS::Lambda::EventSourceMapping', { FunctionResponseTypes: ['ReportBatchItemFailures'], BatchSize: 10 });
  prediction.hasResourceProperties('AWS::SQS::Queue', { QueueName: 'forestall-scoring', VisibilityTimeout: 300, RedrivePolicy: { maxReceiveCount: 3 } });
});

test('host events are worked off by two at a time, however many there are, and one that cannot be handled is put aside', () => {
  const prediction = stackOf('prediction');
  prediction.hasResourceProperties('AWS::SQS::Queue', { QueueName: 'forestall-evidence', VisibilityTimeout: 360, RedrivePolicy: { maxReceiveCount: 3 } });
  const [queue] = Object.keys(prediction.findResources('AWS::SQS::Queue', { Properties: { QueueName: 'forestall-evidence' } }));
  prediction.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    EventSourceArn: { 'Fn::GetAtt': [queue, 'Arn'] },
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: 2 },
  });
  prediction.hasResourceProperties('AWS::Events::Rule', { Name: 'forestall-record-evidence', Targets: [{ Arn: { 'Fn::GetAtt': [queue, 'Arn'] } }] });
});

test('host events of another Region go to the bus of the control Region', () => {
  const stack = fixtureStack('eu-west-1');
  new HostEvents(stack, 'eu-central-1');
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      source: ['aws.ec2', 'aws.health', 'aws.codedeploy', 'aws.ecs', 'forestall.deployment'],
      'detail-type': [
        'EC2 Instance State-change Notification',
        'AWS Health Event',
        'CodeDeploy Deployment State-change Notification',
        'ECS Deployment State Change',
        'Deployment',
      ],
    },
    Targets: [{ Arn: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':events:eu-central-1:')])] }, RoleArn: Match.anyValue() }],
  });
});
