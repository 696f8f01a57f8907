// Latencies: of the receiving side against the objective, and against the losing side's; the whole of them and their tail.
import { rateLowerBound, rateUpperBound } from './binomial.ts';
import type { JudgeInput, ProbeEvidence } from './evidence.ts';
import { chance, type Finding, percent } from './finding.ts';
import { classesOfFactor, factorOfClasses, latencyOfClass, sampleOfLatencies } from './latencies.ts';
import { precedence, rankAboveQuantile, rankBelowQuantile } from './order-statistics.ts';
import { rankTest, typicalDifference } from './ranks.ts';
import { countAbove, nthLargest, quantileOf, type Sample, shifted } from './sample.ts';

/** So many times slower is relevantly worse. */
const relevantFactor = 1.5;
const relevantClasses = classesOfFactor(relevantFactor);
/** A smaller probability of being slower is a negligible effect (Vargha & Delaney, 2000). */
const leastSuperiority = 0.56;
const tail = 0.99;
/** Doubt that is left when something is said to be bad, or to be good. All tests on equal sides together stay below 1 %. */
const doubtOfFail = 0.001;
const doubtOfPass = 0.01;
/** Two independent bounds that are to differ with the doubt above: the normal quantile of each is smaller by the root of two. */
const boundOfFail = 0.0144;
/** Doubt of the comparison of two tails that have the same shape; the rest of `doubtOfPass` is for other shapes. */
const tailDoubtOfPass = 0.0075;
/** Fewer latencies than this say nothing of a side. */
const minimumLatencies = 20;
/** The objective bounds the 99th percentile: so many times its share of slow answers is out of bounds beyond doubt. */
const slowShareThatFails = 0.05;
/** A side with fewer slow answers than this, with confidence, is within the objective: twice what it allows. */
const slowShareWithin = 0.02;
/** A share of requests beyond anything usual that is too many: twice what a 99th percentile leaves. */
const heavyMinority = 0.02;

/** Share of requests that a user would call bad: failed, or slower than the objective. */
const badShare = ({ requests, failed, slow }: ProbeEvidence) => (failed + slow) / requests;

/** Slow answers against the objective. A losing side that is worse excuses them: moving still helps. */
export function latencyAgainstObjective(live: ProbeEvidence, losing: ProbeEvidence | undefined, { latencySeconds }: JudgeInput['objective']): Finding {
  const low = rateLowerBound(live.slow, live.requests, doubtOfFail);
  const high = rateUpperBound(live.slow, live.requests, doubtOfPass);
  const excused = losing !== undefined && badShare(losing) > badShare(live);
  const result = low > slowShareThatFails && !excused ? 'fail' : high <= slowShareThatFails || excused ? 'pass' : 'unclear';
  return {
    ...{ metric: 'live latency', critical: true, rule: 'the objective', result },
    detail: `${live.slow} of ${live.requests} live requests took longer than ${latencySeconds} s (between ${percent(low)} and ${percent(high)}), ${percent(slowShareThatFails)} is the bound${excused && low > slowShareThatFails ? '; the losing side is worse' : ''}`,
  };
}

/** True when slow answers are, with confidence, no more than twice what the objective allows. */
export const withinLatencyObjective = (live: ProbeEvidence) => rateUpperBound(live.slow, live.requests, doubtOfPass) <= slowShareWithin;

/** Latencies against the losing side's. */
export function latencyAgainstLosing(live: ProbeEvidence, losing: ProbeEvidence): Finding {
  const common = { metric: 'live latency', critical: true };
  if (losing.failed === losing.requests)
    return {
      ...common,
      result: 'pass',
      rule: 'comparison',
      detail: `the losing side answered none of ${losing.requests} requests: there is nothing to be slower than`,
    };
  const [here, there] = [live, losing].map(({ latencies }) => sampleOfLatencies(latencies ?? {})) as [Sample, Sample];
  if (here.size < minimumLatencies || there.size < minimumLatencies)
    return {
      ...{ ...common, result: 'missing', rule: 'minimum samples' },
      detail: `${here.size} latencies of the receiving side and ${there.size} of the losing one, ${minimumLatencies} are needed`,
    };
  return relevantlySlower(here, there, common) ?? notRelevantlySlower(here, there, common);
}

type Common = Pick<Finding, 'metric' | 'critical'>;
const milliseconds = (index: number) => `${latencyOfClass(index).toPrecision(3)} ms`;
const bothTails = (here: Sample, there: Sample) =>
  `99th percentile ${milliseconds(quantileOf(here, tail))} on the receiving side (${here.size} answers), ${milliseconds(quantileOf(there, tail))} on the losing one (${there.size})`;

