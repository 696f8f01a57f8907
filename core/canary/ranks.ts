// Which of two samples is the larger one, by ranks: significance (Mann-Whitney) and size of the effect (Vargha-Delaney, Hodges-Lehmann).
import { normalTail } from './normal.ts';
import type { Sample } from './sample.ts';

export interface RankTest {
  /** One-sided: how often equal distributions would let the first sample look this large or larger. */
  readonly p: number;
  /** Probability that a draw of the first exceeds a draw of the second, ties half: 0.5 means no effect. Vargha & Delaney, J. Educ. Behav. Stat. 25 (2000). */
  readonly superiority: number;
}

/** Up to here the distribution of the rank sum is counted out, above it is normal enough. */
const exactUpTo = 600;

/**
 * Is the first sample larger than the second? Mann & Whitney, Ann. Math. Stat. 18 (1947), with the variance corrected for ties; small samples
 * by the exact permutation distribution, ties included. Both samples must not be empty (RangeError).
 */
export function rankTest(first: Sample, second: Sample): RankTest {
  const [m, n] = [first.size, second.size];
  if (m === 0 || n === 0) throw new RangeError('an empty sample has no ranks');
  const groups = tieGroups(first, second);
  let u = 0;
  let below = 0;
  let ties = 0;
  for (const { mine, theirs } of groups) {
    u += mine * (below + theirs / 2);
    below += theirs;
    const tied = mine + theirs;
    ties += tied ** 3 - tied;
  }
  const superiority = u / (m * n);
  // All tied: nothing is larger than anything.
  if (groups.length === 1) return { p: 1, superiority };
  if (m * n <= exactUpTo) return { p: exactTail(groups, m, u), superiority };
  const total = m + n;
  const variance = ((m * n) / 12) * (total + 1 - ties / (total * (total - 1)));
  return { p: normalTail((u - (m * n) / 2 - 0.5) / Math.sqrt(variance)), superiority };
}

interface TieGroup {
  readonly mine: number;
  readonly theirs: number;
}

/** The distinct values of both, ascending, with how often each sample has them. */
function tieGroups(first: Sample, second: Sample): TieGroup[] {
  const groups: TieGroup[] = [];
  for (let i = 0, j = 0; i < first.values.length || j < second.values.length; ) {
    const [a, b] = [first.values[i] ?? Number.POSITIVE_INFINITY, second.values[j] ?? Number.POSITIVE_INFINITY];
    groups.push({ mine: a <= b ? (first.counts[i++] ?? 0) : 0, theirs: b <= a ? (second.counts[j++] ?? 0) : 0 });
  }
  return groups;
}

/** P(U >= u) over all ways to choose which m of the pooled observations are the first sample's. */
function exactTail(groups: readonly TieGroup[], m: number, u: number): number {
  // ways.get(taken)[doubled U so far]: number of choices, as floating point; ties make U a multiple of one half.
  let ways: Map<number, number>[] = Array.from({ length: m + 1 }, () => new Map());
  ways[0]?.set(0, 1);
  let below = 0;
  for (const { mine, theirs } of groups) {
    const tied = mine + theirs;
    const next: Map<number, number>[] = Array.from({ length: m + 1 }, () => new Map());
    ways.forEach((sums, taken) => {
      for (const [doubled, count] of sums)
        for (let take = 0, choices = 1; take <= tied && taken + take <= m; choices = (choices * (tied - take)) / (take + 1), take++) {
          // Of the observations below this group, those not taken are the second sample's.
          const sum = doubled + take * (2 * (below - taken) + (tied - take));
          const into = next[taken + take];
          into?.set(sum, (into.get(sum) ?? 0) + count * choices);
        }
    });
    ways = next;
    below += tied;
  }
  let atLeast = 0;
  let all = 0;
  for (const [doubled, count] of ways[m] ?? []) {
    all += count;
    if (doubled >= 2 * u - 1e-9) atLeast += count;
  }
  return atLeast / all;
}

/** How much larger the first sample typically is: the median of all pairwise differences. Hodges & Lehmann, Ann. Math. Stat. 34 (1963). */
export function typicalDifference(first: Sample, second: Sample): number {
  const half = (first.size * second.size) / 2;
  let low = (first.values[0] ?? 0) - (second.values.at(-1) ?? 0);
  let high = (first.values.at(-1) ?? 0) - (second.values[0] ?? 0);
  // The smallest difference that half of the pairs do not exceed; 50 halvings are beyond double precision of anything measured.
  for (let round = 0; round < 50 && high > low; round++) {
    const middle = low + (high - low) / 2;
    if (middle === low || middle === high) break;
    if (pairsWithin(first, second, middle) >= half) high = middle;
    else low = middle;
  }
  return high;
}

/** Pairs whose difference is at most `limit`. */
function pairsWithin(first: Sample, second: Sample, limit: number): number {
  let pairs = 0;
  let index = second.values.length;
  let atLeast = 0;
  // For larger values of the first, fewer of the second are close enough.
  for (let i = first.values.length - 1, carried = second.values.length; i >= 0; i--) {
    const threshold = (first.values[i] ?? 0) - limit;
    index = carried;
    while (index > 0 && (second.values[index - 1] ?? 0) >= threshold) atLeast += second.counts[--index] ?? 0;
    carried = index;
    pairs += (first.counts[i] ?? 0) * atLeast;
  }
  return pairs;
}
