// The signal bank: what it sees, what must not disturb it, and that storing changes nothing.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BankState, bank } from '../../../../core/prediction/signals/bank.ts';
import type { BankConfig, MetricSignals } from '../../../../core/prediction/signals/port.ts';
import { binsOf } from '../../../../core/prediction/signals/season.ts';
import { packAlarm, packSignals, unpackAlarm, unpackSignals } from '../../../../core/prediction/signals/stored-bank.ts';
import { DetectorStateError } from '../../../../core/prediction/state-error.ts';
import { randomFrom } from '../telemetry.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** A Monday, 00:00 UTC. */
const monday = Date.UTC(2026, 2, 2);
const one: BankConfig = { metrics: [{ name: 'a' }] };
const configOf = (count: number): BankConfig => ({ metrics: Array.from({ length: count }, (_, index) => ({ name: `m${index}` })) });

type Step = readonly [timestamp: number, values: Readonly<Record<string, number>>];
function play(steps: Iterable<Step>, config: BankConfig = one, between: (state: BankState) => BankState = (state) => state) {
  let state = bank.initial();
  const scores: number[] = [];
  for (const [timestamp, values] of steps) {
    const observed = bank.observe(state, { timestamp, values }, config);
    state = between(observed.state);
    scores.push(observed.score);
  }
  return { state, scores, of: (name = 'a') => signals(state, name) };
}
function signals(state: BankState, name: string): MetricSignals {
  const read = bank.read(state, name);
  if (read === undefined) throw new Error(`${name} has no signals`);
  return read;
}
/** Five-minute points of one metric. */
const series = (count: number, at: (index: number, timestamp: number) => number, from = monday): Step[] =>
  Array.from({ length: count }, (_, index) => {
    const timestamp = from + 5 * minute * index;
    return [timestamp, { a: at(index, timestamp) }];
  });
const noise = (seed: number) => {
  const random = randomFrom(seed);
  return () => random.normal();
};
const daily = (timestamp: number) => Math.sin((2 * Math.PI * (timestamp % day)) / day);
const stored = (config: BankConfig) => (state: BankState) => {
  const newest = 1_800_000_000_000;
  const texts = JSON.parse(
    JSON.stringify({ metrics: Object.entries(state.metrics).map(([name, memory]) => [name, packSignals(memory, newest)]), alarm: packAlarm(state.alarm) }),
  ) as { metrics: [string, string][]; alarm: string };
  const bins = binsOf(config.metrics.length);
  return {
    metrics: Object.fromEntries(texts.metrics.map(([name, text]) => [name, unpackSignals(text, newest, bins) ?? []])),
    alarm: unpackAlarm(texts.alarm),
  };
};

const anyNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, 1, 100, -1e308, 1e308, 5e-324, Number.NaN, Number.POSITIVE_INFINITY),
  fc.integer({ min: -1000, max: 1000 }),
);
const anySteps = fc
  .array(
    fc.record({
      step: fc.oneof({ arbitrary: fc.constant(5 * minute), weight: 8 }, fc.integer({ min: -10 * minute, max: 400 * day })),
      values: fc.dictionary(fc.constantFrom('m0', 'm1', 'm2'), anyNumber),
    }),
    { maxLength: 260 },
  )
  .map((steps) => {
    let timestamp = monday;
    return steps.map(({ step, values }): Step => {
      timestamp += step;
      return [timestamp, values];
    });
  });

