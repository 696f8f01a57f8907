// Every few minutes: asks EC2 in each Region for failing checks and announced events of all instances that are scored.
import type { EvidenceRecord } from '../../core/contracts/evidence.ts';
import type { ServiceRecord } from '../../core/contracts/records.ts';
import { recordsOf } from '../../core/prediction/evidence/concern.ts';
import { closedBy, isNews, reportsOf } from '../../core/prediction/evidence/instance-reports.ts';
import type { WatchedInstance } from '../adapters/instance-watch.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';
import { scoredInstances } from './record-evidence.ts';

export interface AskedEc2 {
  readonly instances: number;
  readonly recorded: number;
}

/** A Region that does not answer keeps what is known of it. Throws its error when the other Regions are done. */
export async function askEc2(services: Services): Promise<AskedEc2> {
  const now = services.now();
  const [all, instances] = await Promise.all([services.services.all(), scoredInstances(services)]);
  const watched = all.filter(({ serviceId }) => instances.has(serviceId));
  const byRegion = Map.groupBy(watched, ({ plan }) => plan.sides.primary.region);
  const results = await Promise.allSettled(
    [...byRegion].map(async ([region, members]) => {
      const ids = [...new Set(members.flatMap(({ serviceId }) => [...(instances.get(serviceId) ?? [])]))].sort();
      const running = new Map((await services.instanceWatch.running(region, ids)).map((instance) => [instance.id, instance]));
      const recorded = await Promise.all(members.map((service) => compare(service, instances.get(service.serviceId) ?? new Set(), running, services, now)));
      return { instances: running.size, recorded: recorded.reduce((sum, count) => sum + count, 0) };
    }),
  );
  for (const result of results) if (result.status === 'rejected') logger.error('instances not seen', { error: result.reason });
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  const done = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  return { instances: done.reduce((sum, one) => sum + one.instances, 0), recorded: done.reduce((sum, one) => sum + one.recorded, 0) };
}

/** Writes what is new about a service's instances, and closes what EC2 does not say any more. */
async function compare(
  service: ServiceRecord,
  ids: ReadonlySet<string>,
  running: ReadonlyMap<string, WatchedInstance>,
  services: Services,
  now: number,
): Promise<number> {
  const { serviceId, plan } = service;
  const kept = new Map((await services.evidence.kept(serviceId)).map((record) => [record.subjectId, record]));
  const reports = [...ids].flatMap((id) => {
    const instance = running.get(id);
    return instance ? reportsOf(instance, plan.sides.primary.region, now) : [];
  });
  const found = new Map(reports.flatMap((report) => recordsOf(report, { serviceId, plan, instances: ids }, now)).map((record) => [record.subjectId, record]));
  const gone = [...kept.values()].filter((record) => isOfEc2(record) && record.status === 'open' && !found.has(record.subjectId));
  const news = [...[...found.values()].filter((record) => isNews(record, kept.get(record.subjectId), now)), ...gone.map((record) => closedBy(record, now))];
  const written = await Promise.all(news.map((record) => services.evidence.record(record)));
  return written.filter(Boolean).length;
}

const isOfEc2 = ({ kind }: EvidenceRecord) => kind === 'announced' || kind === 'status';
