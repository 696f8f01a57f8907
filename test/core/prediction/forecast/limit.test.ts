// A metric on its way to its limit: what is said of it, and what is not.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crossingProbability, exhaustionAt, lasting } from '../../../../core/prediction/forecast/exhaustion.ts';
import { initialLimit, type LimitState, type Outlook, observeLimit } from '../../../../core/prediction/forecast/limit.ts';
import { packLimit, unpackLimit } from '../../../../core/prediction/forecast/stored-limit.ts';
import { countExcess, initialTail, isTail, shareBeyond } from '../../../../core/prediction/forecast/tail.ts';
import { BytesReader, BytesWriter } from '../../../../core/prediction/packing.ts';
import { DetectorStateError } from '../../../../core/prediction/state-error.ts';
import { hour, minute, randomFrom, start } from '../telemetry.ts';

const stored = (state: LimitState): string => {
  const writer = new BytesWriter();
  packLimit(writer, state, (at) => writer.decimal(at - start));
  return writer.text();
};
const read = (text: unknown): LimitState => {
  const reader = new BytesReader(text);
  const state = unpackLimit(reader, () => start + reader.decimal());
  reader.end();
  return state;
};

interface Fed {
  readonly limit?: number;
  readonly every?: number;
}
function fed(value: (elapsed: number) => number | undefined, minutes: number, { limit = 100, every = 1 }: Fed = {}): LimitState {
  let state = initialLimit(start, limit);
  for (let elapsed = 0; elapsed < minutes; elapsed += every) {
    const point = value(elapsed);
    if (point !== undefined) state = observeLimit(state, start + elapsed * minute, point, limit);
  }
  return state;
}
const after = (value: (elapsed: number) => number | undefined, minutes: number, options: Fed = {}) =>
  exhaustionAt(fed(value, minutes, options), start + (minutes - (options.every ?? 1)) * minute, options.limit ?? 100, 60);
const random = randomFrom(3);
const drawn = Array.from({ length: 5000 }, () => random.normal());
/** The same noise for the same minute, with a standard deviation of 1. */
const noise = (elapsed: number) => drawn[elapsed % drawn.length] ?? 0;