describe('what it sees', () => {
  test('nothing before it has learned: a new resource has no score', () => {
    const random = noise(1);
    const { scores, of } = play(series(100, (index) => (index % 7 === 0 ? 1000 : 0) + random()));
    expect(scores.every((score) => score === 0)).toBe(true);
    expect(of().surprise).toBe(0);
  });
  test('a calm metric hardly ever reaches one half, a tenfold jump does at once and then rests', () => {
    const random = noise(2);
    const calm = play(series(4000, (_, timestamp) => 100 + 20 * daily(timestamp) + random()));
    expect(calm.scores.slice(600).filter((score) => score >= 0.5).length).toBeLessThanOrEqual(6);
    const jumped = play(series(4000, (index, timestamp) => 100 + 20 * daily(timestamp) + random() + (index >= 3900 ? 60 : 0)));
    const first = jumped.scores.findIndex((score, index) => index >= 3900 && score >= 0.5);
    expect(first).toBeLessThan(3903);
    expect(jumped.scores.slice(first + 1, first + 90).every((score) => score < 0.5)).toBe(true);
  });
  test('names what is unusual, with its direction and its beginning', () => {
    const random = noise(3);
    const base = (timestamp: number) => 100 + 20 * daily(timestamp) + random();
    const shifted = play(series(2030, (index, timestamp) => base(timestamp) + (index >= 2000 ? -40 : 0))).of();
    expect(shifted.surprises.level).toBeLessThan(-2);
    expect(shifted.surprises.season).toBeLessThan(-2);
    expect(shifted.since).toBeGreaterThanOrEqual(monday + 2000 * 5 * minute);
    const rising = play(series(2024, (index, timestamp) => base(timestamp) + Math.max(0, index - 2000) * 4)).of();
    expect(rising.surprises.trend).toBeGreaterThan(2);
    const restless = play(series(2024, (index, timestamp) => base(timestamp) + (index >= 2000 ? 15 * (index % 2 === 0 ? 1 : -1) : 0))).of();
    expect(restless.surprises.variance).toBeGreaterThan(2);
  });
  test('knows the usual of an hour, and weekends apart where there is room', () => {
    const random = noise(4);
    const weekly = (timestamp: number) => (new Date(timestamp).getUTCDay() % 6 === 0 ? 50 : 100) + 20 * daily(timestamp) + random();
    const saturdayNoon = monday + 33 * day + 12 * hour;
    const { of } = play(series((saturdayNoon - monday) / (5 * minute) + 1, (_, timestamp) => weekly(timestamp)));
    expect(of().usualOf).toBe('hourOfWeek');
    expect(Math.abs(of().usual - 50)).toBeLessThan(8);
    const many = play(
      series(2000, (_, timestamp) => 100 + 20 * daily(timestamp) + random()).map(([timestamp, { a = 0 }]): Step => [timestamp, { m0: a }]),
      configOf(8),
    );
    expect(many.of('m0').usualOf).toBe('hour');
  });
  test('a metric that stands still for longer than ever is a plateau; one that always did is none', () => {
    const random = noise(5);
    const dead = play(series(1500, (index) => (index >= 1300 ? 42 : 42 + random())));
    expect(dead.of().surprises.plateau).toBeGreaterThan(6);
    const constant = play(series(1500, () => 42));
    expect(constant.scores.every((score) => score === 0)).toBe(true);
    expect(constant.of()).toMatchObject({ surprise: 0, usual: 42 });
  });
  test('the first movement of what was always constant is told', () => {
    const { scores } = play(series(1500, (index) => (index >= 1400 ? 43 : 42)));
    expect(Math.max(...scores.slice(0, 1400))).toBe(0);
    expect(Math.max(...scores.slice(1400, 1404))).toBeGreaterThanOrEqual(0.5);
  });
});

describe('what must not disturb it', () => {
  test('a counter that begins again is no event; a metric that falls by as much is', () => {
    const random = noise(6);
    const counter = (restarts: boolean) => series(3000, (index) => (restarts && index >= 2500 ? index - 2500 : index) * 1000 + Math.abs(random()) * 100 + 1000);
    const after = (steps: Step[]) =>
      play(steps)
        .scores.slice(2500, 2600)
        .filter((score) => score >= 0.5).length;
    expect(after(counter(true))).toBe(0);
    const level = series(3000, (index) => 2_500_000 + 1000 * random() - (index >= 2500 ? 2_400_000 : 0));
    expect(after(level)).toBe(1);
  });
  test('missing points, double rows and another period are no event', () => {
    const at = (timestamp: number, random: () => number) => 100 + 20 * daily(timestamp) + random();
    const told = (steps: Step[], from: number) => play(steps).scores.filter((score, index) => (steps[index]?.[0] ?? 0) >= from && score >= 0.5).length;
    const change = monday + 8 * day;
    const missing = noise(7);
    const gaps = series(4000, (_, timestamp) => at(timestamp, missing)).filter(([timestamp], index) => timestamp < change || index % 5 !== 0);
    expect(told(gaps, change)).toBeLessThanOrEqual(3);
    const silent = series(4000, (_, timestamp) => at(timestamp, missing)).filter(([timestamp]) => timestamp < change || timestamp > change + 7 * hour);
    expect(told(silent, change)).toBeLessThanOrEqual(3);
    const doubled = series(4000, (_, timestamp) => at(timestamp, missing)).flatMap((step) =>
      step[0] > change && step[0] < change + day ? [step, step] : [step],
    );
    expect(told(doubled, change)).toBeLessThanOrEqual(3);
    const coarser = series(8000, (_, timestamp) => at(timestamp, missing)).filter(([timestamp], index) => timestamp < change || index % 3 === 0);
    expect(told(coarser, change)).toBeLessThanOrEqual(4);
  });
  test('older points and what is no number change nothing', () => {
    const random = noise(8);
    const steps = series(300, () => random());
    const state = play(steps).state;
    for (const [timestamp, value] of [
      [monday, 1e9],
      [monday + 400 * 5 * minute, Number.NaN],
      [monday + 400 * 5 * minute, Number.POSITIVE_INFINITY],
      [Number.NaN, 1],
    ] as const)
      expect(bank.observe(state, { timestamp, values: { a: value, unknown: 1 } }, one)).toEqual({ state, score: 0 });
  });
  test('copies of a metric count once', () => {
    const random = noise(9);
    const values = Array.from({ length: 1500 }, (_, index) => 100 + random() * (index > 1200 ? 3 : 1) + (index === 900 ? 30 : 0));
    const of = (count: number) =>
      play(
        values.map((value, index): Step => [monday + 5 * minute * index, Object.fromEntries(Array.from({ length: count }, (_, copy) => [`m${copy}`, value]))]),
        configOf(count),
      ).scores;
    expect(of(4)).toEqual(of(1));
    expect(of(12)).toEqual(of(5));
  });
  test('scale and place of a metric do not matter', () => {
    const random = noise(10);
    const values = Array.from({ length: 1200 }, (_, index) => random() + (index === 900 ? 12 : 0));
    const scoresOf = (map: (value: number) => number) => play(series(1200, (index) => map(values[index] ?? 0))).scores;
    const told = (scores: readonly number[]) => scores.flatMap((score, index) => (score >= 0.5 ? [index] : []));
    const plain = told(scoresOf((value) => value));
    expect(plain).toContain(900);
    expect(told(scoresOf((value) => 1024 * value))).toEqual(plain);
    expect(told(scoresOf((value) => value + 1e6))).toContain(900);
    expect(told(scoresOf((value) => -value))).toEqual(plain);
  });
});

