// Stored state: it survives storage unchanged, is refused when it is not ours, and no input can make it or a score absurd.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detector } from '../../../core/prediction/detector.ts';
import type { Assessment, DetectorConfig, Observation } from '../../../core/prediction/port.ts';
import type { DetectorState } from '../../../core/prediction/state.ts';
import { DetectorStateError } from '../../../core/prediction/state-error.ts';
import { drawService, entryConfig, entryMinute, instanceConfig, instanceMinute, minute, randomFrom, start } from './telemetry.ts';

const everything: DetectorConfig = {
  ...entryConfig,
  metrics: [
    ...entryConfig.metrics,
    ...instanceConfig.metrics,
    { name: 'a', role: 'other', periodSeconds: 300 },
    { name: 'b', role: 'other', periodSeconds: 60 },
  ],
};
const names = everything.metrics.map(({ name }) => name);

const anyNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, 1, 100, -1e308, 1e308, 5e-324, Number.NaN, Number.POSITIVE_INFINITY),
  fc.integer({ min: -1000, max: 1000 }),
);
const anyObservation = fc.record({
  step: fc.oneof({ arbitrary: fc.constant(minute), weight: 8 }, fc.integer({ min: -10 * minute, max: 40 * 24 * 60 * minute })),
  values: fc.dictionary(fc.constantFrom(...names), anyNumber),
});
const anySeries = fc.array(anyObservation, { maxLength: 120 }).map((steps) => {
  let timestamp = start;
  return steps.map(({ step, values }): Observation => {
    timestamp += step;
    return { timestamp, values };
  });
});

function run(observations: readonly Observation[], config: DetectorConfig, between: (state: DetectorState) => DetectorState = (state) => state) {
  let state = detector.initial(config);
  const assessments: Assessment[] = [];
  for (const observation of observations) {
    const observed = detector.observe(state, observation, config);
    state = between(observed.state);
    assessments.push(observed.assessment);
  }
  return { state, assessments };
}
const stored = (state: DetectorState): unknown => JSON.parse(JSON.stringify(detector.pack(state)));
const throughStorage = (config: DetectorConfig) => (state: DetectorState) => detector.parse(stored(state), config);

describe('any input', () => {
  test('gives finite scores in range, and a state that can be stored and read', () => {
    fc.assert(
      fc.property(anySeries, (observations) => {
        const { assessments } = run(observations, everything, throughStorage(everything));
        for (const { failureProbability, anomalyScore, expectedInMinutes, timestamp, reasons } of assessments) {
          if (failureProbability !== null) expect(failureProbability >= 0 && failureProbability <= 100).toBe(true);
          expect(anomalyScore >= 0 && anomalyScore <= 1).toBe(true);
          expect(Number.isFinite(timestamp)).toBe(true);
          expect(expectedInMinutes === null || Number.isFinite(expectedInMinutes)).toBe(true);
          for (const { detail } of reasons) expect(detail).not.toMatch(/NaN|Infinity|undefined|null/);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('is judged the same whether the state was stored in between or not, and never changes the state it was given', () => {
    fc.assert(
      fc.property(anySeries, (observations) => {
        const kept = run(observations, everything, (state) => {
          Object.freeze(state);
          return state;
        });
        expect(run(observations, everything, throughStorage(everything)).assessments).toEqual(kept.assessments);
      }),
      { numRuns: 50 },
    );
  });
});

test('what is not finite or older than the last point of its metric has no effect', () => {
  const random = randomFrom(1);
  const service = drawService(random);
  const { state } = run(
    Array.from({ length: 100 }, (_, index) => entryMinute(random, service, start + index * minute)),
    entryConfig,
  );
  const late = { timestamp: start + 98 * minute, values: { 'latency-p99': 50, requests: 1, 'errors-target': 1e6 } };
  for (const useless of [
    late,
    { timestamp: Number.NaN, values: { requests: 1 } },
    { timestamp: start + 200 * minute, values: { requests: Number.NaN, unknown: 3 } },
  ])
    expect(detector.observe(state, useless, entryConfig).state).toEqual(state);
});

test('metrics with different delays may come in observations of their own', () => {
  const whole = randomFrom(2);
  const observations = Array.from({ length: 200 }, (_, index) => instanceMinute(whole, start + index * minute, {}));
  const { state } = run(observations, instanceConfig);
  const split = observations.flatMap(({ timestamp, values }) => {
    const { memory = 0, ...others } = values;
    return [
      { timestamp, values: others },
      { timestamp, values: { memory } },
    ];
  });
  expect(run(split, instanceConfig).state.metrics['memory']).toEqual(state.metrics['memory']);
});

test('constant series are usual, a change of one is not', () => {
  const config: DetectorConfig = { ...entryConfig, metrics: [{ name: 'a', role: 'other', periodSeconds: 300 }] };
  const constant = (value: number, from: number, length: number) =>
    Array.from({ length }, (_, index): Observation => ({ timestamp: start + (from + index) * 5 * minute, values: { a: value } }));
  for (const value of [0, 7, -1e12]) {
    const { assessments } = run([...constant(value, 0, 400), ...constant(value + Math.abs(value) + 1, 400, 12)], config);
    const calm = Math.max(...assessments.slice(0, 400).map(({ failureProbability }) => failureProbability ?? 0));
    expect(calm).toBeLessThan(10);
    // One metric of unknown meaning is one witness: worth mentioning, not acting on.
    expect(assessments.at(-1)?.failureProbability).toBeGreaterThan(2 * calm);
    expect(assessments.at(-1)?.failureProbability).toBeGreaterThanOrEqual(15);
    expect(assessments.at(-1)?.failureProbability).toBeLessThan(70);
  }
});

test('state stays small', () => {
  const random = randomFrom(3);
  const { state } = run(
    Array.from({ length: 5000 }, (_, index) => instanceMinute(random, start + index * minute, { memory: 40 + index / 500 })),
    instanceConfig,
  );
  expect(JSON.stringify(detector.pack(state)).length / instanceConfig.metrics.length).toBeLessThan(500);
});

describe('parse', () => {
  const { state } = run([entryMinute(randomFrom(1), drawService(randomFrom(1)), start)], entryConfig);
  const ours = detector.pack(state) as Record<string, unknown>;
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'state'],
    ['an older version', { ...ours, version: 1 }],
    ['no version', { ...ours, version: undefined }],
    ['a missing part', { ...ours, whole: undefined }],
    ['an unknown part', { ...ours, more: 1 }],
    ['a wrong type', { ...ours, metrics: { requests: 5 } }],
    ['a part of a metric', { ...ours, metrics: { requests: 'AA' } }],
    ['more than a metric', { ...ours, metrics: { requests: 'A'.repeat(200) } }],
    ['a part of the whole', { ...ours, whole: 'AAAA' }],
  ])('refuses %s', (_what, value) => {
    expect(() => detector.parse(value, entryConfig)).toThrow(DetectorStateError);
    expect(() => detector.parse(value, entryConfig)).toThrow(/discard it and warm up from history/);
  });

  test('drops metrics that the plan no longer has, and begins new ones', () => {
    const fewer = { ...entryConfig, metrics: entryConfig.metrics.filter(({ role }) => role !== 'errors') };
    expect(Object.keys(detector.parse(stored(state), fewer).metrics).sort()).toEqual(['latency-p99', 'requests']);
    expect(
      detector.observe(detector.parse(stored(state), everything), { timestamp: start + minute, values: { a: 1 } }, everything).state.metrics,
    ).toHaveProperty('a');
  });
});
