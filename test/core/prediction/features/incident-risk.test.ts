import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { creditOf, initialRisk, observeRisk, probabilityOf, type RiskState, readRisk } from '../../../../core/prediction/features/incident-risk.ts';
import { featureNames } from '../../../../core/prediction/features/resource-features.ts';
import { packRiskMetric, packRiskWhole, unpackRiskMetric, unpackRiskWhole } from '../../../../core/prediction/features/stored-risk.ts';
import { defaultModel } from '../../../../core/prediction/model/default.ts';
import { DetectorStateError } from '../../../../core/prediction/state-error.ts';
import { randomFrom } from '../telemetry.ts';

const minute = 60_000;
const day = 1440 * minute;
const start = Date.parse('2026-03-02T00:00:00Z');
const model = defaultModel();

/** Probabilities from the third day on. */
function probabilities(metrics: number, days: number, every: number, seed: number, unusual: (metric: number, elapsed: number) => number): number[] {
  const random = randomFrom(seed);
  let state: RiskState = initialRisk;
  const given: number[] = [];
  for (let at = 0; at < days * day; at += every) {
    const values = Array.from(
      { length: metrics },
      (_, metric) =>
        [`m${metric}`, 50 + 5 * Math.sin((2 * Math.PI * at) / day) + random.normal() + (at < 3 * day ? 0 : unusual(metric, at - 3 * day))] as const,
    );
    state = observeRisk(state, start + at, new Map(values), model, 60);
    if (at >= 3 * day) given.push(state.probability ?? -1);
  }
  return given;
}

describe('the probability of an incident', () => {
  test('the shipped model is of these features, says where it is from, and is small', () => {
    expect(model.features).toEqual(featureNames);
    expect(model.provenance.sources.map(({ name }) => name)).toEqual(['asd', 'smd']);
    expect(JSON.stringify(model).length).toBeLessThan(150_000);
    for (const { heldOut, skill } of model.horizons.filter(({ target }) => target !== 'starts')) {
      expect(skill).toBe(true);
      expect(heldOut.brier ?? 1).toBeLessThan(0.9 * (heldOut.baseRateBrier ?? 0));
    }
    // Ahead of an incident there is no skill, and the model says so.
    for (const horizon of model.horizons.filter(({ target }) => target === 'starts')) expect(horizon.skill).toBe(false);
  });

  test('without skill for a horizon there is no probability', () => {
    const unskilled = { ...model, horizons: model.horizons.map((horizon) => ({ ...horizon, skill: false })) };
    const features = new Float64Array(featureNames.length);
    expect(probabilityOf(unskilled, features, 8, 60)).toBeNull();
    expect(probabilityOf({ ...model, horizons: model.horizons.filter(({ target }) => target === 'starts') }, features, 8, 60)).toBeNull();
  });

  test('the longer the horizon, the more is expected; an incident that is there is never less likely than it is', () => {
    const at = (level: number, minutes: number, used = model) =>
      probabilityOf(used, new Float64Array(featureNames.length).fill(level), 19, minutes) ?? Number.NaN;
    const present = { ...model, horizons: model.horizons.filter(({ target }) => target === 'present') };
    for (const level of [-1, 0, 1, 2]) {
      const said = [15, 60, 240].map((minutes) => at(level, minutes));
      expect(said).toEqual(said.toSorted((a, b) => a - b));
      expect(Math.min(...said)).toBeGreaterThanOrEqual(at(level, 60, present));
    }
    expect(at(-1, 240)).toBeGreaterThan(at(-1, 15));
  });

  test.each([1, 3, 6, 12])('%d calm metrics with a daily course stay below every threshold', (metrics) => {
    const given = probabilities(metrics, 5, 5 * minute, metrics, () => 0);
    expect(Math.min(...given)).toBeGreaterThan(0);
    expect(Math.max(...given)).toBeLessThan(0.3);
  });

  test('all of twelve metrics far from usual are an incident; the fewer metrics, the less is said', () => {
    const highest = (metrics: number) => Math.max(...probabilities(metrics, 3.1, 5 * minute, 9, (metric) => (metric % 2 === 0 ? 9 : -9)));
    const [one, three, twelve] = [highest(1), highest(3), highest(12)];
    expect(twelve).toBeGreaterThan(0.45);
    expect(three).toBeLessThan(twelve);
    expect(one).toBeLessThan(three);
    expect(one).toBeLessThan(0.5);
    const credits = [1, 2, 4, 19, 40].map((metrics) => creditOf(metrics, 19));
    expect(credits).toEqual([...credits].sort((a, b) => a - b));
    expect(credits.slice(3)).toEqual([1, 1]);
    expect([3, 5].map((metrics) => creditOf(metrics, 3))).toEqual([1, 1]);
  });

  test('is held while too few metrics have a point, and the state that was given stays as it was', () => {
    let state: RiskState = initialRisk;
    const random = randomFrom(3);
    for (let at = 0; at < 2 * day; at += 10 * minute) {
      const points = new Map(Array.from({ length: 4 }, (_, metric) => [`m${metric}`, 50 + random.normal()]));
      const before = structuredClone(state);
      const next = observeRisk(state, start + at, points, model, 60);
      expect(state).toEqual(before);
      state = next;
    }
    const held = observeRisk(state, start + 2 * day, new Map([['m0', 900]]), model, 60);
    expect(held.probability).toBe(state.probability);
    expect(observeRisk(state, start + 2 * day, new Map(), model, 60)).toBe(state);
  });
});

