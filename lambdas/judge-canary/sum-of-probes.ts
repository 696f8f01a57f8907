// All live evidence of one side since a time, in one sum.
import type { ProbeEvidence } from '../../core/canary/judge.ts';
import { addLatencies } from '../../core/canary/latencies.ts';
import type { SideName } from '../../core/contracts/plan.ts';
import type { ProbeSample } from '../adapters/failover-store.ts';

/** undefined: nobody probed. Samples of older versions have no latencies: then those of the others are what there is. */
export function sumOfProbes(samples: readonly ProbeSample[], side: SideName): ProbeEvidence | undefined {
  if (samples.length === 0) return undefined;
  const seen = samples.map((sample) => sample[side]);
  const total = (of: (sample: ProbeEvidence) => number) => seen.reduce((sum, sample) => sum + of(sample), 0);
  return {
    requests: total(({ requests }) => requests),
    failed: total(({ failed }) => failed),
    slow: total(({ slow }) => slow),
    latencies: addLatencies(seen.flatMap(({ latencies }) => (latencies ? [latencies] : []))),
  };
}
