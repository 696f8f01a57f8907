// How unusual a resource is as a whole, from metrics whose meaning, scale, number and order do not matter.
import { clamp, compact } from '../numbers.ts';
import { type MetricMemory, observeMetric, type Rates, ratesOf } from './metric-signals.ts';

/** One metric speaks for this many spreads at most. */
const most = 15;
/** What the common movement is learned from and judged by, in spreads. */
const mostCommon = 4;
const commonTime = 10_080;
const peakTime = 30;
const memoryTime = 600;
const hourTime = 60;
const changeTime = 120;
/** Only what is clearly unusual is remembered: 0.7 is a sixth of the time on calm servers. */
const rememberedFrom = 0.7;
/** From this composite on memory adds nothing. */
const fadedAt = 2;
/** Keeps the logarithm of nothing unusual finite, and small deviations alike. */
const floor = 0.3;
/** A deviation of so many spreads is counted as unusual. */
const unusualFrom = 3;

/** What is kept of the resource as a whole, beside its metrics. */
export interface WholeMemory {
  /** variance of the common movement */
  readonly common: number;
  /** the largest aggregate of late: of residuals, of what is left of them without the common movement, of steps */
  readonly peaks: { readonly residual: number; readonly break: number; readonly step: number };
  /** decaying maximum of the composite, and its running means over an hour and two */
  readonly memory: number;
  readonly hour: number;
  readonly hours: number;
  /** observations seen */
  readonly n: number;
}

export const beginWhole: WholeMemory = { common: 1, peaks: { residual: 0, break: 0, step: 0 }, memory: 0, hour: 0, hours: 0, n: 0 };

const signals = ['residual', 'quick', 'change', 'variance', 'step', 'break', 'quick break'] as const;

/**
 * Names of the features, in the order of the array. Of each signal over the metrics: `top` mean of the upper quarter, `median`, `largest` (logarithms),
 * `share` of the metrics beyond three spreads. `peak`: of the last half hour. `composite`: weighted mean of such logarithms. `remembered`: what the composite
 * was in the last hours; it counts less the more unusual it is now. `quiet`: median logarithm of how much less the metrics move than usual.
 */
export const featureNames: readonly string[] = [
  ...signals.flatMap((signal) => [`${signal} top`, `${signal} median`, `${signal} largest`, `${signal} share`]),
  'residual peak',
  'break peak',
  'step peak',
  'composite',
  'composite of the last hour',
  'change of the composite',
  'remembered',
  'sustained',
  'quiet',
];

/** How much each counts in the composite; a signal is its `top`. */
const compositeWeights = { residual: 1, quick: 1, change: 2, variance: 2, break: 1, quickBreak: 1, residualPeak: 2, breakPeak: 2 } as const;
const totalWeight = Object.values(compositeWeights).reduce((sum, weight) => sum + weight, 0);

const logarithm = (size: number) => Math.log(size + floor);

interface Aggregate {
  readonly top: number;
  readonly median: number;
  readonly largest: number;
  readonly share: number;
}

/** Sorts `sizes` in place. They are at most `most`, and there is one at least. */
function aggregate(sizes: Float64Array): Aggregate {
  sizes.sort();
  const count = sizes.length;
  const upper = Math.max(1, Math.round(count / 4));
  let sum = 0;
  for (let index = count - upper; index < count; index += 1) sum += sizes[index] ?? 0;
  let beyond = 0;
  while (beyond < count && (sizes[count - 1 - beyond] ?? 0) > unusualFrom) beyond += 1;
  return { top: sum / upper, median: medianOf(sizes), largest: sizes[count - 1] ?? 0, share: beyond / count };
}

/** Of sorted values. */
function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export interface MetricPoint {
  /** changed in place */
  readonly memory: MetricMemory;
  readonly value: number;
  /** the metric's last point */
  readonly before: number;
  readonly last: number;
}

export interface ResourceReading {
  readonly whole: WholeMemory;
  /** in the order of `featureNames` */
  readonly features: Float64Array;
}

/**
 * One observation. The points' memories are changed in place, the whole's is not.
 * @param points of the metrics that have a point now; one at least
 * @param elapsed ms since the resource's last observation
 */
