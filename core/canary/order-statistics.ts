// What the largest observations of two samples say about their tails, whatever the distributions are.
import { binomialCdf } from './binomial.ts';

const logFactorials: number[] = [0];
function logFactorial(n: number): number {
  for (let next = logFactorials.length; next <= n; next++) logFactorials.push((logFactorials[next - 1] ?? 0) + Math.log(next));
  return logFactorials[n] ?? Number.NaN;
}
const logChoose = (n: number, k: number) => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

/**
 * How often equal distributions let the `a`-th largest of `m` lie below the `b`-th largest of `n` (1: the largest): in the pooled order from above, `b` of
 * the n come before `a` of the m. Distribution-free; ties only make the event rarer. The precedence test of Nelson, Technometrics 5 (1963).
 */
export function precedence(a: number, m: number, b: number, n: number): number {
  if (!(a >= 1 && a <= m && b >= 1 && b <= n)) throw new RangeError(`no ${a}-th largest of ${m} or no ${b}-th largest of ${n}`);
  const all = logChoose(m + n, m);
  let sum = 0;
  for (let before = 0; before < a; before++) sum += Math.exp(logChoose(before + b - 1, before) + logChoose(m - before + n - b, m - before) - all);
  return Math.min(1, sum);
}

/** The rank from above whose observation exceeds the quantile `q`, wrong with probability `alpha` at most. undefined: too few observations. */
export function rankAboveQuantile(size: number, q: number, alpha: number): number | undefined {
  let rank = 0;
  while (rank < size && binomialCdf(rank, size, 1 - q) <= alpha) rank++;
  return rank === 0 ? undefined : rank;
}

/** The rank from above whose observation the quantile `q` exceeds, wrong with probability `alpha` at most. undefined: too few observations. */
export function rankBelowQuantile(size: number, q: number, alpha: number): number | undefined {
  for (let rank = Math.max(1, Math.floor(size * (1 - q))); rank <= size; rank++) if (1 - binomialCdf(rank - 1, size, 1 - q) <= alpha) return rank;
  return undefined;
}
