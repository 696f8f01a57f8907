// Compares the plan with the hosted zone and the instances that really exist.
import type { Plan } from '../../core/contracts/plan.ts';
import type { HostedZone, ZoneRecord } from '../adapters/hosted-zone.ts';
import type { FoundInstance } from '../adapters/instance-lookup.ts';
import type { ApplyPlanPorts, Mismatch } from './apply-plan.ts';

const sideNames = ['primary', 'standby'] as const;
/** TTL of an alias to a load balancer; Route 53 fixes it. */
const aliasTtlSeconds = 60;

/** Everything about the zone and the records that keeps Forestall from shifting them. `isNew`: the service was never applied before. */
export async function lookUpRecords(plan: Plan, isNew: boolean, readHostedZone: ApplyPlanPorts['readHostedZone']): Promise<Mismatch[]> {
  const { hostedZoneId, name } = plan.record;
  const zone = await readHostedZone(hostedZoneId, name.toLowerCase());
  if (zone === 'trusted') return [];
  if (zone === undefined)
    return [
      {
        path: 'record.hostedZoneId',
        problem: `there is no hosted zone ${hostedZoneId} in this account`,
        remedy: 'name the public hosted zone that holds the records',
      },
    ];
  if (zone.private)
    return [
      {
        path: 'record.hostedZoneId',
        problem: `${hostedZoneId} is a private hosted zone: Route 53 health checkers cannot reach what is behind it`,
        remedy: 'use a public hosted zone',
      },
    ];
  if (name !== zone.name && !name.endsWith(`.${zone.name}`))
    return [
      {
        path: 'record.name',
        problem: `${name} is not in the hosted zone ${hostedZoneId}, which holds ${zone.name}`,
        remedy: 'name the zone and the record that belong together',
      },
    ];
  return [
    ...otherRecords(plan, zone),
    ...plan.record.types.flatMap((type) =>
      recordsOfType(
        plan,
        type,
        zone.records.filter((record) => record.type === type),
        isNew,
      ),
    ),
  ];
}

/** Records of the name that Forestall would leave where they are, and users with them. */
function otherRecords(plan: Plan, zone: HostedZone): Mismatch[] {
  const answering = ['A', 'AAAA', 'CNAME'];
  const others = [...new Set(zone.records.map(({ type }) => type))].filter(
    (type) => answering.includes(type) && !plan.record.types.some((planned) => planned === type),
  );
  return others.map((type) => ({
    path: 'record.types',
    problem: `${plan.record.name} has ${type} records too; whoever uses those would not be moved`,
    remedy: `add ${type} to \`record.types\`, or delete those records`,
  }));
}

function recordsOfType(plan: Plan, type: string, records: readonly ZoneRecord[], isNew: boolean): Mismatch[] {
  const { name } = plan.record;
  const planned = sideNames.map((side) => plan.sides[side].setIdentifier);
  const stray = records.filter(({ setIdentifier }) => setIdentifier !== undefined && !planned.includes(setIdentifier));
  const found = sideNames.map((side) => ({ side, record: records.find(({ setIdentifier }) => setIdentifier === plan.sides[side].setIdentifier) }));
  const mismatches: Mismatch[] = stray.map(({ setIdentifier }) => ({
    path: 'record.name',
    problem: `a third ${type} record of ${name} (${setIdentifier}) takes part in the weights`,
    remedy: 'delete it, or move it to another name: Forestall shifts between exactly two sides',
  }));
  for (const { side, record } of found) {
    const path = `sides.${side}.setIdentifier`;
    const identifier = plan.sides[side].setIdentifier;
    if (record === undefined) {
      const simple = records.some(({ setIdentifier }) => setIdentifier === undefined);
      mismatches.push({
        path,
        problem: simple
          ? `the ${type} record of ${name} is a simple one, not weighted`
          : `there is no ${type} record of ${name} with the identifier ${identifier}`,
        remedy: `make one weighted ${type} record per side: SetIdentifier ${identifier}, weight ${side === 'primary' ? 100 : 0}, with a health check`,
      });
      continue;
    }
    if (record.weight === undefined)
      mismatches.push({
        path,
        problem: `the ${type} record ${identifier} of ${name} is not weighted`,
        remedy: 'change its routing policy to weighted; only weights can be shifted',
      });
    if (record.healthCheckId === undefined)
      mismatches.push({
        path,
        problem: `the ${type} record ${identifier} of ${name} has no health check`,
        remedy: 'attach the calculated health check of the side; without it an emergency cannot move traffic',
      });
    const ttl = record.ttlSeconds ?? aliasTtlSeconds;
    if (ttl !== plan.record.ttlSeconds)
      mismatches.push({
        path: 'record.ttlSeconds',
        problem: `the ${type} record ${identifier} of ${name} has a TTL of ${ttl} s, the plan says ${plan.record.ttlSeconds} s`,
        remedy: 'write the TTL that the record has: steps are watched for at least so long',
      });
  }
  return [...mismatches, ...together(plan, type, found[0]?.record, found[1]?.record, isNew)];
}

