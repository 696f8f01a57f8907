// What IAM is asked about a call, as AWS documents it, whether the call came from the simulated cloud or over the wire.
import { expect, test } from 'vitest';
import { UnknownCallError } from '../../../e2e/gateway/sdk-schema.ts';
import { fromGateway } from '../../../e2e/permissions/from-gateway.ts';
import { Inventory } from '../../../e2e/permissions/inventory.ts';
import type { ObservedCall } from '../../../e2e/permissions/observed-call.ts';
import { requestsOf } from '../../../e2e/permissions/requests.ts';
import { account } from './fixture.ts';
import { plan } from './stories.ts';

const inventory = () => new Inventory(account, [plan], { 'i-1': { service: 'shop', Side: 'primary' } });
const call = (service: string, operation: string, input: object, more: Partial<ObservedCall> = {}): ObservedCall => ({
  ...{ caller: 'forestall-a', service, operation, region: 'eu-central-1', input: { ...input } },
  ...more,
});
/** `action resource {context}` without the Region, which every request has. */
const asked = (of: ObservedCall, known = inventory()) =>
  requestsOf(of, known).map(({ action, resource, context: { 'aws:requestedregion': region, ...context } }) => {
    expect(region).toBe(of.region);
    return [action, resource.replace('arn:aws:', '').replace(account, '#'), context];
  });
const tags = (...types: string[]) => types.map((ResourceType) => ({ ResourceType, Tags: [{ Key: 'forestall:service', Value: 'shop' }] }));
const requestTags = { 'aws:requesttag/forestall:service': 'shop', 'aws:tagkeys': ['forestall:service'] };
const { id: templateId } = plan.sides.standby.launchTemplate;
const key = plan.sides.standby.kmsKeyArn.replace('arn:aws:', '').replace(account, '#');

test('a launch is asked about everything that it takes and makes, its tags, its role and its key', () => {
  const run = asked(call('ec2', 'RunInstances', { LaunchTemplate: { LaunchTemplateId: templateId }, TagSpecifications: tags('instance', 'volume') }));
  const template = { 'ec2:launchtemplate': `arn:aws:ec2:eu-central-1:${account}:launch-template/${templateId}` };
  const own = (type: string, id = 'unnamed') => `ec2:eu-central-1:#:${type}/${id}`;
  expect(run.filter(([action]) => action === 'ec2:RunInstances')).toEqual([
    ['ec2:RunInstances', own('launch-template', templateId), template],
    ['ec2:RunInstances', own('instance'), { ...template, ...requestTags }],
    ['ec2:RunInstances', own('volume'), { ...template, ...requestTags }],
    ...['network-interface', 'subnet', 'security-group', 'key-pair', 'placement-group', 'capacity-reservation'].map((type) => [
      'ec2:RunInstances',
      own(type),
      template,
    ]),
    ...['image', 'snapshot'].map((type) => ['ec2:RunInstances', `ec2:eu-central-1::${type}/unnamed`, template]),
  ]);
  expect(run).toContainEqual(['ec2:CreateTags', own('volume'), { ...requestTags, 'ec2:createaction': 'RunInstances' }]);
  expect(run).toContainEqual(['iam:PassRole', 'iam::#:role/shop-host', { 'iam:passedtoservice': 'ec2.amazonaws.com' }]);
  const throughEc2 = { 'kms:viaservice': 'ec2.eu-central-1.amazonaws.com', 'kms:calleraccount': account };
  expect(run).toContainEqual(['kms:CreateGrant', key, { ...throughEc2, 'kms:grantisforawsresource': 'true' }]);
  expect(run).toContainEqual(['kms:Decrypt', key, throughEc2]);
});

