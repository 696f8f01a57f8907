// Which keys may be used, for whom and through what: of the copies, and of the volumes that they are copies of.
import type { ControlRegion } from '../config.ts';
import * as names from '../names.ts';
import { type Allowed, distinct, primaryRegions, sideRegions, standbyRegions } from './allowed.ts';

/** Volumes from encrypted snapshots are made with grants on the plan's keys, through EC2 only. */
export const useStandbyKeys = (control: ControlRegion): Allowed[] => [
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

/** The source is decrypted in its own Region, while the copy is under way by a grant. */
export function useSourceKeys(control: ControlRegion): Allowed[] {
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
