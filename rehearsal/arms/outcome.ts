// What came of a run with Forestall, from its own records and from where traffic really went.
import type { ArmResult, ForestallTimeline } from '../results.ts';
import type { Movement } from './movement.ts';

/** Something was started and stopped short, with the traffic where it was. */
const stoppedShort = ['held', 'halted'];

/**
 * The newest failover that ended with traffic somewhere decides. Without one: `evacuated` when health checks moved traffic anyway,
 * `held` when something was started and stopped short, else `no-action`: what was refused or only advised was never started.
 */
export function outcomeOf({ failovers }: Pick<ForestallTimeline, 'failovers'>, movement: Pick<Movement, 'answer'>): ArmResult['outcome'] {
  const decided = failovers
    .filter(({ outcome, kind }) => kind !== 'fail-back' && (outcome === 'failed-over' || outcome === 'rolled-back' || outcome === 'evacuated'))
    .sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0))
    .at(-1);
  if (decided?.outcome === 'failed-over' || decided?.outcome === 'evacuated') return decided.outcome;
  if (movement.answer < 0.5) return 'evacuated';
  if (decided) return 'rolled-back';
  return failovers.some(({ outcome }) => outcome !== null && stoppedShort.includes(outcome)) ? 'held' : 'no-action';
}
