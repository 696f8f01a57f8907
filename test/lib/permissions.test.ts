// What the roles may do, tried in the templates: this is what IAM will see.
import { Aws } from 'aws-cdk-lib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FunctionName, functions, ownershipTag } from '../../core/contracts/deployment.ts';
import type { ControlRegion } from '../../lib/config.ts';
import { grants } from '../../lib/grants.ts';
import type { Allowed } from '../../lib/permissions/allowed.ts';
import { permissions } from '../../lib/permissions/permissions.ts';
import { normalizedRecordName } from '../../lib/permissions/records.ts';
import { configurationDriver, parameterDriver, planWith, ruleDriver, zonalDriver } from '../fixtures/drivers.ts';
import { asList, control, plan, policyStatements, synthesise } from './fixture-app.ts';

const statements = [...synthesise().templates.values()].flatMap(policyStatements);
const allowing = (action: string) => statements.filter(({ statement }) => asList(statement.Action).includes(action));
const may = (name: FunctionName) => grants[name].flatMap((permission) => permissions[permission](control()).flatMap(({ actions }) => actions));

test('no action is a wildcard', () => {
  for (const { where, statement } of statements) for (const action of asList(statement.Action)) expect(action, where).not.toContain('*');
});

test('the actions that are allowed on everything are these and no others', () => {
  const onEverything = new Set(
    statements.filter(({ statement }) => asList(statement.Resource).includes('*')).flatMap(({ statement }) => asList(statement.Action)),
  );
  expect([...onEverything].sort()).toEqual([
    'cloudwatch:GetMetricData',
    'cloudwatch:PutMetricData',
    'ec2:DescribeInstanceStatus',
    'ec2:DescribeInstances',
    'ec2:DescribeSnapshots',
    'elasticloadbalancing:DescribeTargetHealth',
    'logs:CreateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:DescribeLogGroups',
    'logs:DescribeResourcePolicies',
    'logs:GetLogDelivery',
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:UpdateLogDelivery',
    'servicequotas:GetServiceQuota',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ]);
});

test('every wildcard in a resource has its reason', () => {
  const all: Record<string, (of: ControlRegion) => readonly Allowed[]> = permissions;
  for (const [name, permission] of Object.entries(all))
    for (const { resources, wildcard } of permission(control()))
      if (resources.some((resource) => resource.includes('*'))) expect(wildcard?.length, name).toBeGreaterThan(30);
});

describe('weights', () => {
  test('are changed on the record of the plan only, by name, type and action', () => {
    const found = allowing('route53:ChangeResourceRecordSets');
    expect(found.length).toBeGreaterThan(0);
    for (const { where, statement } of found) {
      expect(JSON.stringify(statement.Resource), where).toContain('hostedzone/Z0123456789SHOP');
      expect(statement.Condition, where).toEqual({
        'ForAllValues:StringEquals': {
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['shop.example.com'],
          'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'AAAA'],
          'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE', 'UPSERT'],
        },
        Null: { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': 'false' },
      });
    }
  });

  test('are changed by three functions: step by step, back, and what was left to align', () => {
    expect(Object.keys(functions).filter((name) => may(name as FunctionName).includes('route53:ChangeResourceRecordSets'))).toEqual([
      'sweep-orphans',
      'shift-traffic',
      'roll-back',
    ]);
  });

  test('the name is normalised as Route 53 does it', () => {
    expect(normalizedRecordName('*.Shop.example.com.')).toBe('\\052.shop.example.com');
    fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), (name) => /^([a-z0-9_.-]|\\[0-7]{3})*$/.test(normalizedRecordName(name))));
  });
});

describe('instances', () => {
  test.each(['ec2:TerminateInstances', 'ec2:StartInstances', 'ec2:DeleteSnapshot'])('%s needs the tag of a protected service', (action) => {
    const found = allowing(action);
    expect(found.length).toBeGreaterThan(0);
    for (const { where, statement } of found) expect(statement.Condition, where).toEqual({ StringEquals: { [`aws:ResourceTag/${ownershipTag}`]: ['shop'] } });
  });

  test('are launched from the template of the plan, and tagged', () => {
    const found = allowing('ec2:RunInstances');
    expect(found.length).toBeGreaterThan(0);
    for (const { where, statement } of found) {
      expect(JSON.stringify(statement.Condition?.['ArnEquals']), where).toContain('launch-template/lt-0123456789abcdef0');
      if (JSON.stringify(statement.Resource).includes(':instance/*'))
        expect(statement.Condition?.['StringEquals'], where).toEqual({ [`aws:RequestTag/${ownershipTag}`]: 'shop' });
    }
  });

  test('pass the role of the plan and no other', () => {
    for (const { statement } of allowing('iam:PassRole'))
      expect(statement).toMatchObject({
        Resource: 'arn:aws:iam::123456789012:role/shop-host',
        Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
      });
    const { sides } = plan();
    const withoutRole = plan({ sides: { ...sides, standby: { ...sides.standby, launchTemplate: { id: 'lt-0123456789abcdef0' } } } });
    expect(permissions['launch mirrors'](control(withoutRole)).flatMap(({ actions }) => actions)).not.toContain('iam:PassRole');
  });

  test('are tagged only while they are made', () => {
    for (const { statement } of allowing('ec2:CreateTags')) expect(statement.Condition?.['StringEquals']).toHaveProperty(['ec2:CreateAction']);
  });

  test('are snapshotted where the plan names them', () => {
    const { sides } = plan();
    const byId = plan({ sides: { ...sides, primary: { ...sides.primary, resources: [{ kind: 'ec2-instance', ids: ['i-0123456789abcdef0'] }] } } });
    const [first] = permissions['take snapshots'](control(byId));
    expect(first?.resources).toHaveLength(1);
    expect(first?.resources[0]).toMatch(/:ec2:eu-west-1:.*:instance\/i-0123456789abcdef0$/);
  });
});

