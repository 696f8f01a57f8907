// Student's t distribution with four degrees of freedom: tails about as heavy as those of forecast errors, and closed forms.

/**
 * Share of the distribution below `t`, 0-1. Its mean absolute deviation is exactly 1, so that a scale is a mean absolute error.
 * (Closed form for four degrees of freedom: Shaw, Journal of Computational Finance 9(4), 2006.)
 */
export function belowT(t: number): number {
  if (t === Number.POSITIVE_INFINITY) return 1;
  if (t === Number.NEGATIVE_INFINITY) return 0;
  const square = 1 + (t * t) / 4;
  const sine = t / 2 / Math.sqrt(square);
  return Math.min(1, Math.max(0, 0.5 + 0.75 * (sine - sine ** 3 / 3)));
}

/** The value below which `share` (between 0 and 1) of the distribution lies. */
export function quantileT(share: number): number {
  const alpha = 4 * share * (1 - share);
  const root = Math.sqrt(alpha);
  const size = Math.cos(Math.acos(Math.min(1, root)) / 3) / root;
  return Math.sign(share - 0.5) * 2 * Math.sqrt(Math.max(0, size - 1));
}
