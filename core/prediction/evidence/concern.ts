// Whom a report concerns: from a report to what is kept of it with each service.
import type { EvidenceRecord } from '../../contracts/evidence.ts';
import { evidenceSubject } from '../../contracts/names.ts';
import type { Plan, SideName } from '../../contracts/plan.ts';
import type { Report } from './report.ts';

/** What is kept of a service's parts, as far as it is asked here. */
export interface Concerned {
  readonly serviceId: string;
  readonly plan: Pick<Plan, 'sides' | 'awsServices' | 'deployments'>;
  /** ids of the instances that are scored, which are the primary's */
  readonly instances: ReadonlySet<string>;
}

const sideNames: readonly SideName[] = ['primary', 'standby'];
/** Kept so long after it counts no more, ms: an old report that comes late must not be taken for a new one. */
const keptAfterwards = 14 * 86_400_000;

const iso = (time: number) => new Date(time).toISOString();

interface Place {
  readonly side: SideName;
  readonly scope: EvidenceRecord['scope'];
  readonly names: readonly string[];
  readonly part: string | undefined;
  readonly closed?: boolean;
}

/** Evidence items of this service; none when the report does not concern it. `now`: ms since the epoch. */
export function recordsOf(report: Report, concerned: Concerned, now: number): EvidenceRecord[] {
  const { kind, event, impact, from, until, validUntil, label, order } = report;
  return placesOf(report, concerned).map(({ side, scope, names, part, closed }) => ({
    serviceId: concerned.serviceId,
    subjectId: evidenceSubject(kind, event, part),
    kind,
    event,
    side,
    scope,
    names: [...names],
    impact,
    status: closed ? 'closed' : report.status,
    from: iso(from),
    ...(until === null ? {} : { until: iso(until) }),
    validUntil: iso(validUntil),
    label,
    order,
    expiresAt: Math.ceil((Math.max(validUntil, until ?? 0, now) + keptAfterwards) / 1000),
  }));
}

function placesOf(report: Report, { serviceId, plan, instances }: Concerned): Place[] {
  const { about } = report;
  const inRegion = sideNames.filter((side) => report.region === undefined || plan.sides[side].region === report.region);
  const whole = (side: SideName): Place => ({ side, scope: 'side', names: [], part: side });
  switch (about.type) {
    case 'instances':
      return inRegion.flatMap((side): Place[] => [
        ...(side === 'primary' ? [...about.ids, ...about.well] : [])
          .filter((id) => instances.has(id))
          .map((id): Place => ({ side, scope: 'instance', names: [id], part: id, closed: about.well.includes(id) })),
        ...(about.balancers.includes(plan.sides[side].loadBalancer.dimension) ? [whole(side)] : []),
      ]);
    case 'zones':
      if (!plan.awsServices.includes(about.awsService)) return [];
      return inRegion.map((side): Place => ({ side, scope: 'zone', names: about.zones, part: side }));
    case 'region':
      return plan.awsServices.includes(about.awsService) ? inRegion.map(whole) : [];
    case 'service':
      return about.service === serviceId ? sideNames.filter((side) => about.side === 'both' || about.side === side).map(whole) : [];
    case 'codedeploy':
    case 'ecs':
      return [...new Set(plan.deployments.filter((deployment) => isMeant(deployment, about)).map(({ side }) => side))]
        .filter((side) => inRegion.includes(side))
        .map(whole);
  }
}

function isMeant(deployment: Concerned['plan']['deployments'][number], about: Extract<Report['about'], { type: 'codedeploy' | 'ecs' }>): boolean {
  if (deployment.kind === 'ecs') return about.type === 'ecs' && deployment.cluster === about.cluster && deployment.service === about.service;
  const { application, deploymentGroup } = deployment;
  return about.type === 'codedeploy' && application === about.application && (deploymentGroup === undefined || deploymentGroup === about.deploymentGroup);
}
