// An event from outside becomes evidence with the services that it concerns.
import { parseSubject } from '../../core/contracts/names.ts';
import { type Concerned, recordsOf } from '../../core/prediction/evidence/concern.ts';
import { readHostEvent } from '../../core/prediction/evidence/host-events.ts';
import type { Report } from '../../core/prediction/evidence/report.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';

/** All of them: the index holds names only. */
const mostSubjects = 100_000;
const endOfTime = '9999-12-31T23:59:59.999Z';

export interface Recorded {
  /** items that were written */
  readonly recorded: number;
  readonly ignored?: string;
}

/** Throws InvalidEventError on what cannot be read: Lambda tries again and then puts it on the dead-letter queue, where a person sees it. */
export async function recordEvidence(event: unknown, account: string, services: Services): Promise<Recorded> {
  const now = services.now();
  const report = readHostEvent(event, account, now);
  if ('ignored' in report) return { recorded: 0, ignored: report.ignored };
  const concerned = await concernedBy(report, services);
  const records = concerned.flatMap((one) => recordsOf(report, one, now));
  if (records.length === 0) return { recorded: 0, ignored: 'it concerns no service' };
  const written = await Promise.all(records.map((record) => services.evidence.record(record)));
  return { recorded: written.filter(Boolean).length };
}

/** Services that may be concerned. What names instances is asked of the index first: most instances of an account are nobody's here. */
async function concernedBy(report: Report, services: Services): Promise<Concerned[]> {
  const instances = await scoredInstances(services);
  const { about } = report;
  if (
    about.type === 'instances' &&
    about.balancers.length === 0 &&
    ![...about.ids, ...about.well].some((id) => [...instances.values()].some((of) => of.has(id)))
  )
    return [];
  const all = await services.services.all();
  const concerned = all.map(({ serviceId, plan }) => ({ serviceId, plan, instances: instances.get(serviceId) ?? new Set<string>() }));
  if (report.kind !== 'state' || report.status === 'closed') return concerned;
  // What Forestall itself takes away after a failover is no news to it.
  const left = await Promise.all(concerned.map(async (one) => ((await isRetired(one, report, services)) ? [] : [one])));
  return left.flat();
}

async function isRetired({ serviceId, instances }: Concerned, { about }: Report, services: Services): Promise<boolean> {
  if (about.type !== 'instances' || !about.ids.some((id) => instances.has(id))) return false;
  const retired = await services.retirements.takenAway(serviceId);
  return about.ids.every((id) => retired.has(id));
}

/** Ids of the primary's instances, by service. */
export async function scoredInstances({ subjects }: Services): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const { serviceId, subjectId } of await subjects.due(endOfTime, mostSubjects)) {
    const id = instanceOf(subjectId);
    if (id !== undefined) found.set(serviceId, (found.get(serviceId) ?? new Set()).add(id));
  }
  return found;
}

function instanceOf(subjectId: string): string | undefined {
  try {
    const subject = parseSubject(subjectId);
    return subject.type === 'resource' && subject.side === 'primary' ? subject.resourceId : undefined;
  } catch (error) {
    logger.error('left out', { error: error as Error });
    return undefined;
  }
}
