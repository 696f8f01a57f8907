// How much of the traffic the losing side still receives, from metrics that come late, and for each side at its own time.
import type { Point } from '../prediction/port.ts';

const minute = 60_000;
/** A balancer without requests reports nothing, and CloudWatch is up to three minutes behind: from then on nothing means zero. */
const settled = 4 * minute;

export interface Drained {
  /** of the requests of the newest minute that is known of the losing side (0-1); undefined: it cannot be told */
  readonly share: number | undefined;
  /** when that minute began, ms since the epoch */
  readonly newest: number;
}

/**
 * Requests minute by minute, oldest first. A minute of the losing side is compared with the same one of the receiving side, or, while that is not told
 * yet, with the smallest of the last totals: both sides' metrics of one minute are late independently. Without a fresh minute of either side nothing is known.
 */
export function measureDrain(receiving: readonly Point[], losing: readonly Point[], now: number): Drained {
  const here = byMinute(receiving);
  const there = byMinute(losing);
  const lostAt = (at: number): number | undefined => there.get(at) ?? (at + settled <= now ? 0 : undefined);
  for (const at of [...new Set([...here.keys(), ...there.keys()])].sort((a, b) => b - a)) {
    const left = lostAt(at);
    if (left === undefined) continue;
    const received = here.get(at);
    const total = received === undefined ? smallestTotal(at) : left + received;
    if (total !== undefined && total > 0) return { share: Math.min(1, left / total), newest: at };
  }
  return { share: undefined, newest: 0 };

  /** Of the three minutes before, each known of both sides. The load may fall: the smallest total gives the largest share. */
  function smallestTotal(before: number): number | undefined {
    const totals = [1, 2, 3].flatMap((minutes) => {
      const received = here.get(before - minutes * minute);
      const left = lostAt(before - minutes * minute);
      return received === undefined || left === undefined ? [] : [received + left];
    });
    return totals.length === 0 ? undefined : Math.min(...totals);
  }
}

const byMinute = (points: readonly Point[]) => new Map(points.map(({ timestamp, value }) => [timestamp, value]));