test('snapshots are asked about the instance with its tags, its volumes, and what is made', () => {
  const made = { InstanceSpecification: { InstanceId: 'i-1' }, TagSpecifications: tags('snapshot') };
  expect(asked(call('ec2', 'CreateSnapshots', made, { region: 'eu-west-1' }))).toEqual([
    [
      'ec2:CreateSnapshots',
      'ec2:eu-west-1:#:instance/i-1',
      { 'aws:resourcetag/service': 'shop', 'ec2:resourcetag/service': 'shop', 'aws:resourcetag/side': 'primary', 'ec2:resourcetag/side': 'primary' },
    ],
    ['ec2:CreateSnapshots', 'ec2:eu-west-1:#:volume/unnamed', {}],
    ['ec2:CreateSnapshots', 'ec2:eu-west-1::snapshot/unnamed', requestTags],
    ['ec2:CreateTags', 'ec2:eu-west-1::snapshot/unnamed', { ...requestTags, 'ec2:createaction': 'CreateSnapshots' }],
  ]);
});

test('a copy is asked about both snapshots, whose tags count only where it is made, and about both keys', () => {
  const copy = { SourceRegion: 'eu-west-1', SourceSnapshotId: 'snap-1', KmsKeyId: plan.sides.standby.kmsKeyArn, TagSpecifications: tags('snapshot') };
  const all = asked(call('ec2', 'CopySnapshot', copy));
  expect(all.filter(([action]) => action === 'ec2:CopySnapshot')).toEqual([
    ['ec2:CopySnapshot', 'ec2:eu-central-1::snapshot/unnamed', requestTags],
    ['ec2:CopySnapshot', 'ec2:eu-west-1::snapshot/snap-1', { 'ec2:owner': account }],
  ]);
  expect(all.filter(([action]) => action === 'kms:CreateGrant').map(([, resource]) => resource)).toEqual([key, 'kms:eu-west-1:#:key/of-the-customers-volumes']);
});

test('the tags of what a call made are those of what a later one takes away', () => {
  const known = inventory();
  const gone = call('ec2', 'DeleteSnapshot', { SnapshotId: 'snap-2' });
  expect(asked(gone, known)).toEqual([['ec2:DeleteSnapshot', 'ec2:eu-central-1::snapshot/snap-2', { 'ec2:owner': account }]]);
  known.learn(call('ec2', 'CopySnapshot', { TagSpecifications: tags('snapshot') }, { made: ['snap-2'] }));
  expect(asked(gone, known)[0]?.[2]).toMatchObject({ 'aws:resourcetag/forestall:service': 'shop' });
});

test('records are named as Route 53 names them to IAM', () => {
  const change = (Action: string, Name: string, Type: string) => ({ Action, ResourceRecordSet: { Name, Type } });
  const Changes = [
    change('DELETE', 'Shop.example.com.', 'A'),
    change('CREATE', 'shop.example.com', 'A'),
    change('CREATE', '*.shop.example.com', 'AAAA'),
    change('CREATE', '\\052.shop.example.com', 'A'),
  ];
  expect(asked(call('route53', 'ChangeResourceRecordSets', { HostedZoneId: '/hostedzone/Z1', ChangeBatch: { Changes } }))).toEqual([
    [
      'route53:ChangeResourceRecordSets',
      'route53:::hostedzone/Z1',
      {
        'route53:changeresourcerecordsetsnormalizedrecordnames': ['shop.example.com', '\\052.shop.example.com'],
        'route53:changeresourcerecordsetsrecordtypes': ['A', 'AAAA'],
        'route53:changeresourcerecordsetsactions': ['DELETE', 'CREATE'],
      },
    ],
  ]);
});

test('a query of an index is asked about the index, and items about the key of their table', () => {
  const table = 'dynamodb:eu-central-1:#:table/forestall-resources';
  const throughTable = [
    'kms:Decrypt',
    'kms:eu-central-1:#:alias/forestall',
    { 'kms:viaservice': 'dynamodb.eu-central-1.amazonaws.com', 'kms:calleraccount': account },
  ];
  expect(asked(call('dynamodb', 'Query', { TableName: 'forestall-resources', IndexName: 'due' }))).toEqual([
    ['dynamodb:Query', `${table}/index/due`, {}],
    throughTable,
  ]);
  expect(asked(call('dynamodb', 'BatchWriteItem', { RequestItems: { 'forestall-resources': [] } }))).toEqual([
    ['dynamodb:BatchWriteItem', table, {}],
    throughTable,
  ]);
});

