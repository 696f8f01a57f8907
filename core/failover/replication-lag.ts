// How many seconds of writes a move would lose, as far as the plan's metric tells.
import type { Plan } from '../contracts/plan.ts';
import type { FailoverRecord } from '../contracts/records.ts';
import type { Point } from '../prediction/port.ts';

/** What ended longer ago says nothing of now, ms. CloudWatch is up to three minutes late, and a period may last five. */
export const lagFreshness = 10 * 60_000;

export interface LagCheck {
  /** why the traffic must not move */
  readonly refusal: string | undefined;
  /** what was found, for the record */
  readonly finding: string;
  /** of the newest fresh point */
  readonly seconds: number | undefined;
}

/**
 * The newest value against the recovery point objective. Without fresh data nothing moves by itself; a person who asked for the way home, in which
 * direction the metric may have nothing to say, is taken at their word, and the record says so. A measured lag stops that too.
 * @param points of the metric, oldest first, or undefined when it could not be read; `now`: ms since the epoch
 */
export function checkLag(
  plan: Pick<Plan, 'recovery'>,
  periodSeconds: number,
  points: readonly Point[] | undefined,
  move: Pick<FailoverRecord, 'kind' | 'approvedBy'>,
  now: number,
): LagCheck {
  const { rpoSeconds } = plan.recovery;
  const newest = points?.findLast(({ timestamp }) => timestamp <= now);
  const fresh = newest && newest.timestamp + periodSeconds * 1000 >= now - lagFreshness ? newest : undefined;
  if (fresh && fresh.value >= 0) {
    const seconds = fresh.value;
    const found = `the replication lag is ${show(seconds)} s, the recovery point objective ${rpoSeconds} s`;
    return { refusal: seconds > rpoSeconds ? `${found}: moving would lose more writes than the plan allows` : undefined, finding: found, seconds };
  }
  const missing =
    points === undefined ? 'the replication lag could not be read' : `the replication lag has no data of the last ${lagFreshness / 60_000} minutes`;
  if (move.kind === 'fail-back' && move.approvedBy !== undefined && move.approvedBy !== 'plan')
    return { refusal: undefined, finding: `${missing}: ${move.approvedBy}, who asked for the way home, answers for the data`, seconds: undefined };
  return { refusal: `${missing}: what a move would lose is not known`, finding: missing, seconds: undefined };
}

const show = (seconds: number) => String(Math.round(seconds * 10) / 10);
