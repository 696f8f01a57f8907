// What each permission allows, as narrowly as IAM can say it. Who gets which is in grants.ts.
import { evacuationMetric, type TableName, tables } from '../../core/contracts/deployment.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import type { ControlRegion } from '../config.ts';
import * as names from '../names.ts';
import { distinct, inRegions, madeAtRunTime, noResourceLevel, ownedResource, type Permission, primaryRegions, sideRegions, standbyRegions } from './allowed.ts';
import { drivers } from './drivers.ts';
import { leftSides } from './left-sides.ts';
import { launchMirrors, onMirrors } from './mirrors.ts';
import { changeWeights } from './records.ts';
import { copySnapshots, takeSnapshots } from './snapshots.ts';

const standbyTargetGroups = (plans: readonly Plan[]) => distinct(plans.map(({ sides }) => sides.standby.loadBalancer.targetGroupArn));
const hostedZones = ({ plans }: ControlRegion) => distinct(plans.map(({ record }) => record.hostedZoneId)).map((id) => names.route53Arn(`hostedzone/${id}`));

const onTable =
  (table: TableName, ...actions: string[]): Permission =>
  ({ region }) => [{ actions, resources: [names.tableArn(region, table)] }];

/** What may be granted. The keys read as sentences: `<function> may <permission>`. */
export const permissions = {
  'read services': onTable('services', 'dynamodb:GetItem'),
  'list services': onTable('services', 'dynamodb:Scan'),
  'update services': onTable('services', 'dynamodb:UpdateItem'),
  'read subjects': onTable('resources', 'dynamodb:GetItem'),
  'list resources': onTable('resources', 'dynamodb:Query'),
  'find due resources': ({ region }) => [
    { actions: ['dynamodb:Query'], resources: [`${names.tableArn(region, 'resources')}/index/${tables.resources.index.name}`] },
  ],
  'update subjects': onTable('resources', 'dynamodb:UpdateItem'),
  'record mirrors': onTable('resources', 'dynamodb:PutItem'),
  'record evidence': onTable('resources', 'dynamodb:PutItem'),
  // Latches are lifted by deleting them.
  'record latches': onTable('resources', 'dynamodb:PutItem', 'dynamodb:DeleteItem'),
  'forget latches': onTable('resources', 'dynamodb:DeleteItem'),
  'read assessments': onTable('assessments', 'dynamodb:Query'),
  'write assessments': onTable('assessments', 'dynamodb:BatchWriteItem'),
  'read failovers': onTable('failovers', 'dynamodb:GetItem'),
  'read stories': onTable('failovers', 'dynamodb:Query'),
  'add to failovers': onTable('failovers', 'dynamodb:PutItem'),
  'update failovers': onTable('failovers', 'dynamodb:UpdateItem'),
  'queue scoring': ({ region }) => [{ actions: ['sqs:SendMessage'], resources: [names.scoringQueueArn(region)] }],
  'emit events': ({ region }) => [{ actions: ['events:PutEvents'], resources: [names.eventBusArn(region)] }],
  notify: ({ region }) => [{ actions: ['sns:Publish'], resources: [names.topicArn(region)] }],
  'start workflows': ({ region }) => [
    {
      actions: ['states:StartExecution'],
      resources: (['adjust-mirroring', 'fail-over', 'evacuate'] as const).map((name) => names.stateMachineArn(region, name)),
    },
  ],
  'start retirements': ({ region }) => [{ actions: ['states:StartExecution'], resources: [names.stateMachineArn(region, 'retire-side')] }],
  'start roll-backs': ({ region }) => [{ actions: ['states:StartExecution'], resources: [names.stateMachineArn(region, 'roll-back')] }],
  'follow failovers': ({ region }) => [
    {
      actions: ['states:DescribeExecution'],
      resources: (['fail-over', 'evacuate', 'roll-back'] as const).map((name) => names.executionArns(region, name)),
      wildcard: 'Executions are named after decisions, which are not known before; the machine is named.',
    },
  ],
  'read metrics': (control) => [
    {
      actions: ['cloudwatch:GetMetricData'],
      resources: ['*'],
      // Route 53 publishes the status of health checks in us-east-1 only; the replication lag may be measured anywhere.
      conditions: inRegions(distinct([...sideRegions(control), ...control.plans.flatMap(({ replication }) => replication?.region ?? []), 'us-east-1'])),
      wildcard: noResourceLevel('GetMetricData'),
    },
  ],
  'latch sides': ({ region }) => [
    {
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': evacuationMetric.namespace, 'aws:RequestedRegion': region } },
      wildcard: 'PutMetricData has no resource-level permissions; the namespace and the Region are conditions.',
    },
  ],
  'read records': (control) => [{ actions: ['route53:ListResourceRecordSets'], resources: hostedZones(control) }],
  'change weights': changeWeights,
  'follow record changes': () => [
    {
      actions: ['route53:GetChange'],
      resources: [names.route53Arn('change/*')],
      wildcard: 'Route 53 names a change when it accepts it. Reading its status is all that this allows.',
    },
  ],
  'read health checks': () => [
    {
      actions: ['route53:GetHealthCheck'],
      resources: [names.route53Arn('healthcheck/*')],
      wildcard: 'Health checks are found through the records they are attached to, which the operator may change. It only reads.',
    },
  ],
  // The mirror's only: what the primary is made of is told by CloudWatch and by its balancer.
  'see instances': (control) => [
    {
      actions: ['ec2:DescribeInstances', 'ec2:DescribeInstanceStatus'],
      resources: ['*'],
      conditions: inRegions(standbyRegions(control)),
      wildcard: noResourceLevel('DescribeInstances'),
    },
  ],
  'see announcements': (control) => [
    {
      actions: ['ec2:DescribeInstanceStatus'],
      resources: ['*'],
      conditions: inRegions(primaryRegions(control)),
      wildcard: noResourceLevel('DescribeInstanceStatus'),
    },
  ],
  'see snapshots': (control) => [
    {
      actions: ['ec2:DescribeSnapshots'],
      resources: ['*'],
      conditions: inRegions(sideRegions(control)),
      wildcard: noResourceLevel('DescribeSnapshots'),
    },
  ],
  'see targets': (control) => [
    {
      actions: ['elasticloadbalancing:DescribeTargetHealth'],
      resources: ['*'],
      conditions: inRegions(sideRegions(control)),
      wildcard: noResourceLevel('DescribeTargetHealth'),
    },
  ],
  'read quotas': (control) => [
    {
      actions: ['servicequotas:GetServiceQuota'],
      resources: ['*'],
      conditions: inRegions(standbyRegions(control)),
      wildcard: noResourceLevel('GetServiceQuota'),
    },
  ],
  // Mirrors are behind the standby's balancer only; what is behind the primary's is the customer's own.
  'register targets': ({ plans }) => [{ actions: ['elasticloadbalancing:RegisterTargets'], resources: standbyTargetGroups(plans) }],
  'deregister targets': ({ plans }) => [{ actions: ['elasticloadbalancing:DeregisterTargets'], resources: standbyTargetGroups(plans) }],
  'launch mirrors': launchMirrors,
  'start mirrors': onMirrors('ec2:StartInstances'),
  'terminate mirrors': onMirrors('ec2:TerminateInstances'),
  'take snapshots': takeSnapshots,
  'copy snapshots': copySnapshots,
  'delete snapshots': (control) => [
    {
      actions: ['ec2:DeleteSnapshot'],
      resources: sideRegions(control).map((region) => names.sharedEc2Arn(region, 'snapshot')),
      conditions: ownedResource(control),
      wildcard: madeAtRunTime('Snapshots'),
    },
  ],
  ...drivers,
  ...leftSides,
} as const satisfies Record<string, Permission>;
export type PermissionName = keyof typeof permissions;
