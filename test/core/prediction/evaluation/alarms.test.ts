// The counting of alarms against a reference that takes the rules word by word, and on cases counted by hand.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateAt, leaveOneOut, median, outline, thresholdForBudget } from '../../../../core/prediction/evaluation/alarms.ts';
import type { ScoredSeries } from '../../../../core/prediction/evaluation/labels.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const t0 = Date.UTC(2026, 0, 5);

/** Five-minute rows of `days`, 0 but for the given minutes. */
function series(days: number, scores: Record<number, number>, incidents: [number, number][] = [], more: Partial<ScoredSeries> = {}): ScoredSeries {
  const rows = days * 288;
  return {
    name: 'a',
    times: Array.from({ length: rows }, (_, row) => t0 + row * 5 * minute),
    scores: Array.from({ length: rows }, (_, row) => scores[row * 5] ?? 0),
    incidents: incidents.map(([from, until]) => ({ from: t0 + from * minute, until: t0 + until * minute })),
    ...more,
  };
}

/** The rules as they are written, row by row for one threshold. */
function byTheWord({ times, scores, incidents, labelledFrom = -Infinity }: ScoredSeries, threshold: number) {
  const hours = new Set<number>();
  const rows = Array.from(times, (time, index) => ({ time, score: Number.isNaN(scores[index]) ? 0 : (scores[index] ?? 0) })).filter(
    ({ time }) => time >= labelledFrom,
  );
  for (const { time, score } of rows)
    if (score >= threshold && !incidents.some(({ from, until }) => time >= from - hour && time <= until + hour / 2)) hours.add(Math.floor(time / hour));
  const delays = incidents
    .filter(({ from, until }) => from >= labelledFrom && rows.some(({ time }) => time >= from - hour && time <= until))
    .toSorted((a, b) => a.from - b.from)
    .map(({ from, until }) => {
      const row = rows.find(({ time, score }) => score >= threshold && time >= from - hour && time <= until);
      return row ? (row.time - from) / minute : null;
    });
  return { falseAlarms: hours.size, delays };
}

const score = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.constant(Number.NaN),
  fc.integer({ min: 0, max: 1000 }).map((tenth) => tenth / 10),
);
const anySeries: fc.Arbitrary<ScoredSeries> = fc
  .record({
    steps: fc.array(fc.tuple(fc.oneof(fc.constant(5), fc.integer({ min: 0, max: 200 })), score), { minLength: 1, maxLength: 120 }),
    incidents: fc.array(fc.tuple(fc.integer({ min: -100, max: 3000 }), fc.integer({ min: 0, max: 300 })), { maxLength: 4 }),
    labelled: fc.option(fc.integer({ min: -50, max: 900 }), { nil: undefined }),
  })
  .map(({ steps, incidents, labelled }) => {
    let time = t0;
    return {
      name: 'any',
      times: steps.map(([step]) => (time += step * minute)),
      scores: steps.map(([, value]) => value),
      incidents: incidents.map(([from, length]) => ({ from: t0 + from * minute, until: t0 + (from + length) * minute })),
      ...(labelled === undefined ? {} : { labelledFrom: t0 + labelled * minute }),
    };
  });

