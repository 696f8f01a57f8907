// Whether going back serves more users than staying.
import { type BalancerEvidence, type Judgement, judge } from '../../core/canary/judge.ts';
import type { FailoverEvent, Weights } from '../../core/contracts/records.ts';
import { shareOf } from '../../core/traffic/steps.ts';
import type { ProbeSample } from '../adapters/failover-store.ts';
import { cutOffReason, isCutOff } from '../failover/cut-off.ts';
import { noEvidence, notFollowed } from '../failover/failure-reason.ts';
import { stateOf } from '../failover/serving.ts';
import type { Session } from '../failover/session.ts';
import { balancerEvidence } from '../failover/side-evidence.ts';
import { sumOfProbes } from '../judge-canary/sum-of-probes.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';

/** Older probes say nothing of now. */
const evidenceMinutes = 5;

export interface Weighed {
  readonly goBack: boolean;
  /** the new side passes now, or has passed since the last step reached its users */
  readonly proven: boolean;
  readonly reasons: readonly string[];
}

/**
 * Back when the old side measures better, or the new one fails its objective and the old one is not proved worse, or so few users have moved
 * that little is lost by it. Otherwise the traffic stays: half of it on a side that was expected to fail is not improved by adding the rest.
 */
export async function weighSides(session: Session, standing: Weights, why: string | undefined, services: Services): Promise<Weighed> {
  const { record, plan } = session;
  // The weights go back to where the traffic is.
  if (why === notFollowed) return { goBack: true, proven: false, reasons: [`${record.to} does not get the traffic`] };
  const newest = await freshProbes(session, services);
  const cutOff = await isCutOff(record.serviceId, session.service.activeSide, record.from, newest?.[record.from], services);
  // What users met since the last step: the probes may not see it.
  const lagging = record.stepVerifiedAt === undefined ? undefined : await lateEvidence(session, Date.parse(record.stepVerifiedAt), services);
  const judgement: Judgement | undefined =
    newest &&
    judge({
      receiving: { live: newest[record.to], lagging },
      losing: { live: cutOff ? undefined : newest[record.from], lagging: undefined },
      objective: plan.objective,
      minimumProbes: Math.ceil(plan.canary.probes / 2),
    });
  const seen = newest
    ? (['primary', 'standby'] as const).map((side) => `${side}: ${newest[side].failed} of ${newest[side].requests} probes failed`)
    : ['there are no fresh probes'];
  if (cutOff) seen.push(cutOffReason(record.from));
  const last = await lastVerdict(session, services);
  const passes =
    judgement?.verdict === 'pass' || (last?.verdict === 'pass' && last.at >= (record.stepVerifiedAt ?? '')) || (await passesInAll(session, services));
  const proven = judgement?.verdict !== 'fail' && passes;
  if (judgement?.comparison === 'receiving-better') return { goBack: false, proven, reasons: seen };
  if (judgement?.comparison === 'losing-better') return { goBack: true, proven, reasons: seen };
  if (!cutOff && newest && (['primary', 'standby'] as const).every((side) => stateOf(newest[side]).state === 'dead'))
    return { goBack: false, proven: false, reasons: [...seen, 'both sides look dead, which may be the prober: nothing is gained by moving'] };
  if (why === noEvidence) return { goBack: true, proven, reasons: [...seen, 'there is no evidence for the last step, and the plan rolls back then'] };
  const failed = judgement?.verdict === 'fail' && !judgement.onlySlower && !judgement.slowerSoFar;
  if (failed || last?.verdict === 'fail') return { goBack: true, proven, reasons: [...seen, `${record.to} was found to fail its objective`] };
  const [smallest = 0] = plan.shift[record.profile].steps;
  const moved = Math.round(shareOf(record.to, standing) * 100);
  if (moved <= smallest) return { goBack: true, proven, reasons: [...seen, `only ${moved} % of the traffic had moved`] };
  return { goBack: false, proven, reasons: [...seen, `neither side measures better, and ${moved} % of the traffic has moved already`] };
}

/** The balancer's veto is not among the probes; the story has it. */
async function lastVerdict({ record }: Session, { failovers }: Services): Promise<FailoverEvent | undefined> {
  return (await failovers.story(record.failoverId)).findLast(({ verdict }) => verdict !== undefined);
}

/** CloudWatch in the receiving side's Region may not answer: then the probes have to do. */
async function lateEvidence({ record, plan }: Session, since: number, services: Services): Promise<BalancerEvidence | undefined> {
  try {
    return await balancerEvidence(plan, record.to, since, services);
  } catch (error) {
    logger.warn('the balancer of the receiving side could not be read', { failoverId: record.failoverId, error: error as Error });
    return undefined;
  }
}

/** Whether all probes since the last step reached its users pass together: one look alone may be too small. */
async function passesInAll({ record, plan }: Session, { failovers }: Services): Promise<boolean> {
  if (record.stepVerifiedAt === undefined) return false;
  const samples = await failovers.probesSince(record.failoverId, record.stepVerifiedAt);
  const sides = { receiving: sumOfProbes(samples, record.to), losing: sumOfProbes(samples, record.from) };
  const { verdict } = judge({
    receiving: { live: sides.receiving, lagging: undefined },
    losing: { live: sides.losing, lagging: undefined },
    objective: plan.objective,
    minimumProbes: Math.ceil(plan.canary.probes / 2),
  });
  return verdict === 'pass';
}

/** The last probes, when they are of now. */
export async function freshProbes({ record }: Session, { failovers, now }: Services): Promise<ProbeSample | undefined> {
  return (await failovers.probesSince(record.failoverId, new Date(now() - evidenceMinutes * 60_000).toISOString())).at(-1);
}
