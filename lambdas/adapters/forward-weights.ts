// Elastic Load Balancing: the weights of a forward action, of a rule or of a listener by default.
import {
  type Action,
  DescribeListenersCommand,
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { clientFor } from './clients.ts';

/** ARN of a rule or of a listener. */
export type Front = { readonly region: string } & ({ readonly ruleArn: string } | { readonly listenerArn: string });

/** The actions as they stand, and where among them the weights are. */
export interface Forwarding {
  readonly actions: readonly Action[];
  readonly index: number;
  /** weight (0-999) by ARN of a target group */
  readonly weights: ReadonlyMap<string, number>;
  /** for how long a client stays with its target group, s; 0: it does not */
  readonly stickySeconds: number;
}

export class ForwardWeights {
  readonly #front: Front;

  constructor(front: Front) {
    this.#front = front;
  }

  get #client() {
    return clientFor(ElasticLoadBalancingV2Client, this.#front.region);
  }

  /** undefined: there is no such rule or listener, or it forwards nowhere. */
  async read(): Promise<Forwarding | undefined> {
    const actions = await this.#actions();
    const index = actions.findIndex(({ Type }) => Type === 'forward');
    const action = actions[index];
    if (!action) return undefined;
    const groups = action.ForwardConfig?.TargetGroups ?? (action.TargetGroupArn ? [{ TargetGroupArn: action.TargetGroupArn, Weight: 1 }] : []);
    const { Enabled = false, DurationSeconds = 0 } = action.ForwardConfig?.TargetGroupStickinessConfig ?? {};
    const weights = new Map(groups.map(({ TargetGroupArn = '', Weight = 1 }) => [TargetGroupArn, Weight]));
    return { actions, index, weights, stickySeconds: Enabled ? DurationSeconds : 0 };
  }

  /** Sets the weights of the target groups that are there. Conditions, stickiness and every other action stay as they stand. */
  async write({ actions, index }: Forwarding, weights: ReadonlyMap<string, number>): Promise<void> {
    const changed = actions.map((action, at) => {
      if (at !== index) return restated(action);
      // A forward action names one target group by itself or several in its configuration, not both.
      const { TargetGroupArn: _alone, ...rest } = action;
      return { ...rest, ForwardConfig: { ...rest.ForwardConfig, TargetGroups: [...weights].map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })) } };
    });
    const front = this.#front;
    if ('ruleArn' in front) await this.#client.send(new ModifyRuleCommand({ RuleArn: front.ruleArn, Actions: changed }));
    else await this.#client.send(new ModifyListenerCommand({ ListenerArn: front.listenerArn, DefaultActions: changed }));
  }

  async #actions(): Promise<readonly Action[]> {
    const front = this.#front;
    try {
      if ('ruleArn' in front) {
        const { Rules } = await this.#client.send(new DescribeRulesCommand({ RuleArns: [front.ruleArn] }));
        return Rules?.[0]?.Actions ?? [];
      }
      const { Listeners } = await this.#client.send(new DescribeListenersCommand({ ListenerArns: [front.listenerArn] }));
      return Listeners?.[0]?.DefaultActions ?? [];
    } catch (error) {
      if (error instanceof Error && (error.name === 'RuleNotFoundException' || error.name === 'ListenerNotFoundException')) return [];
      throw error;
    }
  }
}

/** A client secret is not told: an action that has one says that it stays. */
const restated = (action: Action): Action =>
  action.AuthenticateOidcConfig ? { ...action, AuthenticateOidcConfig: { ...action.AuthenticateOidcConfig, UseExistingClientSecret: true } } : action;
