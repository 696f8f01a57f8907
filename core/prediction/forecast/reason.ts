// Why a limit counts, in words that an operator uses.
import type { DetectorConfig, Reason } from '../port.ts';
import { number, percent, quantity } from '../wording.ts';
import type { Exhaustion } from './exhaustion.ts';
import { expectedExhaustion, type LimitedState, limitOf } from './limited.ts';

type Metric = DetectorConfig['metrics'][number];

/** From this score on the limit is near: the reason's kind is `limit`, before it `trend`. */
const nearScore = 30;
/** A chance below this is not worth a sentence, without a rise. */
const leastChance = 0.1;

/** A length of time to five minutes once it is more than an hour: `45 min`, `3 h 10 min`, `4 h`, `6 days`. */
export function roughly(minutes: number): string {
  if (minutes < 1) return 'less than a minute';
  if (minutes < 59.5) return `${Math.round(minutes)} min`;
  if (minutes >= 48 * 60) return `${Math.round(minutes / 1440)} days`;
  const rounded = Math.round(minutes / 5) * 5;
  const hours = Math.floor(rounded / 60);
  return rounded % 60 === 0 ? `${hours} h` : `${hours} h ${rounded % 60} min`;
}

/** Beyond a week an extrapolation of an hour and a half says nothing but that it takes long. */
function between([from, to]: readonly [number, number]): string {
  return to > 7 * 1440 ? `80 %: ${roughly(from)} or more` : `80 %: ${roughly(from)} to ${roughly(to)}`;
}

function sentence(metric: Metric, value: number, exhaustion: Exhaustion, limit: number, horizonMinutes: number): string | undefined {
  const { minutes, interval, probability } = exhaustion;
  const bound = `its ${metric.role === 'latency' && metric.limit === undefined ? 'objective' : 'limit'} of ${quantity(metric.role, limit)}`;
  const now = `${metric.name} ${quantity(metric.role, value)}`;
  if (minutes === 0 && interval === null) return `${now}, ${value > limit ? 'beyond' : 'at'} ${bound}`;
  const likely = probability !== null && probability > 0.99 ? 'more than 99 %' : percent(Math.round((probability ?? 0) * 100) / 100);
  const chance = `${likely} likely within ${roughly(horizonMinutes)}`;
  if (minutes !== null && interval !== null) {
    const rise = `rising ${number(exhaustion.slope * 60)} an hour over the last ${exhaustion.observedMinutes} minutes`;
    const told = probability !== null && probability >= leastChance ? `; ${chance}` : '';
    return `${now}, ${rise}; at this pace it reaches ${bound} in ${roughly(minutes)} (${between(interval)})${told}`;
  }
  if (probability === null || probability < leastChance) return undefined;
  return `${now}, near ${bound}: that it reaches it is ${chance}`;
}

/** The reason of one metric with a limit, and its weight among the others; undefined when there is nothing to say. */
export function limitReason(metric: Metric, known: LimitedState, timestamp: number, config: DetectorConfig): { weight: number; reason: Reason } | undefined {
  const limit = limitOf(metric, config);
  const exhaustion = expectedExhaustion(metric, known, timestamp, config);
  if (limit === undefined || exhaustion === undefined) return undefined;
  const detail = sentence(metric, known.value, exhaustion, limit, config.horizonMinutes);
  if (detail === undefined) return undefined;
  return { weight: exhaustion.score / 4, reason: { metric: metric.name, kind: exhaustion.score >= nearScore ? 'limit' : 'trend', detail } };
}
