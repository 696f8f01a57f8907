// What EC2 asks IAM about the calls that Forestall makes: every resource that takes part, the tags, and the keys of encrypted volumes.
//
// Resource types and condition keys: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2".
// A request has only the keys that are listed there for its action and resource type. In particular CopySnapshot has no aws:ResourceTag.
// Keys of encrypted volumes: Amazon EBS User Guide, "How Amazon EBS encryption works", permissions for IAM principals.
// What a call does not name (a template's subnets, an instance's volumes) is written as `unnamed`.
// Volumes are taken to be encrypted, and templates to name all that they may name: what holds then holds without as well.
import { z } from 'zod';
import type { IamRequest } from './evaluate.ts';
import { type Inventory, tagsIn } from './inventory.ts';
import type { ObservedCall } from './observed-call.ts';

type Context = IamRequest['context'];
type Requests = (call: ObservedCall, inventory: Inventory) => IamRequest[];

const unnamed = 'unnamed';
const arnOf = (region: string, account: string, type: string, id: string) => `arn:aws:ec2:${region}:${account}:${type}/${id}`;
const sharedArn = (region: string, type: 'snapshot' | 'image', id: string) => `arn:aws:ec2:${region}::${type}/${id}`;

/** Tags that are asked for, as condition keys. */
function requestTags(tags: Readonly<Record<string, string>> = {}): Context {
  const keys = Object.keys(tags);
  return {
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:requesttag/${key.toLowerCase()}`, value])),
    ...(keys.length > 0 ? { 'aws:tagkeys': keys } : {}),
  };
}
const resourceTags = (tags: Readonly<Record<string, string>>): Context =>
  Object.fromEntries(Object.entries(tags).flatMap(([key, value]) => ['aws', 'ec2'].map((prefix) => [`${prefix}:resourcetag/${key.toLowerCase()}`, value])));

/** A call of EC2's to KMS, in the caller's name. */
const keyUses = (call: ObservedCall, keys: readonly string[], actions: readonly string[], account: string): IamRequest[] =>
  keys.flatMap((resource) =>
    actions.map((action) => ({
      action: `kms:${action}`,
      resource,
      context: {
        'kms:viaservice': `ec2.${call.region}.amazonaws.com`,
        'kms:calleraccount': account,
        ...(action === 'CreateGrant' ? { 'kms:grantisforawsresource': 'true' } : {}),
      },
    })),
  );
/** A volume is made, or attached again, by a grant on its key. */
const volumeKeyActions = ['CreateGrant', 'DescribeKey', 'Decrypt', 'GenerateDataKeyWithoutPlaintext', 'ReEncryptFrom', 'ReEncryptTo'];

const onInstances =
  (action: string): Requests =>
  (call, inventory) =>
    z
      .array(z.string())
      .parse(call.input['InstanceIds'])
      .map((id) => ({
        action: `ec2:${action}`,
        resource: arnOf(call.region, inventory.account, 'instance', id),
        context: resourceTags(inventory.tagsOf(id)),
      }));

const reads =
  (action: string): Requests =>
  () => [{ action: `ec2:${action}`, resource: '*', context: {} }];

const runInstances: Requests = (call, inventory) => {
  const { LaunchTemplateId } = z.object({ LaunchTemplateId: z.string() }).parse(call.input['LaunchTemplate']);
  const tags = tagsIn(call.input);
  const { account } = inventory;
  const template = arnOf(call.region, account, 'launch-template', LaunchTemplateId);
  const on = (resource: string, more: Context = {}): IamRequest => ({
    action: 'ec2:RunInstances',
    resource,
    context: { 'ec2:launchtemplate': template, ...more },
  });
  const role = inventory.roleOf(LaunchTemplateId);
  return [
    on(template),
    ...['instance', 'volume', 'network-interface'].map((type) => on(arnOf(call.region, account, type, unnamed), requestTags(tags.get(type)))),
    ...['subnet', 'security-group', 'key-pair', 'placement-group', 'capacity-reservation'].map((type) => on(arnOf(call.region, account, type, unnamed))),
    on(sharedArn(call.region, 'image', unnamed)),
    on(sharedArn(call.region, 'snapshot', unnamed)),
    ...[...tags].map(([type, asked]) => tagging(arnOf(call.region, account, type, unnamed), 'RunInstances', asked)),
    ...(role === undefined ? [] : [{ action: 'iam:PassRole', resource: role, context: { 'iam:passedtoservice': 'ec2.amazonaws.com' } }]),
    ...keyUses(call, inventory.keysOf(call.region), volumeKeyActions, account),
  ];
};

const tagging = (resource: string, creation: string, tags: Readonly<Record<string, string>>): IamRequest => ({
  action: 'ec2:CreateTags',
  resource,
  context: { ...requestTags(tags), 'ec2:createaction': creation },
});

/** The new snapshot, and its tags. */
function newSnapshot(call: ObservedCall): IamRequest[] {
  const resource = sharedArn(call.region, 'snapshot', unnamed);
  const tags = tagsIn(call.input).get('snapshot');
  return [{ action: `ec2:${call.operation}`, resource, context: requestTags(tags) }, ...(tags === undefined ? [] : [tagging(resource, call.operation, tags)])];
}

const createSnapshots: Requests = (call, inventory) => {
  const { InstanceId } = z.object({ InstanceId: z.string() }).parse(call.input['InstanceSpecification']);
  return [
    {
      action: 'ec2:CreateSnapshots',
      resource: arnOf(call.region, inventory.account, 'instance', InstanceId),
      context: resourceTags(inventory.tagsOf(InstanceId)),
    },
    { action: 'ec2:CreateSnapshots', resource: arnOf(call.region, inventory.account, 'volume', unnamed), context: {} },
    ...newSnapshot(call),
  ];
};

const copySnapshot: Requests = (call, inventory) => {
  const input = z.object({ SourceRegion: z.string(), SourceSnapshotId: z.string(), KmsKeyId: z.string() }).parse(call.input);
  const { account } = inventory;
  return [
    ...newSnapshot(call),
    // The account has made the source itself; that of another account would have another owner.
    { action: 'ec2:CopySnapshot', resource: sharedArn(input.SourceRegion, 'snapshot', input.SourceSnapshotId), context: { 'ec2:owner': account } },
    ...keyUses(call, [input.KmsKeyId], volumeKeyActions, account),
    // The source's Region decrypts while the copy is under way: by a grant too.
    ...keyUses(
      { ...call, region: input.SourceRegion },
      inventory.keysOf(input.SourceRegion),
      ['CreateGrant', 'DescribeKey', 'Decrypt', 'ReEncryptFrom'],
      account,
    ),
  ];
};

const deleteSnapshot: Requests = (call, inventory) => {
  const id = z.string().parse(call.input['SnapshotId']);
  return [
    {
      action: 'ec2:DeleteSnapshot',
      resource: sharedArn(call.region, 'snapshot', id),
      context: { ...resourceTags(inventory.tagsOf(id)), 'ec2:owner': inventory.account },
    },
  ];
};

export const ec2Requests: Readonly<Record<string, Requests>> = {
  DescribeInstances: reads('DescribeInstances'),
  DescribeInstanceStatus: reads('DescribeInstanceStatus'),
  DescribeSnapshots: reads('DescribeSnapshots'),
  RunInstances: runInstances,
  // The volumes of what is started are decrypted anew.
  StartInstances: (call, inventory) => [
    ...onInstances('StartInstances')(call, inventory),
    ...keyUses(call, inventory.keysOf(call.region), ['CreateGrant', 'DescribeKey', 'Decrypt'], inventory.account),
  ],
  StopInstances: onInstances('StopInstances'),
  TerminateInstances: onInstances('TerminateInstances'),
  CreateSnapshots: createSnapshots,
  CopySnapshot: copySnapshot,
  DeleteSnapshot: deleteSnapshot,
};
