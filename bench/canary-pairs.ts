// Generated pairs of sides for the judge: what a baseline looks like, and what is wrong with the other side.
import { decide } from '../core/canary/decide.ts';
import { type JudgeInput, judge, type ProbeEvidence } from '../core/canary/judge.ts';
import { latencyClass } from '../core/canary/latencies.ts';

/** The plan's defaults. */
export const objective = { latencySeconds: 1, errorRate: 0.01 };

/** Uniform in (0, 1). mulberry32: small, seeded, good enough for a billion draws. */
export function uniforms(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 + 2 ** -33;
  };
}

/** Latencies in ms, ascending, that a side's answers are drawn from. */
type Population = Float64Array;
const populationSize = 200_000;

function population(draw: (random: () => number) => number): Population {
  const random = uniforms(1);
  return Float64Array.from({ length: populationSize }, () => draw(random)).sort();
}

/** A standard normal draw (Box & Muller, 1958). */
const normal = (random: () => number) => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
const lognormal = (median: number, sigma: number) => (random: () => number) => median * Math.exp(sigma * normal(random));

/** Shapes of latency that services have. */
const draws = {
  'lognormal, sigma 0.45': lognormal(80, 0.45),
  'lognormal, sigma 0.6': lognormal(80, 0.6),
  'lognormal, sigma 1.0': lognormal(80, 1),
  // Nine in ten lognormal, the rest a Pareto tail of index 2.
  'heavy tail': (random: () => number) => (random() < 0.9 ? lognormal(80, 0.4)(random) : 120 / Math.sqrt(random())),
  'cache hit or miss': (random: () => number) => (random() < 0.8 ? lognormal(12, 0.4)(random) : lognormal(150, 0.4)(random)),
  'quantised to 10 ms': (random: () => number) => Math.max(10, Math.round(lognormal(80, 0.6)(random) / 10) * 10),
};
export type ShapeName = keyof typeof draws;
export const shapeNames = Object.keys(draws) as ShapeName[];

/** What is wrong with the receiving side: nothing, every answer 1.5 times slower, or the slowest only. */
export const faults = {
  none: (latencies: Population) => latencies,
  'all answers 1.5 times slower': (latencies: Population) => latencies.map((latency) => 1.5 * latency),
  'slowest 10 % slower, rising to 1.5 times at p99': (latencies: Population) => slowTail(latencies, 0.9),
  'slowest 2 % slower, rising to 1.5 times at p99': (latencies: Population) => slowTail(latencies, 0.98),
  'slowest 1 % 1.5 times slower': (latencies: Population) => slowTail(latencies, 0.99),
} satisfies Record<string, (latencies: Population) => Population>;
export type FaultName = keyof typeof faults;

/** The same up to the quantile `from`, 1.5 times slower from the 99th percentile on, and rising between. */
function slowTail(latencies: Population, from: number): Population {
  const [low = 0, high = 0] = [from, 0.99].map((q) => latencies[Math.floor(q * populationSize)] ?? 0);
  return latencies.map((latency, index) => {
    if (index < from * populationSize) return latency;
    return latency * 1.5 ** (high > low ? Math.min(1, Math.log(latency / low) / Math.log(high / low)) : 1);
  });
}

const classified = new Map<string, { classes: Int16Array; slowFrom: number }>();
/** Classes of a population, looked up by each draw. `slowFrom`: the first class that is slower than the objective. */
function classesOf(shape: ShapeName, fault: FaultName) {
  const key = `${shape}/${fault}`;
  const known = classified.get(key) ?? {
    classes: Int16Array.from(faults[fault](population(draws[shape])), latencyClass),
    slowFrom: latencyClass(objective.latencySeconds * 1000),
  };
  classified.set(key, known);
  return known;
}

/** What probes see of a side. `errorRate`: 0-1. */
export function probes(random: () => number, requests: number, shape: ShapeName, errorRate: number, fault: FaultName = 'none'): ProbeEvidence {
  const { classes, slowFrom } = classesOf(shape, fault);
  const counts = new Int32Array(latencyClass(Number.POSITIVE_INFINITY) + 1);
  let failed = 0;
  let slow = 0;
  for (let request = 0; request < requests; request++) {
    if (errorRate > 0 && random() < errorRate) {
      failed++;
      continue;
    }
    const index = classes[Math.floor(random() * populationSize)] ?? 0;
    if (index >= slowFrom) slow++;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  const latencies: Record<string, number> = {};
  counts.forEach((count, index) => {
    if (count > 0) latencies[index] = count;
  });
  return { requests, failed, slow, latencies };
}

export interface Pair {
  readonly shape: ShapeName;
  readonly fault: FaultName;
  /** of the losing side, 0-1 */
  readonly errorRate: number;
  /** on top of it, on the receiving side */
  readonly moreErrors: number;
  /** on each side */
  readonly requests: number;
}

/** `goesOn`: where a failover would take the next step, which it also does to a side that is merely slower and within the objective. */
export type Shares = Record<'pass' | 'fail' | 'no-evidence' | 'goesOn', number>;

/** Shares of the verdicts on so many drawn pairs. */
export function verdictsOn(pair: Pair, pairs: number, seed: number): Shares {
  const random = uniforms(seed);
  const counts = { pass: 0, fail: 0, 'no-evidence': 0, goesOn: 0 };
  for (let index = 0; index < pairs; index++) {
    const input: JudgeInput = {
      losing: { live: probes(random, pair.requests, pair.shape, pair.errorRate), lagging: undefined },
      receiving: { live: probes(random, pair.requests, pair.shape, pair.errorRate + pair.moreErrors, pair.fault), lagging: undefined },
      ...{ objective, minimumProbes: 250 },
    };
    const judgement = judge(input);
    counts[judgement.verdict]++;
    if (decide(judgement, 0, 1).decision === 'pass') counts.goesOn++;
  }
  const share = (count: number) => count / pairs;
  return { pass: share(counts.pass), fail: share(counts.fail), 'no-evidence': share(counts['no-evidence']), goesOn: share(counts.goesOn) };
}
