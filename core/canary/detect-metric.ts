// A metric that the plan names, point by point: few points, of any distribution, often mostly zero.
import type { MetricEvidence } from './evidence.ts';
import { validPoints } from './evidence.ts';
import { chance, type Finding, percent } from './finding.ts';
import { precedence } from './order-statistics.ts';
import { rankTest, typicalDifference } from './ranks.ts';
import { countAbove, nthLargest, quantileOf, type Sample, sampleOf, shifted } from './sample.ts';

/** Fewer points say nothing. */
const minimumPoints = { receiving: 3, losing: 5 };
/** A change of this part of the losing side's median, or of its ordinary spread when that is more, is relevant. */
const relevantPart = 0.5;
/** A smaller probability of being worse is less than a medium effect (Vargha & Delaney, J. Educ. Behav. Stat. 25 (2000)). */
const leastSuperiority = 0.64;
/** So large a share of points beyond all of the losing side's is no accident of sampling, once it is significant. */
const heavyMinority = 0.1;
/** Doubt that is left, shared by all metrics of a verdict. */
const doubt = 0.01;

/** `metrics`: how many are judged together. */
export function judgeMetric(metric: MetricEvidence, metrics: number): Finding {
  const common = { metric: metric.name, critical: metric.critical };
  const [receiving, losing] = [validPoints(metric.receiving), validPoints(metric.losing)];
  if (receiving.length < minimumPoints.receiving || losing.length < minimumPoints.losing)
    return {
      ...{ ...common, result: 'missing', rule: 'minimum points' },
      detail: `${receiving.length} points of the receiving side (${minimumPoints.receiving} are needed), ${losing.length} of the losing one (${minimumPoints.losing})`,
    };
  const atLimit = metric.limit !== undefined && metric.worse !== 'lower' && quantileOf(sampleOf(receiving), 0.5) >= metric.limit;
  if (atLimit) return { ...{ ...common, result: 'fail', rule: 'its limit' }, detail: `${show(receiving)} on the receiving side, the limit is ${metric.limit}` };
  const directions = metric.worse === 'either' ? ([1, -1] as const) : metric.worse === 'lower' ? ([-1] as const) : ([1] as const);
  const findings = directions.map((sign) => {
    const [here, there] = [receiving, losing].map((points) => sampleOf(points.map((value) => sign * value))) as [Sample, Sample];
    const found = compare(here, there, doubt / metrics / directions.length);
    const bound = `more than ${short(found.relevant)} ${sign === 1 ? 'higher' : 'lower'} is worse`;
    return {
      ...{ ...common, result: found.result, rule: found.rule },
      detail: `${show(receiving)} on the receiving side, ${show(losing)} on the losing one; ${bound}${found.detail}`,
    };
  });
  return findings.find(({ result }) => result === 'fail') ?? findings.find(({ result }) => result === 'unclear') ?? (findings[0] as Finding);
}

const short = (value: number) => Number(value.toPrecision(3)).toString();
const show = (points: readonly number[]) => {
  const sample = sampleOf(points);
  return `median ${short(quantileOf(sample, 0.5))}, highest ${short(nthLargest(sample, 1))} (${points.length} points)`;
};

interface Compared {
  readonly result: 'pass' | 'fail' | 'unclear';
  readonly rule: string;
  readonly detail: string;
  readonly relevant: number;
}

/** Both oriented so that higher is worse. */
function compare(here: Sample, there: Sample, alpha: number): Compared {
  const spread = quantileOf(there, 0.9) - quantileOf(there, 0.1);
  const largest = nthLargest(there, 1);
  // A constant baseline, such as zero errors, has no spread: then any difference counts.
  const relevant = Math.max(relevantPart * Math.abs(quantileOf(there, 0.5)), relevantPart * spread, 1e-9 * Math.max(1, Math.abs(largest)));
  const ranks = rankTest(here, there);
  if (ranks.p <= alpha && ranks.superiority >= leastSuperiority && typicalDifference(here, there) >= relevant)
    return {
      ...{ result: 'fail', relevant, rule: 'rank test (Mann-Whitney) and size of the effect' },
      detail: ` (worse in ${percent(ranks.superiority)} of pairs, ${chance(ranks.p)})`,
    };
  const beyond = countAbove(here, largest + relevant);
  if (beyond / here.size >= heavyMinority && beyond > 0) {
    const byChance = 1 - precedence(beyond, here.size, 1, there.size);
    if (byChance <= alpha)
      return {
        ...{ result: 'fail', relevant, rule: 'share of points beyond all of the losing side' },
        detail: ` (${beyond} of ${here.size} points, ${chance(byChance)})`,
      };
  }
  const excluded = rankTest(shifted(there, relevant), here).p;
  const passed = excluded <= doubt && beyond / here.size <= heavyMinority;
  return {
    ...{ result: passed ? 'pass' : 'unclear', relevant, rule: 'rank test (Mann-Whitney)' },
    detail: `, which is ${passed ? '' : 'not '}excluded (${chance(excluded)}${beyond > 0 ? `, ${beyond} points beyond all of the losing side` : ''})`,
  };
}
