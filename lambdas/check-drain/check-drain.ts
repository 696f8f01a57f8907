// Whether the losing side still receives requests. Keep-alive clients and resolvers that ignore the TTL make this later than weight 0.
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import type { FailoverStep, StepOutput } from '../../core/contracts/workflow.ts';
import { type Drained, measureDrain } from '../../core/traffic/drain.ts';
import { sameWeights } from '../../core/traffic/steps.ts';
import { WeightsChangedError } from '../adapters/record-router.ts';
import { askControlPlane, ControlPlaneError } from '../failover/control-plane.ts';
import { isCutOff } from '../failover/cut-off.ts';
import { failsMore, inWords, type Looked, lookAt, unseen } from '../failover/serving.ts';
import { openHoldingSession, type Session, updateRecord } from '../failover/session.ts';
import { balancerSeries } from '../failover/side-evidence.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';

const minute = 60_000;

export const checkDrain: Step<'check-drain'> = async (input, services) => {
  const { plan } = await services.services.get(input.serviceId);
  return { decision: await look(input, services), waitSeconds: secondsBetweenLooks(plan) };
};

/** A wait is divided into at most so many looks: Step Functions ends an execution after 25,000 events of history. */
const mostLooks = 600;
const shortestWait = 30;
const secondsBetweenLooks = ({ failover }: Plan): number => Math.max(shortestWait, Math.ceil((failover.drainMaxMinutes * 60) / mostLooks));

async function look(input: FailoverStep, services: Services): Promise<StepOutput<'check-drain'>['decision']> {
  // Draining may last longer than a lease: the lock is renewed each time.
  const session = await openHoldingSession(input, services);
  const { record, plan, at } = session;
  if (record.phase !== 'drain') {
    await updateRecord(session, { phase: 'drain', phaseStartedAt: at }, services);
    await services.failovers.tell(record.failoverId, '055-drain', { at, phase: 'drain', message: `waiting until ${record.from} receives almost no requests` });
  }
  const now = services.now();
  // All at once: the step has a minute, and a Region that hangs takes its time.
  const [lost, serving, measured] = await Promise.all([
    lookPast(session, record.from, services),
    lookAt(plan, record.to, services),
    measure(session, now, services),
    refuseForeignWeights(session, services),
  ]);
  const looked = [inWords(record.to, serving), inWords(record.from, lost)];
  // Both failing alike may be the prober's own fault.
  if ((serving.state === 'fails' || serving.state === 'dead') && failsMore(serving, lost)) {
    await services.failovers.tell(record.failoverId, '058-failing', { at, phase: 'drain', message: `${record.to} fails while it drains`, reasons: looked });
    return 'failing';
  }
  const since = Date.parse(record.stepVerifiedAt ?? record.phaseStartedAt);
  const { share, newest } = measured ?? { share: undefined, newest: 0 };

  if (share !== undefined && newest >= since && share < plan.failover.drainedBelow) {
    await services.failovers.tell(record.failoverId, '060-drained', {
      at,
      phase: 'drain',
      message: `moved: ${record.from} receives ${(share * 100).toFixed(2)} % of the requests`,
    });
    return 'drained';
  }
  const receives = share === undefined ? 'the balancers report no requests' : `${record.from} still receives ${(share * 100).toFixed(2)} % of the requests`;
  if (now - since < plan.failover.drainMaxMinutes * minute) {
    if (measured || lost.state !== 'dead' || serving.state !== 'serves') return 'wait';
    await tellOverdue(session, `not measured: ${record.from} is lost, and nothing is gained by waiting for it`, [receives, ...looked], services);
    return 'overdue';
  }
  if (serving.state !== 'serves') {
    await tellOverdue(session, `nothing shows that ${record.to} serves`, [receives, ...looked], services);
    return 'failing';
  }
  // With weight 0 a side can keep most of the traffic only when the health check of the other one says no: nothing has moved.
  const stuck = share !== undefined && share > 0.5;
  await tellOverdue(
    session,
    stuck ? `${record.to} does not get the traffic` : `not drained within ${plan.failover.drainMaxMinutes} minutes`,
    [receives],
    services,
  );
  return stuck ? 'stuck' : 'overdue';
}

/** undefined: a Region does not answer. It says nothing of its requests then, which is not zero. */
async function measure({ record, plan }: Session, now: number, services: Services): Promise<Drained | undefined> {
  const [receiving, losing] = await Promise.allSettled([record.to, record.from].map((side) => balancerSeries(plan, side, now - 10 * minute, now, services)));
  if (receiving?.status !== 'fulfilled' || losing?.status !== 'fulfilled') return undefined;
  return measureDrain(receiving.value.requests, losing.value.requests, now);
}

/** The losing side, which the prober may be cut off from. */
async function lookPast({ record, service, plan }: Session, side: SideName, services: Services): Promise<Looked> {
  const looked = await lookAt(plan, side, services);
  return (await isCutOff(record.serviceId, service.activeSide, side, looked, services)) ? unseen : looked;
}

/** Somebody who moves the traffic while it drains works against this failover: it stops. Without the control plane nobody can. */
async function refuseForeignWeights({ record, plan }: Session, { router }: Services): Promise<void> {
  if (record.mechanism !== 'weights' || record.weights === undefined) return;
  const standing = await askControlPlane(() => router.read(plan)).catch((error: unknown) => {
    if (error instanceof ControlPlaneError) return undefined;
    throw error;
  });
  if (!standing || sameWeights(standing.weights, record.weights)) return;
  const { primary, standby } = standing.weights;
  throw new WeightsChangedError(
    `the weights of ${plan.record.name} are ${primary}/${standby}, not ${record.weights.primary}/${record.weights.standby} as Forestall left them: somebody else changed them`,
  );
}

async function tellOverdue({ record, at }: Session, message: string, reasons: readonly string[], { failovers, notifier }: Services): Promise<void> {
  await failovers.tell(record.failoverId, '060-overdue', { at, phase: 'drain', message, reasons });
  await notifier.tell('page', `${record.serviceId}: ${message}`, [...reasons, `failover ${record.failoverId}`]);
}
