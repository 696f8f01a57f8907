// Reads what stands at the end of a run beside the records' own words.
import { latchSubject } from '../../core/contracts/names.ts';
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import { driverKey } from '../../core/contracts/plan-drivers.ts';
import type { Physical } from '../cloud/cloud.ts';
import type { RehearsalRuntime } from '../runtime/runtime.ts';
import { sides } from './routing.ts';
import type { Standing } from './truth.ts';

/** Which sides the evacuation checks are told to keep away, which failovers the account's list calls running, and where the plan's switches stand. */
export async function standingOf(
  { items, cloud }: Pick<RehearsalRuntime, 'items' | 'cloud'>,
  plan: Plan,
): Promise<Pick<Standing, 'latches' | 'running' | 'switches'>> {
  const resources = await items('resources');
  const list = (await items('failovers')).find(({ failoverId }) => failoverId === '#running');
  return {
    latches: sides.filter((side) => resources.some(({ subjectId }) => subjectId === latchSubject(side))),
    running: Object.keys(list?.['zones'] ?? {}),
    switches: switchesOf(cloud.physical, plan),
  };
}

/** By the driver's key: the side that it stands on; undefined between them. */
function switchesOf(physical: Physical, { drivers }: Plan): Record<string, SideName | undefined> {
  const found: Record<string, SideName | undefined> = {};
  const sideOf = (value: unknown, values: Readonly<Record<SideName, unknown>>) => sides.find((side) => values[side] === value);
  for (const settings of drivers) {
    const key = driverKey(settings);
    switch (settings.driver) {
      case 'load-balancer-weights':
        found[key] = sideOf(physical.forwardShare(settings.ruleArn ?? settings.listenerArn ?? '', settings.targetGroups.standby), { primary: 0, standby: 1 });
        break;
      case 'ssm-parameter':
        found[key] = sideOf(physical.parameter(settings.region, settings.name), settings.values);
        break;
      case 'appconfig':
        found[key] = sideOf(physical.configuration(settings), settings.versions);
        break;
      case 'zonal-shift':
        found[key] = physical.zonesLeft(settings.loadBalancerArn).includes(settings.awayFrom) ? 'standby' : 'primary';
        break;
      default:
    }
  }
  return found;
}
