// The C-MAPSS bench: features look at the past alone, folds never mix engines, and, where the data is, its figures on some engines.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { heldOutProbabilities } from '../../../bench/prediction/cmapss.ts';
import { type Engine, featureNames, featuresOf, projectionOf, readEngines, remaining } from '../../../bench/prediction/cmapss-features.ts';
import { DataAbsentError } from '../../../bench/prediction/section.ts';
import { heldOutMetrics } from '../../../training/metrics.ts';
import { randomOf } from '../../../training/random.ts';

/** Engines that wear out faster and faster, seen by 14 noisy sensors. */
function madeEngines(count: number): Engine[] {
  const random = randomOf(1);
  return Array.from({ length: count }, (_, unit) => {
    const life = 100 + Math.floor(random() * 80);
    const sensors = Array.from({ length: life }, (__, cycle) => {
      const wear = Math.exp((cycle - life) / 30);
      return Float64Array.from({ length: 14 }, (___, sensor) => (sensor % 3 === 0 ? -1 : 1) * 2 * wear + random() - 0.5);
    });
    return { unit: unit + 1, sensors };
  });
}

const data = resolve(import.meta.dirname, '..', '..', '..', process.env['FORESTALL_DATA'] ?? '../shared/data');
const there = existsSync(join(data, 'cmapss', 'train_FD001.txt'));
if (!there) process.stderr.write(`SKIPPED: no C-MAPSS data in ${data}: its figures are not tested. Set FORESTALL_DATA to the folder that holds it.\n`);

describe('C-MAPSS', () => {
  const engines = madeEngines(10);
  const [first] = engines;
  if (first === undefined) throw new Error('there are ten');

  test('features of a cycle do not change with what comes after it', () => {
    const projection = projectionOf(engines);
    const whole = featuresOf(first, projection);
    for (const cycles of [1, 2, 39, 81, 100]) {
      const cut = featuresOf({ ...first, sensors: first.sensors.slice(0, cycles) }, projection);
      expect(cut).toHaveLength(cycles * featureNames.length);
      expect([...cut]).toEqual([...whole.subarray(0, cut.length)]);
      expect(cut.every(Number.isFinite)).toBe(true);
    }
  });

  test('the last cycle has no life left', () => {
    expect(remaining(first).at(-1)).toBe(0);
    expect(remaining(first)[0]).toBe(first.sensors.length - 1);
  });

  test('every row is judged, and wear that can be seen is found on engines that were held out', { timeout: 60_000 }, () => {
    const { probabilities, labels } = heldOutProbabilities(engines, 'logistic', 1);
    expect(probabilities.every((probability) => probability >= 0 && probability <= 1)).toBe(true);
    expect(labels.reduce((sum, label) => sum + label, 0)).toBe(310);
    expect(heldOutMetrics(probabilities, labels).rocAuc).toBeGreaterThan(0.98);
    expect([...heldOutProbabilities(engines, 'logistic', 1).probabilities]).toEqual([...probabilities]);
  });

  test('absent data is said to be absent', async () => {
    await expect(readEngines(join(data, 'nowhere'))).rejects.toThrow(DataAbsentError);
  });

  test.runIf(there)('logistic regression alone, on engines 51 to 75', { timeout: 60_000 }, async () => {
    const chosen = (await readEngines(data)).filter(({ unit }) => unit > 50 && unit <= 75);
    const { probabilities, labels } = heldOutProbabilities(chosen, 'logistic', 1);
    const { rocAuc, brier, baseRateBrier } = heldOutMetrics(probabilities, labels);
    expect(rocAuc).toBeGreaterThan(0.99);
    expect(brier).toBeLessThan((baseRateBrier ?? 0) / 5);
  });
});
