// What a drill of the run came to: how long it was on its way, there and home, and whom it hurt.
import type { ForestallTimeline, ScenarioResult } from '../results.ts';
import { minute } from '../world/faults.ts';

/** A sentence for each way of each drill, and one for the requests. Nothing when there was no drill. */
export function drillNotes(
  { failovers }: Pick<ForestallTimeline, 'failovers'>,
  { forestall, none }: Pick<ScenarioResult['arms'], 'forestall' | 'none'>,
): string[] {
  const ways = failovers.filter(({ drill }) => drill !== undefined);
  if (ways.length === 0) return [];
  return [
    ...ways.map(({ kind, drill, outcome, startedAt, endedAt, measurements }) => {
      const { secondsToMoved, withinRto } = measurements ?? {};
      const moved =
        secondsToMoved === undefined ? '' : `, moved after ${(secondsToMoved / 60).toFixed(1)} min (${withinRto ? 'within' : 'beyond'} the objective)`;
      const over = endedAt === null ? '' : ` after ${((endedAt - startedAt) / minute).toFixed(1)} min`;
      return `Drill (${kind === 'fail-back' ? 'way home' : drill}): ${outcome ?? 'not ended'}${over}${moved}.`;
    }),
    `Requests that failed with Forestall and not without: ${Math.max(0, forestall.failed - none.failed).toLocaleString('en')} of ${forestall.requests.toLocaleString('en')}.`,
  ];
}
