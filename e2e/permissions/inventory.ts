// What IAM knows of resources and a call does not say: their tags, the role within a launch template, the keys of volumes.
import { z } from 'zod';
import type { Plan } from '../../core/contracts/plan.ts';
import type { ObservedCall } from './observed-call.ts';

type Tags = Readonly<Record<string, string>>;

const Tagging = z.object({
  TagSpecifications: z.array(z.object({ ResourceType: z.string(), Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]) })).default([]),
});

/** Tags that a call asks for, by the type of what is tagged: `instance`, `volume`, `snapshot`. */
export function tagsIn(input: ObservedCall['input']): Map<string, Tags> {
  const { TagSpecifications } = Tagging.parse(input);
  return new Map(TagSpecifications.map(({ ResourceType, Tags }) => [ResourceType, Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]))]));
}

const makes: Readonly<Record<string, string>> = { RunInstances: 'instance', CreateSnapshots: 'snapshot', CopySnapshot: 'snapshot' };

export class Inventory {
  readonly account: string;
  readonly #plans: readonly Plan[];
  readonly #tags: Map<string, Tags>;

  /** `tags`: of what existed before the calls, by id of instance or snapshot. */
  constructor(account: string, plans: readonly Plan[], tags: Readonly<Record<string, Tags>> = {}) {
    this.account = account;
    this.#plans = plans;
    this.#tags = new Map(Object.entries(tags));
  }

  /** Remembers the tags of what a call made. */
  learn({ operation, input, made = [] }: ObservedCall): void {
    const type = makes[operation];
    const tags = type === undefined ? undefined : tagsIn(input).get(type);
    for (const id of made) if (tags !== undefined) this.#tags.set(id, tags);
  }

  /** None when nothing is known of the resource: conditions on its tags do not hold then. */
  tagsOf(id: string): Tags {
    return this.#tags.get(id) ?? {};
  }

  /** The role that a launch from the template passes on to the instance. */
  roleOf(launchTemplateId: string): string | undefined {
    const templates = this.#plans.flatMap(({ sides }) => [
      sides.standby.launchTemplate,
      ...(sides.primary.launchTemplate ? [sides.primary.launchTemplate] : []),
    ]);
    return templates.find(({ id }) => id === launchTemplateId)?.roleArn;
  }

  /** The balancer whose zonal shifts the plans begin in a Region; a call that prolongs or ends one names the shift alone. */
  balancerShiftedIn(region: string): string | undefined {
    const balancers = this.#plans.flatMap(({ drivers }) =>
      drivers.flatMap((settings) => (settings.driver === 'zonal-shift' ? [settings.loadBalancerArn] : [])),
    );
    return balancers.find((arn) => arn.split(':')[3] === region);
  }

  /** Keys of volumes and snapshots in a Region. Those of a standby are in its plan; for the others stands one key of the customer's. */
  keysOf(region: string): readonly string[] {
    const named = this.#plans.filter(({ sides }) => sides.standby.region === region).map(({ sides }) => sides.standby.kmsKeyArn);
    return named.length > 0 ? [...new Set(named)] : [`arn:aws:kms:${region}:${this.account}:key/of-the-customers-volumes`];
  }
}
