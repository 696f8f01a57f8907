// The tail of the standard normal distribution, and back.

/** P(Z > z) of a standard normal. Abramowitz & Stegun 26.2.17, absolute error below 7.5e-8. */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (polynomial * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

/** The z whose upper tail has this probability (0-1): by bisection, seldom needed. */
export function normalQuantileOfTail(probability: number): number {
  let [low, high] = [-8, 8];
  for (let round = 0; round < 45; round++) {
    const middle = (low + high) / 2;
    if (normalTail(middle) > probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
