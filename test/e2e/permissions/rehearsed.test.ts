// What functions, state machines and schedules call in the rehearsals is what their policies allow: all of it, and nothing else.
import { beforeAll, describe, expect, test } from 'vitest';
import { functions } from '../../../core/contracts/deployment.ts';
import { controlRegionOf } from '../../../core/contracts/plan.ts';
import type { Statement } from '../../../e2e/permissions/evaluate.ts';
import { collectCalls } from '../../../e2e/permissions/from-rehearsal.ts';
import { Inventory } from '../../../e2e/permissions/inventory.ts';
import { type Judgement, judge } from '../../../e2e/permissions/judge.ts';
import type { ObservedCall } from '../../../e2e/permissions/observed-call.ts';
import { explain } from '../../../e2e/permissions/permissions.ts';
import { nameOf, type Policies } from '../../../e2e/permissions/policies.ts';
import { describe as describePermission, isListed, namingNothing } from '../../../e2e/permissions/review.ts';
import { playForestall } from '../../../rehearsal/arms/forestall.ts';
import { drawRun } from '../../../rehearsal/scenarios/scenario.ts';
import { account, policiesFor } from './fixture.ts';
import { plan, type Story, stories } from './stories.ts';

const calls: ObservedCall[] = [];
const tags: Record<string, Readonly<Record<string, string>>> = {};
const policies = policiesFor(plan);
let judgement: Judgement;

async function play({ scenario, plan: ofStory, companion }: Story): Promise<void> {
  let collected: ReturnType<typeof collectCalls> | undefined;
  let remember = () => {};
  await playForestall(drawRun(scenario, 1, ofStory), [
    // Instances that the world makes while it plays are remembered at the end.
    {
      begin: ({ runtime }) => {
        collected = collectCalls(runtime, controlRegionOf(ofStory), account);
        remember = () => {
          for (const instance of runtime.cloud.physical.instances()) tags[instance.instanceId] = instance.tags;
        };
      },
      end: async () => {
        collected?.finish();
        remember();
      },
    },
    ...(companion ? [companion()] : []),
  ]);
  calls.push(...(collected?.calls ?? []));
}

const judged = (of: Policies) => judge(of, calls, new Inventory(account, [plan], tags));

beforeAll(async () => {
  for (const story of stories) await play(story);
  judgement = judged(policies);
}, 600_000);

describe.each(Object.keys(functions))('%s', (name) => {
  test('was called, and may make each of its calls', () => {
    expect(judgement.calls.get(`forestall-${name}`)).toBeGreaterThan(0);
    expect(judgement.denied.filter(({ principal }) => principal === `forestall-${name}`).map(explain)).toEqual([]);
  });
});

test('state machines and schedules may make each of their calls', () => {
  const others = policies.principals.filter(({ kind }) => kind === 'state machine' || kind === 'schedule').map(nameOf);
  expect(others).toHaveLength(13);
  expect(others.filter((name) => !judgement.calls.get(name))).toEqual([]);
  expect(judgement.denied.map(explain)).toEqual([]);
});

test('nothing is allowed that was not needed, but for what the reviewed list justifies', () => {
  expect(judgement.used.length).toBeGreaterThan(200);
  expect(judgement.unused.filter((permission) => !isListed(permission)).map(describePermission)).toEqual([]);
});

test('the reviewed list has nothing that was needed, or that is not allowed at all', () => {
  expect(judgement.used.filter((permission) => isListed(permission)).map(describePermission)).toEqual([]);
  expect(namingNothing(judgement.unused)).toEqual([]);
});

describe('a policy that is wrong is found out', () => {
  const changed = (name: string, change: (statement: Statement) => Statement | undefined): Judgement =>
    judged({
      ...policies,
      principals: policies.principals.map((principal) =>
        nameOf(principal) === name ? { ...principal, statements: principal.statements.flatMap((statement) => change(statement) ?? []) } : principal,
      ),
    });
  const deniedTo = (name: string, change: (statement: Statement) => Statement | undefined) => [
    ...new Set(changed(name, change).denied.map(({ principal, request }) => `${principal} ${request.action}`)),
  ];
  const tagged = { StringEquals: { 'aws:ResourceTag/forestall:service': ['shop'] } };

  test('by a condition on a key that AWS does not fill in', () => {
    const source = (statement: Statement) => (statement.conditions['StringEqualsIfExists'] ? { ...statement, conditions: tagged } : statement);
    expect(deniedTo('forestall-copy-snapshots', source)).toEqual(['forestall-copy-snapshots ec2:CopySnapshot']);
  });

  test.each([
    ['forestall-retire-snapshots', 'ec2:DeleteSnapshot'],
    ['forestall-sweep-orphans', 'ec2:TerminateInstances'],
    ['forestall-prepare-standby', 'iam:PassRole'],
    ['forestall-prepare-standby', 'kms:CreateGrant'],
    ['forestall-roll-back', 'route53:ChangeResourceRecordSets'],
    ['forestall-dispatch-scoring', 'dynamodb:DeleteItem'],
    ['forestall-retire-side', 'ec2:TerminateInstances'],
    ['forestall-retire-side', 'iam:PassRole'],
    ['forestall-record-evidence', 'dynamodb:PutItem'],
    ['forestall-record-evidence', 'ec2:DescribeInstanceStatus'],
    ['forestall-schedule-moves', 'dynamodb:Query'],
    ['forestall-close-failover', 'states:StartExecution'],
    ['schedule forestall-sweep-orphans', 'lambda:InvokeFunction'],
    ['state machine forestall-fail-over', 'states:StartExecution'],
  ])('%s without %s', (name, action) => {
    expect(deniedTo(name, (statement) => ({ ...statement, actions: statement.actions?.filter((one) => one !== action) ?? [] }))).toEqual([`${name} ${action}`]);
  });

  test('by another service in the tag, another record, another template', () => {
    const elsewhere = (statement: Statement): Statement =>
      JSON.parse(JSON.stringify(statement).replaceAll('"shop"', '"till"').replaceAll('shop.example.com', 'till.example.com'));
    expect(deniedTo('forestall-prepare-standby', elsewhere).sort()).toEqual(
      ['ec2:CreateTags', 'ec2:RunInstances', 'ec2:StartInstances', 'ec2:TerminateInstances'].map((action) => `forestall-prepare-standby ${action}`),
    );
    expect(deniedTo('forestall-shift-traffic', elsewhere)).toEqual(['forestall-shift-traffic route53:ChangeResourceRecordSets']);
  });

  test('by an allow that names what it does not mean', () => {
    expect(() => changed('forestall-verify-shift', ({ actions = [], ...statement }) => ({ ...statement, notActions: actions }))).toThrow(/name what is/);
  });

  test('by what it allows beyond', () => {
    const wider = changed('forestall-verify-shift', (statement) => ({ ...statement, actions: [...(statement.actions ?? []), 'ec2:StopInstances'] }));
    expect(
      wider.unused
        .filter((permission) => !isListed(permission))
        .every(({ principal, action }) => principal === 'forestall-verify-shift' && action === 'ec2:StopInstances'),
    ).toBe(true);
    expect(wider.unused.some(({ action }) => action === 'ec2:StopInstances')).toBe(true);
  });
});
