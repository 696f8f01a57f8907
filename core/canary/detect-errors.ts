// Error rates: of the receiving side against the objective, and against the losing side; exact, since errors are rare.
import { rateLowerBound, rateUpperBound } from './binomial.ts';
import type { BalancerEvidence, JudgeInput, ProbeEvidence } from './evidence.ts';
import { chance, type Finding, percent } from './finding.ts';
import { exceedsByChance, excludesDifference } from './two-rates.ts';

/** The receiving side meets the objective when, with confidence, it fails less than this many times of it. */
const objectiveMargin = 2;
/** A difference in errors from which on the receiving side is relevantly worse, unless half the objective is more. */
const relevantDifference = 0.01;
/** Doubt that is left when something is said to be bad, or to be good. All tests on equal sides together stay below 1 %. */
const doubtOfFail = { objective: 0.005, comparison: 0.001 };
const doubtOfPass = 0.01;
/** Balancer errors of fewer requests than this say nothing. */
const minimumBalancerRequests = 100;

/** Live errors against the objective. */
export function errorsAgainstObjective(live: ProbeEvidence, { errorRate }: JudgeInput['objective']): Finding {
  const low = rateLowerBound(live.failed, live.requests, doubtOfFail.objective);
  const high = rateUpperBound(live.failed, live.requests, doubtOfPass);
  const result = low > errorRate ? 'fail' : high <= objectiveMargin * errorRate ? 'pass' : 'unclear';
  return {
    ...{ metric: 'live errors', critical: true, rule: 'the objective', result },
    detail: `${live.failed} of ${live.requests} live requests failed (between ${percent(low)} and ${percent(high)}), the objective is ${percent(errorRate)}`,
  };
}

/** Live errors against the losing side's. */
export function errorsAgainstLosing(live: ProbeEvidence, losing: ProbeEvidence, { errorRate }: JudgeInput['objective']): Finding {
  const [first, second] = [live, losing].map(({ failed, requests }) => ({ events: failed, trials: requests })) as [Rate, Rate];
  const relevant = Math.max(relevantDifference, errorRate / 2);
  const common = { metric: 'live errors', critical: true };
  const both = `${live.failed} of ${live.requests} live requests failed on the receiving side, ${losing.failed} of ${losing.requests} on the losing one`;
  const difference = live.failed / live.requests - losing.failed / losing.requests;
  const byChance = exceedsByChance(first, second);
  if (byChance <= doubtOfFail.comparison && difference >= relevant)
    return {
      ...{ ...common, result: 'fail', rule: "comparison (Fisher's exact test)" },
      detail: `${both} (${chance(byChance)}), ${percent(relevant)} more is the bound`,
    };
  const excluded = excludesDifference(first, second, relevant);
  return {
    ...{ ...common, result: excluded <= doubtOfPass ? 'pass' : 'unclear', rule: 'comparison (exact test of the difference)' },
    detail: `${both}; that it fails ${percent(relevant)} more is ${excluded <= doubtOfPass ? 'excluded' : 'not excluded'} (${chance(excluded)})`,
  };
}
type Rate = Parameters<typeof excludesDifference>[0];

/** What users met on the receiving side. It comes late and may be partial: it can veto, and never passes anything. undefined: nothing to say. */
export function balancerVeto(lagging: BalancerEvidence | undefined, { errorRate }: JudgeInput['objective']): Finding | undefined {
  if (lagging === undefined || lagging.requests < minimumBalancerRequests) return undefined;
  const low = rateLowerBound(lagging.errors, lagging.requests, doubtOfFail.objective);
  return {
    ...{ metric: 'balancer errors', critical: true, rule: 'the objective', result: low > errorRate ? 'fail' : 'pass' },
    detail: `the balancer counts ${lagging.errors} errors in ${lagging.requests} requests (above ${percent(low)}), the objective is ${percent(errorRate)}`,
  };
}

/** The losing side may answer so slowly that fewer requests fit in: what it takes to prove it bad is far less. */
const minimumOfLosing = 50;

/**
 * Which side fails less of the live requests, each difference held with 99 % confidence. The receiving side is not the better one while its users,
 * whom the balancer counts, meet more failures than the losing side has: they call more than the probes do.
 */
export function compareFailures(
  receiving: ProbeEvidence | undefined,
  losing: ProbeEvidence | undefined,
  minimumProbes: number,
  lagging?: BalancerEvidence | undefined,
): 'losing-better' | 'receiving-better' | 'unclear' {
  if (!receiving || !losing || receiving.requests < minimumProbes || losing.requests < Math.min(minimumProbes, minimumOfLosing)) return 'unclear';
  const bounds = ({ failed, requests }: ProbeEvidence) => ({ low: rateLowerBound(failed, requests), high: rateUpperBound(failed, requests) });
  const [here, there] = [bounds(receiving), bounds(losing)];
  if (there.high < here.low) return 'losing-better';
  if (here.high >= there.low) return 'unclear';
  const met = lagging && lagging.requests >= minimumBalancerRequests ? rateLowerBound(lagging.errors, lagging.requests) : 0;
  return met > there.high ? 'unclear' : 'receiving-better';
}
