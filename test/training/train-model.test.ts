import { describe, expect, test } from 'vitest';
import { parseModel } from '../../core/prediction/model/format.ts';
import { foldsOf, outOfFold } from '../../training/cross-validation.ts';
import { type FeatureExtractor, groupRows, type LabelledSeries, labelRows, outcomesOf } from '../../training/labelled-rows.ts';
import { learn, scoreRows } from '../../training/learner.ts';
import { drawDistinct, randomOf } from '../../training/random.ts';
import { recalibrate } from '../../training/recalibrate.ts';
import type { Rows } from '../../training/rows.ts';
import { type ModelOptions, modelDefaults, trainModel } from '../../training/train-model.ts';

const minute = 60_000;

/** The metrics themselves, from the third row on. */
const plain: FeatureExtractor<number> = {
  names: ['load', 'noise'],
  initial: () => 0,
  observe: (seen, _, values) => ({ state: seen + 1, features: seen < 2 ? null : values.slice() }),
};

/** `length` rows, one in five minutes; every 50 rows an incident of 5 rows, in which the load is high. */
function series(name: string, seed: number, length = 400): LabelledSeries {
  const random = randomOf(seed);
  const times = Float64Array.from({ length }, (_, row) => row * 5 * minute);
  const inside = (row: number) => row % 50 >= 45;
  const rows = Array.from({ length }, (_, row) => Float64Array.of((inside(row) ? 3 : 0) + random() * 4, random()));
  const incidents = Array.from({ length: Math.floor(length / 50) }, (_, index) => ({
    from: (index * 50 + 45) * 5 * minute,
    until: (index * 50 + 49) * 5 * minute,
  }));
  return { name, times, rows, labelledFrom: 20 * 5 * minute, incidents };
}

const options: ModelOptions = {
  ...modelDefaults,
  learner: { kind: 'gradient-boosting', boosting: { trees: 30 } },
  horizons: [
    { target: 'present', minutes: 0 },
    { target: 'starts', minutes: 30 },
    { target: 'either', minutes: 30 },
  ],
  date: '2026-01-31',
  sources: [{ name: 'made up', origin: 'a test', licence: 'none', series: ['a'], rows: 400 }],
  notes: ['a note'],
};

describe('labelled rows', () => {
  const rows = labelRows([series('a', 1, 100)], plain, 5);

  test('begin where labels and features do, and know what comes', () => {
    expect(rows.times[0]).toBe(20 * 5 * minute);
    expect(rows.times).toHaveLength(80);
    // Row 20 of the series: 25 rows before the first incident, 79 before the end.
    expect([rows.minutesUntil[0], rows.minutesKnown[0], rows.incidentOf[0], rows.minutesSince[0]]).toEqual([125, 395, -1, Number.POSITIVE_INFINITY]);
    expect([rows.incidentOf[25], rows.incidentOf[29], rows.incidentOf[30], rows.minutesSince[30]]).toEqual([0, 0, -1, 5]);
    expect(rows.incidentOf[79]).toBe(1);
  });

  test('outcomes: inside, shortly before, long before, and not known', () => {
    const ends = { ...series('a', 1, 60) };
    const known = labelRows([ends], plain, 5);
    const [at, before, early, late] = [27, 20, 10, 39];
    const outcomes = (target: 'present' | 'starts' | 'either') => [at, before, early, late].map((row) => outcomesOf(known, { target, minutes: 30 })[row]);
    expect(outcomes('present')).toEqual([1, 0, 0, 0]);
    expect(outcomes('starts')).toEqual([-1, 1, 0, -1]);
    expect(outcomes('either')).toEqual([1, 1, 0, -1]);
  });

  test('are thinned, but all seen', () => {
    const seen: number[] = [];
    const counting: FeatureExtractor<null> = {
      names: ['load'],
      initial: () => null,
      observe: (state, time, values) => {
        seen.push(time);
        return { state, features: values.slice(0, 1) };
      },
    };
    expect(labelRows([series('a', 1, 100)], counting, 15).times).toHaveLength(27);
    expect(seen).toHaveLength(100);
  });

  test('no row to learn from is refused', () => {
    expect(() => labelRows([{ ...series('a', 1), labelledFrom: Number.POSITIVE_INFINITY }], plain, 5)).toThrow(/no row has both/);
  });

  test('blocks of one series are consecutive', () => {
    const groups = groupRows(rows, 5);
    expect(new Set(groups).size).toBe(5);
    expect([...groups]).toEqual([...groups].sort((a, b) => a - b));
  });
});