test("snapshots are made in the primary Region, and copied into the standby Region from the account's own", () => {
  for (const { statement } of allowing('ec2:CreateSnapshots')) expect(JSON.stringify(statement.Resource)).not.toContain('eu-central-1');
  const [into, from] = permissions['copy snapshots'](control());
  expect(into).toMatchObject({
    resources: [expect.stringContaining(':eu-central-1::snapshot/*')],
    conditions: { StringEquals: { [`aws:RequestTag/${ownershipTag}`]: ['shop'] } },
  });
  // CopySnapshot knows no tags of its source: a condition on them would never hold.
  expect(from).toMatchObject({
    resources: [expect.stringContaining(':eu-west-1::snapshot/*')],
    conditions: { StringEqualsIfExists: { 'ec2:Owner': Aws.ACCOUNT_ID } },
  });
});

test('metrics are written to our namespace in the control Region only', () => {
  for (const { statement } of allowing('cloudwatch:PutMetricData'))
    expect(statement.Condition).toEqual({ StringEquals: { 'cloudwatch:namespace': 'Forestall', 'aws:RequestedRegion': 'eu-central-1' } });
});

test('keys are used through EC2, and grants are for AWS only', () => {
  for (const { statement } of allowing('kms:CreateGrant')) expect(statement.Condition?.['Bool']).toEqual({ 'kms:GrantIsForAWSResource': 'true' });
  for (const { statement } of allowing('kms:Decrypt')) expect(statement.Condition?.['StringEquals']).toHaveProperty(['kms:ViaService']);
});

test('an evacuation neither changes records nor calls EC2', () => {
  for (const name of ['confirm-evacuation', 'latch-side'] as const)
    expect(may(name).filter((action) => action === 'route53:ChangeResourceRecordSets' || action.startsWith('ec2:'))).toEqual([]);
});

describe('what drivers change', () => {
  const everything = { ...plan(), drivers: planWith(ruleDriver, parameterDriver, configurationDriver, zonalDriver).drivers };
  const allowed = (name: FunctionName, of: ControlRegion) => grants[name].flatMap((permission) => permissions[permission](of));
  const of = (action: string, name: FunctionName = 'hand-over') => allowed(name, control(everything)).filter(({ actions }) => actions.includes(action));
  const driven = /^(ssm|appconfig|arc-zonal-shift):|^elasticloadbalancing:(Modify|DescribeRules|DescribeListeners)/;

  test('is nothing where a plan names no such driver', () => {
    for (const name of Object.keys(functions) as FunctionName[])
      expect(
        may(name).filter((action) => driven.test(action)),
        name,
      ).toEqual([]);
  });

  test('is the one rule, parameter, environment and balancer that the plan names', () => {
    expect(of('elasticloadbalancing:ModifyRule')).toMatchObject([{ resources: [ruleDriver.ruleArn] }]);
    expect(of('elasticloadbalancing:ModifyListener')).toEqual([]);
    expect(of('ssm:PutParameter')).toMatchObject([
      { resources: [expect.stringMatching(/:ssm:eu-central-1:.*:parameter\/shop\/active-side$/)], conditions: { StringEquals: { 'ssm:Overwrite': 'true' } } },
    ]);
    expect(of('appconfig:StartDeployment')[0]?.resources.map((arn) => arn.replace(/^.*:eu-central-1:[^:]*:/, ''))).toEqual([
      'application/app1234',
      'application/app1234/configurationprofile/pro1234',
      'application/app1234/environment/env1234',
      'application/app1234/environment/env1234/deployment/*',
      'deploymentstrategy/AppConfig.AllAtOnce',
    ]);
    expect(of('arc-zonal-shift:StartZonalShift')).toMatchObject([
      { conditions: { StringEquals: { 'arc-zonal-shift:ResourceIdentifier': [zonalDriver.loadBalancerArn] } } },
    ]);
  });

  test('is changed by the steps that move, take back and hand over; the sweeper only prolongs', () => {
    const changing = (action: string) => (Object.keys(functions) as FunctionName[]).filter((name) => of(action, name).length > 0);
    expect(changing('elasticloadbalancing:ModifyRule')).toEqual(['shift-traffic', 'hand-over', 'roll-back']);
    expect(changing('ssm:PutParameter')).toEqual(['shift-traffic', 'hand-over']);
    expect(changing('appconfig:StartDeployment')).toEqual(['shift-traffic', 'hand-over']);
    expect(changing('arc-zonal-shift:StartZonalShift')).toEqual(['shift-traffic', 'hand-over']);
    expect(changing('arc-zonal-shift:UpdateZonalShift')).toEqual(['sweep-orphans']);
  });

  test('has a reason for each wildcard', () => {
    for (const name of Object.keys(functions) as FunctionName[])
      for (const { resources, wildcard } of allowed(name, control(everything)))
        if (resources.some((resource) => resource.includes('*'))) expect(wildcard?.length, name).toBeGreaterThan(30);
  });
});
