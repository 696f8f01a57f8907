// Randomness without state: each draw is a hash of seed, stream and indices, so that arms share draws whatever they do.

const rotate = (x: number, by: number) => (x << by) | (x >>> (32 - by));

/** Murmur3's finaliser: every input bit reaches every output bit. */
function finalise(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function absorb(hash: number, word: number): number {
  const mixed = Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  return Math.imul(rotate(hash ^ mixed, 13), 5) + 0xe6546b64;
}

/** One named sequence of draws. Equal indices give equal draws; indices are integers. */
export interface Stream {
  /** In the open interval 0..1. */
  uniform(i?: number, j?: number): number;
  /** Standard normal. */
  normal(i?: number, j?: number): number;
}

/** The stream `name` of a run. Streams of different names or seeds are independent. */
export function stream(seed: number, name: string): Stream {
  let base = absorb(absorb(0x2545f491, seed | 0), Math.floor(seed / 2 ** 32) | 0);
  for (const character of name) base = absorb(base, character.codePointAt(0) ?? 0);
  base = finalise(base);
  const uniform = (i = 0, j = 0) => ((finalise(absorb(absorb(base, i | 0), j | 0)) >>> 0) + 0.5) / 2 ** 32;
  return { uniform, normal: (i, j) => normalQuantile(uniform(i, j)) };
}

/** Inverse of the standard normal distribution (P. J. Acklam's rational approximation, relative error 1.2e-9). */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY;
  if (p >= 1) return Number.POSITIVE_INFINITY;
  if (p < 0.02425 || p > 1 - 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p < 0.5 ? p : 1 - p));
    const numerator =
      ((((-7.784894002430293e-3 * q - 3.223964580411365e-1) * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783;
    const denominator = (((7.784695709041462e-3 * q + 3.224671290700398e-1) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1;
    return ((p < 0.5 ? 1 : -1) * numerator) / denominator;
  }
  const q = p - 0.5;
  const r = q * q;
  const numerator =
    (((((-3.969683028665376e1 * r + 2.209460984245205e2) * r - 2.759285104469687e2) * r + 1.38357751867269e2) * r - 3.066479806614716e1) * r +
      2.506628277459239) *
    q;
  const denominator =
    ((((-5.447609879822406e1 * r + 1.615858368580409e2) * r - 1.556989798598866e2) * r + 6.680131188771972e1) * r - 1.328068155288572e1) * r + 1;
  return numerator / denominator;
}

/** Standard normal distribution function (Abramowitz and Stegun 7.1.26 on the complementary error function; absolute error 1.5e-7). */
export function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const tail = 0.5 * ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-z * z);
  return x > 0 ? 1 - tail : tail;
}

/** Counts below this mean are drawn exactly, above it from the normal distribution with its skewness corrected. */
const exactMean = 50;

const nearNormal = (mean: number, variance: number, skewness: number, u: number) => {
  const z = normalQuantile(u);
  return Math.max(0, Math.round(mean + Math.sqrt(variance) * (z + (skewness * (z * z - 1)) / 6)));
};

/** The count that a Poisson variable of this mean has at quantile `u`. */
export function poissonQuantile(mean: number, u: number): number {
  if (mean <= 0) return 0;
  if (mean > exactMean) return nearNormal(mean, mean, 1 / Math.sqrt(mean), u);
  let count = 0;
  let mass = Math.exp(-mean);
  let below = mass;
  while (below < u && (mass > 1e-18 || count < mean)) {
    count += 1;
    mass *= mean / count;
    below += mass;
  }
  return count;
}

/** The number of successes of `n` trials with probability `p` at quantile `u`; grows with `u`, `n` and `p`. */
export function binomialQuantile(n: number, p: number, u: number): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomialQuantile(n, 1 - p, 1 - u);
  const variance = n * p * (1 - p);
  if (n * p > exactMean) return Math.min(n, nearNormal(n * p, variance, (1 - 2 * p) / Math.sqrt(variance), u));
  const odds = p / (1 - p);
  let count = 0;
  let mass = Math.exp(n * Math.log1p(-p));
  let below = mass;
  while (below < u && count < n && (mass > 1e-18 || count < n * p)) {
    count += 1;
    mass *= (odds * (n - count + 1)) / count;
    below += mass;
  }
  return count;
}
