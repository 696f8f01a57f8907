// The readable summary of one scored series: time at each level, episodes, and the decisions that would have been taken.
import { isoTime } from '../backtest/score.ts';
import { namedThresholds, type Settings } from '../backtest/settings.ts';
import type { Decision, Track } from '../backtest/track.ts';

const hour = 3_600_000;
/** A gap counts as this much time at the level before it, at most. */
const longestStep = hour;
const episodesShown = 5;
const decisionsShown = 20;

const hours = (milliseconds: number): string => `${(milliseconds / hour).toFixed(1)} h`;
export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** Time spent at each level, ms. */
export function timeAtLevels({ times, levels }: Track): Record<'minimal' | 'partial' | 'full', number> {
  const at = { minimal: 0, partial: 0, full: 0 };
  let change = 0;
  for (let index = 0; index + 1 < times.length; index += 1) {
    const time = times[index] ?? 0;
    while ((levels[change + 1]?.at ?? Number.POSITIVE_INFINITY) <= time) change += 1;
    at[levels[change]?.value ?? 'minimal'] += Math.min(longestStep, (times[index + 1] ?? time) - time);
  }
  return at;
}

/** How often the score rose to a threshold. Rows without a score neither raise nor lower it. */
export function crossingsOf({ scores }: Track, threshold: number): number {
  let before = 0;
  let crossings = 0;
  for (const score of scores) {
    if (Number.isNaN(score)) continue;
    if (before < threshold && score >= threshold) crossings += 1;
    before = score;
  }
  return crossings;
}

/** Lines of the summary. `name`: the file as it was given, or what was read from CloudWatch. */
export function* summarise(name: string, track: Track, settings: Settings): Generator<string> {
  const { times, scores, metrics, episodes, decisions } = track;
  const thresholds = namedThresholds(settings);
  const lowest = settings.thresholds.partial;
  const first = times[0] ?? 0;
  yield `${name}: ${plural(times.length, 'row')}, ${plural(metrics.length, 'metric')}, ${isoTime(first)} to ${isoTime(times.at(-1) ?? first)}`;
  const unscored = scores.reduce((sum, score) => sum + (Number.isNaN(score) ? 1 : 0), 0);
  if (unscored > 0) yield `not scored: ${unscored} rows (warming up, or nothing to tell by)`;
  const atLevel = timeAtLevels(track);
  yield `time at each mirroring level: minimal ${hours(atLevel.minimal)}, partial ${hours(atLevel.partial)}, full ${hours(atLevel.full)}`;
  yield `times that the score rose to ${thresholds.map(({ name, score }) => `${score} (${name}): ${crossingsOf(track, score)}`).join(', ')}`;
  if (episodes.length === 0) yield `no score of ${lowest} or more`;
  else {
    yield `highest of ${plural(episodes.length, 'episode')} with a score of ${lowest} or more:`;
    for (const { from, to, peak } of episodes.toSorted((a, b) => (b.peak.score ?? 0) - (a.peak.score ?? 0)).slice(0, episodesShown)) {
      yield `  ${(peak.score ?? 0).toFixed(1).padStart(5)}  ${isoTime(from)} to ${isoTime(to)}, highest at ${isoTime(peak.time)}`;
      for (const reason of peak.reasons.slice(0, 3)) yield `         ${reason.kind}: ${reason.detail}`;
    }
  }
  yield* decisionLines(decisions);
}

/** What a decision is, in words. */
export function decisionText({ what, level, previous, expectedInMinutes }: Decision): string {
  if (what === 'level') return `mirroring level ${previous} -> ${level}`;
  if (what === 'no longer critical') return 'no longer critical';
  const soon = expectedInMinutes === null ? '' : expectedInMinutes <= 0 ? ' (it has begun)' : ` (expected in ${Math.round(expectedInMinutes)} minutes)`;
  return `critical${soon}: a failover would be asked for`;
}

function* decisionLines(decisions: readonly Decision[]): Generator<string> {
  if (decisions.length === 0) {
    yield 'decisions: none';
    return;
  }
  const asked = decisions.filter(({ what }) => what === 'critical').length;
  const levels = decisions.filter(({ what }) => what === 'level').length;
  yield `decisions: ${plural(levels, 'change')} of the mirroring level; a failover would be asked for ${plural(asked, 'time')}`;
  // What would move traffic is not lost among changes of level.
  const told = decisions.length > decisionsShown && asked > 0 ? decisions.filter(({ what }) => what === 'critical') : decisions;
  for (const decision of told.slice(0, decisionsShown)) {
    const score = decision.score === null ? '' : `, score ${decision.score.toFixed(1)}`;
    yield `  ${isoTime(decision.time)}  ${decisionText(decision)}${score}`;
  }
  const shown = Math.min(told.length, decisionsShown);
  if (shown < decisions.length) yield `  ... and ${decisions.length - shown} more, all with --report or --html`;
  if (asked > 0) yield '  (interlocks are not simulated, and nothing is moved: after each of these the history goes on as it was)';
}
