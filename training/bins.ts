// Puts feature values into at most 255 bins, so that the best split of a node is found by counting.

/** Bin 0: missing. Bin b > 0: values above edge b - 2 and at or below edge b - 1. */
export interface Bins {
  readonly rows: number;
  /** per feature, the bin of each row */
  readonly columns: readonly Uint8Array[];
  /** per feature, rising; a split after bin b has the threshold `edges[b - 1]` */
  readonly edges: readonly Float64Array[];
}

/** The shortest decimal that is at least `low` and below `high`: thresholds are short in the file, and the same as in training. */
function shortest(low: number, high: number): number {
  // Halves first: the sum of two huge values is not finite.
  const middle = low / 2 + high / 2;
  for (let digits = 1; digits < 17; digits++) {
    const candidate = Number(middle.toPrecision(digits));
    if (candidate >= low && candidate < high) return candidate;
  }
  return low;
}

/** More rows than this are thinned out before the edges are found. */
const sampledMost = 200_000;

function edgesOf(values: Float64Array | Float32Array, width: number, feature: number, most: number): Float64Array {
  const rows = values.length / width;
  const step = Math.max(1, Math.floor(rows / sampledMost));
  const finite: number[] = [];
  for (let row = 0; row < rows; row += step) {
    const value = values[row * width + feature] as number;
    if (Number.isFinite(value)) finite.push(value);
  }
  const sorted = Float64Array.from(finite).sort();
  const distinct: number[] = [];
  const counts: number[] = [];
  for (const value of sorted) {
    // -0 and 0 are one value.
    if (distinct.length > 0 && distinct[distinct.length - 1] === value) counts[counts.length - 1] = (counts[counts.length - 1] ?? 0) + 1;
    else {
      distinct.push(value);
      counts.push(1);
    }
  }
  const edges: number[] = [];
  let [filled, left, bins] = [0, sorted.length, most];
  for (let index = 0; index + 1 < distinct.length && bins > 1; index++) {
    filled += counts[index] ?? 0;
    const wanted = distinct.length - index <= bins ? 0 : left / bins;
    if (filled < wanted) continue;
    edges.push(shortest(distinct[index] ?? 0, distinct[index + 1] ?? 0));
    left -= filled;
    filled = 0;
    bins -= 1;
  }
  return Float64Array.from(edges);
}

export function binOf(edges: Float64Array, value: number): number {
  if (Number.isNaN(value)) return 0;
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low + 1;
}

/** `values`: rows of `width` features. `given`: edges of the rows that were trained on, for others. */
export function binRows(values: Float64Array | Float32Array, width: number, most = 255, given?: readonly Float64Array[]): Bins {
  const rows = values.length / width;
  const edges = given ?? Array.from({ length: width }, (_, feature) => edgesOf(values, width, feature, Math.min(255, most)));
  const columns = edges.map((edge, feature) => {
    const column = new Uint8Array(rows);
    for (let row = 0; row < rows; row++) column[row] = binOf(edge, values[row * width + feature] as number);
    return column;
  });
  return { rows, columns, edges };
}
