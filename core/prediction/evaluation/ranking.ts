// How well a score ranks: the area under the ROC curve.

/**
 * The probability that a row with label 1 scores higher than one with label 0, ties counting half (Mann and Whitney's U over the number of pairs).
 * `scores` without NaN, `labels` 0 or 1, `weights` of the rows above 0, default 1. Null when one of the two labels does not occur.
 */
export function rocAuc(scores: ArrayLike<number>, labels: ArrayLike<number>, weights?: ArrayLike<number>): number | null {
  const order = Uint32Array.from({ length: scores.length }, (_, index) => index).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  let below = 0;
  let positives = 0;
  let pairs = 0;
  for (let start = 0; start < order.length; ) {
    const score = scores[order[start] ?? 0];
    let end = start;
    let tied = 0;
    let others = 0;
    for (; end < order.length && scores[order[end] ?? 0] === score; end += 1) {
      const row = order[end] ?? 0;
      const weight = weights ? (weights[row] ?? 0) : 1;
      if (labels[row] === 1) tied += weight;
      else others += weight;
    }
    pairs += tied * (below + others / 2);
    below += others;
    positives += tied;
    start = end;
  }
  return positives > 0 && below > 0 ? pairs / (positives * below) : null;
}
