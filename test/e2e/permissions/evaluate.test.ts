// The policy evaluator against what IAM's documentation says, and against a plainer way to match wildcards.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arnMatches, evaluate, type IamRequest, type Statement, UnknownPolicyError, wildcardMatches } from '../../../e2e/permissions/evaluate.ts';

const allow = (more: Partial<Statement> = {}): Statement => ({ effect: 'Allow', actions: ['ec2:StartInstances'], resources: ['*'], conditions: {}, ...more });
const request = (more: Partial<IamRequest> = {}): IamRequest => ({
  action: 'ec2:StartInstances',
  resource: 'arn:aws:ec2:eu-west-1:123456789012:instance/i-1',
  context: {},
  ...more,
});
const allowed = (statement: Partial<Statement>, context: IamRequest['context'] = {}, more: Partial<IamRequest> = {}) =>
  evaluate([allow(statement)], request({ context, ...more })).allowed;

describe('wildcards', () => {
  /** The definition, letter by letter. */
  const naive = (pattern: string, text: string): boolean => {
    if (pattern === '') return text === '';
    const [first, rest] = [pattern[0], pattern.slice(1)];
    if (first === '*') return naive(rest, text) || (text !== '' && naive(pattern, text.slice(1)));
    return text !== '' && (first === '?' || first === text[0]) && naive(rest, text.slice(1));
  };
  const letters = (of: string, maxLength: number) => fc.string({ unit: fc.constantFrom(...of), maxLength });

  test('match as their definition does', () => {
    fc.assert(
      fc.property(letters('ab*?', 8), letters('ab', 10), (pattern, text) => wildcardMatches(pattern, text) === naive(pattern, text)),
      { numRuns: 5000 },
    );
  });

  test('made from a text match it', () => {
    const holes = fc.array(fc.tuple(letters('abc:/', 6), fc.constantFrom('*', '?', '')), { maxLength: 6 });
    fc.assert(
      fc.property(holes, letters('abc:/', 1), (parts, filler) => {
        const pattern = parts.map(([text, hole]) => text + hole).join('');
        const text = parts.map(([part, hole]) => part + (hole === '?' ? 'x' : hole === '*' ? filler.repeat(3) : '')).join('');
        return wildcardMatches(pattern, text);
      }),
    );
  });

  test('of many stars take no time', () => {
    expect(wildcardMatches(`${'*a'.repeat(40)}b`, 'a'.repeat(5000))).toBe(false);
  });

  test('do not reach over the first colons of an ARN, but over those at its end', () => {
    expect(arnMatches('arn:aws:ec2:*:1:instance/i-1', 'arn:aws:ec2:eu-west-1:2:1:instance/i-1')).toBe(false);
    expect(arnMatches('arn:aws:ec2:*:*:instance/*', 'arn:aws:ec2:eu-west-1:1:instance/i-1')).toBe(true);
    expect(arnMatches('arn:aws:states:eu-west-1:1:execution:fail-over:*', 'arn:aws:states:eu-west-1:1:execution:fail-over:a:b')).toBe(true);
    expect(arnMatches('arn:aws:ec2:eu-west-1::snapshot/*', 'arn:aws:ec2:eu-west-1:123456789012:snapshot/snap-1')).toBe(false);
    expect(arnMatches('*', '*')).toBe(true);
    expect(() => arnMatches('instance/*', 'arn:aws:ec2:eu-west-1:1:instance/i-1')).toThrow(UnknownPolicyError);
  });
});

describe('statements', () => {
  const statement: fc.Arbitrary<Statement> = fc.record({
    effect: fc.constantFrom<('Allow' | 'Deny')[]>('Allow', 'Deny'),
    actions: fc.subarray(['ec2:StartInstances', 'ec2:*', 'ec2:Stop*', 's3:GetObject', '*'], { minLength: 1 }),
    resources: fc.subarray(['*', 'arn:aws:ec2:eu-west-1:123456789012:instance/*', 'arn:aws:ec2:*:*:instance/i-2'], { minLength: 1 }),
    conditions: fc.constantFrom<Statement['conditions'][]>({}, { StringEquals: { 'aws:RequestedRegion': ['eu-west-1'] } }, { Bool: { 'x:y': ['true'] } }),
  });
  const asked: fc.Arbitrary<IamRequest> = fc.record({
    action: fc.constantFrom('ec2:StartInstances', 'ec2:StopInstances', 's3:GetObject'),
    resource: fc.constantFrom('arn:aws:ec2:eu-west-1:123456789012:instance/i-1', 'arn:aws:ec2:eu-west-1:123456789012:instance/i-2'),
    context: fc.constantFrom<IamRequest['context'][]>({}, { 'aws:requestedregion': 'eu-west-1' }, { 'x:y': 'true', 'aws:requestedregion': 'eu-north-1' }),
  });

  test('are a set: their order does not matter', () => {
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 6 }), asked, (statements, one) => {
        expect(evaluate(statements.toReversed(), one).allowed).toBe(evaluate(statements, one).allowed);
      }),
    );
  });

  test('that deny win; those that allow never take anything away, those that deny never give anything', () => {
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 6 }), statement, asked, (statements, more, one) => {
        const before = evaluate(statements, one).allowed;
        const after = evaluate([...statements, more], one).allowed;
        if (more.effect === 'Deny') expect(after && !before).toBe(false);
        else if (statements.every(({ effect }) => effect === 'Allow')) expect(before && !after).toBe(false);
        const denying = [...statements, more].filter(({ effect }) => effect === 'Deny').map((denial): Statement => ({ ...denial, effect: 'Allow' }));
        if (evaluate(denying, one).allowed) expect(after).toBe(false);
      }),
    );
  });

  test('are needed: nothing is allowed by itself', () => {
    fc.assert(fc.property(asked, (one) => !evaluate([], one).allowed));
  });

  test('name actions without regard to case, and resources with it', () => {
    expect(allowed({ actions: ['EC2:startinstances'] })).toBe(true);
    expect(allowed({ resources: ['arn:aws:ec2:eu-west-1:123456789012:Instance/i-1'] })).toBe(false);
  });

  test('may say what they do not mean', () => {
    const but = { effect: 'Allow', notActions: ['iam:*'], notResources: ['arn:aws:ec2:*:*:instance/i-2'], conditions: {} } as const;
    expect(evaluate([but], request()).allowed).toBe(true);
    expect(evaluate([but], request({ action: 'iam:PassRole' })).allowed).toBe(false);
    expect(evaluate([but], request({ resource: 'arn:aws:ec2:eu-west-1:1:instance/i-2' })).allowed).toBe(false);
  });
});