function together(plan: Plan, type: string, primary: ZoneRecord | undefined, standby: ZoneRecord | undefined, isNew: boolean): Mismatch[] {
  if (primary === undefined || standby === undefined) return [];
  const { name } = plan.record;
  const mismatches: Mismatch[] = [];
  if (primary.healthCheckId !== undefined && primary.healthCheckId === standby.healthCheckId)
    mismatches.push({
      path: 'record.name',
      problem: `both ${type} records of ${name} have the same health check`,
      remedy: 'give each side a health check of its own',
    });
  if (primary.weight === 0 && standby.weight === 0)
    mismatches.push({
      path: 'record.name',
      problem: `both ${type} records of ${name} have weight 0, which splits traffic evenly`,
      remedy: 'set the weights to 100 (primary) and 0 (standby)',
    });
  else if (isNew && primary.weight !== undefined && standby.weight !== undefined && standby.weight > 0)
    mismatches.push({
      path: 'sides.standby.setIdentifier',
      problem: `the standby's ${type} record of ${name} has weight ${standby.weight}, but a new service begins on its primary side`,
      remedy: 'set the weights to 100 (primary) and 0 (standby), or swap the sides in the plan',
    });
  return mismatches;
}

/** An instance, and what in the plan selects it. */
export interface SelectedInstance extends Pick<FoundInstance, 'id' | 'zone' | 'zoneId'> {
  readonly selector: Plan['sides']['primary']['resources'][number];
}

/** The instances that the plan selects, each with its selector, and what is wrong with the selection. */
export async function lookUpInstances(
  plan: Plan,
  findInstances: ApplyPlanPorts['findInstances'],
): Promise<{ instances: SelectedInstance[]; mismatches: Mismatch[] }> {
  const { region, resources } = plan.sides.primary;
  const instances: SelectedInstance[] = [];
  const mismatches: Mismatch[] = [];
  for (const [index, selector] of resources.entries()) {
    const path = `sides.primary.resources.${index}`;
    const found = await findInstances(region, selector);
    for (const id of selector.ids ?? [])
      if (!found.some((instance) => instance.id === id))
        mismatches.push({
          path: `${path}.ids`,
          problem: `there is no instance ${id} in ${region}`,
          remedy: 'name instances that exist and are not terminated',
        });
    if (selector.tags && found.length === 0)
      mismatches.push({
        path: `${path}.tags`,
        problem: `no instance in ${region} carries ${tagsOf(selector.tags)}`,
        remedy: 'tag the instances, or correct the tags',
      });
    mismatches.push(...found.flatMap((instance) => ownedByGroup(instance, path)));
    for (const { id, zone, zoneId } of found)
      if (instances.some((instance) => instance.id === id))
        mismatches.push({ path, problem: `${id} is selected twice`, remedy: 'let one selector name each instance' });
      else instances.push({ id, zone, zoneId, selector });
  }
  return { instances, mismatches };
}

const tagsOf = (tags: Record<string, string>) =>
  Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(' and ');

const ownedByGroup = ({ id, autoScalingGroup }: FoundInstance, path: string): Mismatch[] =>
  autoScalingGroup === undefined
    ? []
    : [
        {
          path,
          problem: `${id} belongs to the Auto Scaling group ${autoScalingGroup}, which would undo what Forestall does`,
          remedy: 'select instances that no Auto Scaling group owns',
        },
      ];
