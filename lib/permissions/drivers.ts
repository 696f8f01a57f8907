// What the plans' drivers may change: the rules, parameters, environments and balancers that the plans name, and nothing where a plan names none.
import { type DriverName, type DriverOf, regionOfArn } from '../../core/contracts/plan-drivers.ts';
import type { ControlRegion } from '../config.ts';
import * as names from '../names.ts';
import { type Allowed, distinct, inRegions, noResourceLevel, type Permission } from './allowed.ts';

/** The settings of one driver in all plans. */
const settingsOf = <Name extends DriverName>({ plans }: ControlRegion, name: Name): DriverOf<Name>[] =>
  plans.flatMap(({ drivers }) => drivers.filter((settings): settings is DriverOf<Name> => settings.driver === name));

/** No statement about nothing. */
const ofEach = <Settings>(settings: readonly Settings[], allowed: (settings: readonly Settings[]) => Allowed): Allowed[] =>
  settings.length === 0 ? [] : [allowed(settings)];

/** Rules or listeners, as their ARNs say. */
const fronts = (control: ControlRegion, type: ':listener-rule/' | ':listener/'): string[] =>
  distinct(settingsOf(control, 'load-balancer-weights').map(({ ruleArn, listenerArn }) => ruleArn ?? listenerArn ?? '')).filter((arn) => arn.includes(type));
const seen = (control: ControlRegion, type: ':listener-rule/' | ':listener/', operation: 'DescribeRules' | 'DescribeListeners'): Allowed[] =>
  ofEach(fronts(control, type), (arns) => ({
    actions: [`elasticloadbalancing:${operation}`],
    resources: ['*'],
    conditions: inRegions(distinct(arns.map(regionOfArn))),
    wildcard: noResourceLevel(operation),
  }));
const parameterArns = (settings: readonly DriverOf<'ssm-parameter'>[]) => distinct(settings.map(({ region, name }) => names.parameterArn(region, name)));

const application = ({ region, applicationId }: DriverOf<'appconfig'>, below = ''): string =>
  names.appConfigArn(region, `application/${applicationId}${below}`);
const environment = (settings: DriverOf<'appconfig'>, below = ''): string => application(settings, `/environment/${settings.environmentId}${below}`);
const deploymentsHaveNumbers = 'A deployment is numbered when it begins; its application and its environment are named.';

/** The service decides by this key: its documentation names balancers so, with any resource beside it. */
const onBalancers = (settings: readonly DriverOf<'zonal-shift'>[], ...actions: string[]): Allowed => ({
  actions,
  resources: ['*'],
  conditions: { StringEquals: { 'arc-zonal-shift:ResourceIdentifier': distinct(settings.map(({ loadBalancerArn }) => loadBalancerArn)) } },
  wildcard: 'Zonal shifts are limited by the balancer that they concern, which is a condition.',
});

export const drivers = {
  'see target group weights': (control) => [...seen(control, ':listener-rule/', 'DescribeRules'), ...seen(control, ':listener/', 'DescribeListeners')],
  'change target group weights': (control) => [
    ...ofEach(fronts(control, ':listener-rule/'), (resources) => ({ actions: ['elasticloadbalancing:ModifyRule'], resources })),
    ...ofEach(fronts(control, ':listener/'), (resources) => ({ actions: ['elasticloadbalancing:ModifyListener'], resources })),
  ],
  'read parameters': (control) =>
    ofEach(settingsOf(control, 'ssm-parameter'), (settings) => ({ actions: ['ssm:GetParameter'], resources: parameterArns(settings) })),
  // Only what is there is overwritten; nothing is made.
  'change parameters': (control) =>
    settingsOf(control, 'ssm-parameter').length === 0
      ? []
      : [
          { actions: ['ssm:GetParameterHistory'], resources: parameterArns(settingsOf(control, 'ssm-parameter')) },
          {
            actions: ['ssm:PutParameter'],
            resources: parameterArns(settingsOf(control, 'ssm-parameter')),
            conditions: { StringEquals: { 'ssm:Overwrite': 'true' } },
          },
        ],
  'see deployments': (control) =>
    ofEach(settingsOf(control, 'appconfig'), (settings) => ({
      actions: ['appconfig:ListDeployments'],
      resources: distinct(settings.flatMap((one) => [application(one), environment(one)])),
    })),
  'follow deployments': (control) =>
    ofEach(settingsOf(control, 'appconfig'), (settings) => ({
      actions: ['appconfig:GetDeployment'],
      resources: distinct(settings.flatMap((one) => [application(one), environment(one), environment(one, '/deployment/*')])),
      wildcard: deploymentsHaveNumbers,
    })),
  // AppConfig asks about each of them; together they name one profile, deployed to one environment by one strategy.
  'deploy configurations': (control) =>
    settingsOf(control, 'appconfig').map((one) => ({
      actions: ['appconfig:StartDeployment'],
      resources: [
        application(one),
        application(one, `/configurationprofile/${one.configurationProfileId}`),
        environment(one),
        environment(one, '/deployment/*'),
        names.appConfigArn(one.region, `deploymentstrategy/${one.deploymentStrategyId}`),
      ],
      wildcard: deploymentsHaveNumbers,
    })),
  'see zonal shifts': (control) =>
    ofEach(settingsOf(control, 'zonal-shift'), (settings) => ({
      actions: ['arc-zonal-shift:ListZonalShifts'],
      resources: ['*'],
      conditions: inRegions(distinct(settings.map(({ loadBalancerArn }) => regionOfArn(loadBalancerArn)))),
      wildcard: noResourceLevel('ListZonalShifts'),
    })),
  'begin and end zonal shifts': (control) =>
    ofEach(settingsOf(control, 'zonal-shift'), (settings) => onBalancers(settings, 'arc-zonal-shift:StartZonalShift', 'arc-zonal-shift:CancelZonalShift')),
  'prolong zonal shifts': (control) => ofEach(settingsOf(control, 'zonal-shift'), (settings) => onBalancers(settings, 'arc-zonal-shift:UpdateZonalShift')),
} as const satisfies Record<string, Permission>;
