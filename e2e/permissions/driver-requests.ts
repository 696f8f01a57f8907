// What IAM is asked about the calls of traffic drivers.
import { z } from 'zod';
import type { IamRequest } from './evaluate.ts';
import type { Inventory } from './inventory.ts';
import type { ObservedCall } from './observed-call.ts';

type Requests = (call: ObservedCall, inventory: Inventory) => IamRequest[];

const text = (input: ObservedCall['input'], name: string): string => z.string(`${name} is missing in the call`).parse(input[name]);
const one = (action: string, resource: string, context: IamRequest['context'] = {}): IamRequest[] => [{ action, resource, context }];

/** A name that is a path begins with a slash, which the ARN has already. */
const onParameter: Requests = ({ operation, region, input }, { account }) =>
  one(
    `ssm:${operation}`,
    `arn:aws:ssm:${region}:${account}:parameter/${text(input, 'Name').replace(/^\//, '')}`,
    operation === 'PutParameter' ? { 'ssm:overwrite': String(input['Overwrite'] ?? false) } : {},
  );

/** AppConfig asks about each resource that an operation concerns, all of one Region. */
const onDeployments =
  (...kinds: ('application' | 'environment' | 'deployment' | 'profile' | 'strategy')[]): Requests =>
  ({ operation, region, input }, { account }) => {
    const below = `application/${text(input, 'ApplicationId')}`;
    const environment = `${below}/environment/${text(input, 'EnvironmentId')}`;
    const resources = {
      application: () => below,
      environment: () => environment,
      deployment: () => `${environment}/deployment/${String(input['DeploymentNumber'] ?? 'new')}`,
      profile: () => `${below}/configurationprofile/${text(input, 'ConfigurationProfileId')}`,
      strategy: () => `deploymentstrategy/${text(input, 'DeploymentStrategyId')}`,
    };
    return kinds.map((kind) => ({ action: `appconfig:${operation}`, resource: `arn:aws:appconfig:${region}:${account}:${resources[kind]()}`, context: {} }));
  };

/** The balancer that a shift concerns is a condition key. */
const onShift: Requests = ({ operation, region, input }, inventory) => {
  const named = input['resourceIdentifier'];
  const balancer = typeof named === 'string' ? named : inventory.balancerShiftedIn(region);
  return one(`arc-zonal-shift:${operation}`, balancer ?? '*', balancer === undefined ? {} : { 'arc-zonal-shift:resourceidentifier': balancer });
};

/** By IAM's prefix and operation. */
export const driverRequests = {
  elasticloadbalancing: {
    DescribeRules: () => one('elasticloadbalancing:DescribeRules', '*'),
    DescribeListeners: () => one('elasticloadbalancing:DescribeListeners', '*'),
    ModifyRule: ({ input }) => one('elasticloadbalancing:ModifyRule', text(input, 'RuleArn')),
    ModifyListener: ({ input }) => one('elasticloadbalancing:ModifyListener', text(input, 'ListenerArn')),
  },
  ssm: { GetParameter: onParameter, GetParameterHistory: onParameter, PutParameter: onParameter },
  appconfig: {
    ListDeployments: onDeployments('application', 'environment'),
    GetDeployment: onDeployments('application', 'environment', 'deployment'),
    StartDeployment: onDeployments('application', 'profile', 'deployment', 'strategy', 'environment'),
  },
  'arc-zonal-shift': {
    ListZonalShifts: () => one('arc-zonal-shift:ListZonalShifts', '*'),
    StartZonalShift: onShift,
    UpdateZonalShift: onShift,
    CancelZonalShift: onShift,
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Requests>>>>;
