// What the signals of one metric say, in words that an operator uses: how unusual, against what, since when.
import type { MetricRole } from '../contracts/metrics.ts';
import type { Reason } from './port.ts';
import { type MetricSignals, type SignalName, signalNames } from './signals/port.ts';
import { duration, number, quantity } from './wording.ts';

/** -log10 of a tail probability: rarer than one point in so many is worth a word. */
const tellingFrom = 2.5;
/** A usual value of fewer spreads than this is too near to 0 for a ratio to say anything. */
const ratioFrom = 3;

/** `for weekdays at 14:00 UTC`: which usual a value is compared with. Empty when it is the plain level. */
export function usualWhen({ usualOf, at }: Pick<MetricSignals, 'usualOf' | 'at'>): string {
  if (usualOf === 'level') return '';
  const time = new Date(at);
  const hour = `${String(time.getUTCHours()).padStart(2, '0')}:00 UTC`;
  if (usualOf === 'hour') return ` for ${hour}`;
  return ` for ${time.getUTCDay() % 6 === 0 ? 'weekends' : 'weekdays'} at ${hour}`;
}

/** `rising for 25 minutes`, `for 25 minutes`: the run that a point belongs to. `every`: ms between two points; a run that began with this point has lasted one. */
export function runOf({ surprises, since, at }: Pick<MetricSignals, 'surprises' | 'since' | 'at'>, every: number): string {
  const lasted = at - (since ?? at) + every;
  const direction = surprises.trend >= 2 ? 'rising ' : surprises.trend <= -2 ? 'falling ' : '';
  return lasted > 0 ? `${direction}for ${duration(lasted)}` : 'at one point';
}

/** Far from usual is said as such, whatever signal has noticed it. Spreads. */
const farFrom = 3;

function strongest({ surprises, value, usual, spread }: MetricSignals): SignalName {
  const most = signalNames.reduce((best, name) => (Math.abs(surprises[name]) > Math.abs(surprises[best]) ? name : best), 'level');
  return most === 'variance' && Math.abs(value - usual) > farFrom * spread ? 'level' : most;
}

/** How far from usual: a ratio where one is meaningful, else in units of the metric's own variation. */
function distance({ value, usual, spread }: MetricSignals, told: string): string {
  const ratio = value / usual;
  if (Math.abs(usual) > ratioFrom * spread && Number.isFinite(ratio) && ratio > 0 && (ratio >= 1.15 || ratio <= 0.85))
    return `${number(ratio)}x its usual ${told}`;
  const spreads = Math.abs(value - usual) / spread;
  // The signal is about the points before this one.
  if (spreads < 0.5) return `at its usual ${told} again after having been away from it`;
  return `${value >= usual ? 'above' : 'below'} its usual ${told} by ${spreads >= 100 ? 'more than 100' : number(spreads)} times its usual variation`;
}

export interface SignalReason {
  /** -log10 of the tail probability of the strongest signal */
  readonly surprise: number;
  readonly reason: Reason;
}

/** undefined while no signal is telling. `every`: ms between two points of the metric. */
export function signalReason(metric: { readonly name: string; readonly role: MetricRole }, signals: MetricSignals, every: number): SignalReason | undefined {
  const signal = strongest(signals);
  const surprise = Math.max(...signalNames.map((name) => Math.abs(signals.surprises[name])));
  if (surprise < tellingFrom) return undefined;
  const value = quantity(metric.role, signals.value);
  const usual = `${quantity(metric.role, signals.usual)}${usualWhen(signals)}`;
  const run = runOf(signals, every);
  const details: Record<SignalName, string> = {
    level: `${metric.name} ${value}, ${distance(signals, usual)}, ${run}`,
    season: `${metric.name} ${value}, ${distance(signals, usual)}, ${run}`,
    trend: `${metric.name} ${value}, ${distance(signals, usual)}, ${run}`,
    change: `${metric.name} jumped to ${value}, ${distance(signals, usual)}, ${run}`,
    variance: `${metric.name} ${value}, ${signals.surprises.variance < 0 ? 'unusually quiet' : 'swings more than it usually does'} around ${usual}, ${run}`,
    plateau: `${metric.name} stands still at ${value} longer than it usually does, ${run}`,
  };
  return { surprise, reason: { metric: metric.name, kind: signal === 'trend' ? 'trend' : 'level', detail: details[signal] } };
}
