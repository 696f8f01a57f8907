// Curves as they are drawn: cut to a window and thinned out so that no extreme is lost.

/** `at`: ms since the epoch. A null value is a gap. */
export interface CurvePoint {
  readonly at: number;
  readonly value: number | null;
}

export interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * At most five points in each of `buckets` equal parts of the time covered: the first, the last, the least, the greatest and a gap if there is one.
 * So every extreme is kept at its own time. Points must be in order of time.
 */
export function downsample(points: readonly CurvePoint[], buckets: number): readonly CurvePoint[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length <= buckets * 2) return points;
  const width = Math.max(1, last.at - first.at) / buckets;
  const kept: CurvePoint[] = [];
  let start = 0;
  while (start < points.length) {
    const bucket = bucketOf(points[start], first.at, width, buckets);
    let end = start + 1;
    while (end < points.length && bucketOf(points[end], first.at, width, buckets) === bucket) end += 1;
    for (const index of telling(points, start, end)) {
      const point = points[index];
      if (point) kept.push(point);
    }
    start = end;
  }
  return kept;
}

const bucketOf = (point: CurvePoint | undefined, from: number, width: number, buckets: number) =>
  Math.min(buckets - 1, Math.floor(((point?.at ?? from) - from) / width));

function telling(points: readonly CurvePoint[], start: number, end: number): number[] {
  let least: number | undefined;
  let greatest: number | undefined;
  let gap: number | undefined;
  for (let index = start; index < end; index += 1) {
    const value = points[index]?.value ?? null;
    if (value === null) gap ??= index;
    else {
      if (least === undefined || value < (points[least]?.value ?? 0)) least = index;
      if (greatest === undefined || value > (points[greatest]?.value ?? 0)) greatest = index;
    }
  }
  const indices = [start, least, greatest, gap, end - 1].filter((index) => index !== undefined);
  return [...new Set(indices)].sort((a, b) => a - b);
}

/** Many points as one: their mean, and the least and greatest of them. All null: a gap. */
export interface Stretch {
  readonly at: number;
  readonly mean: number | null;
  readonly low: number;
  readonly high: number;
}

/** A long curve as stretches of equal length; no extreme is lost, since each stretch knows its own. Points must be in order of time. */
export function envelope(points: readonly CurvePoint[], buckets: number): Stretch[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return [];
  const width = Math.max(1, last.at - first.at) / buckets;
  return [...Map.groupBy(points, (point) => bucketOf(point, first.at, width, buckets)).values()].map((group) => {
    const values = group.flatMap(({ value }) => (value === null ? [] : [value]));
    const at = ((group[0]?.at ?? 0) + (group.at(-1)?.at ?? 0)) / 2;
    if (values.length === 0) return { at, mean: null, low: 0, high: 0 };
    const { sum, low, high } = values.reduce((so, value) => ({ sum: so.sum + value, low: Math.min(so.low, value), high: Math.max(so.high, value) }), {
      sum: 0,
      low: Number.POSITIVE_INFINITY,
      high: Number.NEGATIVE_INFINITY,
    });
    return { at, mean: sum / values.length, low, high };
  });
}

/** The points of a window, and the one on either side of it so that lines reach its edges. */
export function cut(points: readonly CurvePoint[], { from, to }: Window): readonly CurvePoint[] {
  const first = points.findIndex(({ at }) => at >= from);
  const after = points.findIndex(({ at }) => at > to);
  return points.slice(first === -1 ? Math.max(0, points.length - 1) : Math.max(0, first - 1), after === -1 ? points.length : after + 1);
}

/** A curve that changes in steps, carried on to the end of the window. */
export function held(points: readonly CurvePoint[], { from, to }: Window): readonly CurvePoint[] {
  const inside = cut(points, { from, to })
    .map((point) => (point.at < from ? { ...point, at: from } : point))
    .filter(({ at }) => at <= to);
  const last = inside.at(-1);
  return last === undefined || last.at >= to ? inside : [...inside, { ...last, at: to }];
}

export function cumulative(points: readonly CurvePoint[]): CurvePoint[] {
  let sum = 0;
  return points.map(({ at, value }) => {
    sum += value ?? 0;
    return { at, value: sum };
  });
}

/** Runs of equal values, each until the next one begins. */
export function runs(changes: readonly { at: number; value: string }[], until: number): { from: number; to: number; value: string }[] {
  const found: { from: number; to: number; value: string }[] = [];
  for (const { at, value } of changes) {
    const last = found.at(-1);
    if (last?.value === value) continue;
    if (last) last.to = at;
    found.push({ from: at, to: until, value });
  }
  return found;
}
