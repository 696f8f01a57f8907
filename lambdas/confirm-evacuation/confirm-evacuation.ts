// First step of an evacuation: positive evidence from two witnesses that one side is lost and the other serves. Absent data never confirms.
import { rateLowerBound, rateUpperBound } from '../../core/canary/binomial.ts';
import type { ProbeEvidence } from '../../core/canary/judge.ts';
import type { FailoverRecord } from '../../core/contracts/records.ts';
import { lockState } from '../../core/failover/lock.ts';
import { endFailover } from '../failover/ending.ts';
import { endpointHealth } from '../failover/endpoint-health.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';

const probes = 50;
const probeConcurrency = 10;

export const confirmEvacuation: Step<'confirm-evacuation'> = async (request, services) => {
  const { failovers, now } = services;
  const service = await services.services.get(request.serviceId);
  const { plan } = service;
  const at = new Date(now()).toISOString();
  await failovers.create({
    ...{ failoverId: request.failoverId, entry: 'record', serviceId: request.serviceId, decisionId: request.failoverId, kind: 'evacuation' },
    ...{ from: request.from, to: request.to, zone: plan.sides[request.from].zone, profile: 'urgent', phase: 'opened', phaseStartedAt: at },
    ...{ pointOfNoReturn: false, fencingToken: 0, startedAt: at, reasons: [`Route 53's health checkers find ${request.from} unhealthy`] },
  });
  const record = await failovers.get(request.failoverId);
  if (record.endedAt) return { decision: 'end' };

  const refusals = await refuse(record);
  if (refusals.length > 0) {
    await endFailover(record, service.mode === 'advise' ? 'advised' : 'refused', refusals, services);
    return { decision: 'end' };
  }
  const token = await services.services.acquireLock(service, record.failoverId, now());
  if (token === undefined) {
    await endFailover(record, 'refused', [`${service.lock?.holder ?? 'another workflow'} holds the lock and is moving the traffic already`], services);
    return { decision: 'end' };
  }
  const { weights } = await services.router.read(plan);
  await failovers.update(record.failoverId, { fencingToken: token, weightsAtStart: record.weightsAtStart ?? weights, weights: record.weights ?? weights });
  await failovers.tell(record.failoverId, '010-confirmed', {
    at,
    phase: 'evacuation',
    message: `${request.from} is lost, ${request.to} serves`,
    reasons: record.reasons,
    weights,
  });
  return { decision: 'confirmed' };

  async function refuse({ from, to, failoverId }: FailoverRecord): Promise<string[]> {
    const reasons: string[] = [];
    if (service.mode !== 'act') reasons.push(`the mode is ${service.mode}`);
    if (service.killSwitch) reasons.push('the kill switch of the service is on');
    if (service.activeSide !== from) reasons.push(`traffic is on ${service.activeSide} already`);
    if (service.latched[to]) reasons.push(`${to} is latched and waits for an approved fail-back`);
    if (lockState(service.lock, failoverId, now()) === 'held') reasons.push(`${service.lock?.holder} holds the lock and is moving the traffic already`);
    if (reasons.length > 0) return reasons;
    const health = await endpointHealth(plan, services);
    if (health[from] !== 'unhealthy') reasons.push(`Route 53's checkers find ${from} ${health[from]}`);
    if (health[to] !== 'healthy') reasons.push(`Route 53's checkers find ${to} ${health[to]}`);
    return reasons.length > 0 ? reasons : contradictions(await witness(services));
  }

  async function witness({ prober }: Services) {
    const [lost, serving] = await Promise.all([request.from, request.to].map((side) => prober.probe(plan, side, probes, probeConcurrency)));
    return { lost, serving };
  }

  function contradictions({ lost, serving }: { lost: ProbeEvidence | undefined; serving: ProbeEvidence | undefined }): string[] {
    const reasons: string[] = [];
    if (!lost || rateUpperBound(lost.failed, lost.requests) < 0.5)
      reasons.push(`the prober reaches ${request.from}: ${lost?.failed} of ${lost?.requests} requests failed`);
    if (!serving || rateLowerBound(serving.failed, serving.requests) > 0.1)
      reasons.push(`the prober finds ${request.to} failing: ${serving?.failed} of ${serving?.requests} requests`);
    return reasons;
  }
};
