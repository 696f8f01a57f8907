// What may be done to a side that was left: only where a plan wants it, and only to instances that carry the service's tag, which says that their owner agrees.
import { ownershipTag } from '../../core/contracts/deployment.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import type { ControlRegion } from '../config.ts';
import * as names from '../names.ts';
import { type Allowed, distinct, inRegions, madeAtRunTime, noResourceLevel, type Permission } from './allowed.ts';
import { launchFrom } from './mirrors.ts';

type Wish = Plan['after']['losingSide'];

const plansThatWant = ({ plans }: ControlRegion, ...wishes: Wish[]): Plan[] => plans.filter(({ after }) => wishes.includes(after.losingSide));
const regionsOf = (plans: readonly Plan[]) => distinct(plans.map(({ sides }) => sides.primary.region));

const whereWanted =
  (wishes: readonly Wish[], allow: (plans: readonly Plan[]) => readonly Allowed[]): Permission =>
  (control) => {
    const plans = plansThatWant(control, ...wishes);
    return plans.length === 0 ? [] : allow(plans);
  };

/** One plan at a time: the tag of one service allows nothing in the Region of another. */
const onTagged = (wish: Wish, action: string): Permission =>
  whereWanted([wish], (plans) =>
    plans.map(({ service, sides: { primary } }) => ({
      actions: [action],
      resources: [names.ec2Arn(primary.region, 'instance')],
      conditions: { StringEquals: { [`aws:ResourceTag/${ownershipTag}`]: service } },
      wildcard: 'The owner says which instances by their tag: the tag condition stands for them.',
    })),
  );

const onTargetGroups = (wishes: readonly Wish[], action: string): Permission =>
  whereWanted(wishes, (plans) => [{ actions: [action], resources: distinct(plans.map(({ sides }) => sides.primary.loadBalancer.targetGroupArn)) }]);

export const leftSides = {
  'see left sides': whereWanted(['decommission', 'rebuild'], (plans) => [
    {
      actions: ['ec2:DescribeInstances', 'ec2:DescribeInstanceStatus'],
      resources: ['*'],
      conditions: inRegions(regionsOf(plans)),
      wildcard: noResourceLevel('DescribeInstances'),
    },
  ]),
  'deregister left targets': onTargetGroups(['decommission', 'rebuild'], 'elasticloadbalancing:DeregisterTargets'),
  'register replacements': onTargetGroups(['rebuild'], 'elasticloadbalancing:RegisterTargets'),
  'stop left instances': onTagged('decommission', 'ec2:StopInstances'),
  'terminate left instances': onTagged('rebuild', 'ec2:TerminateInstances'),
  'launch replacements': whereWanted(['rebuild'], (plans) => [
    ...plans.flatMap(({ service, sides: { primary } }) => (primary.launchTemplate ? launchFrom(service, primary.region, primary.launchTemplate) : [])),
    {
      actions: ['ec2:CreateTags'],
      resources: regionsOf(plans).flatMap((region) => [names.ec2Arn(region, 'instance'), names.ec2Arn(region, 'volume')]),
      conditions: { StringEquals: { [`aws:RequestTag/${ownershipTag}`]: plans.map(({ service }) => service), 'ec2:CreateAction': 'RunInstances' } },
      wildcard: madeAtRunTime('Replacements and their volumes'),
    },
    ...keysOfTemplates(plans),
  ]),
} as const satisfies Record<string, Permission>;

/** The plan does not name the keys of the primary's volumes: EC2 alone may use them for the launch, and only where the key's own policy allows it. */
function keysOfTemplates(plans: readonly Plan[]): Allowed[] {
  const regions = regionsOf(plans);
  const throughEc2 = { StringEquals: { 'kms:ViaService': regions.map((region) => `ec2.${region}.amazonaws.com`) } };
  const keys = {
    resources: regions.map((region) => names.keyArns(region)),
    wildcard: "The plan does not name the keys of the primary's volumes. EC2 alone may use them, and only where the key's own policy allows it.",
  };
  return [
    {
      ...keys,
      actions: ['kms:DescribeKey', 'kms:Decrypt', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
      conditions: throughEc2,
    },
    { ...keys, actions: ['kms:CreateGrant'], conditions: { ...throughEc2, Bool: { 'kms:GrantIsForAWSResource': 'true' } } },
  ];
}