describe('evaluateAt', () => {
  it('counts as the rules say, at every threshold', () => {
    fc.assert(
      fc.property(anySeries, fc.constantFrom(0.1, 1, 30, 50, 70, 85, 99.9, 100), (one, threshold) => {
        const expected = byTheWord(one, threshold);
        const found = evaluateAt([outline(one)], threshold);
        expect(found.falseAlarms).toBe(expected.falseAlarms);
        expect(found.incidents.map(({ delayMinutes }) => delayMinutes)).toEqual(expected.delays);
        expect(found.found).toBe(expected.delays.filter((delay) => delay !== null).length);
      }),
    );
  });

  it('finds no fewer incidents, and none later, at a lower threshold', () => {
    fc.assert(
      fc.property(anySeries, fc.double({ min: 0.1, max: 100, noNaN: true }), fc.double({ min: 0.1, max: 100, noNaN: true }), (one, a, b) => {
        const low = evaluateAt([outline(one)], Math.min(a, b));
        const high = evaluateAt([outline(one)], Math.max(a, b));
        expect(low.falseAlarms).toBeGreaterThanOrEqual(high.falseAlarms);
        low.incidents.forEach(({ alarmAt }, index) => {
          const later = high.incidents[index]?.alarmAt ?? null;
          if (later !== null) expect(alarmAt).toBeLessThanOrEqual(later);
        });
      }),
    );
  });

  it('counts an hour once however often it alarms, and grace not at all', () => {
    // Incident from 10:00 to 11:00: 8:55 is false; 9:00 finds it, an hour ahead; 11:30 is grace; 11:35 and 11:50 are one false hour, 12:00 the next.
    const one = series(2, { 535: 90, 540: 80, 690: 95, 695: 90, 710: 90, 720: 90 }, [[600, 660]]);
    const at80 = evaluateAt([outline(one)], 80);
    expect(at80).toMatchObject({ falseAlarms: 3, found: 1, medianDelayMinutes: -60, days: 2, falseAlarmsPerDay: 1.5, precision: 0.25, recall: 1 });
    expect(evaluateAt([outline(one)], 85)).toMatchObject({ falseAlarms: 3, found: 0, medianDelayMinutes: null, precision: 0, recall: 0 });
    expect(evaluateAt([outline(one)], 100)).toMatchObject({ falseAlarms: 0, precision: null });
  });

  it('says what alarms at random would have found', () => {
    // 24 false alarms a day and an hour of grace before an incident of an hour: two are expected in the two hours.
    const noisy = series(1, Object.fromEntries(Array.from({ length: 24 }, (_, hour) => [hour * 60, 90])), [[600, 660]]);
    const { falseAlarmsPerDay, foundByChance } = evaluateAt([outline(noisy)], 85);
    expect(foundByChance).toBeCloseTo(1 - Math.exp((-falseAlarmsPerDay * 2) / 24), 12);
    expect(evaluateAt([outline(series(1, {}, [[600, 660]]))], 85).foundByChance).toBe(0);
  });

  it('does not judge what lies before the labels, and what lies outside the history', () => {
    const one = series(
      2,
      { 100: 90, 1000: 90 },
      [
        [90, 110],
        [990, 1010],
        [90_000, 90_010],
      ],
      { labelledFrom: t0 + 720 * minute },
    );
    expect(evaluateAt([outline(one)], 85)).toMatchObject({ found: 1, falseAlarms: 0, days: 1.5, incidents: [{ delayMinutes: 10 }] });
    expect(evaluateAt([outline({ ...one, labelledFrom: t0 + 9 * day })], 85)).toMatchObject({ days: 0, falseAlarmsPerDay: 0, recall: null });
  });
});

describe('thresholdForBudget', () => {
  it('is the lowest score that keeps to the budget', () => {
    fc.assert(
      fc.property(fc.array(anySeries, { minLength: 1, maxLength: 3 }), fc.constantFrom(0, 0.5, 1, 5), (all, perDay) => {
        const outlines = all.map(outline);
        const chosen = thresholdForBudget(outlines, perDay);
        const occurring = outlines.flatMap(({ scores }) => [...scores]).filter((value) => value > 0);
        const within = (threshold: number) => evaluateAt(outlines, threshold).falseAlarms <= perDay * evaluateAt(outlines, threshold).days + 1e-9;
        const possible = occurring.filter(within);
        expect(chosen).toBe(possible.length > 0 ? Math.min(...possible) : null);
      }),
    );
  });

  it('gives the budget of two days to two days', () => {
    const one = series(2, { 0: 10, 60: 20, 120: 30, 180: 40, 600: 35 }, [[600, 660]]);
    expect(thresholdForBudget([outline(one)], 1)).toBe(30);
    expect(thresholdForBudget([outline(one)], 0.5)).toBe(35);
    expect(thresholdForBudget([outline(one)], 0)).toBeNull();
  });
});

describe('leaveOneOut', () => {
  it('judges each series by the others only', () => {
    const loud = outline(series(1, { 0: 90, 60: 80, 600: 95 }, [[600, 660]], { name: 'loud' }));
    const quiet = outline(series(1, { 0: 20, 60: 10, 600: 50 }, [[600, 660]], { name: 'quiet' }));
    const result = leaveOneOut([loud, quiet], 1);
    expect(result.each.map(({ threshold }) => threshold)).toEqual([20, 90]);
    expect(result).toMatchObject({ found: 1, falseAlarms: 2, days: 2, recall: 0.5 });
    expect(result.each[1]?.evaluation).toMatchObject({ found: 0, falseAlarms: 0 });
  });

  it('needs two', () => {
    expect(() => leaveOneOut([outline(series(1, {}))], 1)).toThrow(/at least two/);
  });
});

it('takes the mean of the middle two', () => {
  expect([median([]), median([3]), median([4, 1]), median([9, 1, 2])]).toEqual([null, 3, 2.5, 2]);
});
