// A service that has been moved to and fro: moving it once more is not what it needs.
import type { Plan } from '../contracts/plan.ts';
import type { ServiceRecord } from '../contracts/records.ts';

const hour = 3_600_000;

export interface Flapping {
  readonly moves: number;
  /** ms since the epoch: when the oldest of them is old enough not to count */
  readonly until: number;
  /** the newest of them, which names this episode */
  readonly newest: string;
}

/**
 * Whether so many moves ended within so many hours as the plan takes for flapping. `recentMoves` may be in any order; `now`: ms since the epoch.
 * An ending in the future (another clock) counts: it is no reason to move more.
 */
export function flapping({ failover }: Pick<Plan, 'failover'>, recentMoves: ServiceRecord['recentMoves'], now: number): Flapping | undefined {
  const { moves, withinHours } = failover.flap;
  const counted = recentMoves
    .filter(({ endedAt }) => Date.parse(endedAt) > now - withinHours * hour)
    .sort((a, b) => a.endedAt.localeCompare(b.endedAt) || a.failoverId.localeCompare(b.failoverId));
  const [decisive, newest] = [counted.at(-moves), counted.at(-1)];
  if (!decisive || !newest) return undefined;
  return { moves: counted.length, until: Date.parse(decisive.endedAt) + withinHours * hour, newest: newest.failoverId };
}
