// What load explains: the usual value of a metric at each load, learned point by point.
import { clamp, compact } from './numbers.ts';

/** Two bins for each doubling of the load. */
const binsPerDoubling = 2;
const maximumBins = 14;
/** A bin is known once it has so many points, so that a few bursts do not teach what is usual at their load. */
const knownFrom = 100;
const slowest = 1 / 300;
/** Queues grow faster than load: what a doubling beyond the known range may add, in doublings. */
const latencyPerDoubling = 2.5;

/** Entries [bin, mean, points], by rising bin. The metric's values are logarithms to base 2. */
export type LoadCurve = [bin: number, mean: number, points: number][];

export interface Explained {
  /** usual value at this load; null when nothing is known */
  readonly expected: number | null;
  /** doublings of load beyond what is known; 0 within it */
  readonly beyond: number;
}

/** Position of a load (requests or bytes per period) on the curve. */
const position = (load: number): number => binsPerDoubling * Math.log2(Math.max(load, 0) + 1);

export function explain(curve: LoadCurve, load: number): Explained {
  const at = position(load);
  let below: LoadCurve[number] | undefined;
  for (const entry of curve) {
    if (entry[2] < knownFrom) continue;
    if (entry[0] >= at) {
      if (below === undefined) return { expected: entry[1], beyond: 0 };
      const share = (at - below[0]) / (entry[0] - below[0]);
      return { expected: below[1] + share * (entry[1] - below[1]), beyond: 0 };
    }
    below = entry;
  }
  if (below === undefined) return { expected: null, beyond: 0 };
  // Half a bin above the middle of the highest known bin is still within it.
  const beyond = Math.max(0, (at - below[0] - 0.5) / binsPerDoubling);
  return { expected: below[1] + latencyPerDoubling * beyond, beyond };
}

/** A curve that has learned one more point. `reach`: a deviation teaches at most this much. */
export function learnLoad(curve: LoadCurve, load: number, value: number, weight: number, reach: number): LoadCurve {
  const bin = Math.round(position(load));
  const index = curve.findIndex((entry) => entry[0] === bin);
  const known = curve[index];
  if (known !== undefined) {
    const [, mean, points] = known;
    const rate = weight * Math.max(1 / (points + 1), slowest);
    const step = points < 10 ? value - mean : clamp(value - mean, -reach, reach);
    return curve.with(index, [bin, compact(mean + rate * step, 0.1), Math.min(points + 1, 9999)]);
  }
  const entry: LoadCurve[number] = [bin, compact(value, 0.1), 1];
  const next = [...curve, entry].sort((a, b) => a[0] - b[0]);
  if (next.length <= maximumBins) return next;
  const fewest = next.reduce(
    (least, candidate) => (candidate !== entry && candidate[2] < least[2] ? candidate : least),
    next.find((other) => other !== entry) ?? entry,
  );
  return next.filter((other) => other !== fewest);
}
