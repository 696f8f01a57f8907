// A measured score and what outside sources say, together.
import type { Reason } from '../port.ts';
import type { Part } from '../service-risk.ts';

/** What one source says of a part, and of which fact: two reports of one fact count once. */
export interface Pointer {
  /** 0-1 */
  readonly probability: number;
  readonly fact: string;
  readonly minutes: number | null;
  readonly reason: Reason;
}

/** Facts that telemetry sees as well: the higher of the two counts. */
export const measuredToo = 'measured-too';
/** Below this a source is said, and changes no score: a warning must not make a score of nothing. */
const least = 0.005;
const most = 0.999;

/** The highest of each fact, and of different facts that any of them is right (noisy-or). */
export function anyOf(pointers: readonly Pointer[]): number {
  const facts = Map.groupBy(pointers, ({ fact }) => fact);
  return 1 - [...facts.values()].reduce((none, of) => none * (1 - Math.max(...of.map(({ probability }) => probability))), 1);
}

/**
 * The part with what is said of it. Scores are probabilities that this part fails within the horizon; sources that are independent of its metrics and of each
 * other combine by noisy-or (Pearl, Probabilistic Reasoning in Intelligent Systems, 1988), each no higher than it deserves (`probabilities.ts`).
 * What is silent stays so, unless what is said outweighs what is held.
 */
export function withPointers(part: Part | undefined, pointers: readonly Pointer[]): Part | undefined {
  if (pointers.length === 0) return part;
  const sorted = pointers.toSorted((a, b) => b.probability - a.probability);
  const reasons = [...sorted.map(({ reason }) => reason), ...(part?.reasons ?? [])];
  const measured = part?.failureProbability === null || part === undefined ? null : part.failureProbability / 100;
  const said = anyOf(pointers);
  if (said < least) return part === undefined ? undefined : { ...part, reasons: [...part.reasons, ...sorted.map(({ reason }) => reason)] };
  const same = Math.max(0, ...pointers.filter(({ fact }) => fact === measuredToo).map(({ probability }) => probability));
  const others = anyOf(pointers.filter(({ fact }) => fact !== measuredToo));
  const together = Math.min(most, 1 - (1 - Math.max(measured ?? 0, same)) * (1 - others));
  const leading = sorted[0];
  const saysMore = said > (measured ?? 0);
  return {
    failureProbability: Math.round(Math.max(together * 100, part?.failureProbability ?? 0) * 10) / 10,
    expectedInMinutes: saysMore ? (leading?.minutes ?? part?.expectedInMinutes ?? null) : (part?.expectedInMinutes ?? null),
    reasons,
    silent: (part?.silent ?? false) && !saysMore,
  };
}