test('what the emulator saw over the wire is asked about as what an SDK sends', () => {
  const wire = { at: 0, caller: 'forestall-a', region: 'eu-central-1', status: 200 };
  const flat = {
    ...{ 'LaunchTemplate.LaunchTemplateId': templateId, MinCount: '1', MaxCount: '1', ClientToken: 'c' },
    ...{ 'TagSpecification.1.ResourceType': 'instance', 'TagSpecification.1.Tag.1.Key': 'forestall:service', 'TagSpecification.1.Tag.1.Value': 'shop' },
  };
  const launched = fromGateway({ ...wire, service: 'ec2', operation: 'RunInstances', input: flat, made: ['i-9'] });
  expect(launched).toMatchObject({ service: 'ec2', made: ['i-9'] });
  expect(asked(launched)).toEqual(
    asked(call('ec2', 'RunInstances', { LaunchTemplate: { LaunchTemplateId: templateId }, TagSpecifications: tags('instance') })),
  );

  const metric = fromGateway({ ...wire, service: 'monitoring', operation: 'PutMetricData', input: { Namespace: 'Forestall', MetricData: [] } });
  expect(asked(metric)).toEqual([['cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'Forestall' }]]);

  const message = { QueueUrl: 'http://127.0.0.1:4566/000000000000/forestall-scoring', Entries: [] };
  expect(asked(fromGateway({ ...wire, service: 'sqs', operation: 'SendMessageBatch', input: message }))).toEqual([
    ['sqs:SendMessage', 'sqs:eu-central-1:000000000000:forestall-scoring', {}],
  ]);
});

test('a call that nobody knows is an error, not a pass', () => {
  expect(() => asked(call('ec2', 'ModifyInstanceAttribute', {}))).toThrow(/say in requests.ts/);
  expect(() => fromGateway({ at: 0, caller: 'forestall-a', region: 'eu-central-1', status: 200, service: 's3', operation: 'GetObject', input: {} })).toThrow(
    UnknownCallError,
  );
});

test('what drivers change is asked about by the one name that the plan gives it', () => {
  expect(asked(call('ssm', 'PutParameter', { Name: '/shop/active-side', Value: 'x', Overwrite: true }))).toEqual([
    ['ssm:PutParameter', 'ssm:eu-central-1:#:parameter/shop/active-side', { 'ssm:overwrite': 'true' }],
  ]);
  expect(asked(call('ssm', 'GetParameter', { Name: 'side' }))).toEqual([['ssm:GetParameter', 'ssm:eu-central-1:#:parameter/side', {}]]);
  const target = { ApplicationId: 'app1234', EnvironmentId: 'env1234' };
  const start = { ...target, ConfigurationProfileId: 'pro1234', DeploymentStrategyId: 'AppConfig.AllAtOnce' };
  expect(asked(call('appconfig', 'StartDeployment', start)).map(([, resource]) => resource)).toEqual(
    [
      'application/app1234',
      'application/app1234/configurationprofile/pro1234',
      'application/app1234/environment/env1234/deployment/new',
      'deploymentstrategy/AppConfig.AllAtOnce',
      'application/app1234/environment/env1234',
    ].map((resource) => `appconfig:eu-central-1:#:${resource}`),
  );
  expect(asked(call('appconfig', 'GetDeployment', { ...target, DeploymentNumber: 6 })).at(-1)?.[1]).toMatch(/environment\/env1234\/deployment\/6$/);
});

test('a zonal shift is asked about its balancer, also when the call names the shift alone', () => {
  const [balancer] = plan.drivers.flatMap((settings) => (settings.driver === 'zonal-shift' ? [settings.loadBalancerArn] : []));
  const context = { 'arc-zonal-shift:resourceidentifier': balancer };
  const shift = (operation: string, input: object) => asked(call('arc-zonal-shift', operation, input, { region: 'eu-west-1' }));
  expect(shift('StartZonalShift', { resourceIdentifier: balancer })).toMatchObject([['arc-zonal-shift:StartZonalShift', expect.any(String), context]]);
  expect(shift('CancelZonalShift', { zonalShiftId: 'abc-1' })).toMatchObject([['arc-zonal-shift:CancelZonalShift', expect.any(String), context]]);
  expect(shift('ListZonalShifts', {})).toEqual([['arc-zonal-shift:ListZonalShifts', '*', {}]]);
});
