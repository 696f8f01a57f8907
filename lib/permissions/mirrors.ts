// What may be done with mirrors: launched from the plans' templates only, touched only when they carry Forestall's tag.
import { ownershipTag } from '../../core/contracts/deployment.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import * as names from '../names.ts';
import { type Allowed, madeAtRunTime, ownedRequest, ownedResource, type Permission, standbyRegions } from './allowed.ts';
import { useStandbyKeys } from './keys.ts';

/** What a launch takes or makes beside the instance, as far as the template names it: EC2 asks about each. */
const inTemplates = ['volume', 'network-interface', 'subnet', 'security-group', 'key-pair', 'placement-group', 'capacity-reservation'] as const;

/** Starting instances of a service from one template, and passing on the one role that the plan names. */
export function launchFrom(service: string, region: string, { id, roleArn }: Plan['sides']['standby']['launchTemplate']): Allowed[] {
  const template = names.ec2Arn(region, 'launch-template', id);
  const fromTemplate = { 'ec2:LaunchTemplate': template };
  return [
    {
      actions: ['ec2:RunInstances'],
      resources: [names.ec2Arn(region, 'instance')],
      conditions: { ArnEquals: fromTemplate, StringEquals: { [`aws:RequestTag/${ownershipTag}`]: service } },
      wildcard: madeAtRunTime('Mirror instances'),
    },
    {
      actions: ['ec2:RunInstances'],
      resources: [
        template,
        ...inTemplates.map((type) => names.ec2Arn(region, type)),
        names.sharedEc2Arn(region, 'image'),
        names.sharedEc2Arn(region, 'snapshot'),
      ],
      conditions: { ArnEquals: fromTemplate },
      wildcard: 'What a mirror is made of is named in the launch template, which the plan names; the condition ties the launch to that template.',
    },
    ...(roleArn === undefined
      ? []
      : [{ actions: ['iam:PassRole'], resources: [roleArn], conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } } }]),
  ];
}

export const launchMirrors: Permission = (control) => [
  ...control.plans.flatMap(({ service, sides: { standby } }) => launchFrom(service, standby.region, standby.launchTemplate)),
  {
    actions: ['ec2:CreateTags'],
    resources: standbyRegions(control).flatMap((region) => [names.ec2Arn(region, 'instance'), names.ec2Arn(region, 'volume')]),
    conditions: { StringEquals: { ...ownedRequest(control).StringEquals, 'ec2:CreateAction': 'RunInstances' } },
    wildcard: madeAtRunTime('Mirror instances and their volumes'),
  },
  ...useStandbyKeys(control),
];

export const onMirrors =
  (...actions: string[]): Permission =>
  (control) => [
    {
      actions,
      resources: standbyRegions(control).map((region) => names.ec2Arn(region, 'instance')),
      conditions: ownedResource(control),
      wildcard: madeAtRunTime('Mirror instances'),
    },
  ];
