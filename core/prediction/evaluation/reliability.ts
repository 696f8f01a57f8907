// Is a probability what it says: Brier score against the base rate, reliability diagram, expected calibration error.

export interface ReliabilityBin {
  /** of the probabilities in it */
  readonly mean: number;
  /** share of label 1 */
  readonly observed: number;
  readonly count: number;
}

export interface Reliability {
  readonly count: number;
  /** share of label 1 */
  readonly baseRate: number;
  /** mean squared difference of probability and label (Brier 1950); 0 is perfect */
  readonly brier: number;
  /** the Brier score of always saying the base rate: a score that is not lower has no skill */
  readonly baseBrier: number;
  /** mean distance of probability and observed share over the bins, by their counts */
  readonly ece: number;
  /** of equal width over 0..1, empty ones left out */
  readonly bins: readonly ReliabilityBin[];
}

/** @param probabilities 0..1, without NaN @param labels 0 or 1; undefined when there is none */
export function reliability(probabilities: ArrayLike<number>, labels: ArrayLike<number>, bins = 10): Reliability | undefined {
  const count = probabilities.length;
  if (count === 0) return undefined;
  const sums = Array.from({ length: bins }, () => ({ count: 0, probability: 0, positives: 0 }));
  let squares = 0;
  let positives = 0;
  for (let index = 0; index < count; index += 1) {
    const probability = probabilities[index] ?? 0;
    const label = labels[index] === 1 ? 1 : 0;
    squares += (probability - label) ** 2;
    positives += label;
    const bin = sums[Math.min(bins - 1, Math.max(0, Math.floor(probability * bins)))];
    if (bin === undefined) continue;
    bin.count += 1;
    bin.probability += probability;
    bin.positives += label;
  }
  const baseRate = positives / count;
  const used = sums.filter((bin) => bin.count > 0).map((bin) => ({ mean: bin.probability / bin.count, observed: bin.positives / bin.count, count: bin.count }));
  const ece = used.reduce((sum, { mean, observed, count: size }) => sum + (size / count) * Math.abs(mean - observed), 0);
  return { count, baseRate, brier: squares / count, baseBrier: baseRate * (1 - baseRate), ece, bins: used };
}
