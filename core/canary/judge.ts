// The judge: validate, transform, detect, classify, score. Is the receiving side relevantly worse than the losing one, or than the objective?
import type { Verdict } from '../contracts/records.ts';
import { balancerVeto, compareFailures, errorsAgainstLosing, errorsAgainstObjective } from './detect-errors.ts';
import { latencyAgainstLosing, latencyAgainstObjective, withinLatencyObjective } from './detect-latency.ts';
import { judgeMetric } from './detect-metric.ts';
import { type JudgeInput, validBalancer, validProbes } from './evidence.ts';
import { type Finding, sentence } from './finding.ts';

export type { BalancerEvidence, JudgeInput, MetricEvidence, ProbeEvidence } from './evidence.ts';
export type { Finding } from './finding.ts';

export interface Judgement {
  readonly verdict: Verdict;
  /** What decided comes first. */
  readonly reasons: readonly string[];
  readonly findings: readonly Finding[];
  /** By live failures, each difference held with confidence; the receiving side's also by what its users met. Going back makes sense unless the receiving side is the better one. */
  readonly comparison: 'losing-better' | 'receiving-better' | 'unclear';
  /** It would pass but for being slower than the losing side, or for too little evidence that it is not; and with confidence it is within the objective. */
  readonly onlySlower: boolean;
  /** As above, but that too little is known yet of the rest: more evidence is needed, and nothing has failed. */
  readonly slowerSoFar: boolean;
  /** share of the metrics that pass, 0-100; null: none could be compared */
  readonly score: number | null;
}

const defaultPassScore = 80;
/** Fewer requests than this prove nothing, whatever became of them. */
const minimumOfProof = 50;

/**
 * `pass`: there is evidence, and it excludes with 99 % confidence that the receiving side is relevantly worse: one percentage point more errors (or half the objective), a 99th percentile
 * or a whole latency that is 1.5 times the losing side's, errors at twice the objective. `fail`: one of these is proved, or the balancer shows errors above the objective (it vetoes,
 * and never passes), or a critical metric is worse, or too many others. `no-evidence`: anything else; absent data never passes.
 * Throws RangeError for counts that contradict each other.
 */
export function judge(input: JudgeInput): Judgement {
  const live = validProbes(input.receiving.live);
  const losing = validProbes(input.losing.live);
  const { objective, minimumProbes, metrics = [], metricsOnlyVeto = false, passScore = defaultPassScore } = input;

  const absolute: Finding[] = [];
  const errors: Finding[] = [];
  const slower: Finding[] = [];
  // A side that times out answers few requests in time: that it fails can be said of them all the same.
  const proof = live && live.requests >= Math.min(minimumProbes, minimumOfProof) ? errorsAgainstObjective(live, objective) : undefined;
  if (live === undefined || (live.requests < minimumProbes && proof?.result !== 'fail'))
    absolute.push(missing(`only ${live?.requests ?? 0} live requests to the receiving side, ${minimumProbes} are needed`));
  else {
    absolute.push(proof ?? errorsAgainstObjective(live, objective), latencyAgainstObjective(live, losing, objective));
    if (losing === undefined) errors.push(missing('no live requests to the losing side, so that there is nothing to compare with'));
    else {
      errors.push(errorsAgainstLosing(live, losing, objective));
      slower.push(latencyAgainstLosing(live, losing));
    }
  }
  const lagging = validBalancer(input.receiving.lagging);
  const veto = balancerVeto(lagging, objective);
  const named = metrics.map((metric) => judgeMetric(metric, metrics.length));

  const { score, counted } = scoreOf(named);
  const decisive = named.filter(({ critical, result }) => critical && (result === 'fail' || !metricsOnlyVeto));
  const others = [...absolute, ...errors, ...(veto ? [veto] : []), ...decisive, ...counted(passScore)];
  const findings = [...absolute, ...errors, ...slower, ...(veto ? [veto] : []), ...named, ...counted(passScore)];
  const verdict = classify([...others, ...slower]);
  const merelySlower = slower.some(({ result }) => result !== 'pass') && live !== undefined && withinLatencyObjective(live);
  return {
    verdict,
    reasons: [...findings].sort((a, b) => weight(a, verdict) - weight(b, verdict)).map(sentence),
    findings,
    comparison: compareFailures(live, losing, minimumProbes, lagging),
    onlySlower: merelySlower && classify(others) === 'pass',
    slowerSoFar: merelySlower && classify(others) === 'no-evidence',
    score,
  };
}

const missing = (detail: string): Finding => ({ metric: 'live requests', result: 'missing', critical: true, rule: 'minimum requests', detail });

/** Only what is decisive is given. */
function classify(findings: readonly Finding[]): Verdict {
  if (findings.some(({ result }) => result === 'fail')) return 'fail';
  return findings.every(({ result }) => result === 'pass') ? 'pass' : 'no-evidence';
}

/** Metrics that are not critical are counted; those that could not be compared are not. */
function scoreOf(named: readonly Finding[]): { score: number | null; counted: (passScore: number) => Finding[] } {
  const compared = named.filter(({ critical, result }) => !critical && (result === 'pass' || result === 'fail'));
  if (compared.length === 0) return { score: null, counted: () => [] };
  const passed = compared.filter(({ result }) => result === 'pass').length;
  const score = (100 * passed) / compared.length;
  const detail = (passScore: number) => `${passed} of ${compared.length} metrics are no worse, ${passScore} % are needed`;
  return {
    score,
    counted: (passScore) => [
      { metric: 'score', critical: true, result: score < passScore ? 'fail' : 'pass', rule: 'the pass score', detail: detail(passScore) },
    ],
  };
}

/** Decisive findings first. */
function weight({ result, critical }: Finding, verdict: Verdict): number {
  const decisive = verdict === 'fail' ? result === 'fail' : verdict === 'no-evidence' ? result === 'missing' || result === 'unclear' : true;
  return (decisive ? 0 : 2) + (critical ? 0 : 1);
}
