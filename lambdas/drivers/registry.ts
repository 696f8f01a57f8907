// Traffic drivers by name.
import type { DriverName, TrafficDriver } from '../../core/contracts/plan-drivers.ts';
import { appConfig } from './appconfig.ts';
import { healthCheck } from './health-check.ts';
import { loadBalancerWeights } from './load-balancer-weights.ts';
import type { DriverPort } from './port.ts';
import { route53Weights } from './route53-weights.ts';
import { ssmParameter } from './ssm-parameter.ts';
import { zonalShift } from './zonal-shift.ts';

const drivers: { readonly [Name in DriverName]: DriverPort<Name> } = {
  'route53-weights': route53Weights,
  'load-balancer-weights': loadBalancerWeights,
  'health-check': healthCheck,
  'ssm-parameter': ssmParameter,
  appconfig: appConfig,
  'zonal-shift': zonalShift,
};

/** The driver of an entry of the plan. It takes that entry as its settings: which of them fits which driver is checked where they are registered, above. */
export function driverOf({ driver }: TrafficDriver): DriverPort<DriverName> {
  return drivers[driver] as unknown as DriverPort<DriverName>;
}