describe('time to exhaustion', () => {
  test.each([1, 5])('a steady rise tells when the limit is reached, at points every %i minutes', (every) => {
    const exhaustion = after((elapsed) => 40 + elapsed / 4, 120, { every });
    expect(Math.abs((exhaustion?.minutes ?? 0) - (240 - (120 - every)))).toBeLessThan(4);
    expect(exhaustion?.slope).toBeCloseTo(0.25, 2);
  });
  test('the interval holds what comes, and narrows as the rise goes on', () => {
    const rise = (elapsed: number) => 40 + Math.max(0, elapsed - 600) / 6 + noise(elapsed);
    const widths = [720, 780, 840, 900].map((minutes) => {
      const exhaustion = after(rise, minutes);
      const left = 600 + 60 * 6 - minutes;
      const [from, to] = exhaustion?.interval ?? [Number.NaN, Number.NaN];
      expect(from).toBeLessThanOrEqual(left);
      expect(to).toBeGreaterThanOrEqual(left);
      return (to - from) / left;
    });
    expect(widths.at(-1)).toBeLessThan(widths[0] ?? 0);
  });
  test.each([
    ['a constant', () => 95],
    ['a fall', (elapsed: number) => 95 - elapsed / 10],
    ['less than half an hour of rise', (elapsed: number) => (elapsed < 580 ? 60 : 60 + elapsed - 580)],
    ['noise', (elapsed: number) => 90 + 2 * noise(elapsed)],
  ])('%s is not on its way', (_what, value) => {
    for (const minutes of [120, 600]) expect(after(value, minutes)?.score ?? 0).toBeLessThan(30);
  });
  test('what has twice come down from here by itself is not critical until it goes beyond', () => {
    const calm = 1440;
    const sawtooth = (elapsed: number) => 60 + (elapsed < calm ? 0 : (((elapsed - calm) % 120) * 36) / 120);
    expect(after(sawtooth, calm + 119)?.score).toBeGreaterThanOrEqual(85);
    expect(after(sawtooth, calm + 5 * 120 - 1)?.score ?? 0).toBeLessThan(70);
    const beyond = (elapsed: number) => (elapsed < calm + 240 ? sawtooth(elapsed) : 60 + ((elapsed - calm - 240) * 36) / 120);
    expect(after(beyond, calm + 240 + 128)?.score).toBeGreaterThanOrEqual(85);
  });
  test('a rise that stopped is soon none', () => {
    const stops = (elapsed: number) => 40 + Math.min(40, elapsed / 4) + 0.2 * noise(elapsed);
    expect(after(stops, 158)?.score).toBeGreaterThan(20);
    expect(after(stops, 158 + 45)?.score ?? 0).toBeLessThan(30);
  });
  test('a gap neither brings the limit nearer nor makes a trend of what stood still in it', () => {
    const rise = (elapsed: number) => (elapsed >= 180 && elapsed < 225 ? undefined : 50 + Math.min(elapsed, 180) / 6);
    expect(after((elapsed) => rise(elapsed), 180)?.minutes).toBeLessThan(130);
    const held = after(rise, 227)?.minutes ?? 0;
    expect(held).toBeGreaterThan(100);
    expect(after(rise, 240)?.score ?? 0).toBeLessThan(30);
  });
  test('after hours of silence, a jump of the clock or with another limit it begins anew', () => {
    const state = fed((elapsed) => 40 + elapsed / 4, 180);
    const at = start + 180 * minute;
    for (const [later, limit] of [[6 * hour, 100] as const, [5 * 365 * 24 * hour, 100] as const, [0, 200] as const]) {
      const next = observeLimit(state, at + later, 85, limit);
      expect(next.means).toEqual([]);
      expect(exhaustionAt(next, at + later, limit, 60)).toBeUndefined();
    }
    expect(exhaustionAt(state, at, 200, 60)).toBeUndefined();
  });
  test('a model speaks only once it was verified, and only where it beats the last value and the median of the last hour', () => {
    expect(fed(() => 40, 60).outlook).toBeUndefined();
    expect(fed((elapsed) => 40 + elapsed / 10, 300).outlook?.by).toMatch(/holt|trend|damped/);
    expect(fed((elapsed) => 40 + 5 * noise(elapsed), 2880).outlook?.by).toMatch(/median|autoregressive/);
    expect(fed(() => 40, 600).outlook).toMatchObject({ by: 'median', skill: false });
  });
});

test('a rise that is too young to be verified is prepared for, not moved for, and has no probability', () => {
  const young = after((elapsed) => 40 + (60 * elapsed) / 75, 50);
  expect(young).toMatchObject({ probability: null });
  expect(young?.score).toBeGreaterThan(70);
  expect(young?.score).toBeLessThan(85);
  // With two minutes left there is no time to verify anything.
  expect(after((elapsed) => 40 + elapsed, 58)?.score).toBeGreaterThanOrEqual(85);
  expect(after((elapsed) => 40 + elapsed / 4, 230)?.score).toBeGreaterThanOrEqual(85);
});

test('a metric that has reached its limit has failed for as long as it stays there, unless it lives there', () => {
  const filled = (full: number) => after((elapsed) => Math.min(100, 40 + elapsed / 3), 180 + full);
  for (const minutes of [15, 60, 180]) expect(filled(minutes)).toMatchObject({ score: 98, minutes: 0 });
  expect(after((elapsed) => (elapsed < 240 ? Math.min(100, 40 + elapsed / 3) : 60), 300)?.score ?? 0).toBeLessThan(30);
  expect(after(() => 99.8, 600)?.score).toBeLessThanOrEqual(60);
});

/** Counts of verified forecasts, made as they are made. */
const tails = fc.array(fc.double({ min: -6, max: 12, noNaN: true }), { maxLength: 450 }).map((excesses) => excesses.reduce(countExcess, initialTail));

