// What the bank keeps of one metric: an array of numbers, each of which its stored form holds exactly.

/**
 * Where each number is. Means are kept as their distance from the last value, so that a small movement of a large number is not lost.
 * Those from `firstHalf` on are kept to 8 bits of precision, so that they need two bytes.
 */
export const slot = {
  /** points learned from */
  points: 0,
  /** time of the last point and usual time between points (0 before the second), ms */
  at: 1,
  every: 2,
  last: 3,
  /** consecutive points that did not fall, which is how a counter is told */
  rises: 4,
  /** how often the last value was repeated, and the most often that any was */
  run: 5,
  longestRun: 6,
  /** start of the present unusual run, ms; 0 when there is none */
  since: 7,
  /** the bin of the season that is being learned, -1 for none; what its neighbours are measured from; exponent of their unit */
  bin: 8,
  binBase: 9,
  binExponent: 10,
  /** the usual of this bin, from `binBase` */
  binValue: 11,
  /** by how much all bins are off at present */
  drift: 12,
  slowMean: 13,
  firstHalf: 14,
  mean3: 14,
  mean6: 15,
  mean24: 16,
  mean100: 17,
  /** mean of the last deviations from the season */
  seasonal24: 18,
  spread100: 19,
  spread300: 20,
  spreadSeason: 21,
  /** mean size of a step, over three times */
  step12: 22,
  step24: 23,
  step1000: 24,
  /** usual of the logarithm of the short over the long of these */
  restless12: 25,
  restless24: 26,
  spread1000: 27,
  /** share of the last points far out, and its mean */
  bursts: 28,
  bursts12: 29,
  /** tails: threshold, mean logarithmic excess, exceedances */
  tails: 30,
} as const;

/** Signals that have a tail of their own, in the order in which they are kept. */
export const tailed = ['season', 'season24', 'trend6', 'trend24', 'shift3', 'change', 'restless12', 'restless24', 'bursts'] as const;
const perTail = 3;
/** six surprises, and all together */
export const readingAt = slot.tails + perTail * tailed.length;
export const readingLength = 7;
export const binsAt = readingAt + readingLength;

export const tailSlot = (index: number): number => slot.tails + perTail * index;

/** A bin of the season in which nothing was seen. */
export const unseen = -32_768;

/** `bins`: as many as the season has; see `seasonOf`. */
export function initialMemory(bins: number): number[] {
  const memory = new Array<number>(binsAt + bins).fill(0);
  memory[slot.bin] = -1;
  for (let index = 0; index < bins; index += 1) memory[binsAt + index] = unseen;
  return memory;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/**
 * A number of which 8 bits of precision are left, rounded at random in proportion (by `seed`, so that the same history gives the same
 * numbers): a small update is then made sometimes instead of never.
 */
export function half(value: number, seed: number): number {
  float[0] = value;
  bits[0] = (((bits[0] ?? 0) + (Math.imul(seed, 0x9e3779b1) >>> 16)) & 0xffff0000) >>> 0;
  // One zero only: what is stored is then what was kept.
  return (float[0] ?? 0) + 0;
}

/** The upper two bytes of a number that `half` has rounded, and the number of these. */
export function halfBits(value: number): number {
  float[0] = value;
  return (bits[0] ?? 0) >>> 16;
}
export function fromHalfBits(upper: number): number {
  bits[0] = (upper << 16) >>> 0;
  return float[0] ?? 0;
}
