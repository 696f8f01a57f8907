// The readable summary of a backtest.
import type { BacktestLine } from './backtest-line.ts';

const thresholds = [30, 70, 85] as const;
const hour = 3_600_000;
/** A gap counts as this much time at the level before it, at most. */
const longestStep = hour;
const shown = 5;

const hours = (milliseconds: number): string => `${(milliseconds / hour).toFixed(1)} h`;

interface Episode {
  from: string;
  to: string;
  top: BacktestLine;
  /** score of `top` */
  peak: number;
}

/** Lines of the summary: span, time at each level, crossings, and the episodes with the highest scores. */
export function* summarise(file: string, metrics: readonly string[], lines: Iterable<BacktestLine>): Generator<string> {
  const atLevel = { minimal: 0, partial: 0, full: 0 };
  const crossings = new Map<number, number>(thresholds.map((threshold) => [threshold, 0]));
  const episodes: Episode[] = [];
  let rows = 0;
  let unscored = 0;
  let first = '';
  let last: BacktestLine | undefined;
  let score = 0;
  for (const line of lines) {
    rows += 1;
    if (last === undefined) first = line.timestamp;
    else atLevel[last.mirroringLevel] += Math.min(longestStep, Date.parse(line.timestamp) - Date.parse(last.timestamp));
    last = line;
    if (line.failureProbability === null) {
      unscored += 1;
      continue;
    }
    const before = score;
    score = line.failureProbability;
    for (const threshold of thresholds) if (before < threshold && score >= threshold) crossings.set(threshold, (crossings.get(threshold) ?? 0) + 1);
    if (score < thresholds[0]) continue;
    const open = episodes.at(-1);
    // What rises again within the hour is the same episode.
    if (open === undefined || Date.parse(line.timestamp) - Date.parse(open.to) > hour)
      episodes.push({ from: line.timestamp, to: line.timestamp, top: line, peak: score });
    else {
      open.to = line.timestamp;
      if (score > open.peak) Object.assign(open, { top: line, peak: score });
    }
  }
  yield `${file}: ${rows} rows, ${metrics.length} metric${metrics.length === 1 ? '' : 's'}, ${first} to ${last?.timestamp ?? first}`;
  if (unscored > 0) yield `not scored: ${unscored} rows (warming up, or nothing to tell by)`;
  yield `time at each mirroring level: minimal ${hours(atLevel.minimal)}, partial ${hours(atLevel.partial)}, full ${hours(atLevel.full)}`;
  yield `times that the score rose to 30 (partial): ${crossings.get(30)}, 70 (full): ${crossings.get(70)}, 85 (critical): ${crossings.get(85)}`;
  if (episodes.length === 0) {
    yield 'no score of 30 or more';
    return;
  }
  yield `highest of ${episodes.length} episode${episodes.length === 1 ? '' : 's'} with a score of 30 or more:`;
  for (const { from, to, top, peak } of episodes.toSorted((a, b) => b.peak - a.peak).slice(0, shown)) {
    yield `  ${peak.toFixed(1).padStart(5)}  ${from} to ${to}, highest at ${top.timestamp}`;
    for (const reason of top.reasons.slice(0, 3)) yield `         ${reason.kind}: ${reason.detail}`;
  }
}