/** Any of three ways to be worse: the whole, the tail, or a minority of requests that is far beyond the other side's tail. */
function relevantlySlower(here: Sample, there: Sample, common: Common): Finding | undefined {
  const ranks = rankTest(here, there);
  if (ranks.p <= doubtOfFail && ranks.superiority >= leastSuperiority) {
    const difference = typicalDifference(here, there);
    if (difference >= relevantClasses)
      return {
        ...{ ...common, result: 'fail', rule: 'rank test (Mann-Whitney) and size of the effect' },
        detail: `typically ${factorOfClasses(difference).toFixed(2)} times slower than the losing side (median ${milliseconds(quantileOf(here, 0.5))} against ${milliseconds(quantileOf(there, 0.5))}; slower in ${percent(ranks.superiority)} of pairs, ${chance(ranks.p)}), ${relevantFactor} times is the bound`,
      };
  }
  const above = rankAboveQuantile(there.size, tail, boundOfFail);
  const below = rankBelowQuantile(here.size, tail, boundOfFail);
  if (
    above !== undefined &&
    below !== undefined &&
    nthLargest(here, below) > nthLargest(there, above) &&
    quantileOf(here, tail) - quantileOf(there, tail) >= relevantClasses
  )
    return {
      ...{ ...common, result: 'fail', rule: 'bounds of the 99th percentile' },
      detail: `${bothTails(here, there)}; at least ${milliseconds(nthLargest(here, below))} against at most ${milliseconds(nthLargest(there, above))}, ${relevantFactor} times is the bound`,
    };
  const largest = Math.floor(there.size * (1 - tail) + 1e-9) + 1;
  const bound = nthLargest(there, largest) + relevantClasses;
  const beyond = countAbove(here, bound);
  if (beyond === 0 || beyond / here.size < heavyMinority) return undefined;
  const byChance = 1 - precedence(beyond, here.size, largest, there.size);
  if (byChance > doubtOfFail) return undefined;
  return {
    ...{ ...common, result: 'fail', rule: "share beyond the losing side's 99th percentile" },
    detail: `${beyond} of ${here.size} answers took longer than ${milliseconds(bound)}, ${relevantFactor} times the losing side's 99th percentile (${chance(byChance)}); ${percent(heavyMinority)} is the bound`,
  };
}

/** Both are to be excluded: that the whole is relevantly slower, and that the 99th percentile is. */
function notRelevantlySlower(here: Sample, there: Sample, common: Common): Finding {
  const ranks = rankTest(shifted(there, relevantClasses), here);
  if (ranks.p > doubtOfPass)
    return {
      ...{ ...common, result: 'unclear', rule: 'rank test (Mann-Whitney)' },
      detail: `median ${milliseconds(quantileOf(here, 0.5))} on the receiving side, ${milliseconds(quantileOf(there, 0.5))} on the losing one; that it is ${relevantFactor} times slower is not excluded (${chance(ranks.p)})`,
    };
  // The receiving side's tail is bounded by itself, so that no odd shape of it passes; the losing side's, such that both are wrong together seldom enough.
  const above = rankAboveQuantile(here.size, tail, doubtOfPass);
  const below = above === undefined ? undefined : rankPreceding(above, here.size, there.size);
  if (above === undefined || below === undefined)
    return {
      ...{ ...common, result: 'unclear', rule: 'bounds of the 99th percentile' },
      detail: `${here.size} and ${there.size} answers are too few to bound a 99th percentile`,
    };
  const [high, low] = [nthLargest(here, above), nthLargest(there, below)];
  const excluded = high - low < relevantClasses;
  return {
    ...{ ...common, result: excluded ? 'pass' : 'unclear', rule: 'bounds of the 99th percentile' },
    detail: `${bothTails(here, there)}; at most ${milliseconds(high)} against at least ${milliseconds(low)}: that it is ${relevantFactor} times slower is ${excluded ? '' : 'not '}excluded`,
  };
}

/** The first rank of `n` that the `a`-th largest of `m` seldom lies below, when both are drawn alike. undefined: n is too small. */
function rankPreceding(a: number, m: number, n: number): number | undefined {
  for (let rank = 1; rank <= n; rank++) if (precedence(a, m, rank, n) <= tailDoubtOfPass) return rank;
  return undefined;
}
