import {
  type Action,
  DescribeListenersCommand,
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyRuleCommand,
  RuleNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DriverOf } from '../../../core/contracts/plan-drivers.ts';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { WeightsChangedError } from '../../../lambdas/adapters/record-router.ts';
import { loadBalancerWeights } from '../../../lambdas/drivers/load-balancer-weights.ts';
import { DriverRefusedError } from '../../../lambdas/drivers/port.ts';
import { requestOf, ruleDriver } from '../../fixtures/drivers.ts';

const elb = mockClient(ElasticLoadBalancingV2Client);
const { targetGroups, ruleArn } = ruleDriver;
const at = '2026-03-02T12:00:00Z';

const forward = (primary: number, standby: number, more: Partial<Action> = {}): Action => ({
  Type: 'forward',
  Order: 2,
  ForwardConfig: {
    TargetGroups: [
      { TargetGroupArn: targetGroups.primary, Weight: primary },
      { TargetGroupArn: targetGroups.standby, Weight: standby },
    ],
    TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
  },
  ...more,
});
const login: Action = {
  Type: 'authenticate-oidc',
  Order: 1,
  AuthenticateOidcConfig: { Issuer: 'i', AuthorizationEndpoint: 'a', TokenEndpoint: 't', UserInfoEndpoint: 'u', ClientId: 'c' },
};
/** The rule's actions, one answer for each time it is read. */
const stands = (...answers: Action[][]) => {
  const command = elb.on(DescribeRulesCommand, { RuleArns: [ruleArn] });
  for (const Actions of answers) command.resolvesOnce({ Rules: [{ RuleArn: ruleArn, Actions }] });
};

beforeEach(() => {
  attachToClients(undefined);
  elb.reset();
  elb.on(ModifyRuleCommand).resolves({});
});

describe('a step', () => {
  it('sets both weights and leaves stickiness, order and other actions as they stand', async () => {
    stands([login, forward(100, 0)], [login, forward(90, 10)]);
    expect(await loadBalancerWeights.apply(requestOf(ruleDriver, { percent: 10 }))).toEqual({ state: 'done', token: '10' });
    expect(elb.commandCalls(ModifyRuleCommand).map(({ args }) => args[0].input)).toEqual([
      {
        RuleArn: ruleArn,
        Actions: [
          // The secret is not told by DescribeRules: the action says that the one that is there stays.
          { ...login, AuthenticateOidcConfig: { ...login.AuthenticateOidcConfig, UseExistingClientSecret: true } },
          forward(90, 10),
        ],
      },
    ]);
  });

  it('changes nothing when the weights stand already: the answer of the first attempt was lost', async () => {
    stands([forward(50, 50)]);
    const known = { status: 'intended', token: '10>50', at } as const;
    expect(await loadBalancerWeights.apply(requestOf(ruleDriver, { percent: 50, known }))).toEqual({ state: 'done', token: '50' });
    expect(elb.commandCalls(ModifyRuleCommand)).toHaveLength(0);
  });

  it('goes on from what may stand after a crash, and says beforehand what that is', async () => {
    const request = requestOf(ruleDriver, { percent: 0, known: { status: 'intended', token: '10>50', at } });
    expect(loadBalancerWeights.intent?.(request)).toBe('10>50>0');
    stands([forward(50, 50)], [forward(100, 0)]);
    expect(await loadBalancerWeights.apply(request)).toEqual({ state: 'done', token: '0' });
  });

  it('back to the primary gives the primary the share', async () => {
    stands([forward(0, 100)], [forward(25, 75)]);
    expect(await loadBalancerWeights.apply(requestOf(ruleDriver, { to: 'primary', percent: 25 }))).toEqual({ state: 'done', token: '75' });
  });
});

it.each<[string, Action, number]>([
  ['as long as its action says', forward(100, 0), 60],
  [
    'not at all when that is turned off',
    forward(100, 0, { ForwardConfig: { ...forward(100, 0).ForwardConfig, TargetGroupStickinessConfig: { Enabled: false } } }),
    0,
  ],
])('keeps clients with their target group %s', async (_what, action, stickySeconds) => {
  stands([action]);
  expect(await loadBalancerWeights.read(requestOf(ruleDriver))).toMatchObject({ standby: 0, stickySeconds });
});

describe("somebody else's change", () => {
  it.each([
    ['before the first step', undefined, forward(80, 20)],
    ['between two steps', { status: 'done', token: '10', at } as const, forward(0, 100)],
    ['after a crash', { status: 'intended', token: '10>50', at } as const, forward(70, 30)],
  ])('%s stops the automation and is left', async (_when, known, standing) => {
    stands([standing]);
    await expect(loadBalancerWeights.apply(requestOf(ruleDriver, { percent: 50, ...(known ? { known } : {}) }))).rejects.toThrow(WeightsChangedError);
    expect(elb.commandCalls(ModifyRuleCommand)).toHaveLength(0);
  });

  it('at the same moment is seen when the weights are read back', async () => {
    stands([forward(100, 0)], [forward(100, 0)]);
    await expect(loadBalancerWeights.apply(requestOf(ruleDriver, { percent: 10 }))).rejects.toThrow(/was set to 10 % for the standby and reads 0 %/);
  });
});

describe('a rule that is not what the plan says', () => {
  const other = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/other/6d0ecf831eec9f03';
  const groups = (...arns: string[]) => [forward(0, 0, { ForwardConfig: { TargetGroups: arns.map((TargetGroupArn) => ({ TargetGroupArn, Weight: 1 })) } })];
  it.each([
    ['redirects', [{ Type: 'redirect' } as Action], /has no forward action/],
    ['forwards to one side only', [{ Type: 'forward', TargetGroupArn: targetGroups.primary } as Action], /does not forward to both target groups/],
    ['forwards to a third target group', groups(targetGroups.primary, targetGroups.standby, other), /forwards to .*other.* as well/],
    ['has no weights', [forward(0, 0)], /no weight for either side/],
  ])('%s: it is refused', async (_what, actions, words) => {
    stands(actions);
    const failure = await loadBalancerWeights.read(requestOf(ruleDriver)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DriverRefusedError);
    expect((failure as Error).message).toMatch(words);
  });

  it('is gone: it is refused', async () => {
    elb.on(DescribeRulesCommand).rejects(new RuleNotFoundException({ message: 'gone', $metadata: {} }));
    await expect(loadBalancerWeights.read(requestOf(ruleDriver))).rejects.toThrow(/make it forward/);
  });
});

it("weighs a listener's default action as well", async () => {
  const listenerArn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/front/50dc6c495c0c9188/f2f7dc8efc522ab2';
  const settings: DriverOf<'load-balancer-weights'> = { driver: 'load-balancer-weights', listenerArn, targetGroups };
  elb
    .on(DescribeListenersCommand, { ListenerArns: [listenerArn] })
    .resolvesOnce({ Listeners: [{ DefaultActions: [forward(100, 0)] }] })
    .resolvesOnce({ Listeners: [{ DefaultActions: [forward(0, 100)] }] });
  elb.on(ModifyListenerCommand).resolves({});
  expect(await loadBalancerWeights.apply(requestOf(settings))).toEqual({ state: 'done', token: '100' });
  expect(elb.commandCalls(ModifyListenerCommand)[0]?.args[0].input).toEqual({ ListenerArn: listenerArn, DefaultActions: [forward(0, 100)] });
});
