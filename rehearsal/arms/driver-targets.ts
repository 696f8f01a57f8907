// What the plan's drivers act on, as it stands before Forestall is deployed: everything with the primary.
import type { Plan } from '../../core/contracts/plan.ts';
import { regionOfDriver } from '../../core/contracts/plan-drivers.ts';
import type { Physical } from '../cloud/cloud.ts';

/** Regions that the plan's drivers ask. */
export const driverRegions = ({ drivers }: Plan): string[] => drivers.flatMap((settings) => regionOfDriver(settings) ?? []);

export function addDriverTargets(physical: Physical, plan: Plan): void {
  for (const settings of plan.drivers)
    switch (settings.driver) {
      case 'load-balancer-weights': {
        const { primary, standby } = settings.targetGroups;
        physical.addForward(settings.ruleArn ?? settings.listenerArn ?? '', { [primary]: 100, [standby]: 0 });
        break;
      }
      case 'ssm-parameter':
        physical.addParameter({ region: settings.region, name: settings.name, value: settings.values.primary });
        break;
      case 'appconfig':
        physical.addConfiguration({ ...settings, version: settings.versions.primary });
        break;
      case 'zonal-shift':
        physical.enableZonalShift(settings.loadBalancerArn);
        break;
      default:
    }
}

/** Share (0-1) of the requests that come to the primary's balancers and are forwarded to the standby. */
export function forwardedShare({ forwardShare }: Partial<Pick<Physical, 'forwardShare'>>, { drivers }: Plan): number {
  const kept = drivers.reduce(
    (left, settings) =>
      settings.driver === 'load-balancer-weights' && forwardShare
        ? left * (1 - forwardShare(settings.ruleArn ?? settings.listenerArn ?? '', settings.targetGroups.standby))
        : left,
    1,
  );
  return 1 - kept;
}
