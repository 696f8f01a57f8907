// What a plan may not say although each of its keys is well formed: contradictions, and what Forestall cannot protect.
import type { z } from 'zod';
import { drillMinutes } from '../failover/move-time.ts';
import type { Plan } from './plan.ts';
import { weeklyMinutes } from './plan-interlocks.ts';

type Refuse = (path: (string | number)[], message: string, remedy: string) => void;
type SideEntry = ['primary' | 'standby', Plan['sides']['primary'] | Plan['sides']['standby']];

/** Names that occur more than once. */
export function duplicateNames(items: readonly { name: string }[]): string[] {
  const names = items.map(({ name }) => name);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

/** Adds an issue with `params.remedy` for each contradiction. Runs only once every key is well formed. */
export function refuseContradictions(plan: Plan, context: z.RefinementCtx): void {
  const refuse: Refuse = (path, message, remedy) => context.addIssue({ code: 'custom', path, message, params: { remedy } });
  const sides: SideEntry[] = [
    ['primary', plan.sides.primary],
    ['standby', plan.sides.standby],
  ];
  refuseUnprotectable(plan, refuse);
  refuseSharedSides(plan, refuse);
  for (const entry of sides) refuseSide(plan, entry, refuse);
  refuseRecord(plan, refuse);
  refuseNumbers(plan, refuse);
  refuseMoves(plan, refuse);
  for (const profile of ['calm', 'urgent'] as const) refuseLongShift(plan, profile, refuse);
  refuseDuplicates(plan, refuse);
}

function refuseUnprotectable(plan: Plan, refuse: Refuse): void {
  const { primary, standby } = plan.sides;
  if (plan.data === 'local' && plan.mode === 'act')
    refuse(
      ['mode'],
      '`act` is refused for `data: local`: moving traffic would lose the writes since the last snapshot',
      'use `mode: advise`, or move the data off the instances',
    );
  if (plan.controlRegion === primary.region)
    refuse(
      ['controlRegion'],
      `Forestall would run in ${primary.region}, which it is to leave when that Region fails`,
      `leave the key out (then it is ${standby.region}) or name a third Region`,
    );
}

function refuseSharedSides(plan: Plan, refuse: Refuse): void {
  const { primary, standby } = plan.sides;
  if (primary.setIdentifier === standby.setIdentifier)
    refuse(['sides', 'standby', 'setIdentifier'], 'both sides have the same record set identifier', 'give each side its own SetIdentifier');
  // Not for a zonal shift either: the standby's capacity, and Forestall's way to it, would be in the Region that fails. What a shift protects is what is
  // still sent to the primary's balancer while the standby in the other Region serves.
  if (primary.region === standby.region) refuse(['sides', 'standby', 'region'], 'both sides are in one Region', 'put the standby in another Region');
  if (new URL(primary.endpoint.url).host === new URL(standby.endpoint.url).host)
    refuse(['sides', 'standby', 'endpoint', 'url'], 'both sides have the same endpoint', 'name a host at which only this side answers');
  const capacity = standby.instances.full * standby.requestsPerSecondPerInstance;
  const needed = primary.instances * primary.requestsPerSecondPerInstance;
  if (capacity < needed)
    refuse(
      ['sides', 'standby', 'instances', 'full'],
      `the full standby carries ${capacity} requests per second, the primary ${needed}: it could not take over at peak`,
      `use at least ${Math.ceil(needed / standby.requestsPerSecondPerInstance)} instances`,
    );
  if (!standby.kmsKeyArn.includes(`:${standby.region}:`))
    refuse(['sides', 'standby', 'kmsKeyArn'], `the key is not in Region ${standby.region}`, "name a key of the standby's Region");
}

function refuseSide(plan: Plan, [name, side]: SideEntry, refuse: Refuse): void {
  if (side.zone.slice(0, -1) !== side.region)
    refuse(['sides', name, 'zone'], `zone ${side.zone} is not in Region ${side.region}`, `name a zone of ${side.region}, such as ${side.region}a`);
  if (!side.loadBalancer.targetGroupArn.includes(`:${side.region}:`))
    refuse(['sides', name, 'loadBalancer', 'targetGroupArn'], `the target group is not in Region ${side.region}`, 'name a target group of the side');
  if (side.loadBalancer.dimension.startsWith('net/') && plan.entryMetrics === undefined)
    refuse(
      ['sides', name, 'loadBalancer', 'dimension'],
      'a Network Load Balancer has no latency and no error counts, which is what is read by default',
      'name an Application Load Balancer, or give `entryMetrics`',
    );
  if (new URL(side.endpoint.url).hostname === plan.record.name)
    refuse(
      ['sides', name, 'endpoint', 'url'],
      `the endpoint is ${plan.record.name} itself, which answers from whichever side has the traffic`,
      'name a host at which only this side answers',
    );
  if (side.endpoint.timeoutSeconds <= plan.objective.latencySeconds)
    refuse(
      ['sides', name, 'endpoint', 'timeoutSeconds'],
      `an answer within the objective (${plan.objective.latencySeconds} s) would count as failed after ${side.endpoint.timeoutSeconds} s`,
      'use a time-out above `objective.latencySeconds`',
    );
}

function refuseRecord({ record }: Plan, refuse: Refuse): void {
  if (new Set(record.types).size !== record.types.length) refuse(['record', 'types'], 'a record type is named twice', 'name each type once');
  if (record.types.includes('CNAME') && record.types.length > 1)
    refuse(['record', 'types'], 'a CNAME cannot stand beside other records of its name', 'use [CNAME] alone, or A and AAAA');
}

function refuseNumbers({ thresholds, mirroring }: Plan, refuse: Refuse): void {
  const gap = Math.min(thresholds.partial, thresholds.full - thresholds.partial);
  if (thresholds.exitBelow >= gap)
    refuse(
      ['thresholds', 'exitBelow'],
      `with ${thresholds.exitBelow} a level would be kept below the one beneath it`,
      `use less than ${gap}: the distance from 0 to partial and from partial to full`,
    );
  const { minimal, partial, full } = mirroring.snapshotEveryHours;
  if (!(minimal >= partial && partial >= full))
    refuse(['mirroring', 'snapshotEveryHours'], 'snapshots would become rarer as the risk rises', 'order the hours minimal >= partial >= full');
}

/** Seconds after which the state machine of a shift ends, and looks at a step without evidence that its history has room for. */
const longestShift = 21_600;
const mostLooks = 1_400;
/** A step's change spreads, is probed and judged, seconds; without evidence it is looked at every ten. */
const besidesBake = 90;
const looksPerMinute = 6;

function refuseLongShift({ shift, canary, record }: Plan, profile: 'calm' | 'urgent', refuse: Refuse): void {
  const { steps, bakeSeconds } = shift[profile];
  const seconds = steps.length * (Math.max(bakeSeconds, record.ttlSeconds) + besidesBake);
  const waiting = steps.length * canary.evidenceWaitMinutes;
  if (seconds + waiting * 60 > longestShift || waiting * looksPerMinute > mostLooks)
    refuse(
      ['shift', profile],
      `${steps.length} steps with ${bakeSeconds} s of bake and up to ${canary.evidenceWaitMinutes} minutes of waiting for evidence do not fit into one shift`,
      `use fewer steps, a shorter bake or a shorter \`canary.evidenceWaitMinutes\`: all steps together have ${longestShift / 3600} hours and ${Math.floor(mostLooks / looksPerMinute)} minutes of waiting`,
    );
}

function refuseMoves(plan: Plan, refuse: Refuse): void {
  const { after, sides, approval, canary, drills } = plan;
  if (after.losingSide === 'rebuild' && !sides.primary.launchTemplate)
    refuse(
      ['after', 'losingSide'],
      'the primary cannot be rebuilt: nothing says how its instances are made',
      'give `sides.primary.launchTemplate`, or use `standby`',
    );
  if (approval.escalateAfterMinutes >= approval.timeoutMinutes && approval.required.length > 0)
    refuse(['approval', 'escalateAfterMinutes'], 'nobody is told again before the time is over', 'use less than `approval.timeoutMinutes`');
  for (const name of duplicateNames(canary.metrics)) refuse(['canary', 'metrics'], `two metrics are called ${name}`, 'give each metric its own name');
  if (drills?.scope === 'failover' && after.losingSide !== 'standby')
    refuse(
      ['drills', 'scope'],
      `a drill would ${after.losingSide} the healthy primary before the way home`,
      'use `scope: canary`, or `after.losingSide: standby`',
    );
  const needed = drillMinutes(plan) ?? 0;
  if (drills && weeklyMinutes(drills.window) < needed)
    refuse(
      ['drills', 'window'],
      `a drill may take ${needed} minutes, the way home included, and the window has ${weeklyMinutes(drills.window)}: none would ever begin`,
      `make the window at least ${needed} minutes long, or shorten \`failover.drainMaxMinutes\`, \`shift.calm\` or \`drills.stayMinutes\``,
    );
}

function refuseDuplicates(plan: Plan, refuse: Refuse): void {
  for (const name of duplicateNames(plan.plannedLoad)) refuse(['plannedLoad'], `two loads are called ${name}`, 'give each load its own name');
  for (const name of duplicateNames(plan.entryMetrics ?? [])) refuse(['entryMetrics'], `two metrics are called ${name}`, 'give each metric its own name');
  const seen = new Set<string>();
  for (const [index, selector] of plan.sides.primary.resources.entries())
    for (const [position, id] of (selector.ids ?? []).entries()) {
      if (seen.has(id)) refuse(['sides', 'primary', 'resources', index, 'ids', position], `${id} is selected twice`, 'name each instance once');
      seen.add(id);
    }
}
