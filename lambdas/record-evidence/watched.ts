// Which instances are scored for which service: asked of the tables at most once a minute by each container.
import { parseSubject } from '../../core/contracts/names.ts';
import type { Concerned } from '../../core/prediction/evidence/concern.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';

/** All of them: the index holds names only. */
const mostSubjects = 100_000;
const endOfTime = '9999-12-31T23:59:59.999Z';
/**
 * What was read is good for so long, ms. All state changes of the account come here, and each would read the whole partition that dispatch-scoring reads every
 * minute. A service that was applied within that time is not known to events yet; what EC2 says of it is found by the next tick, which always reads.
 */
const goodFor = 60_000;

interface Kept {
  readonly at: number;
  readonly watched: Promise<Concerned[]>;
}

/** One entry in a container, which has one `Services`. */
const kept = new WeakMap<Services, Kept>();

/** Services with the primary's instances, as they were at most a minute ago. Reports that come together share one answer; one that failed is asked again. */
export function watchedLately(services: Services): Promise<Concerned[]> {
  const now = services.now();
  const last = kept.get(services);
  return last !== undefined && now >= last.at && now - last.at < goodFor ? last.watched : watchedNow(services);
}

/** As they are now; the answer is kept for the reports that follow. */
export function watchedNow(services: Services): Promise<Concerned[]> {
  const reading: Kept = { at: services.now(), watched: read(services) };
  kept.set(services, reading);
  reading.watched.catch(() => {
    if (kept.get(services) === reading) kept.delete(services);
  });
  return reading.watched;
}

async function read({ services, subjects }: Services): Promise<Concerned[]> {
  const [all, due] = await Promise.all([services.all(), subjects.due(endOfTime, mostSubjects)]);
  const instances = new Map<string, Set<string>>();
  for (const { serviceId, subjectId } of due) {
    const id = instanceOf(subjectId);
    if (id !== undefined) instances.set(serviceId, (instances.get(serviceId) ?? new Set()).add(id));
  }
  return all.map(({ serviceId, plan }) => ({ serviceId, plan, instances: instances.get(serviceId) ?? new Set<string>() }));
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
