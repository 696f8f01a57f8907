// Templates are read as CloudFormation would resolve them, and what is not understood is refused.
import { describe, expect, test } from 'vitest';
import { resolverOf, Template, UnresolvedError } from '../../../e2e/permissions/intrinsics.ts';
import { policiesOf } from '../../../e2e/permissions/policies.ts';
import { account, policiesFor } from './fixture.ts';
import { plan } from './stories.ts';

const region = 'eu-central-1';
const resolving = (resources: object = {}) => resolverOf(Template.parse({ Resources: resources }), { account, region });
const named = { function: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'forestall-a', Role: { 'Fn::GetAtt': ['role', 'Arn'] } } } };

describe('intrinsics', () => {
  const resolve = resolving({
    ...named,
    machine: { Type: 'AWS::StepFunctions::StateMachine', Properties: { StateMachineName: { 'Fn::Join': ['-', ['forestall', 'b']] } } },
    queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead-letters' } },
    logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/aws/lambda/forestall-a' } },
  });
  const functionArn = `arn:aws:lambda:${region}:${account}:function:forestall-a`;

  test.each<[string, unknown, unknown]>([
    ['a pseudo parameter', { Ref: 'AWS::AccountId' }, account],
    ['a join', { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::', { Ref: 'AWS::Region' }]] }, `arn:aws:s3:::${region}`],
    ['an attribute', { 'Fn::GetAtt': ['function', 'Arn'] }, functionArn],
    ['an attribute in one text', { 'Fn::GetAtt': 'function.Arn' }, functionArn],
    ['a state machine', { Ref: 'machine' }, `arn:aws:states:${region}:${account}:stateMachine:forestall-b`],
    ['a queue', { 'Fn::GetAtt': ['queue', 'Arn'] }, `arn:aws:sqs:${region}:${account}:dead-letters`],
    ['a log group', { 'Fn::GetAtt': ['logs', 'Arn'] }, `arn:aws:logs:${region}:${account}:log-group:/aws/lambda/forestall-a:*`],
    ['a substitution', { 'Fn::Sub': `arn:\${AWS::Partition}:x:\${function.Arn}:\${!literal}` }, `arn:aws:x:${functionArn}:\${literal}`],
    ['a substitution with values', { 'Fn::Sub': [`\${a}/\${AWS::Region}`, { a: { Ref: 'AWS::AccountId' } }] }, `${account}/${region}`],
    ['within lists and objects', { a: [{ b: { Ref: 'AWS::Region' } }] }, { a: [{ b: region }] }],
  ])('%s', (_what, value, resolved) => {
    expect(resolve(value)).toEqual(resolved);
  });

  test.each<[string, unknown]>([
    ['an import', { 'Fn::ImportValue': 'x' }],
    ['a choice', { 'Fn::If': ['c', 'a', 'b'] }],
    ['a reference to nothing', { Ref: 'nothing' }],
    ['a reference of a type whose Ref is no ARN', { Ref: 'queue' }],
    ['an attribute of another name', { 'Fn::GetAtt': ['queue', 'QueueName'] }],
    ['a part that is no text', { 'Fn::Join': ['', [{ a: 1 }]] }],
  ])('refuses %s', (_what, value) => {
    expect(() => resolve(value)).toThrow(UnresolvedError);
  });
});

describe('principals', () => {
  const role = { Type: 'AWS::IAM::Role', Properties: {} };
  const policy = (Statement: object[]) => ({ Type: 'AWS::IAM::Policy', Properties: { Roles: [{ Ref: 'role' }], PolicyDocument: { Statement } } });
  const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
  const read = (resources: object) => policiesOf([{ region, template: { Resources: resources } }], account).principals;

  test('have the statements of their inline and attached policies', () => {
    const inline = {
      ...role,
      Properties: { Policies: [{ PolicyDocument: { Statement: [{ ...statement, Action: ['s3:PutObject'], Condition: { Bool: { 'x:y': true } } }] } }] },
    };
    expect(read({ ...named, role: inline, policy: policy([statement]) })).toEqual([
      {
        ...{ kind: 'function', name: 'forestall-a', region, logGroup: '/aws/lambda/forestall-a' },
        statements: [
          { effect: 'Allow', actions: ['s3:PutObject'], resources: ['*'], conditions: { Bool: { 'x:y': ['true'] } } },
          { effect: 'Allow', actions: ['s3:GetObject'], resources: ['*'], conditions: {} },
        ],
      },
    ]);
  });

  test('are refused with a managed policy, without a user, and with parts of a statement that nobody knows', () => {
    expect(() => read({ ...named, role: { ...role, Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] } } })).toThrow(
      /managed policies/,
    );
    expect(() => read({ role })).toThrow(/nothing in the template uses/);
    expect(() => read({ ...named, role, policy: policy([{ ...statement, Surprise: true }]) })).toThrow(/Surprise/);
  });

  test('of the templates are all functions, machines, schedules and rules', () => {
    const { principals, keys } = policiesFor(plan);
    const count = (kind: string) => principals.filter((principal) => principal.kind === kind).length;
    expect({ functions: count('function'), machines: count('state machine'), schedules: count('schedule'), rules: count('rule') }).toEqual({
      ...{ functions: 29, machines: 9, schedules: 4, rules: 2 },
    });
    expect(keys).toMatchObject([{ aliases: [`arn:aws:kms:${region}:${account}:alias/forestall`], statements: [{ effect: 'Allow', resources: ['*'] }] }]);
  });
});