describe('conditions', () => {
  const tagged = { 'aws:resourcetag/service': 'shop' };
  test.each<[string, Statement['conditions'], IamRequest['context'], boolean]>([
    ['StringEquals holds', { StringEquals: { 'aws:ResourceTag/service': ['till', 'shop'] } }, tagged, true],
    ['StringEquals minds the case of values', { StringEquals: { 'aws:ResourceTag/service': ['Shop'] } }, tagged, false],
    ['StringEquals needs the key', { StringEquals: { 'aws:ResourceTag/other': ['shop'] } }, tagged, false],
    ['StringEquals takes no wildcards', { StringEquals: { 'aws:ResourceTag/service': ['sh*'] } }, tagged, false],
    ['StringEqualsIfExists is content without the key', { StringEqualsIfExists: { 'ec2:Owner': ['1'] } }, tagged, true],
    ['StringEqualsIfExists looks at the key', { StringEqualsIfExists: { 'ec2:Owner': ['1'] } }, { 'ec2:owner': '2' }, false],
    ['StringNotEquals is content without the key', { StringNotEquals: { 'x:y': ['1'] } }, {}, true],
    ['StringNotEquals: none of the values', { StringNotEquals: { 'x:y': ['1', '2'] } }, { 'x:y': '2' }, false],
    ['StringLike', { StringLike: { 'aws:ResourceTag/service': ['sh?p', 'x'] } }, tagged, true],
    ['StringNotLike', { StringNotLike: { 'aws:ResourceTag/service': ['s*'] } }, tagged, false],
    ['StringEqualsIgnoreCase', { StringEqualsIgnoreCase: { 'aws:ResourceTag/service': ['SHOP'] } }, tagged, true],
    ['ArnEquals takes wildcards', { ArnEquals: { 'x:y': ['arn:aws:ec2:*:1:launch-template/lt-*'] } }, { 'x:y': 'arn:aws:ec2:r:1:launch-template/lt-2' }, true],
    ['Bool', { Bool: { 'kms:GrantIsForAWSResource': ['true'] } }, { 'kms:grantisforawsresource': 'true' }, true],
    ['Bool needs the key', { Bool: { 'kms:GrantIsForAWSResource': ['true'] } }, {}, false],
    ['Null false: the key must be there', { Null: { 'x:y': ['false'] } }, { 'x:y': ['1'] }, true],
    ['Null false: and is not', { Null: { 'x:y': ['false'] } }, {}, false],
    ['Null true: the key must not be there', { Null: { 'x:y': ['true'] } }, {}, true],
    ['ForAllValues: each is named', { 'ForAllValues:StringEquals': { 'x:y': ['1', '2', '3'] } }, { 'x:y': ['1', '3'] }, true],
    ['ForAllValues: one is not', { 'ForAllValues:StringEquals': { 'x:y': ['1', '2'] } }, { 'x:y': ['1', '3'] }, false],
    ['ForAllValues is true of nothing', { 'ForAllValues:StringEquals': { 'x:y': ['1'] } }, {}, true],
    ['ForAnyValue: one is named', { 'ForAnyValue:StringLike': { 'x:y': ['3*'] } }, { 'x:y': ['1', '34'] }, true],
    ['ForAnyValue is false of nothing', { 'ForAnyValue:StringEquals': { 'x:y': ['1'] } }, {}, false],
    ['all keys of all operators', { StringEquals: { 'x:y': ['1'], 'x:z': ['2'] }, Bool: { 'x:b': ['true'] } }, { 'x:y': '1', 'x:z': '2', 'x:b': 'true' }, true],
    [
      'one of which does not hold',
      { StringEquals: { 'x:y': ['1'], 'x:z': ['2'] }, Bool: { 'x:b': ['true'] } },
      { 'x:y': '1', 'x:z': '2', 'x:b': 'false' },
      false,
    ],
  ])('%s', (_what, conditions, context, holds) => {
    expect(allowed({ conditions }, context)).toBe(holds);
  });

  // biome-ignore lint/suspicious/noTemplateCurlyInString: as IAM writes a policy variable
  const variable = '${aws:username}';
  test('that the evaluator does not know are refused, also beside one that does not hold, and on another action', () => {
    expect(() => allowed({ conditions: { StringEquals: { 'x:y': ['1'] }, NumericLessThan: { 'x:n': ['3'] } } })).toThrow(/NumericLessThan/);
    expect(() => evaluate([allow({ effect: 'Deny', conditions: { StringEquals: { 'x:y': [variable] } } })], request())).toThrow(/policy variable/);
  });

  test('on one value are refused for a key with several', () => {
    expect(() => allowed({ conditions: { StringEquals: { 'x:y': ['1'] } } }, { 'x:y': ['1', '2'] })).toThrow(/ForAllValues or ForAnyValue/);
  });
});
