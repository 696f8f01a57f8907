import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibrated } from '../../../../core/prediction/model/calibration.ts';
import { type FailureModel, ModelError, parseModel, type Tree } from '../../../../core/prediction/model/format.ts';
import { rawScore, scorerOf } from '../../../../core/prediction/model/trees.ts';
import { aModel } from './a-model.ts';

const copy = (): FailureModel => structuredClone(aModel());

describe('a model file', () => {
  test('comes back as it was written', () => {
    expect(parseModel(JSON.parse(JSON.stringify(aModel())), ['a', 'b'])).toEqual(aModel());
  });

  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /not a failure model/],
    ['a text', 'model', /not a failure model/],
    ['another version', { ...aModel(), version: 2 }, /version 2, this program reads version 1; train it again/],
    ['no features', { ...aModel(), features: [] }, /features/],
    ['an unknown key', { ...aModel(), extra: 1 }, /not a failure model/],
    ['no part', { ...aModel(), parts: [] }, /parts/],
    ['no horizon', { ...aModel(), horizons: [] }, /horizons/],
    ['no provenance', { ...aModel(), provenance: undefined }, /provenance/],
  ])('is refused: %s', (_, stored, message) => {
    expect(() => parseModel(stored)).toThrow(ModelError);
    expect(() => parseModel(stored)).toThrow(message);
  });

  test.each<[string, readonly string[], RegExp]>([
    ['another feature', ['a', 'c'], /asks for b/],
    ['one more', ['a', 'b', 'c'], /does not know c/],
    ['another order', ['b', 'a'], /another order/],
  ])('of other features is refused: %s', (_, features, message) => {
    expect(() => parseModel(aModel(), features)).toThrow(message);
  });

  test.each<[string, (tree: Tree) => void]>([
    ['arrays of different length', (tree) => tree.value.pop()],
    ['a feature that is not there', (tree) => tree.feature.splice(0, 1, 2)],
    ['a child that leads back', (tree) => tree.right.splice(0, 1, 0)],
    ['a child outside', (tree) => tree.right.splice(0, 1, 5)],
    ['a node that nothing leads to', (tree) => tree.feature.splice(2, 1, -1)],
    ['a branch without end', (tree) => tree.feature.splice(4, 1, 0)],
    ['a left child that is the right one', (tree) => tree.right.splice(0, 1, 1)],
    ['a right child too far on', (tree) => tree.right.splice(0, 1, 3)],
  ])('with a damaged tree is refused: %s', (_, damage) => {
    const model = copy();
    const [part] = model.parts;
    const tree = part?.kind === 'gradient-boosting' ? part.trees[0] : undefined;
    if (tree === undefined) throw new Error('the model has a tree');
    damage(tree);
    expect(() => parseModel(model)).toThrow(/part 0, tree 0: .*damaged/);
  });

  test.each<[string, number[], number[]]>([
    ['too few coefficients', [1], [0, 0]],
    ['a centre outside of its range', [1, 1], [0, 9]],
  ])('with a damaged linear part is refused: %s', (_, coefficients, centres) => {
    const part = { kind: 'linear' as const, weight: 1, base: 0, coefficients, centres, low: [0, 0], high: [1, 1] };
    expect(() => parseModel({ ...aModel(), parts: [part] })).toThrow(/part 0: its arrays do not fit 2 features/);
  });

  test.each<[string, number[], number[]]>([
    ['falling', [0, 1], [0.5, 0.4]],
    ['of two values at one place', [1, 1], [0.4, 0.5]],
    ['of different length', [0, 1], [0.4]],
  ])('with a calibration is refused: %s', (_, x, y) => {
    const model = copy();
    const [horizon] = model.horizons;
    if (horizon === undefined) throw new Error('the model has a horizon');
    model.horizons = [{ ...horizon, calibration: { method: 'isotonic', x, y } }];
    expect(() => parseModel(model)).toThrow(/horizon 0: the calibration does not rise/);
  });

  test('with any tree arrays is either refused, or scored without running away', () => {
    const numbers = fc.array(fc.integer({ min: -7, max: 7 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(numbers, numbers, (feature, right) => {
        const model = copy();
        const asked = feature.map((value) => Math.max(-1, Math.min(1, value)));
        const [part] = model.parts;
        if (part?.kind !== 'gradient-boosting') throw new Error('the model has a boosted part');
        part.trees = [{ feature: asked, threshold: asked.map(() => 0), right: asked.map((_, index) => right[index] ?? 0), value: asked.map(() => 1) }];
        try {
          parseModel(model);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelError);
          return;
        }
        expect(rawScore(scorerOf(model), Float64Array.of(-1, 1))).toBe(0);
        expect(rawScore(scorerOf(model), Float64Array.of(1, Number.NaN))).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  test('with one value replaced by anything is refused, or still a model', () => {
    const paths: (readonly (string | number)[])[] = [];
    const walk = (value: unknown, path: readonly (string | number)[]) => {
      if (path.length > 0) paths.push(path);
      if (typeof value === 'object' && value !== null) for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
    };
    walk(aModel(), []);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.anything(), (path, replacement) => {
        const model: unknown = copy();
        let at = model as Record<string | number, unknown>;
        for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
        at[path[path.length - 1] ?? ''] = replacement;
        let read: FailureModel;
        try {
          read = parseModel(model);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelError);
          return;
        }
        if (read.features.length === 2) expect(rawScore(scorerOf(read), Float64Array.of(1, 2))).not.toBeNaN();
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a calibration', () => {
  const isotonic = { method: 'isotonic', x: [-2, 0, 1], y: [0.1, 0.1, 0.6] } as const;

  test.each([
    [Number.NEGATIVE_INFINITY, 0.1],
    [-2, 0.1],
    [0.5, 0.35],
    [1, 0.6],
    [Number.POSITIVE_INFINITY, 0.6],
  ])('isotonic at %d', (raw, expected) => {
    expect(calibrated({ method: 'isotonic', x: [...isotonic.x], y: [...isotonic.y] }, raw)).toBeCloseTo(expected, 12);
  });

  test('of one point is that point', () => {
    expect(calibrated({ method: 'isotonic', x: [3], y: [0.2] }, -5)).toBe(0.2);
  });

  test('of no number is no probability', () => {
    expect(calibrated({ method: 'platt', slope: 1, intercept: 0 }, Number.NaN)).toBeNull();
  });

  test('is within 0 and 1, and rises', () => {
    const raw = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY));
    fc.assert(
      fc.property(raw, raw, fc.double({ min: 0, max: 1e6, noNaN: true }), fc.double({ min: -1e6, max: 1e6, noNaN: true }), (a, b, slope, intercept) => {
        const calibration = { method: 'platt', slope, intercept } as const;
        const [low, high] = [calibrated(calibration, Math.min(a, b)) ?? -1, calibrated(calibration, Math.max(a, b)) ?? 2];
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(high).toBeGreaterThanOrEqual(low);
      }),
    );
  });
});
