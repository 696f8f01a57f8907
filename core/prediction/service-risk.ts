// The risk of a side from the scores of what it is made of.
import type { Assessment, Reason } from './port.ts';

/** What is known of one resource or entry: its last assessment. */
export type Part = Pick<Assessment, 'failureProbability' | 'expectedInMinutes' | 'reasons'> & {
  /** nothing has come of it: its score is held, not measured */
  readonly silent?: boolean | undefined;
};

export interface Risk {
  readonly score: number | null;
  readonly expectedInMinutes: number | null;
  readonly reasons: readonly Reason[];
  /** the score is that of a part that is silent: shown, but no ground for a decision in either direction */
  readonly held: boolean;
}

const mostReasons = 8;

/**
 * The entry speaks for the side as users meet it. Resources fail the side only when so many fail that the rest cannot carry the load:
 * with n of them and `needed` to carry it, the side is as likely to fail as its (n - needed + 1)-th worst resource.
 * @param needed resources that carry the present load; undefined: unknown, then every one counts
 */
export function sideRisk(entry: Part | undefined, resources: readonly Part[], needed: number | undefined): Risk {
  const worst = resources
    .filter(({ failureProbability }) => failureProbability !== null)
    .sort((a, b) => (b.failureProbability ?? 0) - (a.failureProbability ?? 0));
  const spare = Math.min(Math.max(0, resources.length - Math.max(1, needed ?? resources.length)), Math.max(0, worst.length - 1));
  const decisive = worst[spare];
  const parts = [entry, decisive].filter((part) => part !== undefined && part.failureProbability !== null);
  const leading = parts.reduce<Part | undefined>((most, part) => ((part?.failureProbability ?? 0) > (most?.failureProbability ?? -1) ? part : most), undefined);
  const reasons = [...(entry?.reasons ?? []), ...worst.slice(0, spare + 1).flatMap((part) => part.reasons)];
  return {
    score: leading?.failureProbability ?? null,
    expectedInMinutes: leading?.expectedInMinutes ?? null,
    reasons: unique(reasons).slice(0, mostReasons),
    held: leading?.silent ?? false,
  };
}

const unique = (reasons: readonly Reason[]): Reason[] => [
  ...new Map(reasons.map((reason) => [`${reason.metric}/${reason.kind}/${reason.detail}`, reason])).values(),
];
