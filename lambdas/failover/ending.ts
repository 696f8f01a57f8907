// How a failover ends, whatever ended it: the record says what happened and why, what follows is begun, the lock is free, people are told.

import { retirementName } from '../../core/contracts/names.ts';
import type { FailoverOutcome, FailoverRecord, ServiceRecord } from '../../core/contracts/records.ts';
import type { FailoverStep } from '../../core/contracts/workflow.ts';
import { UnknownServiceError } from '../adapters/service-store.ts';
import type { Services } from '../services.ts';
import { latchAgain } from './latch.ts';
import { measure, measurementLines } from './measurements.ts';

/** Outcomes after which the service needs no rest, since nothing was tried. */
const untried: readonly FailoverOutcome[] = ['refused', 'advised'];
/** Outcomes after which the receiving side has the traffic. */
const arrived: readonly FailoverOutcome[] = ['failed-over', 'evacuated'];

/** Of a failover that never began. Every part may be repeated: a retry after a crash finishes what is left. The first outcome that was written stands. */
export async function endFailover(record: FailoverRecord, outcome: 'refused' | 'advised', reasons: readonly string[], services: Services): Promise<void> {
  await release(await write(record, outcome, reasons, undefined, services), [], services);
}

/** As above, for a failover that had been opened: a fail-back that did not come to its end leaves its target latched as it was. The move is measured, and what the plan wants next is begun. */
export async function endOpened(record: FailoverRecord, outcome: FailoverOutcome, reasons: readonly string[], services: Services): Promise<void> {
  const { failoverId, serviceId, kind, drill } = record;
  if (kind === 'fail-back' && (record.outcome ?? outcome) !== 'failed-over') await latchAgain(record, services);
  const service = await knownService(serviceId, services);
  const at = new Date(services.now()).toISOString();
  const measurements = service && !untried.includes(outcome) ? measure(record, service.plan, await services.failovers.story(failoverId), at) : undefined;
  const stored = await write(record, outcome, reasons, measurements, services);
  // Before the lock is released: as long as it is held, the sweeper comes back to what is not finished.
  if (service && followsUp(stored, service))
    await services.workflows.start('retire-side', retirementName(failoverId), { serviceId, failoverId } satisfies FailoverStep);
  const ending = endingOf(stored);
  if (service && ending) await services.services.rememberEnding(serviceId, ending, { move: isMove(stored), drill: drill !== undefined });
  await release(stored, service && stored.measurements ? measurementLines(stored.measurements, service.plan) : [], services);
}

/** The record as it stands then. */
async function write(
  record: FailoverRecord,
  outcome: FailoverOutcome,
  reasons: readonly string[],
  measurements: FailoverRecord['measurements'],
  { failovers, now }: Services,
): Promise<FailoverRecord> {
  const at = new Date(now()).toISOString();
  const phase = outcome === 'halted' ? ('halted' as const) : ('closed' as const);
  const fields = { outcome, endedAt: at, phase, phaseStartedAt: at, reasons: [...record.reasons, ...reasons], ...(measurements ? { measurements } : {}) };
  return (await failovers.update(record.failoverId, fields)) ? { ...record, ...fields } : failovers.get(record.failoverId);
}

async function release(record: FailoverRecord, measured: readonly string[], { failovers, services, notifier }: Services): Promise<void> {
  const { failoverId, serviceId, phase, outcome, reasons, endedAt, from, to } = record;
  await failovers.tell(failoverId, 'end', {
    at: endedAt ?? record.phaseStartedAt,
    phase,
    message: `${nameOf(record)} of ${serviceId} from ${from} to ${to}: ${outcome}`,
    reasons: [...reasons, ...measured],
  });
  await services.releaseLock(serviceId, failoverId, endingOf(record));
  await failovers.removeRunning(failoverId);
  await notifier.tell(severityOf(record), `${serviceId}: ${nameOf(record)} ${outcome}`, [`failover ${failoverId}`, ...reasons, ...measured]);
  // Last: until then the sweeper repeats the ending.
  await failovers.removeOpen(failoverId);
}

/** What the service remembers; undefined: nothing was tried, it needs no rest. */
const endingOf = ({ failoverId, outcome, endedAt }: FailoverRecord) =>
  outcome === undefined || endedAt === undefined || untried.includes(outcome) ? undefined : { failoverId, outcome, endedAt };

/** undefined: the service was removed meanwhile. Its failover ends all the same. */
async function knownService(serviceId: string, { services }: Services): Promise<ServiceRecord | undefined> {
  try {
    return await services.get(serviceId);
  } catch (error) {
    if (error instanceof UnknownServiceError) return undefined;
    throw error;
  }
}

/** For people: a drill is called one before anything else. */
const nameOf = ({ kind, drill }: FailoverRecord): string => (drill === undefined ? kind : kind === 'drill' ? `drill (${drill})` : 'drill, way home');

/** Weights were changed, or Route 53 moved the users. A drill that went as planned is no sign of a service that flaps. */
function isMove({ outcome, intended, drill, pointOfNoReturn }: FailoverRecord): boolean {
  if (drill !== undefined && (outcome === 'failed-over' || outcome === 'validated')) return false;
  return (outcome !== undefined && arrived.includes(outcome)) || intended !== undefined || pointOfNoReturn;
}

/** What the plan wants done with the side that was left. Never to a side that was left for practice, nor by the way home. */
const followsUp = ({ kind, outcome, pointOfNoReturn }: FailoverRecord, { plan }: ServiceRecord): boolean =>
  plan.after.losingSide !== 'standby' &&
  (kind === 'predictive' || kind === 'evacuation') &&
  pointOfNoReturn &&
  outcome !== undefined &&
  arrived.includes(outcome);

/** The way home of a drill that was not gone leaves the service on the standby, where nobody wanted it; a predicted failure from which nobody was moved is still to come. */
function severityOf({ kind, drill, outcome, intended }: FailoverRecord): 'page' | 'info' {
  if (outcome === 'halted' || outcome === 'held') return 'page';
  if (kind === 'predictive' && outcome === 'rolled-back' && intended === undefined) return 'page';
  return kind === 'fail-back' && drill !== undefined && outcome !== 'failed-over' ? 'page' : 'info';
}
