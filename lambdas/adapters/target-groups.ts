// Load balancer target groups: which instances are behind a side, and which of them are healthy.
import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { clientFor } from './clients.ts';

export class TargetGroups {
  /** Health of every registered target, by instance id. */
  async health(region: string, targetGroupArn: string): Promise<Map<string, 'healthy' | 'other'>> {
    const { TargetHealthDescriptions } = await clientFor(ElasticLoadBalancingV2Client, region).send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
    );
    return new Map(
      (TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => [Target?.Id ?? '', TargetHealth?.State === 'healthy' ? 'healthy' : 'other']),
    );
  }

  /** Registering a registered target is no error. */
  async register(region: string, targetGroupArn: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0)
      await clientFor(ElasticLoadBalancingV2Client, region).send(
        new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: ids.map((Id) => ({ Id })) }),
      );
  }

  async deregister(region: string, targetGroupArn: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0)
      await clientFor(ElasticLoadBalancingV2Client, region).send(
        new DeregisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: ids.map((Id) => ({ Id })) }),
      );
  }
}
