// The plan of a service of the test: short steps and short waits, so that a failover fits into minutes of real time.
import { Plan, type PlanInput } from '../../core/contracts/plan.ts';

/** Where the test's services live. */
export const regions = { primary: 'eu-west-1', standby: 'eu-central-1' } as const;
export const instancesPerSide = 2;

/** What exists in the account, by the names that a plan gives it. */
export interface ServiceParts {
  readonly service: string;
  readonly hostedZoneId: string;
  readonly recordName: string;
  /** Where each side answers: protocol, host and port. */
  readonly origins: Readonly<Record<'primary' | 'standby', string>>;
  readonly loadBalancers: Readonly<Record<'primary' | 'standby', { readonly dimension: string; readonly targetGroupArn: string }>>;
  readonly launchTemplateId: string;
  readonly kmsKeyArn: string;
}

/** Tags by which the plan selects the primary's instances. */
export const selectorOf = (service: string): Record<string, string> => ({ service, side: 'primary' });

/** Everything that is not about time is as in the example plan, on a smaller scale. */
export function planInput({ service, hostedZoneId, recordName, origins, loadBalancers, launchTemplateId, kmsKeyArn }: ServiceParts): PlanInput {
  const side = (name: 'primary' | 'standby') => ({
    region: regions[name],
    zone: `${regions[name]}a`,
    setIdentifier: name,
    endpoint: { url: `${origins[name]}/health`, timeoutSeconds: 2, probePaths: ['/health', '/products', '/cart'] },
    loadBalancer: loadBalancers[name],
    requestsPerSecondPerInstance: 120,
  });
  // A step is watched for at least the TTL, and for as long as the schema's shortest bake.
  const shift = { steps: [10, 50, 100], bakeSeconds: 10 };
  return {
    service,
    mode: 'act',
    data: 'external',
    record: { hostedZoneId, name: recordName, types: ['A'], ttlSeconds: 10 },
    sides: {
      primary: { ...side('primary'), instances: instancesPerSide, resources: [{ kind: 'ec2-instance', tags: selectorOf(service) }] },
      standby: {
        ...side('standby'),
        instances: { partial: 1, full: instancesPerSide },
        launchTemplate: { id: launchTemplateId },
        kmsKeyArn,
      },
    },
    // The workflow that prepares the standby and the failover both prove it, at nearly the same time. Slow probes: none of them
    // has a verdict when the other begins, on any cloud, so that what follows does not depend on who is first.
    canary: { probeConcurrency: 6 },
    shift: { calm: shift, urgent: shift },
    // Resolvers that ignore the TTL outlast the test, and a busy one may be among them: most of the traffic has to have left.
    failover: { drainedBelow: 0.2, drainMaxMinutes: 10 },
    // Several services of the test move at one time, out of one zone.
    caps: { perAccount: 100, perZone: 100 },
  };
}

/** The plan as the product reads it. Throws when the parts do not make a valid one. */
export const planOf = (parts: ServiceParts): Plan => Plan.parse(planInput(parts));