describe('the stored risk', () => {
  const played = (seed: number, count: number, scale: number): RiskState => {
    const random = randomFrom(seed);
    let state: RiskState = initialRisk;
    for (let index = 0; index < count; index += 1)
      state = observeRisk(state, start + index * 10 * minute, new Map(['a', 'b', 'c'].map((name) => [name, scale * (random.normal() + 3)])), model, 60);
    return state;
  };

  test('is read as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 300 }), fc.constantFrom(1e-9, 1, 1e6, 1e80), (seed, count, scale) => {
        const state = played(seed, count, scale);
        const newest = state.at ?? 0;
        for (const metric of Object.values(state.metrics)) expect(unpackRiskMetric(packRiskMetric(metric), metric)).toEqual(metric);
        const { metrics: _metrics, ...whole } = state;
        expect(unpackRiskWhole(packRiskWhole(state, newest), newest)).toEqual(whole);
      }),
      { numRuns: 25 },
    );
    expect(unpackRiskWhole(packRiskWhole(initialRisk, 0), 0)).toBeUndefined();
  });

  test('is small', () => {
    const state = played(1, 1000, 40);
    for (const metric of Object.values(state.metrics)) expect(packRiskMetric(metric).length).toBeLessThan(180);
    expect(packRiskWhole(state, state.at ?? 0).length).toBeLessThan(80);
  });

  test('what nobody wrote is refused', () => {
    const state = played(2, 200, 1);
    const packed = packRiskMetric(state.metrics['a'] ?? expect.fail('no metric'));
    for (const damaged of ['', 'A', packed.slice(0, -3), `${packed}AA`, 'é', packed.replaceAll(/[A-Z]/g, '.')])
      expect(() => unpackRiskMetric(damaged, { at: 0, value: 0 })).toThrow(DetectorStateError);
    fc.assert(
      fc.property(fc.base64String({ maxLength: 200 }), (text) => {
        try {
          const metric = unpackRiskMetric(text.replaceAll('=', ''), { at: start, value: 1 });
          const { features } = readRisk({ ...initialRisk, metrics: { a: metric } }, start + minute, new Map([['a', 2]]));
          expect([...(features ?? [])].every(Number.isFinite)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(DetectorStateError);
        }
      }),
    );
  });
});
