// Traffic drivers by name.
import type { DriverName, DriverOf, TrafficDriver } from '../../core/contracts/plan-drivers.ts';
import { appConfig } from './appconfig.ts';
import { healthCheck } from './health-check.ts';
import { loadBalancerWeights } from './load-balancer-weights.ts';
import type { DriverPort } from './port.ts';
import { route53Weights } from './route53-weights.ts';
import { ssmParameter } from './ssm-parameter.ts';
import { zonalShift } from './zonal-shift.ts';

type GradualName = 'route53-weights' | 'load-balancer-weights';
export type SwitchName = Exclude<DriverName, GradualName>;
type Ports<Names extends DriverName> = { readonly [Name in Names]: DriverPort<Name> };

/** Thrown once, at the hand-over. */
const switches: Ports<SwitchName> = {
  'health-check': healthCheck,
  'ssm-parameter': ssmParameter,
  appconfig: appConfig,
  'zonal-shift': zonalShift,
};
/** Take every step of a shift. */
const gradual: Ports<GradualName> = { 'route53-weights': route53Weights, 'load-balancer-weights': loadBalancerWeights };

/** The driver of an entry of the plan. It takes that entry as its settings: which fits which is checked where they are listed, above. */
export function switchOf({ driver }: DriverOf<SwitchName>): DriverPort<SwitchName> {
  return switches[driver] as unknown as DriverPort<SwitchName>;
}

/** As above, for any entry. */
export function driverOf({ driver }: TrafficDriver): DriverPort<DriverName> {
  return { ...gradual, ...switches }[driver] as unknown as DriverPort<DriverName>;
}
