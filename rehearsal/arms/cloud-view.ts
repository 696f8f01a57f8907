// What the world sees and measures of a cloud: the simulated one shows it directly, another one through its public API.
import type { EffectiveRecord, HealthCheckView, InstanceState, Physical, SimulatedCloud } from '../cloud/cloud.ts';

/** One instance; `since`: when it came into its state, ms. */
export interface SeenInstance {
  readonly instanceId: string;
  readonly state: InstanceState;
  readonly since: number;
}

/** Every answer is of now. None of it costs anything or changes anything but `putMetric`. */
export interface CloudView extends Pick<Physical, 'healthyTargets' | 'targets' | 'metric' | 'putMetric'> {
  /** Records of a name as resolvers get them. */
  effectiveRecords(zoneId: string, name: string): readonly EffectiveRecord[];
  healthChecks(): readonly HealthCheckView[];
  instances(region: string): readonly SeenInstance[];
  instance(instanceId: string): SeenInstance | undefined;
  /** Absent: no balancer forwards between the sides. */
  forwardShare?: Physical['forwardShare'];
}

/** The view of the simulated cloud. */
export function viewOf(cloud: SimulatedCloud): CloudView {
  const { physical } = cloud;
  return {
    effectiveRecords: (zoneId, name) => cloud.effectiveRecords(zoneId, name),
    healthChecks: () => physical.healthChecks(),
    metric: (query) => physical.metric(query),
    healthyTargets: (arn) => physical.healthyTargets(arn),
    targets: (arn) => physical.targets(arn),
    instances: (region) => physical.instances(region),
    instance: (instanceId) => physical.instance(instanceId),
    forwardShare: (arn, targetGroupArn) => physical.forwardShare(arn, targetGroupArn),
    putMetric: (datum) => physical.putMetric(datum),
  };
}
