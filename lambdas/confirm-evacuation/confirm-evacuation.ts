// First step of an evacuation: positive evidence from two witnesses that one side is lost and the other serves. Absent data never confirms.
// Route 53's control plane is not asked: it may be what is failing.
import { rateLowerBound, rateUpperBound } from '../../core/canary/binomial.ts';
import type { ProbeEvidence } from '../../core/canary/judge.ts';
import { entrySubject } from '../../core/contracts/names.ts';
import type { SideName } from '../../core/contracts/plan.ts';
import type { FailoverRecord } from '../../core/contracts/records.ts';
import { lockState } from '../../core/failover/lock.ts';
import { endFailover } from '../failover/ending.ts';
import { endpointHealth, type Health } from '../failover/endpoint-health.ts';
import { evacuationRecord } from '../failover/opening-record.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';

const probes = 50;
const probeConcurrency = 10;
/** The step has a minute altogether, ms. */
const probingTime = 20_000;
/** How long an overloaded serving side is warmed before a person has to look, ms. */
const warmingPatience = 30 * 60_000;
/** An event older than this is no witness of now, ms. */
const decisionAge = 10 * 60_000;

export const confirmEvacuation: Step<'confirm-evacuation'> = async (request, services) => {
  const { failovers, now } = services;
  const service = await services.services.get(request.serviceId);
  const { plan } = service;
  const at = new Date(now()).toISOString();
  await failovers.create(evacuationRecord(request, plan, at));
  const record = await failovers.get(request.failoverId);
  if (record.endedAt) return { decision: 'end' };

  const { refusals, overloaded } = await look(record);
  const tired = overloaded !== undefined && now() - Date.parse(record.startedAt) > warmingPatience;
  if (refusals.length > 0 || tired) {
    await endFailover(record, 'refused', tired ? [overloaded] : refusals, services);
    return { decision: 'end' };
  }
  // Last: an advice is that everything else would have allowed it.
  if (service.mode !== 'act') {
    await endFailover(
      record,
      service.mode === 'advise' ? 'advised' : 'refused',
      [...(overloaded ? [overloaded] : []), `the mode is ${service.mode}`],
      services,
    );
    return { decision: 'end' };
  }
  const token = await services.services.acquireLock(service, record.failoverId, now());
  if (token === undefined) {
    await endFailover(record, 'refused', [`${service.lock?.holder ?? 'another workflow'} holds the lock and is moving the traffic already`], services);
    return { decision: 'end' };
  }
  await failovers.update(record.failoverId, { fencingToken: token });
  if (overloaded !== undefined) {
    // Route 53 has moved the users already: what they need is capacity. Whether to latch the lost side is decided when they have it.
    await failovers.tell(record.failoverId, '005-overloaded', {
      at,
      phase: 'opened',
      message: `${request.to} serves, but not well: warming it first`,
      reasons: [overloaded],
    });
    return { decision: 'warm' };
  }
  await failovers.tell(record.failoverId, '010-confirmed', {
    at,
    phase: 'evacuation',
    message: `${request.from} is lost, ${request.to} serves`,
    reasons: record.reasons,
  });
  return { decision: 'confirmed' };

  /** `refusals`: why nothing may be done. `overloaded`: all is as it should be, but that the serving side fails requests. */
  async function look({ from, to, failoverId }: FailoverRecord): Promise<{ refusals: string[]; overloaded?: string }> {
    const reasons: string[] = [];
    if (service.killSwitch) reasons.push('the kill switch of the service is on');
    if (service.activeSide !== from) reasons.push(`traffic is on ${service.activeSide} already`);
    if (service.latched[to]) reasons.push(`${to} is latched and waits for an approved fail-back`);
    if (lockState(service.lock, failoverId, now()) === 'held') reasons.push(`${service.lock?.holder} holds the lock and is moving the traffic already`);
    if (reasons.length > 0) return { refusals: reasons };
    // Both at once: the step has a minute, and a Region that hangs takes its time.
    const [health, { lost, serving }] = await Promise.all([healthNow(from, to), witness(services)]);
    if (health[from] !== 'unhealthy') reasons.push(`Route 53's checkers find ${from} ${health[from]}`);
    if (health[to] !== 'healthy') reasons.push(`Route 53's checkers find ${to} ${health[to]}`);
    if (reasons.length > 0) return { refusals: reasons };
    if (!lost || rateUpperBound(lost.failed, lost.requests) < 0.5) return { refusals: [`the prober reaches ${from}: ${seen(lost)}`] };
    if (!serving || rateLowerBound(serving.failed, serving.requests) > 0.1)
      return { refusals: [], overloaded: `the prober finds ${to} failing: ${seen(serving)}` };
    return { refusals: [] };
  }

  /** Asked again, since the event may be old. When CloudWatch in Route 53's Region cannot be reached, what scoring saw there moments ago stands. */
  async function healthNow(from: SideName, to: SideName): Promise<Record<SideName, Health>> {
    const entry = await services.subjects.find(request.serviceId, entrySubject(from));
    try {
      return await endpointHealth(entry?.healthChecks ?? {}, services);
    } catch {
      const unknown: Record<SideName, Health> = { primary: 'unknown', standby: 'unknown' };
      return now() - Date.parse(request.decidedAt) > decisionAge ? unknown : { ...unknown, [from]: 'unhealthy', [to]: 'healthy' };
    }
  }

  async function witness({ prober }: Services) {
    const [lost, serving] = await Promise.all([request.from, request.to].map((side) => prober.probe(plan, side, probes, probeConcurrency, probingTime)));
    return { lost, serving };
  }
};

const seen = (evidence: ProbeEvidence | undefined) => (evidence ? `${evidence.failed} of ${evidence.requests} requests failed` : 'no requests');
