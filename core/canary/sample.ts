// Observations as distinct values with their counts, ascending: all that ranks and order statistics need.

export interface Sample {
  /** distinct, ascending */
  readonly values: readonly number[];
  /** how often each occurs, 1 or more */
  readonly counts: readonly number[];
  /** sum of the counts */
  readonly size: number;
}

/** Of finite numbers in any order. */
export function sampleOf(numbers: readonly number[]): Sample {
  const values: number[] = [];
  const counts: number[] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    if (values.at(-1) === number) counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1;
    else {
      values.push(number);
      counts.push(1);
    }
  }
  return { values, counts, size: numbers.length };
}

/** Every observation so much larger. */
export const shifted = ({ values, counts, size }: Sample, by: number): Sample => ({ values: values.map((value) => value + by), counts, size });

/** The k-th largest observation, 1 the largest. Throws RangeError when there are fewer. */
export function nthLargest({ values, counts, size }: Sample, k: number): number {
  if (!(k >= 1 && k <= size)) throw new RangeError(`there is no ${k}-th largest of ${size}`);
  let above = 0;
  let index = values.length;
  while (above < k) above += counts[--index] ?? 0;
  return values[index] ?? Number.NaN;
}

/** The smallest observation that a share `q` (0-1) of all does not exceed. */
export const quantileOf = (sample: Sample, q: number): number => nthLargest(sample, Math.min(sample.size, Math.floor(sample.size * (1 - q) + 1e-9) + 1));

/** How many observations are larger. */
export function countAbove({ values, counts }: Sample, threshold: number): number {
  let above = 0;
  for (let index = values.length - 1; index >= 0 && (values[index] ?? 0) > threshold; index--) above += counts[index] ?? 0;
  return above;
}
