import { describe, expect, test } from 'vitest';
import { atThresholdOf, onsetAuc, scored, worthOf } from '../../../bench/prediction/incident-scores.ts';
import { heldOutScores } from '../../../bench/prediction/incidents.ts';
import { DataAbsentError } from '../../../bench/prediction/section.ts';
import type { ScoredSeries } from '../../../core/prediction/evaluation/labels.ts';

const minute = 60_000;
const hour = 60 * minute;
const start = Date.parse('2026-01-05T00:00:00Z');

/** Two labelled days every ten minutes, an incident of an hour at noon of each; `score` of a row by minutes since the nearest incident began, null outside. */
function series(name: string, score: (since: number | null) => number): ScoredSeries {
  const times = Array.from({ length: 288 }, (_, index) => start + index * 10 * minute);
  const incidents = [12, 36].map((at) => ({ from: start + at * hour, until: start + at * hour + 50 * minute }));
  const since = (time: number) => incidents.flatMap(({ from, until }) => (from <= time && time <= until ? [(time - from) / minute] : []))[0] ?? null;
  return { name, times, incidents, labelledFrom: start, scores: times.map((time) => score(since(time))) };
}

describe('what scores of servers are worth', () => {
  test('a score that knows is perfect, and its delay counts from the beginning', () => {
    const knowing = ['a', 'b', 'c'].map((name) => series(name, (since) => (since === null ? 1 : since < 20 ? 5 : 90)));
    const { pooled, mean, atBudget, reliability } = worthOf(knowing, 0);
    expect([pooled, mean, atBudget.found, atBudget.recall]).toEqual([1, 1, 6, 1]);
    expect(atBudget.medianDelayMinutes).toBe(0);
    expect(atBudget.falseAlarms).toBe(0);
    expect(reliability?.brier ?? 1).toBeLessThan(reliability?.baseBrier ?? 0);
    expect(atThresholdOf(knowing.slice(0, 2), knowing.slice(2)).found).toBe(2);
  });

  test('a score that says nothing is a coin', () => {
    const { pooled, atBudget } = worthOf(
      ['a', 'b'].map((name) => series(name, () => 7)),
      60,
    );
    expect(pooled).toBe(0.5);
    expect(atBudget.found).toBe(0);
    expect(onsetAuc([series('a', () => 7)], 60)).toBe(0.5);
  });

  test('rows that are not scored are 0: the detector warms up', () => {
    const rows = Array.from({ length: 200 }, (_, index) => Float64Array.of(index % 7, Number.NaN));
    const one = scored(
      { name: 'a', times: Float64Array.from(rows.keys(), (index) => start + index * 10 * minute), rows, labelledFrom: start, incidents: [] },
      undefined,
    );
    expect(one.scores[0]).toBeNaN();
    expect(one.scores[199]).toBeGreaterThan(0);
  });

  test('data that is absent is said to be', async () => {
    await expect(heldOutScores('/nowhere', 'asd')).rejects.toThrow(DataAbsentError);
  });
});
