// Rules and listeners of load balancers: their actions, of which the weighted forward is the one that moves traffic.
import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { faultsOf } from './fault.ts';
import { type CallContext, mutates, type Operation, reads } from './service.ts';

const fault = faultsOf(sdk, 'ElasticLoadBalancingV2ServiceException');
const mostWeight = 999;

export class Forwarding {
  /** Actions by ARN of a rule or of a listener. */
  readonly #actions = new Map<string, readonly sdk.Action[]>();

  readonly operations: Readonly<Record<string, Operation>> = {
    DescribeRules: reads(({ RuleArns = [] }: sdk.DescribeRulesCommandInput, context) => ({
      Rules: RuleArns.map((arn) => ruleView(arn, this.#of(arn, context))),
    })),
    DescribeListeners: reads(({ ListenerArns = [] }: sdk.DescribeListenersCommandInput, context) => ({
      Listeners: ListenerArns.map((arn) => listenerView(arn, this.#of(arn, context))),
    })),
    ModifyRule: mutates(({ RuleArn = '', Actions }: sdk.ModifyRuleCommandInput, context) => ({
      Rules: [ruleView(RuleArn, this.#set(RuleArn, Actions, context))],
    })),
    ModifyListener: mutates(({ ListenerArn = '', DefaultActions }: sdk.ModifyListenerCommandInput, context) => ({
      Listeners: [listenerView(ListenerArn, this.#set(ListenerArn, DefaultActions, context))],
    })),
  };

  add(arn: string, actions: readonly sdk.Action[]): void {
    this.#actions.set(arn, actions);
  }

  /** Share (0-1) of the requests that a target group gets; 0 when there is no such rule or it forwards elsewhere. */
  share(arn: string, targetGroupArn: string): number {
    const groups = this.#actions.get(arn)?.find(({ Type }) => Type === 'forward')?.ForwardConfig?.TargetGroups ?? [];
    const total = groups.reduce((sum, { Weight = 1 }) => sum + Weight, 0);
    return total === 0 ? 0 : (groups.find(({ TargetGroupArn }) => TargetGroupArn === targetGroupArn)?.Weight ?? 0) / total;
  }

  #of(arn: string, { region }: CallContext): readonly sdk.Action[] {
    const actions = arn.split(':')[3] === region ? this.#actions.get(arn) : undefined;
    if (actions) return structuredClone(actions);
    const what = arn.includes(':listener-rule/') ? 'Rule' : 'Listener';
    throw fault(`${what}NotFoundException`, `One or more ${what.toLowerCase()}s not found`);
  }

  #set(arn: string, actions: readonly sdk.Action[] | undefined, context: CallContext): readonly sdk.Action[] {
    this.#of(arn, context);
    const given = actions ?? [];
    const groups = given.flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? []);
    if (given.filter(({ Type }) => Type === 'forward').length !== 1) throw fault('InvalidLoadBalancerAction', 'There must be exactly one routing action');
    if (given.some(({ TargetGroupArn, ForwardConfig }) => TargetGroupArn !== undefined && (ForwardConfig?.TargetGroups?.length ?? 0) > 1))
      throw fault('InvalidLoadBalancerAction', 'A target group and several target groups cannot be given together');
    if (groups.some(({ Weight = 1 }) => !Number.isInteger(Weight) || Weight < 0 || Weight > mostWeight))
      throw fault('ValidationError', `A weight is a whole number from 0 to ${mostWeight}`);
    this.#actions.set(arn, structuredClone(given));
    return given;
  }
}

const ruleView = (RuleArn: string, Actions: readonly sdk.Action[]) => ({ RuleArn, Priority: '10', Conditions: [], Actions, IsDefault: false });
const listenerView = (ListenerArn: string, DefaultActions: readonly sdk.Action[]) => ({ ListenerArn, Port: 443, Protocol: 'HTTPS', DefaultActions });
