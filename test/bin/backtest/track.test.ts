// What is kept of a scored history: decisions, stays, episodes and the most telling row of each stretch.
import { describe, expect, it } from 'vitest';
import type { ScoredRow } from '../../../bin/backtest/score.ts';
import { Tracker } from '../../../bin/backtest/track.ts';
import { crossingsOf, timeAtLevels } from '../../../bin/commands/backtest-summary.ts';

const minute = 60_000;
const row = (at: number, score: number | null, level: ScoredRow['level'] = 'minimal', critical = false): ScoredRow => ({
  time: at * minute,
  score,
  anomalyScore: 0.5,
  expectedInMinutes: null,
  reasons: [{ metric: 'a', kind: 'level', detail: `at ${at}` }],
  level,
  critical,
});

function trackOf(rows: readonly ScoredRow[]) {
  const tracker = new Tracker({ name: 'a', metrics: ['a'], from: 0, to: rows.at(-1)?.time ?? 0, episodesFrom: 30 });
  expect([...tracker.watch(rows)]).toEqual(rows);
  return tracker.finish();
}

describe('Tracker', () => {
  const track = trackOf([
    row(0, null),
    row(1, 10),
    row(2, 90, 'full', true),
    row(3, 90, 'full', true),
    row(4, 20, 'partial'),
    row(50, 40, 'partial'),
    row(120, 35, 'partial'),
    row(180, 5),
  ]);

  it('names every change once, at its time', () => {
    expect(track.decisions.map(({ time, what, previous, level }) => [time / minute, what, previous, level])).toEqual([
      [2, 'level', 'minimal', 'full'],
      [2, 'critical', 'minimal', 'full'],
      [4, 'level', 'full', 'partial'],
      [4, 'no longer critical', 'full', 'partial'],
      [180, 'level', 'partial', 'minimal'],
    ]);
    expect(track.critical).toEqual([{ from: 2 * minute, until: 4 * minute }]);
  });

  it('joins what rises again within the hour into one episode, with its highest row', () => {
    expect(track.episodes.map(({ from, to, peak }) => [from / minute, to / minute, peak.score, peak.time / minute])).toEqual([
      [2, 50, 90, 2],
      [120, 120, 35, 120],
    ]);
  });

  it('counts time at a level to the next row, and gaps as an hour at most', () => {
    expect(timeAtLevels(track)).toEqual({ minimal: 2 * minute, full: 2 * minute, partial: (46 + 60 + 60) * minute });
    expect([crossingsOf(track, 30), crossingsOf(track, 85)]).toEqual([2, 1]);
  });

  it('keeps of each stretch the row with the highest score, however many there are', () => {
    const long = trackOf(Array.from({ length: 20_000 }, (_, index) => row(index, index === 7777 ? 99 : index % 10)));
    expect(long.highlights.length).toBeLessThanOrEqual(801);
    expect(long.highlights.filter(({ score }) => score === 99)).toHaveLength(1);
    expect(long.times).toHaveLength(20_000);
  });
});
