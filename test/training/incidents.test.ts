import { describe, expect, test } from 'vitest';
import { featureNames } from '../../core/prediction/features/resource-features.ts';
import { parseModel } from '../../core/prediction/model/format.ts';
import { extractor, incidentOptions } from '../../training/incidents.ts';
import { type LabelledSeries, labelRows, rowsOfSeries } from '../../training/labelled-rows.ts';
import { randomOf } from '../../training/random.ts';
import { trainModel, trainOnRows } from '../../training/train-model.ts';

const minute = 60_000;
const day = 1440 * minute;
const start = Date.parse('2026-01-05T00:00:00Z');

/** Six days of five metrics every ten minutes; in an incident of two hours all of them leave their course. */
function server(name: string, seed: number): LabelledSeries {
  const random = randomOf(seed);
  const times = Float64Array.from({ length: (6 * day) / (10 * minute) }, (_, index) => start + index * 10 * minute);
  const incidents = [3.3, 4.1, 5.5].map((at) => ({ from: start + (at + seed / 50) * day, until: start + (at + seed / 50) * day + 120 * minute }));
  const rows = Array.from(times, (time) => {
    const inside = incidents.some(({ from, until }) => from <= time && time <= until);
    return Float64Array.from({ length: 5 }, (_, metric) => 10 * (metric + 1) + random() - 0.5 + (inside ? (metric % 2 === 0 ? 3 : -3) : 0));
  });
  return { name, times, rows, labelledFrom: start + 3 * day, incidents };
}

const series = [1, 2, 3, 4].map((seed) => server(`server-${seed}`, seed));
const options = {
  ...incidentOptions,
  folds: 4,
  date: '2026-01-31',
  sources: [{ name: 'made', origin: 'here', licence: 'none', series: [], rows: 1 }],
  notes: [],
};

describe('models of incidents', () => {
  test('are of the features that the engine computes, and learn what is there', () => {
    expect(extractor.names).toBe(featureNames);
    const { model } = trainModel(series, extractor, options);
    expect(parseModel(JSON.parse(JSON.stringify(model)), featureNames).horizons).toHaveLength(options.horizons.length);
    const present = model.horizons.find(({ target }) => target === 'present');
    expect(present?.skill).toBe(true);
    expect(present?.heldOut.rocAuc).toBeGreaterThan(0.95);
    // Incidents were drawn without warning.
    expect(model.horizons.find(({ target, minutes }) => target === 'starts' && minutes === 15)?.skill).toBe(false);
  });

  test('of rows that were computed before are the same', () => {
    const rows = labelRows(series, extractor, options.everyMinutes);
    expect(trainOnRows(rows, options).model.parts).toEqual(trainModel(series, extractor, options).model.parts);
  });

  test('rows of some series are those of the series alone', () => {
    const rows = labelRows(series, extractor, options.everyMinutes);
    const kept = rowsOfSeries(rows, (name) => name !== 'server-2');
    const alone = labelRows(
      series.filter(({ name }) => name !== 'server-2'),
      extractor,
      options.everyMinutes,
    );
    expect(kept.series).toEqual(['server-1', 'server-3', 'server-4']);
    expect(kept.values).toEqual(alone.values);
    expect(kept.seriesOf).toEqual(alone.seriesOf);
    expect(kept.minutesUntil).toEqual(alone.minutesUntil);
    expect(new Set(kept.incidentOf).size).toBe(new Set(alone.incidentOf).size);
    expect(rowsOfSeries(rows, () => false).values).toHaveLength(0);
  });
});
