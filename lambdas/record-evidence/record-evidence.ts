// An event from outside becomes evidence with the services that it concerns.
import { type Concerned, recordsOf } from '../../core/prediction/evidence/concern.ts';
import { readHostEvent } from '../../core/prediction/evidence/host-events.ts';
import type { Report } from '../../core/prediction/evidence/report.ts';
import type { Services } from '../services.ts';
import { watchedLately } from './watched.ts';

export interface Recorded {
  /** items that were written */
  readonly recorded: number;
  readonly ignored?: string;
}

/** Throws InvalidEventError on what cannot be read: it is tried again and then put on the dead-letter queue, where a person sees it. */
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

/** Services that may be concerned. */
async function concernedBy(report: Report, services: Services): Promise<Concerned[]> {
  const watched = await watchedLately(services);
  if (report.kind !== 'state' || report.status === 'closed') return watched;
  // What Forestall itself takes away after a failover is no news to it.
  const left = await Promise.all(watched.map(async (one) => ((await isRetired(one, report, services)) ? [] : [one])));
  return left.flat();
}

async function isRetired({ serviceId, instances }: Concerned, { about }: Report, services: Services): Promise<boolean> {
  if (about.type !== 'instances' || !about.ids.some((id) => instances.has(id))) return false;
  const retired = await services.retirements.takenAway(serviceId);
  return about.ids.every((id) => retired.has(id));
}
