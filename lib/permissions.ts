// What each permission allows, as narrowly as IAM can say it. Who gets which is in grants.ts.
import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { evacuationMetric, ownershipTag, type TableName, tables } from '../core/contracts/deployment.ts';
import type { Plan, ResourceSelector } from '../core/contracts/plan.ts';
import type { ControlRegion } from './config.ts';
import * as names from './names.ts';

/** A statement, and why it names a resource by a wildcard if it does. */
export interface Allowed {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Required as soon as a resource contains `*`. */
  readonly wildcard?: string;
}

type Permission = (control: ControlRegion) => readonly Allowed[];

export const toStatement = ({ actions, resources, conditions }: Allowed): PolicyStatement =>
  new PolicyStatement({ actions: [...actions], resources: [...resources], ...(conditions === undefined ? {} : { conditions }) });

const distinct = (values: readonly string[]): string[] => [...new Set(values)].sort();
const sideRegions = ({ plans }: ControlRegion) => distinct(plans.flatMap(({ sides }) => [sides.primary.region, sides.standby.region]));
const primaryRegions = ({ plans }: ControlRegion) => distinct(plans.map(({ sides }) => sides.primary.region));
const standbyRegions = ({ plans }: ControlRegion) => distinct(plans.map(({ sides }) => sides.standby.region));
const services = ({ plans }: ControlRegion) => distinct(plans.map(({ service }) => service));
const ownedResource = (control: ControlRegion) => ({ StringEquals: { [`aws:ResourceTag/${ownershipTag}`]: services(control) } });
const ownedRequest = (control: ControlRegion) => ({ StringEquals: { [`aws:RequestTag/${ownershipTag}`]: services(control) } });
const inRegions = (regions: readonly string[]) => ({ StringEquals: { 'aws:RequestedRegion': regions } });
const standbyTargetGroups = (plans: readonly Plan[]) => distinct(plans.map(({ sides }) => sides.standby.loadBalancer.targetGroupArn));
const hostedZones = ({ plans }: ControlRegion) => distinct(plans.map(({ record }) => record.hostedZoneId)).map((id) => names.route53Arn(`hostedzone/${id}`));

const onTable =
  (table: TableName, ...actions: string[]): Permission =>
  ({ region }) => [{ actions, resources: [names.tableArn(region, table)] }];

const noResourceLevel = (what: string) => `${what} has no resource-level permissions; it only reads, and only in the Regions named.`;
const madeAtRunTime = (what: string) => `${what} are made at run time: their ids are not known before, the tag condition stands for them.`;

/** Route 53 takes the whole change batch into account: every name, type and action in it must be allowed. */
const changeWeights: Permission = ({ plans }) =>
  plans.map(({ record }) => ({
    actions: ['route53:ChangeResourceRecordSets'],
    resources: [names.route53Arn(`hostedzone/${record.hostedZoneId}`)],
    conditions: {
      'ForAllValues:StringEquals': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': [normalizedRecordName(record.name)],
        'route53:ChangeResourceRecordSetsRecordTypes': record.types,
        'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE', 'UPSERT'],
      },
      // ForAllValues is also true for a request without these keys.
      Null: { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': 'false' },
    },
  }));

/** Lower case, no dot at the end, anything but a-z, 0-9, `-`, `_` and `.` as an octal escape. */
export const normalizedRecordName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/[^a-z0-9_.-]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);

