// Small number handling that keeps detector state compact and finite.

/** Limits a value to [low, high]. */
export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

const largest = 1e100;

/** Rounds for storage to a ten-thousandth of `unit` (a spread): finer than any single update that matters, and short. Huge values are cut so that arithmetic on them stays finite. */
export function compact(value: number, unit: number): number {
  const cut = clamp(value, -largest, largest);
  const digits = 4 - Math.floor(Math.log10(clamp(unit, 1e-12, largest)));
  if (digits >= 0) {
    const scaled = Math.round(cut * 10 ** digits) / 10 ** digits;
    return Object.is(scaled, -0) ? 0 : scaled;
  }
  return Math.round(cut / 10 ** -digits) * 10 ** -digits + 0;
}

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

export function median(values: readonly number[]): number {
  // A typed array sorts by number, and ten times as fast as with a comparator.
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
