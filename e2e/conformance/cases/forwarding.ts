// Elastic Load Balancing: weighted forward actions of rules and listeners.
import { CreateSubnetCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  type Action,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Case, home, moto, type Stage, suite } from '../case.ts';

interface Kit {
  readonly ruleArn: string;
  readonly listenerArn: string;
  readonly groups: readonly [string, string];
}

const of = (resource: string) => `arn:aws:elasticloadbalancing:${home}:123456789012:${resource}`;
const absentRule = of('listener-rule/app/absent/0123456789abcdef/0123456789abcdef/0123456789abcdef');
const absentListener = of('listener/app/absent/0123456789abcdef/0123456789abcdef');
const client = (stage: Stage) => stage.client(ElasticLoadBalancingV2Client, home);

const forward = ({ groups }: Pick<Kit, 'groups'>, first: number, second: number, sticky = true): Action[] => [
  {
    Type: 'forward',
    Order: 1,
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: groups[0], Weight: first },
        { TargetGroupArn: groups[1], Weight: second },
      ],
      ...(sticky ? { TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 } } : {}),
    },
  },
];

/** Balancers cannot be made in the simulated cloud: a rule and a listener stand there. */
async function setUp(stage: Stage): Promise<Kit> {
  const { vpcId, front } = stage.premises;
  const group = async (Name: string) => {
    const { TargetGroups } = await client(stage).send(new CreateTargetGroupCommand({ Name, Protocol: 'HTTP', Port: 80, VpcId: vpcId, TargetType: 'instance' }));
    return TargetGroups?.[0]?.TargetGroupArn ?? '';
  };
  const groups = [await group('to-primary'), await group('to-standby')] as const;
  if (front) return { ...front(groups), groups };
  const { Subnets = [] } = await stage.client(EC2Client, home).send(new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }));
  const subnets = Subnets.slice(0, 2).map(({ SubnetId = '' }) => SubnetId);
  if (subnets.length < 2) {
    const { Subnet } = await stage
      .client(EC2Client, home)
      .send(new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: '172.31.240.0/24', AvailabilityZone: `${home}b` }));
    subnets.push(Subnet?.SubnetId ?? '');
  }
  const { LoadBalancers } = await client(stage).send(new CreateLoadBalancerCommand({ Name: 'front', Subnets: subnets }));
  const actions = forward({ groups }, 100, 0, false);
  const { Listeners } = await client(stage).send(
    new CreateListenerCommand({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions: actions }),
  );
  const listenerArn = Listeners?.[0]?.ListenerArn ?? '';
  const { Rules } = await client(stage).send(
    new CreateRuleCommand({
      ListenerArn: listenerArn,
      Priority: 10,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
      Actions: actions,
    }),
  );
  return { groups, listenerArn, ruleArn: Rules?.[0]?.RuleArn ?? '' };
}

const weights = (list: string) => [`${list}[].ForwardConfig.TargetGroups[].Weight`, `${list}[].ForwardConfig.TargetGroupStickinessConfig.DurationSeconds`];
type Rest = Partial<Pick<Case<Kit>, 'on' | 'same'>>;
const rules = (name: string, arn: (kit: Kit) => string, rest: Rest = {}): Case<Kit> => ({
  operation: 'elasticloadbalancing:DescribeRules',
  name,
  call: (stage, kit) => client(stage).send(new DescribeRulesCommand({ RuleArns: [arn(kit)] })),
  // MiniStack keeps no weights in rules and listeners.
  on: moto,
  ...rest,
});
const listeners = (name: string, arn: (kit: Kit) => string, rest: Rest = {}): Case<Kit> => ({
  operation: 'elasticloadbalancing:DescribeListeners',
  name,
  call: (stage, kit) => client(stage).send(new DescribeListenersCommand({ ListenerArns: [arn(kit)] })),
  on: moto,
  ...rest,
});
const weighRule = (name: string, actions: (kit: Kit) => Action[], arn = (kit: Kit) => kit.ruleArn, rest: Rest = {}): Case<Kit> => ({
  operation: 'elasticloadbalancing:ModifyRule',
  name,
  call: (stage, kit) => client(stage).send(new ModifyRuleCommand({ RuleArn: arn(kit), Actions: actions(kit) })),
  on: moto,
  ...rest,
});
const weighListener = (name: string, actions: (kit: Kit) => Action[], arn = (kit: Kit) => kit.listenerArn, rest: Rest = {}): Case<Kit> => ({
  operation: 'elasticloadbalancing:ModifyListener',
  name,
  call: (stage, kit) => client(stage).send(new ModifyListenerCommand({ ListenerArn: arn(kit), DefaultActions: actions(kit) })),
  on: moto,
  ...rest,
});

export const forwarding = suite<Kit>(setUp, [
  rules('as it was made', ({ ruleArn }) => ruleArn, { same: weights('Rules[].Actions') }),
  weighRule('other weights', (kit) => forward(kit, 90, 10), undefined, { same: weights('Rules[].Actions') }),
  rules('with other weights', ({ ruleArn }) => ruleArn, { same: weights('Rules[].Actions') }),
  weighRule('a weight beyond 999', (kit) => forward(kit, 1000, 0)),
  rules('one that is absent', () => absentRule),
  weighRule(
    'one that is absent',
    (kit) => forward(kit, 90, 10),
    () => absentRule,
  ),
  listeners('as it was made', ({ listenerArn }) => listenerArn, { same: weights('Listeners[].DefaultActions') }),
  weighListener('other weights', (kit) => forward(kit, 0, 100), undefined, { same: weights('Listeners[].DefaultActions') }),
  listeners('with other weights', ({ listenerArn }) => listenerArn, { same: weights('Listeners[].DefaultActions') }),
  listeners('one that is absent', () => absentListener),
  weighListener(
    'one that is absent',
    (kit) => forward(kit, 90, 10),
    () => absentListener,
  ),
]);
