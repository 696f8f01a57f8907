// What the roles may do to a side that was left: nothing unless a plan wants it, and then no more than that.
import { describe, expect, test } from 'vitest';
import { ownershipTag } from '../../core/contracts/deployment.ts';
import type { PlanInput } from '../../core/contracts/plan.ts';
import { grants } from '../../lib/grants.ts';
import type { Allowed } from '../../lib/permissions/allowed.ts';
import { permissions } from '../../lib/permissions/permissions.ts';
import { control, plan } from './fixture-app.ts';

const { sides } = plan();
const template = { id: 'lt-0123456789abcdef1', roleArn: 'arn:aws:iam::123456789012:role/shop-host-of-the-primary' };
const wanting = (losingSide: 'standby' | 'decommission' | 'rebuild', changes: Partial<PlanInput> = {}) =>
  plan({ after: { losingSide }, sides: { ...sides, primary: { ...sides.primary, launchTemplate: template } }, ...changes });
const allowed = (...plans: ReturnType<typeof plan>[]): Allowed[] =>
  grants['retire-side'].flatMap((permission) => [...permissions[permission](control(...plans))]);
const changing = /^(ec2:(Run|Start|Stop|Terminate|Create)|elasticloadbalancing:(Register|Deregister)|iam:|kms:)/;
const actionsOf = (statements: readonly Allowed[]) =>
  [...new Set(statements.flatMap(({ actions }) => actions))].filter((action) => changing.test(action)).sort();
const of = (action: string, statements: readonly Allowed[]) => statements.filter(({ actions }) => actions.includes(action));

describe('a side that was left', () => {
  test('may not be touched at all where the plan wants it to stay', () => expect(actionsOf(allowed(wanting('standby')))).toEqual([]));

  test('that is decommissioned may leave its own target group and be stopped, by the tag of its service', () => {
    const statements = allowed(wanting('decommission'));
    expect(actionsOf(statements)).toEqual(['ec2:StopInstances', 'elasticloadbalancing:DeregisterTargets']);
    expect(of('ec2:StopInstances', statements)).toMatchObject([
      { resources: [expect.stringContaining(':ec2:eu-west-1:')], conditions: { StringEquals: { [`aws:ResourceTag/${ownershipTag}`]: 'shop' } } },
    ]);
    expect(of('elasticloadbalancing:DeregisterTargets', statements)).toMatchObject([{ resources: [sides.primary.loadBalancer.targetGroupArn] }]);
  });

  test('that is rebuilt may be started from its own template with its own role, and terminated by the tag of its service', () => {
    const statements = allowed(wanting('rebuild'));
    expect(actionsOf(statements)).toEqual([
      ...['ec2:CreateTags', 'ec2:RunInstances', 'ec2:TerminateInstances', 'elasticloadbalancing:DeregisterTargets', 'elasticloadbalancing:RegisterTargets'],
      ...['iam:PassRole', 'kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
    ]);
    for (const { conditions } of of('ec2:RunInstances', statements))
      expect(JSON.stringify(conditions?.['ArnEquals'])).toMatch(/eu-west-1.*launch-template\/lt-0123456789abcdef1/);
    expect(of('iam:PassRole', statements)).toMatchObject([{ resources: [template.roleArn] }]);
    expect(of('ec2:TerminateInstances', statements)).toMatchObject([{ conditions: { StringEquals: { [`aws:ResourceTag/${ownershipTag}`]: 'shop' } } }]);
    for (const { conditions } of of('kms:CreateGrant', statements)) expect(conditions?.['Bool']).toEqual({ 'kms:GrantIsForAWSResource': 'true' });
    for (const { conditions } of of('kms:Decrypt', statements)) expect(conditions?.['StringEquals']).toHaveProperty(['kms:ViaService']);
  });

  test('of one service says nothing of another service that shares the Region', () => {
    const till = wanting('standby', { service: 'till', record: { hostedZoneId: 'Z0123456789TILL', name: 'till.example.com' } });
    const statements = allowed(wanting('decommission'), till);
    expect(of('ec2:StopInstances', statements)).toHaveLength(1);
    expect(JSON.stringify(of('ec2:StopInstances', statements))).not.toContain('till');
  });

  test('has a reason for each wildcard', () => {
    for (const { resources, wildcard } of [...allowed(wanting('rebuild')), ...allowed(wanting('decommission'))])
      if (resources.some((resource) => resource.includes('*'))) expect(wildcard?.length).toBeGreaterThan(30);
  });
});
