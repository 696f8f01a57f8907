// One-sided bounds of a rate, 99 % confident unless told otherwise: exact where events are few, Wilson's score where they are many.
import { normalQuantileOfTail } from './normal.ts';

const usualDoubt = 0.01;
/** Above so many events the exact sum costs more than it tells. */
const exactUpTo = 200;

/** P(X <= events) of a binomial with `trials` and rate `p`, summed in logarithms so that large trials do not underflow. */
export function binomialCdf(events: number, trials: number, p: number): number {
  if (p <= 0) return 1;
  if (p >= 1 || events >= trials) return events >= trials ? 1 : 0;
  // The shorter tail is summed.
  if (events > trials / 2) return 1 - binomialCdf(trials - events - 1, trials, 1 - p);
  const logOdds = Math.log(p) - Math.log1p(-p);
  let logTerm = trials * Math.log1p(-p);
  let sum = Math.exp(logTerm);
  for (let k = 0; k < events; k++) {
    logTerm += Math.log((trials - k) / (k + 1)) + logOdds;
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}

/** Where a falling condition on p (0-1) stops to hold. 40 halvings: 1e-12. */
function bisect(holds: (p: number) => boolean): number {
  let low = 0;
  let high = 1;
  for (let index = 0; index < 40; index++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** One bound of the score interval; `sign` +1 upper, -1 lower. Wilson, JASA 22 (1927). */
function wilson(events: number, trials: number, sign: 1 | -1, doubt: number): number {
  const z = normalQuantileOfTail(doubt);
  const p = events / trials;
  const square = (z * z) / trials;
  return (p + square / 2 + sign * z * Math.sqrt((p * (1 - p)) / trials + square / (4 * trials))) / (1 + square);
}

/** The true rate is below this, but for a `doubt` (0-1). `events` of `trials`, whole numbers, trials > 0. Clopper & Pearson, Biometrika 26 (1934). */
export function rateUpperBound(events: number, trials: number, doubt = usualDoubt): number {
  check(events, trials);
  if (events === trials) return 1;
  if (isMany(events, trials)) return wilson(events, trials, 1, doubt);
  return bisect((p) => binomialCdf(events, trials, p) > doubt);
}

/** The true rate is above this. */
export function rateLowerBound(events: number, trials: number, doubt = usualDoubt): number {
  check(events, trials);
  if (events === 0) return 0;
  if (isMany(events, trials)) return wilson(events, trials, -1, doubt);
  return bisect((p) => 1 - binomialCdf(events - 1, trials, p) < doubt);
}

const isMany = (events: number, trials: number) => Math.min(events, trials - events) > exactUpTo;

function check(events: number, trials: number): void {
  if (!(Number.isInteger(events) && Number.isInteger(trials) && trials > 0 && events >= 0 && events <= trials))
    throw new RangeError(`${events} of ${trials} is not a rate`);
}