/** Volumes from encrypted snapshots are made with grants on the plan's keys, through EC2 only. */
const useStandbyKeys = (control: ControlRegion): Allowed[] => [
  {
    actions: ['kms:DescribeKey', 'kms:Decrypt', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
    resources: distinct(control.plans.map(({ sides }) => sides.standby.kmsKeyArn)),
    conditions: { StringEquals: { 'kms:ViaService': standbyRegions(control).map((region) => `ec2.${region}.amazonaws.com`) } },
  },
  {
    actions: ['kms:CreateGrant'],
    resources: distinct(control.plans.map(({ sides }) => sides.standby.kmsKeyArn)),
    conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
  },
];

/** What a launch takes or makes beside the instance, as far as the template names it: EC2 asks about each. */
const inTemplates = ['volume', 'network-interface', 'subnet', 'security-group', 'key-pair', 'placement-group', 'capacity-reservation'] as const;

const launchMirrors: Permission = (control) => [
  ...control.plans.flatMap(({ service, sides: { standby } }): Allowed[] => {
    const template = names.ec2Arn(standby.region, 'launch-template', standby.launchTemplate.id);
    const fromTemplate = { 'ec2:LaunchTemplate': template };
    return [
      {
        actions: ['ec2:RunInstances'],
        resources: [names.ec2Arn(standby.region, 'instance')],
        conditions: { ArnEquals: fromTemplate, StringEquals: { [`aws:RequestTag/${ownershipTag}`]: service } },
        wildcard: madeAtRunTime('Mirror instances'),
      },
      {
        actions: ['ec2:RunInstances'],
        resources: [
          template,
          ...inTemplates.map((type) => names.ec2Arn(standby.region, type)),
          names.sharedEc2Arn(standby.region, 'image'),
          names.sharedEc2Arn(standby.region, 'snapshot'),
        ],
        conditions: { ArnEquals: fromTemplate },
        wildcard: 'What a mirror is made of is named in the launch template, which the plan names; the condition ties the launch to that template.',
      },
      ...(standby.launchTemplate.roleArn === undefined
        ? []
        : [
            {
              actions: ['iam:PassRole'],
              resources: [standby.launchTemplate.roleArn],
              conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
            },
          ]),
    ];
  }),
  {
    actions: ['ec2:CreateTags'],
    resources: standbyRegions(control).flatMap((region) => [names.ec2Arn(region, 'instance'), names.ec2Arn(region, 'volume')]),
    conditions: { StringEquals: { ...ownedRequest(control).StringEquals, 'ec2:CreateAction': 'RunInstances' } },
    wildcard: madeAtRunTime('Mirror instances and their volumes'),
  },
  ...useStandbyKeys(control),
];

const onMirrors =
  (...actions: string[]): Permission =>
  (control) => [
    {
      actions,
      resources: standbyRegions(control).map((region) => names.ec2Arn(region, 'instance')),
      conditions: ownedResource(control),
      wildcard: madeAtRunTime('Mirror instances'),
    },
  ];

/** The instances that a selector means: by id exactly, by tags as far as IAM can say it. */
function protectedInstances(plan: Plan, selector: ResourceSelector): Allowed {
  const { region } = plan.sides.primary;
  const actions = ['ec2:CreateSnapshots'];
  if (selector.ids !== undefined) return { actions, resources: selector.ids.map((id) => names.ec2Arn(region, 'instance', id)) };
  return {
    actions,
    resources: [names.ec2Arn(region, 'instance')],
    conditions: { StringEquals: Object.fromEntries(Object.entries(selector.tags ?? {}).map(([key, value]) => [`aws:ResourceTag/${key}`, value])) },
    wildcard: 'The plan selects instances by tags: the tag condition stands for them.',
  };
}

const takeSnapshots: Permission = (control) => [
  ...control.plans.flatMap((plan) => plan.sides.primary.resources.map((selector) => protectedInstances(plan, selector))),
  {
    actions: ['ec2:CreateSnapshots'],
    resources: primaryRegions(control).map((region) => names.ec2Arn(region, 'volume')),
    wildcard:
      'EC2 checks every volume of the instance as well; which these are is not known before. The instance is limited by the statements beside this one.',
  },
  newSnapshots(control, 'CreateSnapshots', primaryRegions(control)),
  tagSnapshots(control, 'CreateSnapshots', primaryRegions(control)),
];

const newSnapshots = (control: ControlRegion, action: 'CreateSnapshots' | 'CopySnapshot', regions: readonly string[]): Allowed => ({
  actions: [`ec2:${action}`],
  resources: regions.map((region) => names.sharedEc2Arn(region, 'snapshot')),
  conditions: ownedRequest(control),
  wildcard: madeAtRunTime('Snapshots'),
});

const tagSnapshots = (control: ControlRegion, creation: 'CreateSnapshots' | 'CopySnapshot', regions: readonly string[]): Allowed => ({
  actions: ['ec2:CreateTags'],
  resources: regions.map((region) => names.sharedEc2Arn(region, 'snapshot')),
  conditions: { StringEquals: { ...ownedRequest(control).StringEquals, 'ec2:CreateAction': creation } },
  wildcard: madeAtRunTime('Snapshots'),
});

const copySnapshots: Permission = (control) => [
  newSnapshots(control, 'CopySnapshot', standbyRegions(control)),
  {
    actions: ['ec2:CopySnapshot'],
    resources: primaryRegions(control).map((region) => names.sharedEc2Arn(region, 'snapshot')),
    // CopySnapshot has no condition key for tags of the source. IfExists: what is not asked about cannot be a stranger's.
    conditions: { StringEqualsIfExists: { 'ec2:Owner': Aws.ACCOUNT_ID } },
    wildcard: 'Snapshots that are copied are made at run time: their ids are not known before. They must be of this account.',
  },
  tagSnapshots(control, 'CopySnapshot', standbyRegions(control)),
  ...useStandbyKeys(control),
  ...useSourceKeys(control),
];

/** The source is decrypted in its own Region, while the copy is under way by a grant. */
function useSourceKeys(control: ControlRegion): Allowed[] {
  const throughEc2 = { StringEquals: { 'kms:ViaService': sideRegions(control).map((region) => `ec2.${region}.amazonaws.com`) } };
  const keys = {
    resources: primaryRegions(control).map((region) => names.keyArns(region)),
    wildcard: "The plan does not name the keys of the protected volumes. EC2 alone may use them, and only where the key's own policy allows it.",
  };
  return [
    { ...keys, actions: ['kms:DescribeKey', 'kms:Decrypt', 'kms:ReEncryptFrom'], conditions: throughEc2 },
    { ...keys, actions: ['kms:CreateGrant'], conditions: { ...throughEc2, Bool: { 'kms:GrantIsForAWSResource': 'true' } } },
  ];
}

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
  // Latches are lifted by deleting them.
  'record latches': onTable('resources', 'dynamodb:PutItem', 'dynamodb:DeleteItem'),
  'forget latches': onTable('resources', 'dynamodb:DeleteItem'),
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
      // Route 53 publishes the status of health checks in us-east-1 only.
      conditions: inRegions(distinct([...sideRegions(control), 'us-east-1'])),
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
} as const satisfies Record<string, Permission>;
export type PermissionName = keyof typeof permissions;