describe('probability of crossing', () => {
  const outlooks = fc.record({
    by: fc.constant('trend' as const),
    verified: fc.constant(true),
    skill: fc.constant(true),
    value: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    slope: fc.double({ min: 0, max: 1e4, noNaN: true }),
    bias: fc.double({ min: -1e5, max: 1e5, noNaN: true }),
    spread: fc.double({ min: 0, max: 1e5, noNaN: true }),
    tail: fc.option(tails, { nil: undefined }),
    steady: fc.constant(0),
    at: fc.constant(start),
  }) satisfies fc.Arbitrary<Outlook>;
  const limits = fc.double({ min: 1e-3, max: 1e7, noNaN: true });
  test('is one, and falls with the limit when the forecast is the same', () => {
    fc.assert(
      fc.property(outlooks, limits, limits, fc.integer({ min: 5, max: 240 }), (outlook, a, b, horizon) => {
        // The spread that rounding alone makes grows with the limit; above it nothing but the distance does.
        const wide = { ...outlook, spread: Math.max(outlook.spread, 1e-3 * Math.max(a, b)) };
        const [low, high] = [crossingProbability(wide, Math.min(a, b), horizon), crossingProbability(wide, Math.max(a, b), horizon)];
        for (const probability of [low, high]) {
          expect(probability).toBeGreaterThanOrEqual(0);
          expect(probability).toBeLessThanOrEqual(1);
        }
        expect(high).toBeLessThanOrEqual(low);
      }),
    );
  });
  test('counts give shares that fall, and that come to what was seen', () => {
    fc.assert(
      fc.property(tails, fc.double({ min: -50, max: 50, noNaN: true }), fc.double({ min: -50, max: 50, noNaN: true }), (tail, a, b) => {
        expect(isTail(tail)).toBe(true);
        expect(shareBeyond(tail, Math.min(a, b))).toBeGreaterThanOrEqual(shareBeyond(tail, Math.max(a, b)));
        expect(shareBeyond(tail, a)).toBeGreaterThanOrEqual(0);
        expect(shareBeyond(tail, a)).toBeLessThanOrEqual(1);
      }),
    );
    const spiky = Array.from({ length: 190 }, (_, index) => (index % 10 === 0 ? 5 : -0.6)).reduce(countExcess, initialTail);
    expect(shareBeyond(spiky, 1)).toBeGreaterThan(0.09);
    expect(shareBeyond(spiky, 1)).toBeLessThan(0.12);
    expect(shareBeyond(initialTail, 0)).toBeCloseTo(0.5, 9);
  });
  test('where the share of hours told as much as the probabilities did, none is given', () => {
    const random = randomFrom(11);
    // Every hour is like every other: whether the limit is reached tells nothing about the next.
    const values = Array.from({ length: 6000 }, () => 50 + 10 * random.normal());
    let state = initialLimit(start, 68);
    let given = 0;
    for (const [index, value] of values.entries()) {
      state = observeLimit(state, start + index * 5 * minute, value, 68);
      if (index > 3000 && exhaustionAt(state, start + index * 5 * minute, 68, 60)?.probability != null) given += 1;
    }
    expect(state.race.reached).toBeGreaterThan(0.1);
    expect(given / 3000).toBeLessThan(0.1);
  });
  test('the chance that a rise lasts falls with the time left', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        fc.integer({ min: 5, max: 1440 }),
        (a, b, horizon) => lasting(Math.min(a, b), horizon) >= lasting(Math.max(a, b), horizon),
      ),
    );
  });
  test('a level that varies about its limit has a chance, but does not move anything', () => {
    // Slow enough that the last hour tells more than the long-run mean: now near the limit, now far from it.
    const slow = (elapsed: number) => 88 + 9 * Math.sin(elapsed / 200) + noise(elapsed);
    const scores = Array.from({ length: 60 }, (_, index) => after(slow, 2880 + 20 * index));
    expect(Math.max(...scores.map((exhaustion) => exhaustion?.probability ?? 0))).toBeGreaterThan(0.1);
    expect(Math.max(...scores.map((exhaustion) => exhaustion?.score ?? 0))).toBeLessThan(85);
  });
});

