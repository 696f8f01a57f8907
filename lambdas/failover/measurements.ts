// How a move compares with the plan's recovery objectives: measured from its record and its story, told when it ends.
import type { Plan } from '../../core/contracts/plan.ts';
import type { FailoverEvent, FailoverRecord, Measurements } from '../../core/contracts/records.ts';

/** The line of check-drain that says that the losing side receives almost no requests. */
const drained = 'event#060-drained';

/** The first change of weights; an evacuation's users are moved by Route 53 itself, when its losing side is latched at the latest. */
const shifted = (story: readonly FailoverEvent[]): FailoverEvent | undefined => story.find(({ entry }) => /^event#(040-shift|020-latched)/.test(entry));

/**
 * From the story so far. `at`: ISO time of the ending. `movedAt` is measured, never concluded from weights: without it, whether the
 * recovery time objective is met is said only once it has passed. What a step has measured already (replication lag) stays.
 */
export function measure({ startedAt, measurements }: FailoverRecord, { recovery, data }: Plan, story: readonly FailoverEvent[], at: string): Measurements {
  const decidedAt = measurements?.decidedAt ?? startedAt;
  const firstShiftAt = measurements?.firstShiftAt ?? shifted(story)?.at;
  const movedAt = measurements?.movedAt ?? story.find(({ entry }) => entry === drained)?.at;
  const secondsToMoved = movedAt === undefined ? undefined : secondsBetween(decidedAt, movedAt);
  const overdue = secondsBetween(decidedAt, at) > recovery.rtoMinutes * 60;
  const withinRto = secondsToMoved === undefined ? (overdue ? false : undefined) : secondsToMoved <= recovery.rtoMinutes * 60;
  const lag = data === 'stateless' ? 0 : measurements?.replicationLagSeconds;
  return {
    ...measurements,
    decidedAt,
    ...(firstShiftAt === undefined ? {} : { firstShiftAt }),
    ...(movedAt === undefined ? {} : { movedAt }),
    ...(secondsToMoved === undefined ? {} : { secondsToMoved }),
    ...(withinRto === undefined ? {} : { withinRto }),
    ...(lag === undefined ? {} : { withinRpo: lag <= recovery.rpoSeconds }),
  };
}

/** The same for people. Nothing for a move that ended where it began: it has no time to be measured. */
export function measurementLines({ firstShiftAt, decidedAt, secondsToMoved, withinRto, withinRpo, replicationLagSeconds }: Measurements, plan: Plan): string[] {
  const { rtoMinutes, rpoSeconds } = plan.recovery;
  const lines = firstShiftAt === undefined ? [] : [`first users moved after ${duration(secondsBetween(decidedAt, firstShiftAt))}`];
  if (secondsToMoved !== undefined || withinRto !== undefined)
    lines.push(
      `${secondsToMoved === undefined ? 'not seen to have moved' : `moved after ${duration(secondsToMoved)}`}: ${withinRto ? 'within' : 'beyond'} the recovery time objective of ${duration(rtoMinutes * 60)}`,
    );
  if (withinRpo !== undefined && replicationLagSeconds !== undefined)
    lines.push(
      `the other side's data were ${duration(replicationLagSeconds)} behind: ${withinRpo ? 'within' : 'beyond'} the recovery point objective of ${duration(rpoSeconds)}`,
    );
  return lines;
}

const secondsBetween = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / 1000);
const duration = (seconds: number) => (seconds < 120 ? `${Math.round(seconds)} s` : `${Number((seconds / 60).toFixed(1))} min`);