describe('folds', () => {
  test('hold out each group once, the same for the same seed', () => {
    const groups = Int32Array.from({ length: 60 }, (_, row) => row % 7);
    const folds = foldsOf(groups, 3, 1);
    expect(folds.flat().sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(foldsOf(groups, 3, 1)).toEqual(folds);
    expect(() => foldsOf(groups, 8, 1)).toThrow(/7 groups cannot be held out in 8 folds/);
    expect(() => foldsOf(groups, 1, 1)).toThrow(/at least 2/);
  });

  test('a group is never scored by what it taught', () => {
    const groups = Int32Array.from({ length: 20 }, (_, row) => row % 4);
    const rows: Rows = { features: ['f'], values: new Float64Array(20), labels: new Uint8Array(20), groups };
    const scores = outOfFold(rows, foldsOf(groups, 4, 1), (training, held) => {
      const taught = new Set(training.groups);
      expect([...held.groups].some((group) => taught.has(group))).toBe(false);
      return Float64Array.from(held.groups);
    });
    expect([...scores]).toEqual([...groups]);
  });

  test('drawn numbers are different, and all of them are drawn', () => {
    expect([...drawDistinct(9, 20, randomOf(1))].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('a trained model', () => {
  const all = ['a', 'b', 'c', 'd'].map((name, index) => series(name, index + 1));
  const trained = trainModel(all, plain, options);
  const { model } = trained;

  test('is one that can be read, and scores as in training', () => {
    const read = parseModel(JSON.parse(JSON.stringify(model)), plain.names);
    expect(read).toEqual(model);
    const rows: Rows = { features: plain.names, values: trained.rows.values, labels: new Uint8Array(trained.rows.times.length), groups: trained.rows.seriesOf };
    expect([...scoreRows(read.parts, rows)]).toEqual([...scoreRows(model.parts, rows)]);
  });

  test('finds the incidents of series it has not seen, and does not claim to foresee them', () => {
    const [present, starts] = model.horizons;
    expect(present?.heldOut.rocAuc).toBeGreaterThan(0.85);
    expect(present?.skill).toBe(true);
    expect(present?.heldOut.brier).toBeLessThan(present?.heldOut.baseRateBrier ?? 0);
    expect(present?.heldOut.eceEqualWidth).toBeLessThan(0.05);
    expect(starts?.skill).toBe(false);
  });

  test('says where it is from', () => {
    expect(model.provenance).toMatchObject({
      date: '2026-01-31',
      seed: 1,
      sources: options.sources,
      notes: ['a note'],
      parameters: { learns: 'present', folds: 4 },
    });
    expect(model.provenance.heldOut).toMatch(/4 folds by series/);
    expect(model.provenance.rows).toBeLessThan(trained.rows.times.length);
  });

  test('is the same for the same seed', () => {
    expect(JSON.stringify(trainModel(all, plain, options).model)).toBe(JSON.stringify(model));
  });

  test('of one series is held out in blocks of time, and says so', () => {
    const [one] = all;
    if (one === undefined) throw new Error('there are four');
    expect(trainModel([one], plain, options).model.provenance.heldOut).toMatch(/blocks of time/);
  });

  test.each<[string, readonly LabelledSeries[], RegExp]>([
    ['no series', [], /no series/],
    ['no incident', [{ ...series('a', 1), incidents: [] }], /no row is a failure/],
    ['nothing but an incident', [{ ...series('a', 1), incidents: [{ from: 0, until: Number.MAX_SAFE_INTEGER }] }], /every row is a failure/],
  ])('of %s is refused', (_, given, message) => {
    expect(() => trainModel(given, plain, options)).toThrow(message);
  });

  test('calibrated anew keeps its trees, and says what the new histories say', () => {
    // Twice as noisy as what it was trained on: the same score is worth less.
    const other = ['e', 'f', 'g'].map((name, index) => {
      const one = series(name, index + 20);
      return { ...one, rows: one.rows.map((row, at) => row.map((value) => value + (at % 3 === 0 ? 3 : 0))) };
    });
    const anew = recalibrate(model, other, plain, {
      ...modelDefaults,
      date: '2026-03-01',
      sources: [{ name: 'lately', origin: 'a test', licence: 'none', series: [], rows: 1200 }],
    });
    expect(parseModel(anew, plain.names).parts).toEqual(model.parts);
    expect(anew.horizons.map(({ target, minutes }) => [target, minutes])).toEqual(model.horizons.map(({ target, minutes }) => [target, minutes]));
    expect(anew.horizons[0]?.calibration).not.toEqual(model.horizons[0]?.calibration);
    expect(anew.horizons[0]?.heldOut.eceEqualWidth).toBeLessThan(0.1);
    expect(anew.horizons[0]?.heldOut.rocAuc).toBeLessThan(model.horizons[0]?.heldOut.rocAuc ?? 0);
    expect(anew.provenance.sources.map(({ name }) => name)).toEqual(['made up', 'lately']);
    expect(anew.provenance.notes.at(-1)).toMatch(/calibrated anew on 2026-03-01 on lately; trained on 2026-01-31/);
  });

  test('averages as many boosted models as asked', () => {
    const rows: Rows = {
      features: ['f'],
      values: Float64Array.from({ length: 90 }, (_, row) => row),
      labels: Uint8Array.from({ length: 90 }, (_, row) => (row > 50 ? 1 : 0)),
      groups: new Int32Array(90),
    };
    const parts = learn(rows, { kind: 'mean', seeds: 3, boosting: { trees: 2 }, forest: { trees: 2 } }, 1);
    expect(parts.map(({ kind, weight }) => [kind, weight])).toEqual([...new Array(3).fill(['gradient-boosting', 1 / 3]), ['random-forest', 1]]);
  });
});
