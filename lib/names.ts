// The names of what is deployed: built here alone, so that stacks find each other without exports.
import { Aws } from 'aws-cdk-lib';
import {
  defaultTableName,
  environment,
  type FunctionName,
  type StateMachineName,
  stateMachineNamePrefix,
  type TableName,
} from '../core/contracts/deployment.ts';

export type StackKind = 'state' | 'prediction' | 'failover' | 'operations';

export const stackName = (controlRegion: string, kind: StackKind): string => `forestall-${controlRegion}-${kind}`;
/** Stack in an observed Region that forwards what only happens there. */
export const forwardingStackName = (controlRegion: string, observedRegion: string): string => `forestall-${controlRegion}-events-of-${observedRegion}`;

export const functionName = (name: FunctionName): string => `forestall-${name}`;
export const stateMachineName = (name: StateMachineName): string => `${stateMachineNamePrefix}${name}`;
export const scoringQueueName = 'forestall-scoring';
export const evidenceQueueName = 'forestall-evidence';
/** Where what a function could not handle ends up. */
export const deadLetterQueueName = (of: FunctionName): string => `forestall-${of}-dead-letters`;
export const eventBusName = 'forestall';
export const topicName = 'forestall-notifications';
export const keyAlias = 'alias/forestall';

export const functionLogGroup = (name: FunctionName): string => `/aws/lambda/${functionName(name)}`;
/** Log groups that begin with /aws/vendedlogs/ keep the account's log resource policy small, which is limited in size. */
export const stateMachineLogGroup = (name: StateMachineName): string => `/aws/vendedlogs/states/${stateMachineName(name)}`;
export const eventLogGroup = '/aws/events/forestall';

/** ARN in the deploying account. */
const arn = (service: string, region: string, resource: string): string => `arn:${Aws.PARTITION}:${service}:${region}:${Aws.ACCOUNT_ID}:${resource}`;

export const tableArn = (region: string, name: TableName): string => arn('dynamodb', region, `table/${defaultTableName(name)}`);
export const scoringQueueArn = (region: string): string => arn('sqs', region, scoringQueueName);
export const eventBusArn = (region: string): string => arn('events', region, `event-bus/${eventBusName}`);
export const topicArn = (region: string): string => arn('sns', region, topicName);
export const stateMachineArn = (region: string, name: StateMachineName): string => arn('states', region, `stateMachine:${stateMachineName(name)}`);
/** Executions of one machine; their names are chosen at run time. */
export const executionArns = (region: string, name: StateMachineName): string => arn('states', region, `execution:${stateMachineName(name)}:*`);
/** EC2 resources of one type that the account owns: instance, volume, ... `id` defaults to all of them. */
export const ec2Arn = (region: string, type: string, id = '*'): string => arn('ec2', region, `${type}/${id}`);
/** Snapshots and images have no account in their ARN. */
export const sharedEc2Arn = (region: string, type: 'snapshot' | 'image'): string => `arn:${Aws.PARTITION}:ec2:${region}::${type}/*`;
export const keyArns = (region: string): string => arn('kms', region, 'key/*');
export const alarmArn = (region: string, alarmName: string): string => arn('cloudwatch', region, `alarm:${alarmName}`);
/** A name that is a path begins with a slash, which the ARN has already. */
export const parameterArn = (region: string, name: string): string => arn('ssm', region, `parameter/${name.replace(/^\//, '')}`);
export const appConfigArn = (region: string, resource: string): string => arn('appconfig', region, resource);
/** Route 53 is global: no Region and no account. */
export const route53Arn = (resource: string): string => `arn:${Aws.PARTITION}:route53:::${resource}`;

/** The environment of every function of a control Region. */
export function functionEnvironment(region: string): Record<string, string> {
  return {
    [environment.servicesTable]: defaultTableName('services'),
    [environment.resourcesTable]: defaultTableName('resources'),
    [environment.assessmentsTable]: defaultTableName('assessments'),
    [environment.failoversTable]: defaultTableName('failovers'),
    [environment.scoringQueueUrl]: `https://sqs.${region}.${Aws.URL_SUFFIX}/${Aws.ACCOUNT_ID}/${scoringQueueName}`,
    [environment.eventBusName]: eventBusName,
    [environment.notificationsTopicArn]: topicArn(region),
    [environment.stateMachineArnPrefix]: arn('states', region, `stateMachine:${stateMachineNamePrefix}`),
  };
}
