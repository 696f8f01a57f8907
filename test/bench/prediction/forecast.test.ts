// The bench of the forecasters: its measures on series whose answers are known, and, where the data is, that it beats what it has to.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { accuracies } from '../../../bench/prediction/forecast-accuracy.ts';
import { judged, leakCrossings, merged, ownBaseBrier, seriesCrossings } from '../../../bench/prediction/forecast-crossing.ts';
import { libraries } from '../../../bench/prediction/forecast-libraries.ts';
import { type BucketSeries, readSeries } from '../../../bench/prediction/forecast-series.ts';
import { DataAbsentError } from '../../../bench/prediction/section.ts';
import { loadPlan } from '../../../bin/commands/plan-files.ts';
import { exhaustion, leakStops } from '../../../rehearsal/scenarios/exhaustion.ts';

const data = resolve(import.meta.dirname, '..', '..', '..', process.env['FORESTALL_DATA'] ?? '../shared/data');
const there = existsSync(join(data, 'nab'));
if (!there)
  process.stderr.write(`SKIPPED: no series in ${data}: the forecasters are not measured on them. Set FORESTALL_DATA to the folder that holds nab/.\n`);

const made = (name: string, mean: (bucket: number) => number): BucketSeries => ({
  name,
  start: 0,
  means: Array.from({ length: 1500 }, (_, bucket) => mean(bucket)),
  scale: 1,
});
const line = made('line', (bucket) => 10 + bucket / 10);

describe('accuracy', () => {
  test('on a straight line a trend is exact, and what is flat is off by half of the rise', () => {
    const errors = new Map(accuracies([line], []).map(({ name, errors: [error] }) => [name, error]));
    expect(errors.get('trend')).toBeLessThan(0.05);
    expect(errors.get('race')).toBeLessThan(0.1);
    expect(errors.get('last')).toBeCloseTo(0.65, 1);
  });
  test('libraries are asked the same, and a failed fit is counted', async () => {
    const broken = { name: 'broken', loading: 0, bytes: 0, forecast: () => [Number.NaN] };
    const found = new Map(accuracies([line], [...(await libraries()), broken]).map((one) => [one.name, one]));
    const library = [...found.values()].filter(({ name }) => name.startsWith('arima') || name.startsWith('@bsull'));
    expect(library).toHaveLength(2);
    for (const { errors, fit } of library) {
      expect(errors[0]).toBeLessThan(0.5);
      expect(fit).toBeGreaterThan(0);
    }
    expect(found.get('broken')?.failed).toBeGreaterThan(20);
  });
});

describe('crossing', () => {
  test('moments above the limit are not asked, outcomes are those of the next hour', () => {
    const found = seriesCrossings(
      made('slow wave', (bucket) => 50 + 40 * Math.sin(bucket / 40)),
      0.9,
    );
    expect(found.asked).toBeLessThan(750 / 4);
    expect(found.asked).toBeGreaterThan(100);
    expect(found.outcomes.length).toBe(found.probabilities.length);
    expect(merged([found, found]).asked).toBe(2 * found.asked);
  });
  test('a leak is critical before its crash, one that stops is not, and the probability is one', () => {
    const plan = loadPlan(join(import.meta.dirname, '..', '..', '..', 'plans', 'shop.yaml'));
    const leaks = [1, 2, 3, 4].map((seed) => leakCrossings(exhaustion, seed, plan));
    const stopped = [1, 2, 3, 4].map((seed) => leakCrossings(leakStops, seed, plan));
    for (const { criticalBefore } of leaks) {
      expect(criticalBefore).toBeGreaterThan(20);
      expect(criticalBefore).toBeLessThan(60);
    }
    for (const { criticalBefore } of stopped) expect(criticalBefore).toBeNull();
    const found = judged(merged([...leaks, ...stopped]));
    expect(found?.brier).toBeLessThan(0.3 * (found?.baseBrier ?? 0));
    expect(found?.auc).toBeGreaterThan(0.99);
  });
});

describe('public series', () => {
  test('their absence is said', async () => {
    await expect(readSeries('/nowhere')).rejects.toThrow(DataAbsentError);
  });
  test.skipIf(!there)('the race is as good as the median of the last hour, and probabilities beat the base rate', async () => {
    const series = (await readSeries(data)).filter((_, index) => index % 2 === 1);
    expect(series).toHaveLength(8);
    const mean = (name: string) => {
      const errors = accuracies(series, []).find((one) => one.name === name)?.errors ?? [];
      return errors.reduce((sum, one) => sum + one, 0) / errors.length;
    };
    expect(mean('race')).toBeLessThan(1.03 * mean('median'));
    expect(mean('race')).toBeLessThan(0.8 * mean('last'));
    const crossings = series.map((one) => seriesCrossings(one, 0.95));
    const found = judged(merged(crossings));
    expect(found?.brier).toBeLessThan(found?.baseBrier ?? 0);
    expect(found?.brier).toBeLessThan(ownBaseBrier(crossings));
  });
});
