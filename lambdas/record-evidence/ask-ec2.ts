// Every few minutes: asks EC2 in each Region for failing checks and announced events of all instances that are scored.
import type { EvidenceRecord } from '../../core/contracts/evidence.ts';
import { type Concerned, recordsOf } from '../../core/prediction/evidence/concern.ts';
import { closedBy, isNews, reportsOf } from '../../core/prediction/evidence/instance-reports.ts';
import type { WatchedInstance } from '../adapters/instance-watch.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';
import { watchedNow } from './watched.ts';

export interface AskedEc2 {
  readonly instances: number;
  readonly recorded: number;
}

/**
 * A Region that does not answer keeps what is known of it, and so does a service of which something could not be written: it is still news with the next tick.
 * The others are done first; then it throws an AggregateError that names them, so that it is tried again, and a person sees what stays broken.
 */
export async function askEc2(services: Services): Promise<AskedEc2> {
  const now = services.now();
  const watched = (await watchedNow(services)).filter(({ instances }) => instances.size > 0);
  const byRegion = Map.groupBy(watched, ({ plan }) => plan.sides.primary.region);
  const regions = await Promise.all([...byRegion].map(([region, members]) => askRegion(region, members, services, now)));
  const asked: AskedEc2 = {
    instances: regions.reduce((sum, { instances }) => sum + instances, 0),
    recorded: regions.reduce((sum, { recorded }) => sum + recorded, 0),
  };
  const failures = regions.flatMap(({ failed }) => failed);
  if (failures.length === 0) return asked;
  for (const { what, error } of failures) logger.error('instances not compared', { what, error });
  logger.info('asked EC2', { ...asked, failed: failures.length });
  throw new AggregateError(
    failures.map(({ error }) => error),
    failures.map(({ what, error }) => `${what}: ${error.message}`).join('; '),
  );
}

interface Failure {
  /** the Region or the service */
  readonly what: string;
  readonly error: Error;
}
type Outcome = AskedEc2 & { readonly failed: readonly Failure[] };

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));

async function askRegion(region: string, members: readonly Concerned[], services: Services, now: number): Promise<Outcome> {
  const ids = [...new Set(members.flatMap(({ instances }) => [...instances]))].sort();
  let running: Map<string, WatchedInstance>;
  try {
    running = new Map((await services.instanceWatch.running(region, ids)).map((instance) => [instance.id, instance]));
  } catch (error) {
    return { instances: 0, recorded: 0, failed: [{ what: region, error: asError(error) }] };
  }
  const compared = await Promise.all(members.map((member) => compare(member, running, services, now)));
  return { instances: running.size, recorded: compared.reduce((sum, { recorded }) => sum + recorded, 0), failed: compared.flatMap(({ failed }) => failed) };
}

/** Writes what is new about a service's instances, and closes what EC2 does not say any more. */
async function compare(member: Concerned, running: ReadonlyMap<string, WatchedInstance>, services: Services, now: number): Promise<Omit<Outcome, 'instances'>> {
  const what = `service '${member.serviceId}'`;
  try {
    const news = newsOf(member, running, await services.evidence.kept(member.serviceId), now);
    const written = await Promise.allSettled(news.map((record) => services.evidence.record(record)));
    return {
      recorded: written.filter((result) => result.status === 'fulfilled' && result.value).length,
      failed: written.flatMap((result) => (result.status === 'rejected' ? [{ what, error: asError(result.reason) }] : [])),
    };
  } catch (error) {
    return { recorded: 0, failed: [{ what, error: asError(error) }] };
  }
}

function newsOf(member: Concerned, running: ReadonlyMap<string, WatchedInstance>, already: readonly EvidenceRecord[], now: number): EvidenceRecord[] {
  const kept = new Map(already.map((record) => [record.subjectId, record]));
  const reports = [...member.instances].flatMap((id) => {
    const instance = running.get(id);
    return instance ? reportsOf(instance, member.plan.sides.primary.region, now) : [];
  });
  const found = new Map(reports.flatMap((report) => recordsOf(report, member, now)).map((record) => [record.subjectId, record]));
  const gone = already.filter((record) => isOfEc2(record) && record.status === 'open' && !found.has(record.subjectId));
  return [...[...found.values()].filter((record) => isNews(record, kept.get(record.subjectId), now)), ...gone.map((record) => closedBy(record, now))];
}

const isOfEc2 = ({ kind }: EvidenceRecord) => kind === 'announced' || kind === 'status';
