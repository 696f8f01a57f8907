// What is scored of a service or of single instances on CloudWatch, each with its Region and metrics.
import { defaultResourceMetrics, type MetricDefinition } from '../../core/contracts/metrics.ts';
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import type { ResourceSelector } from '../../core/contracts/plan-sides.ts';
import type { FoundInstance } from '../../lambdas/adapters/instance-lookup.ts';
import { entryMetricsOf, resourceMetricsOf } from '../../lambdas/apply-plan/subject-metrics.ts';
import { InputError } from '../commands/command.ts';

/** One thing that is scored. */
export interface Subject {
  readonly name: string;
  readonly kind: 'entry' | 'resource';
  readonly side: SideName;
  readonly region: string;
  readonly metrics: readonly MetricDefinition[];
}

export type FindInstances = (region: string, selector: Pick<ResourceSelector, 'ids' | 'tags'>) => Promise<readonly Pick<FoundInstance, 'id'>[]>;

/** Instances by id with the metrics of their kind. */
export function subjectsById(ids: readonly string[], region: string): Subject[] {
  return [...new Set(ids)].map((name) => {
    requireInstanceId(name);
    const metrics = defaultResourceMetrics['ec2-instance'].map((metric) => ({ ...metric, dimensions: { InstanceId: name } }));
    return { name, kind: 'resource', side: 'primary', region, metrics };
  });
}

function requireInstanceId(id: string): void {
  if (!/^i-[0-9a-f]{8,17}$/.test(id)) throw new InputError(`'${id}' is not an instance id; write it as in i-0123456789abcdef0`);
}

/**
 * What a plan has scored: the entry of each side and the primary's instances. Tags are looked up.
 * @param only when not empty: of these instances only, without the entries
 */
export async function subjectsOfPlan(plan: Plan, only: readonly string[], findInstances: FindInstances): Promise<Subject[]> {
  for (const id of only) requireInstanceId(id);
  const { region, resources } = plan.sides.primary;
  const found = new Map<string, Subject>();
  for (const selector of resources) {
    // Ids of the plan are taken at their word: what was terminated since then has its history all the same.
    const ids = selector.ids ?? (await findInstances(region, selector)).map(({ id }) => id);
    for (const id of ids) if (!found.has(id)) found.set(id, { name: id, kind: 'resource', side: 'primary', region, metrics: resourceMetricsOf(selector, id) });
  }
  if (only.length > 0)
    return [...new Set(only)].map((id) => {
      const subject = found.get(id);
      if (subject) return subject;
      throw new InputError(
        `the plan does not select ${id} (it selects ${[...found.keys()].join(', ') || 'nothing that exists'}); name one of those, or leave --plan out`,
      );
    });
  const entries = (['primary', 'standby'] as const).map(
    (side): Subject => ({ name: `entry-${side}`, kind: 'entry', side, region: plan.sides[side].region, metrics: entryMetricsOf(plan, side) }),
  );
  return [...entries, ...found.values()];
}