export function observeResource(whole: WholeMemory, timestamp: number, points: readonly MetricPoint[], elapsed: number): ResourceReading {
  const count = points.length;
  const sizes = signals.map(() => new Float64Array(count));
  const residuals = new Float64Array(count);
  const [residual, quick, change, variance, step, broken, quickBreak] = sizes as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const movements = new Float64Array(count);
  const cut = (size: number) => Math.min(most, Math.abs(size));
  let known: Rates | undefined;
  let knownGap = -1;
  const ratesFor = (gap: number): Rates => {
    if (known !== undefined && gap === knownGap) return known;
    knownGap = gap;
    known = ratesOf(gap);
    return known;
  };
  points.forEach(({ memory, value, before, last }, index) => {
    const own = observeMetric(memory, timestamp, value, before, ratesFor(timestamp - last), last);
    residuals[index] = own.residual;
    residual[index] = cut(own.residual);
    quick[index] = cut(own.quick);
    change[index] = cut(own.change);
    variance[index] = cut(own.variance);
    movements[index] = own.variance;
    step[index] = cut(own.step);
  });
  const rates = ratesFor(elapsed);
  const common = observeCommon(whole, points, residuals, rates, { broken, quickBreak });

  const [ofResidual, ofQuick, ofChange, ofVariance, ofStep, ofBreak, ofQuickBreak] = sizes.map(aggregate) as [
    Aggregate,
    Aggregate,
    Aggregate,
    Aggregate,
    Aggregate,
    Aggregate,
    Aggregate,
  ];
  const decayed = (peak: number, now: number, constant: number) => compact(Math.max(now, peak * Math.exp(-rates.minutes / constant)), 1);
  const peaks = {
    residual: decayed(whole.peaks.residual, ofResidual.top, peakTime),
    break: decayed(whole.peaks.break, ofBreak.top, peakTime),
    step: decayed(whole.peaks.step, ofStep.top, peakTime),
  };
  const weights = compositeWeights;
  const composite =
    (weights.residual * logarithm(ofResidual.top) +
      weights.quick * logarithm(ofQuick.top) +
      weights.change * logarithm(ofChange.top) +
      weights.variance * logarithm(ofVariance.top) +
      weights.break * logarithm(ofBreak.top) +
      weights.quickBreak * logarithm(ofQuickBreak.top) +
      weights.residualPeak * logarithm(peaks.residual) +
      weights.breakPeak * logarithm(peaks.break)) /
    totalWeight;
  const follow = (mean: number, constant: number) => compact(whole.n === 0 ? composite : mean - Math.expm1(-rates.minutes / constant) * (composite - mean), 1);
  const memory = decayed(whole.memory, Math.max(0, composite - rememberedFrom), memoryTime);
  // An incident that goes on is not over because the metrics have come to rest; but what is unusual now needs no memory.
  const sustained = composite + memory * clamp(1 - Math.max(0, composite) / fadedAt, 0, 1);
  const hour = follow(whole.hour, hourTime);
  const hours = follow(whole.hours, changeTime);
  const next: WholeMemory = { common, peaks, memory, hour, hours, n: Math.min(whole.n + 1, 999_999) };

  const features = new Float64Array(featureNames.length);
  let at = 0;
  for (const { top, median, largest, share } of [ofResidual, ofQuick, ofChange, ofVariance, ofStep, ofBreak, ofQuickBreak]) {
    features[at] = logarithm(top);
    features[at + 1] = logarithm(median);
    features[at + 2] = logarithm(largest);
    features[at + 3] = share;
    at += 4;
  }
  movements.sort();
  features.set(
    [logarithm(peaks.residual), logarithm(peaks.break), logarithm(peaks.step), composite, hour, composite - hours, memory, sustained, -medianOf(movements)],
    at,
  );
  return { whole: next, features };
}

/**
 * One common factor of all residuals, learned as they come: what a metric does beside following it is a break of what usually goes together.
 * Fills `broken` and `quickBreak`. Returns the factor's new variance.
 */
function observeCommon(
  { common, n }: WholeMemory,
  points: readonly MetricPoint[],
  residuals: Float64Array,
  rates: Rates,
  { broken, quickBreak }: { readonly broken: Float64Array; readonly quickBreak: Float64Array },
): number {
  let along = 0;
  let squares = 1e-6;
  points.forEach(({ memory: { link } }, index) => {
    along += link.loading * clamp(residuals[index] ?? 0, -mostCommon, mostCommon);
    squares += link.loading * link.loading;
  });
  const factor = along / squares;
  const share = Math.max(-Math.expm1(-rates.minutes / commonTime), n < 200 ? 0.5 / (n + 1) : 0);
  const variance = Math.max(1e-3, common + share * (Math.min(factor * factor, 9 * common + 0.01) - common));
  const limited = clamp(factor, -3 * Math.sqrt(common), 3 * Math.sqrt(common));
  points.forEach(({ memory }, index) => {
    const { loading, spread, quick, quickSpread } = memory.link;
    const size = residuals[index] ?? 0;
    const left = clamp(size, -most, most) - loading * factor;
    const running = quick + rates.quick * (left - quick);
    broken[index] = Math.min(most, Math.abs(left) / Math.max(spread, 0.1));
    quickBreak[index] = Math.min(most, Math.abs(running) / Math.max(quickSpread, 0.05));
    memory.link = {
      loading: compact(loading + (share * limited * (clamp(size, -mostCommon, mostCommon) - loading * limited)) / variance, 1),
      spread: compact(spread + share * (Math.min(Math.abs(left), 3 * Math.max(spread, 0.1)) - spread), 1),
      quick: compact(running, 1),
      quickSpread: compact(quickSpread + share * (Math.min(Math.abs(running), 3 * Math.max(quickSpread, 0.05)) - quickSpread), 1),
    };
  });
  return compact(variance, 0.1);
}
