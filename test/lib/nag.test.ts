// cdk-nag is satisfied, and would not be if a reason were missing.
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { acknowledgeWildcards } from '../../lib/constructs/acknowledge.ts';
import { fixtureStack, synthesise } from './fixture-app.ts';

const findings = (scope: Parameters<AwsSolutionsChecks['validateScope']>[0]) =>
  new AwsSolutionsChecks()
    .validateScope(scope)
    .violations.map(({ ruleName, violatingResources }) => `${ruleName} ${violatingResources.map(({ constructPath }) => constructPath)}`);

test('every stack is clean', () => {
  expect(findings(synthesise({ alarmEmail: 'oncall@example.com' }).app)).toEqual([]);
});

test('an acknowledged wildcard covers that resource and no other', () => {
  const stack = fixtureStack();
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  const known = { actions: ['sqs:SendMessage'], resources: [`arn:aws:sqs:eu-central-1:${stack.account}:known-*`], wildcard: 'They are made at run time.' };
  role.addToPolicy(new PolicyStatement({ actions: known.actions, resources: known.resources }));
  acknowledgeWildcards(role, [known]);
  expect(findings(stack)).toEqual([]);
  role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: ['*'] }));
  expect(findings(stack)).toEqual([expect.stringContaining('AwsSolutions-IAM5[Resource::*]')]);
});

test('a wildcard without a reason is refused', () => {
  expect(() => acknowledgeWildcards(fixtureStack(), [{ actions: ['sqs:SendMessage'], resources: ['*'] }])).toThrow('sqs:SendMessage on *: write down why');
});
