// Judges the receiving side: before any traffic and while a person is waited for by probes, after each step by probes and the load balancer.
import { decide } from '../../core/canary/decide.ts';
import { type BalancerEvidence, judge } from '../../core/canary/judge.ts';
import { otherSide, type Plan, type SideName } from '../../core/contracts/plan.ts';
import type { StepInput } from '../../core/contracts/workflow.ts';
import { cutOffReason, isCutOff } from '../failover/cut-off.ts';
import { balancerEvidence } from '../failover/side-evidence.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';
import { canaryMetrics } from './canary-metrics.ts';
import { sumOfProbes } from './sum-of-probes.ts';

type Stage = StepInput<'judge-canary'>['stage'];

/** While a person is waited for, what was seen long ago must not hide what is wrong now, ms. */
const approvalWindow = 5 * 60_000;

/** The balancer counts minutes late, when a short step has passed already: what the users of the steps before met is no less a veto, ms. */
const lateWindow = 6 * 60_000;

const told = {
  probes: { key: '030-canary', phase: 'canary' },
  approval: { key: '033-judged', phase: 'approval' },
  step: { key: '035-judged', phase: 'shift' },
} as const;

export const judgeCanary: Step<'judge-canary'> = async ({ serviceId, workflowId, stage, startedAt }, services) => {
  const { failovers, now } = services;
  const [service, record] = await Promise.all([services.services.get(serviceId), failovers.find(workflowId)]);
  const { plan } = service;
  const target = record?.to ?? otherSide(service.activeSide);
  const losing = otherSide(target);
  const at = new Date(now()).toISOString();
  // A bake and the wait for evidence together may last longer than a lease. One that was lost is noticed by the next step that changes something.
  if (record && record.endedAt === undefined) await services.services.holdsLock(serviceId, workflowId, record.fencingToken, now());
  const since = sinceWhen(stage, startedAt, record?.stepVerifiedAt, now());

  const samples = await failovers.probesSince(workflowId, new Date(since).toISOString());
  const [lagging, metrics] = await Promise.all([
    // Before the first step the balancer of the receiving side has seen no users; there is nothing to read. That of the losing side decides nothing, and its Region may be failing.
    stage === 'step' ? lateEvidence(plan, target, Math.min(since, Math.max(Date.parse(startedAt), now() - lateWindow)), services) : undefined,
    canaryMetrics(plan, target, stage === 'step' ? since : undefined, services),
  ]);
  const left = sumOfProbes(samples, losing);
  const cutOff = await isCutOff(serviceId, service.activeSide, losing, left, services);
  const judgement = judge({
    receiving: { live: sumOfProbes(samples, target), lagging },
    losing: { live: cutOff ? undefined : left, lagging: undefined },
    metrics,
    // Three points of a minute, minutes late, for each step: a failure that is near does not wait for them.
    metricsOnlyVeto: stage === 'step' && record?.profile === 'urgent',
    objective: plan.objective,
    minimumProbes: Math.ceil(plan.canary.probes / 2),
    passScore: plan.canary.passScore,
  });
  const { decision, verdict, reasons: besides } = decide(judgement, now() - since, plan.canary.evidenceWaitMinutes * 60_000);
  const reasons = [...judgement.reasons, ...besides, ...(cutOff ? [cutOffReason(losing)] : [])];

  // While a person is waited for, a proof is made fresh or taken back, and stays when there is merely nothing new.
  const proves = stage === 'approval' ? verdict !== 'no-evidence' : stage === 'probes' ? decision !== 'wait' : verdict === 'pass';
  // A step that passed is the strongest canary there is: real users' requests.
  if (proves) await services.services.setCanary(serviceId, { verdict, at, target, method: stage === 'step' ? 'weighted-step' : 'probes', reasons });
  if (record) {
    const weights = stage === 'step' ? record.weights : undefined;
    // No evidence, later, goes back to here.
    if (weights && decision === 'pass' && !record.endedAt) await failovers.update(workflowId, { goodWeights: weights });
    await failovers.tell(workflowId, `${told[stage].key}-${at}`, {
      at,
      phase: told[stage].phase,
      message: stage === 'step' ? `step judged: ${decision}` : `${target} judged by probes: ${decision}`,
      verdict,
      reasons,
      ...(weights ? { weights } : {}),
    });
  }
  return { decision };
};

/** CloudWatch can veto, so that its silence is no veto; and no reason to take a move back either, which a failed task would be. */
async function lateEvidence(plan: Plan, target: SideName, since: number, services: Services): Promise<BalancerEvidence | undefined> {
  try {
    return await balancerEvidence(plan, target, since, services);
  } catch (error) {
    logger.warn('the balancer of the receiving side could not be read', { target, error: error as Error });
    return undefined;
  }
}

/** Evidence counts from here, ms. */
function sinceWhen(stage: Stage, startedAt: string, stepVerifiedAt: string | undefined, now: number): number {
  if (stage === 'step') return Date.parse(stepVerifiedAt ?? startedAt);
  return stage === 'approval' ? Math.max(Date.parse(startedAt), now - approvalWindow) : Date.parse(startedAt);
}