describe('its state', () => {
  test('any input gives a score from 0 to 1 and finite signals, and the same whether stored in between or not', () => {
    const config = configOf(3);
    fc.assert(
      fc.property(anySteps, (steps) => {
        const kept = play(steps, config);
        const through = play(steps, config, stored(config));
        expect(through.scores).toEqual(kept.scores);
        expect(through.state).toEqual(kept.state);
        for (const score of kept.scores) expect(score >= 0 && score <= 1).toBe(true);
        for (const read of Object.keys(kept.state.metrics).map((name) => signals(kept.state, name))) {
          for (const number of [read.surprise, read.usual, read.spread, read.value, ...Object.values(read.surprises)])
            expect(Number.isFinite(number)).toBe(true);
          expect(read.spread).toBeGreaterThan(0);
        }
      }),
      { numRuns: 150 },
    );
  });
  test('is not changed in place', () => {
    const state = play(series(200, (index) => index % 17)).state;
    const copy = structuredClone(state);
    bank.observe(state, { timestamp: monday + 300 * 5 * minute, values: { a: 1e6 } }, one);
    expect(state).toEqual(copy);
  });
  test('of a resource of eight metrics is small, and does not grow', () => {
    const random = noise(11);
    const config = configOf(8);
    const { state } = play(
      Array.from(
        { length: 3000 },
        (_, index): Step => [monday + 5 * minute * index, Object.fromEntries(config.metrics.map(({ name }, metric) => [name, 10 ** metric * (5 + random())]))],
      ),
      config,
    );
    const sizes = Object.values(state.metrics).map((memory) => packSignals(memory, monday + 15_000 * minute).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(260);
  });
  test('that is damaged is refused or read, never more', () => {
    const random = noise(12);
    const { state } = play(series(400, () => random()));
    const text = packSignals(state.metrics['a'] ?? [], 0);
    const bins = binsOf(1);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 0, maxLength: 3 }), (at, replacement) => {
        const damaged = text.slice(0, at) + replacement + text.slice(at + 1);
        let memory: number[] | undefined;
        try {
          memory = unpackSignals(damaged, 0, bins);
        } catch (error) {
          expect(error).toBeInstanceOf(DetectorStateError);
          return;
        }
        if (memory === undefined) return;
        const observed = bank.observe({ metrics: { a: memory }, alarm: state.alarm }, { timestamp: 8.64e15, values: { a: 5 } }, one);
        expect(observed.score >= 0 && observed.score <= 1).toBe(true);
        expect(Object.values(observed.state.metrics).every((numbers) => numbers.every(Number.isFinite))).toBe(true);
      }),
      { numRuns: 1000 },
    );
    for (const nonsense of ['', 'AAAA', '*', text.slice(0, -4), `${text}AAAA`]) expect(() => unpackSignals(nonsense, 0, bins)).toThrow(DetectorStateError);
  });
  test('with a season of another fineness begins anew', () => {
    const { state } = play(series(400, (index) => index % 3));
    expect(unpackSignals(packSignals(state.metrics['a'] ?? [], 0), 0, binsOf(8))).toBeUndefined();
  });
});
