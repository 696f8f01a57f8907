// What may be snapshotted, copied and deleted: the plans' instances, and what Forestall made of them.
import { Aws } from 'aws-cdk-lib';
import type { Plan } from '../../core/contracts/plan.ts';
import type { ResourceSelector } from '../../core/contracts/plan-sides.ts';
import type { ControlRegion } from '../config.ts';
import * as names from '../names.ts';
import { type Allowed, madeAtRunTime, ownedRequest, ownedResource, type Permission, primaryRegions, standbyRegions } from './allowed.ts';
import { useSourceKeys, useStandbyKeys } from './keys.ts';

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

export const takeSnapshots: Permission = (control) => [
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

export const copySnapshots: Permission = (control) => [
  newSnapshots(control, 'CopySnapshot', standbyRegions(control)),
  {
    actions: ['ec2:CopySnapshot'],
    resources: primaryRegions(control).map((region) => names.sharedEc2Arn(region, 'snapshot')),
    // IfExists: CopySnapshot is not documented to tell of the source's tags. Where it does, they have to be Forestall's.
    conditions: { StringEqualsIfExists: { 'ec2:Owner': Aws.ACCOUNT_ID, ...ownedResource(control).StringEquals } },
    wildcard: 'Snapshots that are copied are made at run time: their ids are not known before. They must be of this account.',
  },
  tagSnapshots(control, 'CopySnapshot', standbyRegions(control)),
  ...useStandbyKeys(control),
  ...useSourceKeys(control),
];
