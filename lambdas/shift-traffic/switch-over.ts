// What a shift does while Route 53's control plane does not answer: it waits, and then, when the move is proven, latches the losing side instead.
import { rateLowerBound } from '../../core/canary/binomial.ts';
import type { StepOutput } from '../../core/contracts/workflow.ts';
import { canaryIsFresh } from '../../core/mirroring/policy.ts';
import { checkCapacity } from '../../core/traffic/steps.ts';
import { applyBalancers } from '../drivers/gradual.ts';
import { type ControlPlaneError, controlPlanePatience, noteSilence } from '../failover/control-plane.ts';
import { switchOver } from '../failover/latch.ts';
import { type Session, switchChange, updateRecord } from '../failover/session.ts';
import { demand, readyInstances } from '../failover/side-evidence.ts';
import type { Services } from '../services.ts';

type Decision = StepOutput<'shift-traffic'>['decision'];

/** A move that may not be switched waits so long for the control plane before it is given up, ms. */
const longestSilence = 15 * 60_000;
const probes = 50;
const probeConcurrency = 10;
const probingTime = 8_000;

/** Throws the ControlPlaneError when neither waiting nor the evacuation check will do. */
export async function withoutControlPlane(session: Session, error: ControlPlaneError, services: Services): Promise<Decision> {
  const { record, at } = session;
  const since = await noteSilence(session, error, services);
  const silence = services.now() - since;
  // One that is merely busy passes: the mechanism is not changed because another tool keeps Route 53 occupied.
  if (silence < (error.busy ? longestSilence : controlPlanePatience)) {
    await services.failovers.tell(record.failoverId, '042-unanswered', { at, phase: record.phase, message: 'waiting for Route 53', reasons: [error.message] });
    return 'hold';
  }
  const objections = await objectionsTo(session, services);
  if (objections.length === 0) return switchNow(session, error, services);
  await services.failovers.tell(record.failoverId, '043-not-switched', {
    at,
    phase: record.phase,
    message: "Route 53's control plane is out of reach, and the evacuation check does not take its place",
    reasons: [error.message, ...objections],
  });
  if (silence > longestSilence) throw error;
  return 'hold';
}

/** The mechanism is recorded before it is used, so that whatever ends this failover knows what has to be undone. */
async function switchNow(session: Session, error: ControlPlaneError, services: Services): Promise<Decision> {
  const { record, at } = session;
  await updateRecord(session, { mechanism: 'health-check', phase: 'shift', phaseStartedAt: at, changeId: switchChange }, services);
  await switchOver(record, services);
  await applyBalancers(session, 100, 'forward', services);
  await services.failovers.tell(record.failoverId, '044-switched', {
    at,
    phase: 'shift',
    message: `all traffic to ${record.to}: ${record.from} is latched, since the weights cannot be set`,
    reasons: [error.message],
  });
  return 'switched';
}

/** Asked again: until the switch was verified it is repeated; after that it has been judged, and nothing is left to shift. */
export async function repeatSwitch(session: Session, services: Services): Promise<Decision> {
  const { record } = session;
  if ((record.stepVerifiedAt ?? '') >= record.phaseStartedAt) return 'done';
  await switchOver(record, services);
  await applyBalancers(session, 100, 'forward', services);
  return 'switched';
}

/**
 * Why everything may not be moved at once: only a move that prediction has decided, onto a side that a fresh canary has proved, that answers now,
 * and that carries the whole demand. Nothing hurries a drill or the way home.
 */
async function objectionsTo({ record, service, plan }: Session, services: Services): Promise<string[]> {
  const { to, kind } = record;
  if (kind !== 'predictive' || record.drill) return [`a ${kind} is not urgent: it waits`];
  const objections: string[] = [];
  if (!canaryIsFresh(plan, service.canary, to, services.now())) objections.push(`no fresh canary has proved ${to}`);
  const [ready, asked, seen] = await Promise.all([
    readyInstances(plan, to, services),
    demand(plan, services),
    services.prober.probe(plan, to, probes, probeConcurrency, probingTime),
  ]);
  const capacity = checkCapacity(plan, to, ready, asked, 1);
  if (!capacity.enough) objections.push(capacity.reason);
  if (seen.requests === 0 || rateLowerBound(seen.failed, seen.requests) > plan.objective.errorRate)
    objections.push(`the prober finds ${to} failing: ${seen.failed} of ${seen.requests} requests failed`);
  return objections;
}
