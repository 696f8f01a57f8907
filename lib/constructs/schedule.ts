// Calls a function every few minutes.
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { schedules } from '../../core/contracts/deployment.ts';
import { functionName } from '../names.ts';
import type { ForestallFunction } from './function.ts';

export class FunctionSchedule extends Construct {
  constructor(scope: Construct, name: keyof typeof schedules, target: ForestallFunction) {
    super(scope, `${name}-schedule`);
    const { rateMinutes } = schedules[name];
    if (target.deadLetters === undefined) throw new Error(`${name} is on a schedule and needs a dead-letter queue`);
    const group = new CfnScheduleGroup(this, 'Group', { name: functionName(name) });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } } }),
    });
    role.addToPolicy(target.invokeStatement());
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [target.deadLetters.queueArn] }));
    const schedule = new CfnSchedule(this, 'Schedule', {
      name: functionName(name),
      groupName: functionName(name),
      description: `Forestall: ${name} every ${rateMinutes} minute(s)`,
      scheduleExpression: rateMinutes === 1 ? 'rate(1 minute)' : `rate(${rateMinutes} minutes)`,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: target.function.functionArn,
        roleArn: role.roleArn,
        // An old tick is worth nothing: the next one looks at everything that is due.
        retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 2 },
        deadLetterConfig: { arn: target.deadLetters.queueArn },
      },
    });
    schedule.addResourceDependency(group);
    // Otherwise the schedule may run before its role may call the function.
    schedule.node.addDependency(role);
  }
}
