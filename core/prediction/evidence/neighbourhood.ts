// Many resources of one zone that turn unusual together: what no single one of them can tell.
import type { Assessment } from '../port.ts';
import { duration } from '../wording.ts';

/** A resource as its neighbours see it. Times in ms. */
export interface Neighbour {
  /** whose resource it is */
  readonly serviceId: string;
  /** names of its zone; undefined: not known, it counts nowhere */
  readonly zone: string | undefined;
  /** since when it is unusual; null: it is not */
  readonly unusualSince: number | null;
}

export interface ZonePattern {
  readonly zone: string;
  /** probability of so many by chance */
  readonly tail: number;
  readonly detail: string;
}

/** From these on a resource is unusual, newly or still. */
const unusualFrom = { failureProbability: 15, anomalyScore: 0.4 };

/** Since when a resource is unusual, after one more assessment. */
export function unusualSince(
  before: number | null,
  { timestamp, failureProbability, anomalyScore }: Omit<Assessment, 'reasons' | 'expectedInMinutes'>,
): number | null {
  const unusual = (failureProbability ?? 0) >= unusualFrom.failureProbability || anomalyScore >= unusualFrom.anomalyScore;
  return unusual ? (before ?? timestamp) : null;
}

/** They turn within so long of each other, ms: by the time of their points, not by when they were read. */
const together = 15 * 60_000;
/** Older than this it is the usual now, ms. */
const newestWithin = 60 * 60_000;
/** So improbable by chance. All four resources of a zone and none of eight elsewhere are enough; docs/prediction.md has the false patterns that this leaves. */
const significance = 2.5e-3;
const fewest = 3;
const leastShare = 0.5;

/** ln n! for whole numbers, by Stirling's series from 20 on (error below 1e-9). */
function logFactorial(n: number): number {
  if (n < 20) {
    let sum = 0;
    for (let factor = 2; factor <= n; factor++) sum += Math.log(factor);
    return sum;
  }
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n) - 1 / (360 * n ** 3);
}

const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

/**
 * Probability that of `drawn` out of `all`, of which `marked` are marked, at least `found` are marked: the hypergeometric tail (Fisher's exact test, one-sided).
 * It asks whether the zone has more than its share, whatever the rate of unusual ones is today.
 */
export function hypergeometricTail({ all, marked, drawn, found }: Readonly<Record<'all' | 'marked' | 'drawn' | 'found', number>>): number {
  let sum = 0;
  const total = logChoose(all, drawn);
  for (let count = Math.max(found, drawn - (all - marked), 0); count <= Math.min(drawn, marked); count++)
    sum += Math.exp(logChoose(marked, count) + logChoose(all - marked, drawn - count) - total);
  return Math.min(1, sum);
}

/** The most that turned unusual within `together` of each other, and when the last of them did. */
function burst(since: readonly number[]): { count: number; last: number } {
  const sorted = since.toSorted((a, b) => a - b);
  let best = { count: 0, last: Number.NEGATIVE_INFINITY };
  let first = 0;
  for (const [index, last] of sorted.entries()) {
    while ((sorted[first] ?? last) < last - together) first++;
    if (index - first + 1 >= best.count) best = { count: index - first + 1, last };
  }
  return best;
}

/**
 * Zones whose resources turned unusual together, and more than elsewhere. Without an elsewhere nothing is said: load and deployments make a whole service
 * unusual as well. For the same reason a zone needs either a service that has resources elsewhere too, or two services that are unusual in it.
 * `now`: ms since the epoch.
 */
export function unusualZones(neighbours: readonly Neighbour[], now: number): ZonePattern[] {
  const placed = neighbours.filter(({ zone, unusualSince }) => zone !== undefined && (unusualSince === null || Number.isFinite(unusualSince)));
  const marked = placed.filter(({ unusualSince }) => unusualSince !== null).length;
  if (marked < fewest) return [];
  return [...Map.groupBy(placed, ({ zone }) => zone ?? '')].flatMap(([zone, here]) => {
    const elsewhere = placed.length - here.length;
    const unusual = here.filter(({ unusualSince }) => unusualSince !== null);
    const { count, last } = burst(unusual.map(({ unusualSince }) => unusualSince ?? 0));
    if (elsewhere === 0 || count < fewest || count < leastShare * here.length || now - last > newestWithin) return [];
    const of = new Set(unusual.map(({ serviceId }) => serviceId));
    const comparable = of.size > 1 || placed.some((one) => one.zone !== zone && of.has(one.serviceId));
    // Those here that turned at another time are not of the burst, and not elsewhere either.
    const others = marked - unusual.length;
    const tail = hypergeometricTail({ all: placed.length, marked: count + others, drawn: here.length, found: count });
    if (!comparable || tail >= significance) return [];
    const detail = `${count} of ${here.length} resources in ${zone} turned unusual within ${duration(together)}; ${others} of ${elsewhere} elsewhere`;
    return [{ zone, tail, detail }];
  });
}
