// Small number handling that keeps detector state compact and finite.

/** Limits a value to [low, high]. */
export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

const largest = 1e100;

/** `compact` for many numbers of one unit: what follows from the unit is reckoned once. */
export function compactTo(unit: number): (value: number) => number {
  const digits = 4 - Math.floor(Math.log10(clamp(unit, 1e-12, largest)));
  const power = 10 ** Math.abs(digits);
  // What is added turns -0 into 0.
  if (digits >= 0) return (value) => Math.round(clamp(value, -largest, largest) * power) / power + 0;
  return (value) => Math.round(clamp(value, -largest, largest) / power) * power + 0;
}

/** Rounds for storage to a ten-thousandth of `unit` (a spread): finer than any single update that matters, and short. Huge values are cut so that arithmetic on them stays finite. */
export const compact = (value: number, unit: number): number => compactTo(unit)(value);

/** Straight line between points (x rising); the ends are kept outside. */
export function interpolate(points: readonly (readonly [number, number])[], x: number): number {
  let previous = points[0];
  if (previous === undefined) return 0;
  if (x <= previous[0]) return previous[1];
  for (const point of points) {
    if (x <= point[0]) {
      const share = point[0] === previous[0] ? 1 : (x - previous[0]) / (point[0] - previous[0]);
      return previous[1] + share * (point[1] - previous[1]);
    }
    previous = point;
  }
  return previous[1];
}

/** Up to so many numbers, putting each into its place is faster than a sort that has to be called. */
const few = 24;

function sorted(values: readonly number[]): ArrayLike<number> {
  // A typed array sorts by number, and ten times as fast as with a comparator.
  if (values.length > few) return Float64Array.from(values).sort();
  const placed: number[] = [];
  for (const value of values) {
    let at = placed.length;
    for (; at > 0 && (placed[at - 1] ?? 0) > value; at -= 1) placed[at] = placed[at - 1] ?? 0;
    placed[at] = value;
  }
  return placed;
}

export function median(values: readonly number[]): number {
  const ordered = sorted(values);
  const middle = ordered.length >> 1;
  const upper = ordered[middle] ?? 0;
  return ordered.length % 2 === 1 ? upper : ((ordered[middle - 1] ?? upper) + upper) / 2;
}
