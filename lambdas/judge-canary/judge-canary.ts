// Judges the receiving side: before any traffic by probes, after each step by probes and the load balancer.
import { type Judgement, judge, type ProbeEvidence } from '../../core/canary/judge.ts';
import { otherSide, type Plan, type SideName } from '../../core/contracts/plan.ts';
import type { ProbeSample } from '../adapters/failover-store.ts';
import { balancerEvidence } from '../failover/side-evidence.ts';
import type { Step } from '../task-handler.ts';

type Decision = 'pass' | 'fail' | 'wait' | 'no-evidence';

export const judgeCanary: Step<'judge-canary'> = async ({ serviceId, workflowId, stage, startedAt }, services) => {
  const { failovers, now } = services;
  const [service, record] = await Promise.all([services.services.get(serviceId), failovers.find(workflowId)]);
  const target = record?.to ?? otherSide(service.activeSide);
  const since = stage === 'step' ? (record?.stepVerifiedAt ?? startedAt) : startedAt;
  const at = new Date(now()).toISOString();

  const judgement = judge({
    receiving: await evidence(target),
    losing: await evidence(otherSide(target)),
    objective: service.plan.objective,
    minimumProbes: Math.ceil(service.plan.canary.probes / 2),
  });
  const decision = decide(judgement, service.plan, Date.parse(since), now());
  const reasons = [...judgement.reasons, ...explain(judgement, decision)];

  // The record keeps what was found: a target that is only better than the losing side has not passed, and proves nothing later.
  if (stage === 'probes' && decision !== 'wait')
    await services.services.setCanary(serviceId, { verdict: judgement.verdict, at, target, method: 'probes', reasons });
  // A step that passed is the strongest canary there is: real users' requests.
  if (stage === 'step' && judgement.verdict === 'pass')
    await services.services.setCanary(serviceId, { verdict: 'pass', at, target, method: 'weighted-step', reasons });
  if (record) {
    const weights = stage === 'step' ? record.weights : undefined;
    await failovers.tell(workflowId, `${stage === 'probes' ? '030-canary' : '035-judged'}-${at}`, {
      at,
      phase: stage === 'probes' ? 'canary' : 'shift',
      message: stage === 'probes' ? `${target} judged by probes: ${decision}` : `step judged: ${decision}`,
      verdict: judgement.verdict,
      reasons,
      ...(weights ? { weights } : {}),
    });
  }
  return { decision };

  async function evidence(side: SideName) {
    const live = sum(await failovers.probesSince(workflowId, since), side);
    // Before the first step the balancer of the receiving side has seen no users; there is nothing to read. That of the losing side decides nothing, and its Region may be failing.
    const lagging = stage === 'step' && side === target ? await balancerEvidence(service.plan, side, Date.parse(since), services) : undefined;
    return { live, lagging };
  }
};

function sum(samples: readonly ProbeSample[], side: SideName): ProbeEvidence | undefined {
  if (samples.length === 0) return undefined;
  const zero = { requests: 0, failed: 0, slow: 0 };
  return samples.reduce(
    (total, { [side]: sample }) => ({ requests: total.requests + sample.requests, failed: total.failed + sample.failed, slow: total.slow + sample.slow }),
    zero,
  );
}

/** A receiving side that fails is still the better one when the losing side, with confidence, fails more. No evidence is waited out, for a bounded time. */
function decide({ verdict, comparison }: Judgement, plan: Plan, since: number, now: number): Decision {
  if (verdict === 'fail') return comparison === 'receiving-better' ? 'pass' : 'fail';
  if (verdict === 'pass') return 'pass';
  return now - since < plan.canary.evidenceWaitMinutes * 60_000 ? 'wait' : 'no-evidence';
}

function explain({ verdict, comparison }: Judgement, decision: Decision): string[] {
  if (verdict === 'fail' && decision === 'pass') return ['going on all the same: the losing side fails more, so that moving keeps more users served'];
  if (comparison === 'losing-better') return ['the losing side measures better'];
  return [];
}
