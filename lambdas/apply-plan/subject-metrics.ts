// The metrics of each scored thing, complete with dimensions: the plan's own or the defaults of the kind.
import { defaultEntryMetrics, defaultResourceMetrics, type MetricDefinition } from '../../core/contracts/metrics.ts';
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import type { ResourceSelector } from '../../core/contracts/plan-sides.ts';

/** Dimensions that the plan gives are taken as they are. */
const withDimensions = (metrics: readonly MetricDefinition[], dimensions: Record<string, string>): MetricDefinition[] =>
  metrics.map((metric) => ({ ...metric, dimensions: metric.dimensions ?? dimensions }));

export function entryMetricsOf(plan: Plan, side: SideName): MetricDefinition[] {
  return withDimensions(plan.entryMetrics ?? defaultEntryMetrics, { LoadBalancer: plan.sides[side].loadBalancer.dimension });
}

const idDimension = { 'ec2-instance': 'InstanceId' } as const;

export function resourceMetricsOf(selector: ResourceSelector, resourceId: string): MetricDefinition[] {
  return withDimensions(selector.metrics ?? defaultResourceMetrics[selector.kind], { [idDimension[selector.kind]]: resourceId });
}
