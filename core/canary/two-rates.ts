// Two error rates compared without the normal approximation, which fails where errors are rare.
import { binomialCdf, rateLowerBound, rateUpperBound } from './binomial.ts';
import { normalTail } from './normal.ts';

export interface Rate {
  readonly events: number;
  /** 1 or more */
  readonly trials: number;
}

/** How often equal rates would give the first this many of all events or more, one-sided. Fisher's exact test (The Design of Experiments, 1935). */
export function exceedsByChance(first: Rate, second: Rate): number {
  const events = first.events + second.events;
  const most = Math.min(events, first.trials);
  // The hypergeometric mass at k, relative to that at the observed count, summed upwards; the rest downwards for the total.
  const up = sumRatios(first.events, most, (k) => ((first.trials - k) * (events - k)) / ((k + 1) * (second.trials - events + k + 1)));
  const least = Math.max(0, events - second.trials);
  const down = sumRatios(-first.events, -least, (k) => (-k * (second.trials - events - k)) / ((first.trials + k + 1) * (events + k + 1)));
  return up / (up + down - 1);
}

/** 1 + r(from) + r(from) r(from + 1) + ... up to r(to - 1). */
function sumRatios(from: number, to: number, ratio: (k: number) => number): number {
  let term = 1;
  let sum = 1;
  for (let k = from; k < to && term > 1e-18 * sum; k++) {
    term *= ratio(k);
    sum += term;
  }
  return sum;
}

/** Above so many events on either side the normal approximation is as good as exact. */
const exactUpTo = 150;
/** Left out of the nuisance rate's range, and added to the result. */
const nuisanceDoubt = 0.0005;
const nuisanceSteps = 24;

/**
 * How often a first rate that is `difference` (0-1) above the second, or more, would look this good or better: a small value excludes it. Exact, maximised over what the
 * second rate may be (Berger & Boos, JASA 89 (1994)), with cases ordered by `score`.
 */
export function excludesDifference(first: Rate, second: Rate, difference: number): number {
  const observed = score(first, second, difference);
  if (first.events > exactUpTo || second.events > exactUpTo) return normalTail(-observed);
  const low = rateLowerBound(second.events, second.trials, nuisanceDoubt / 2);
  const high = Math.min(1 - difference, rateUpperBound(second.events, second.trials, nuisanceDoubt / 2));
  if (low >= high) return normalTail(-observed);
  // For each count of the second, the largest count of the first that speaks as strongly as what was observed.
  const enough: number[] = [];
  const countOf = (events: number) => {
    for (let next = enough.length; next <= events; next++) {
      let count = Math.max(-1, enough[next - 1] ?? -1);
      while (count < first.trials && score({ ...first, events: count + 1 }, { ...second, events: next }, difference) <= observed + 1e-9) count++;
      enough.push(count);
    }
    return enough[events] ?? -1;
  };
  let worst = 0;
  for (let step = 0; step <= nuisanceSteps; step++) {
    const rate = low + ((high - low) * step) / nuisanceSteps;
    worst = Math.max(worst, chance(rate, rate + difference, first.trials, second.trials, countOf));
  }
  return Math.min(1, worst + nuisanceDoubt);
}

/** P(the first's count is at most countOf(the second's)). Masses below 1e-9 are left out. */
function chance(secondRate: number, firstRate: number, firstTrials: number, secondTrials: number, countOf: (events: number) => number): number {
  const spread = 6.5 * Math.sqrt(secondTrials * secondRate * (1 - secondRate)) + 8;
  const from = Math.max(0, Math.floor(secondTrials * secondRate - spread));
  const to = Math.min(secondTrials, Math.ceil(secondTrials * secondRate + spread));
  let sum = 0;
  let before = from > 0 ? binomialCdf(from - 1, secondTrials, secondRate) : 0;
  for (let events = from; events <= to; events++) {
    const upTo = binomialCdf(events, secondTrials, secondRate);
    const mass = upTo - before;
    before = upTo;
    const count = mass > 1e-9 ? countOf(events) : -1;
    if (count >= 0) sum += mass * binomialCdf(count, firstTrials, firstRate);
  }
  return sum;
}

/**
 * (observed difference - difference) over its standard error; strongly negative: the difference is smaller. With one event and one other added on each side, which keeps
 * the order of cases sensible down to no events at all: Agresti & Caffo, Am. Stat. 54 (2000).
 */
function score(first: Rate, second: Rate, difference: number): number {
  const [p1, n1] = [(first.events + 1) / (first.trials + 2), first.trials + 2];
  const [p2, n2] = [(second.events + 1) / (second.trials + 2), second.trials + 2];
  return (p1 - p2 - difference) / Math.sqrt((p1 * (1 - p1)) / n1 + (p2 * (1 - p2)) / n2);
}