describe('whatever comes', () => {
  const values = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e90, max: 1e90 }),
    fc.double({ min: 0, max: 100, noNaN: true }),
    fc.constantFrom(0, 100, -1, 1e-300, 1e90, -1e90),
  );
  const steps = fc.constantFrom(0, 1, 60, 300, 299, 1500, 3600, 86_400, 1e9);
  const points = fc.array(fc.tuple(steps, values), { maxLength: 400 });
  const limits = fc.constantFrom(100, 1, 1e-6, 5000, 1e12, 1e90);
  const run = (series: readonly (readonly [number, number])[], limit: number, check?: (state: LimitState, at: number) => void) => {
    let state = initialLimit(start, limit);
    let at = start;
    for (const [step, value] of series) {
      at += step * 1000;
      state = observeLimit(state, at, value, limit);
      check?.(state, at);
    }
    return { state, at };
  };
  test('no number is none, and every score is between 0 and 100', () => {
    fc.assert(
      fc.property(points, limits, fc.constantFrom(15, 60, 720), (series, limit, horizon) => {
        run(series, limit, (state, at) => {
          const exhaustion = exhaustionAt(state, at, limit, horizon);
          if (exhaustion === undefined) return;
          expect(exhaustion.score).toBeGreaterThanOrEqual(0);
          expect(exhaustion.score).toBeLessThanOrEqual(100);
          expect(exhaustion.minutes ?? 0).toBeGreaterThanOrEqual(0);
          expect(exhaustion.interval?.some(Number.isNaN) ?? false).toBe(false);
          if (exhaustion.interval !== null && exhaustion.minutes !== null) {
            expect(exhaustion.interval[0]).toBeLessThanOrEqual(exhaustion.minutes);
            expect(exhaustion.interval[1]).toBeGreaterThanOrEqual(exhaustion.minutes);
          }
        });
      }),
      { numRuns: 60 },
    );
  });
  test('the unit does not matter', () => {
    const series = Array.from({ length: 500 }, (_, index) => 40 + Math.max(0, index - 200) / 6 + noise(index));
    const expected = after((elapsed) => series[elapsed], 500);
    expect(expected?.score).toBeGreaterThan(40);
    for (const unit of [1e-6, 0.01, 1000, 1e9]) {
      const exhaustion = after((elapsed) => (series[elapsed] ?? 0) * unit, 500, { limit: 100 * unit });
      expect(Math.abs((exhaustion?.score ?? 0) - (expected?.score ?? 0))).toBeLessThan(0.5);
      expect(Math.abs((exhaustion?.minutes ?? 0) / (expected?.minutes ?? 1) - 1)).toBeLessThan(0.01);
    }
  });
  test('the higher limit is not the nearer one', () => {
    const series = Array.from({ length: 600 }, (_, index) => 40 + Math.max(0, index - 240) / 8 + 0.5 * noise(index));
    const scores = [90, 100, 120, 150, 300].map((limit) => after((elapsed) => series[elapsed], 600, { limit })?.score ?? 0);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(scores[0]).toBeGreaterThan(scores.at(-1) ?? 100);
  });
  test('it is judged the same whether stored in between or not, in 290 characters', () => {
    fc.assert(
      fc.property(points, limits, (series, limit) => {
        const { state, at } = run(series, limit);
        expect(read(stored(state))).toEqual(state);
        const [more, again] = [observeLimit(state, at + 400_000, 50, limit), observeLimit(read(stored(state)), at + 400_000, 50, limit)];
        expect(again).toEqual(more);
      }),
      { numRuns: 60 },
    );
    for (const rate of [0, 1 / 6, 1 / 60]) {
      const warm = fed((elapsed) => 45 + Math.max(0, elapsed - 4000) * rate + 5 * Math.sin(elapsed / 230) + 0.5 * noise(elapsed), 4300);
      expect(stored(warm).length).toBeLessThanOrEqual(290);
    }
  });
  test('a state that was damaged is refused, or still a state that says no nonsense', () => {
    const text = stored(fed((elapsed) => 40 + elapsed / 10 + noise(elapsed), 400));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...'AZaz09-_'), fc.nat(text.length), (position, letter, length) => {
        for (const damaged of [`${text.slice(0, position)}${letter}${text.slice(position + 1)}`, text.slice(0, length)]) {
          let state: LimitState;
          try {
            state = read(damaged);
          } catch (error) {
            expect(error).toBeInstanceOf(DetectorStateError);
            continue;
          }
          const next = observeLimit(state, start + 500 * minute, 60, state.limit);
          const score = exhaustionAt(next, start + 500 * minute, state.limit, 60)?.score ?? 0;
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(100);
        }
      }),
      { numRuns: 400 },
    );
    for (const nothing of [undefined, null, 7, {}, 'not base64!']) expect(() => read(nothing)).toThrow(DetectorStateError);
  });
});
