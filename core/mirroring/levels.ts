// From scores to a mirroring level and the critical state, with hysteresis so that neither flaps.
import { z } from 'zod';
import { MirroringLevel, type Plan } from '../contracts/plan.ts';
import { higherLevel } from './policy.ts';

export type Thresholds = Plan['thresholds'];

/** Times are ms since the epoch. */
export const LevelState = z.strictObject({
  level: MirroringLevel,
  /** when the level was entered */
  since: z.number(),
  critical: z.boolean(),
  /** when critical was entered; null while it is not */
  criticalSince: z.number().nullable(),
});
export type LevelState = z.infer<typeof LevelState>;

export const initialLevel = (time: number, floor: MirroringLevel = 'minimal'): LevelState => ({
  level: floor,
  since: time,
  critical: false,
  criticalSince: null,
});

/** The level that a score asks for, `exitBelow` points short of each threshold (0: where levels are entered). */
function levelAt(score: number, thresholds: Thresholds, exitBelow: number): MirroringLevel {
  if (score >= thresholds.full - exitBelow) return 'full';
  return score >= thresholds.partial - exitBelow ? 'partial' : 'minimal';
}

/**
 * The state after a score. A level is entered at its threshold, at once. It is left once the score is more than `exitBelow` points
 * under the threshold and the level is `dwellMinutes` old. Critical behaves alike.
 * @param score 0-100; null is no evidence and changes nothing but that the floor holds
 * @param time of the score, ms since the epoch
 * @param floor lowest level allowed
 */
export function nextLevel(state: LevelState, score: number | null, time: number, thresholds: Thresholds, floor: MirroringLevel = 'minimal'): LevelState {
  const dwell = thresholds.dwellMinutes * 60_000;
  let { level, since, critical, criticalSince } = state;
  if (score !== null && Number.isFinite(score)) {
    const entered = levelAt(score, thresholds, 0);
    if (entered !== level && higherLevel(level, entered) === entered) {
      level = entered;
      since = time;
    } else if (time - since >= dwell) {
      const kept = higherLevel(levelAt(score, thresholds, thresholds.exitBelow), floor);
      if (kept !== level && higherLevel(level, kept) === level) {
        level = kept;
        since = time;
      }
    }
    if (!critical && score >= thresholds.critical) {
      critical = true;
      criticalSince = time;
    } else if (critical && score < thresholds.critical - thresholds.exitBelow && time - (criticalSince ?? time) >= dwell) {
      critical = false;
      criticalSince = null;
    }
  }
  if (higherLevel(level, floor) !== level) {
    level = floor;
    since = time;
  }
  return { level, since, critical, criticalSince };
}
