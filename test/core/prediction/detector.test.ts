// The detector against the published distributions: what must be found, how soon, and what must be left alone.
import { describe, expect, test } from 'vitest';
import { detector } from '../../../core/prediction/detector.ts';
import type { Assessment, DetectorConfig, Observation } from '../../../core/prediction/port.ts';
import {
  calmDays,
  calmInfluence,
  day,
  drawService,
  entryConfig,
  entryMinute,
  hour,
  type Influence,
  instanceConfig,
  instanceMinute,
  minute,
  randomFrom,
  start,
} from './telemetry.ts';

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

/** Scores of the minutes after three ordinary days. `fault`: influence at a minute after them. */
function afterHistory(seed: number, minutes: number, fault: (elapsed: number) => Influence): Assessment[] {
  const random = randomFrom(seed);
  const service = drawService(random);
  const calm = calmDays(random, 4);
  let state = detector.initial(entryConfig);
  const onset = start + 3 * day + Math.floor(random.uniform() * 1440) * minute;
  for (let at = start; at < onset; at += minute) state = detector.observe(state, entryMinute(random, service, at, calmInfluence(calm, at)), entryConfig).state;
  return Array.from({ length: minutes }, (_, elapsed) => {
    const observed = detector.observe(state, entryMinute(random, service, onset + elapsed * minute, fault(elapsed)), entryConfig);
    state = observed.state;
    return observed.assessment;
  });
}

/** Points until a score is reached, 1 for the first; infinite when it is not. */
function pointsTo(score: number, assessments: readonly Assessment[]): number {
  const index = assessments.findIndex(({ failureProbability }) => (failureProbability ?? 0) >= score);
  return index < 0 ? Number.POSITIVE_INFINITY : index + 1;
}
const highest = (assessments: readonly Assessment[]): number => Math.max(...assessments.map(({ failureProbability }) => failureProbability ?? 0));
const ramp = (elapsed: number, to: number, minutes: number): number => 1 + (to - 1) * Math.min(1, (elapsed + 1) / minutes);

describe('gray failure', () => {
  test.each([2, 3, 4])('latency x%d at an unchanged load passes 30, 70 and 85 in order and soon', (factor) => {
    for (const seed of seeds) {
      const scores = afterHistory(seed, 12, () => ({ latency: factor }));
      expect(pointsTo(30, scores), `seed ${seed}`).toBeLessThanOrEqual(factor === 2 ? 3 : 2);
      expect(pointsTo(70, scores), `seed ${seed}`).toBeLessThanOrEqual(factor === 2 ? 6 : 4);
      expect(pointsTo(85, scores), `seed ${seed}`).toBeLessThanOrEqual(factor === 2 ? 8 : 5);
      expect(pointsTo(30, scores)).toBeLessThan(pointsTo(70, scores));
      expect(pointsTo(70, scores)).toBeLessThan(pointsTo(85, scores));
    }
  });

  test('errors beside a slow rise of latency make it sooner', () => {
    for (const seed of seeds) {
      const slow = afterHistory(seed, 30, (elapsed) => ({ latency: ramp(elapsed, 2, 15) }));
      const failing = afterHistory(seed, 30, (elapsed) => ({ latency: ramp(elapsed, 2, 15), errorRate: (0.2 * elapsed) / 40 }));
      expect(pointsTo(85, slow)).toBeLessThan(25);
      expect(pointsTo(85, failing)).toBeLessThan(pointsTo(85, slow));
    }
  });

  test('the reason says how much, against what and since when', () => {
    const last = afterHistory(3, 4, () => ({ latency: 3 })).at(-1);
    expect(last?.expectedInMinutes).toBe(0);
    expect(last?.reasons[0]).toMatchObject({ metric: 'latency-p99', kind: 'level' });
    expect(last?.reasons[0]?.detail).toMatch(/^latency-p99 [\d.]+ s, [23](\.\d+)?x its usual [\d.]+ s for this hour and load, (rising )?for 4 minutes$/);
  });

  test('errors within the objective are a warning at most', () => {
    for (const seed of seeds) expect(highest(afterHistory(seed, 120, () => ({ errorRate: 0.004 })))).toBeLessThan(70);
  });
});

describe('what must not become critical', () => {
  test.each([1.5, 2, 3])('a burst of load x%d that passes', (factor) => {
    for (const seed of seeds)
      expect(highest(afterHistory(seed, 60, (elapsed) => ({ load: elapsed < 20 ? ramp(elapsed, factor, 3) : 1 }))), `seed ${seed}`).toBeLessThan(70);
  });

  test('a blip of three minutes, seen at four points', () => {
    for (const seed of seeds) expect(highest(afterHistory(seed, 20, (elapsed) => (elapsed < 4 ? { latency: 4, errorRate: 0.1 } : {})))).toBeLessThan(85);
  });

  test('a deployment at its worst', () => {
    for (const seed of seeds) expect(highest(afterHistory(seed, 20, (elapsed) => (elapsed < 7 ? { latency: 1.8, errorRate: 0.005 } : {})))).toBeLessThan(85);
  });

  test('600 calm days', () => {
    let crossings = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = randomFrom(seed + 100);
      const service = drawService(random);
      const calm = calmDays(random, 30);
      let state = detector.initial(entryConfig);
      let before = 0;
      for (let at = start; at < start + 30 * day; at += minute) {
        const observed = detector.observe(state, entryMinute(random, service, at, calmInfluence(calm, at)), entryConfig);
        state = observed.state;
        const score = observed.assessment.failureProbability ?? 0;
        if (score >= 85 && before < 85) crossings += 1;
        before = score;
      }
    }
    expect(crossings).toBeLessThanOrEqual(1);
  });
});

/** Runs three ordinary days and then a leak on one instance; time in minutes before exhaustion at which each score was reached. */
function leak(seed: number, metric: 'memory' | 'disk', stopsAt: number) {
  const random = randomFrom(seed);
  const base = random.between(38, 45);
  const perHour = (100 - base) / random.between(3, 10);
  const onset = start + 3 * day + Math.floor(random.uniform() * 1440) * minute;
  let state = detector.initial(instanceConfig);
  const reached = new Map<number, { at: number; assessment: Assessment }>();
  let peak = 0;
  for (let at = start; at < onset + 13 * hour; at += minute) {
    const leaked = Math.min(stopsAt, base + (perHour * Math.max(0, at - onset)) / hour);
    const observation = instanceMinute(random, at, metric === 'memory' ? { memory: leaked } : { disk: leaked });
    if ((observation.values[metric] ?? 0) >= 100) return { reached, peak, end: at };
    const observed = detector.observe(state, observation, instanceConfig);
    state = observed.state;
    if (at < onset) continue;
    const score = observed.assessment.failureProbability ?? 0;
    peak = Math.max(peak, score);
    for (const threshold of [30, 70, 85]) if (score >= threshold && !reached.has(threshold)) reached.set(threshold, { at, assessment: observed.assessment });
  }
  return { reached, peak, end: Number.NaN };
}

describe('exhaustion', () => {
  test.each(['memory', 'disk'] as const)('a leak of %s is critical while there is time to move, not much earlier', (metric) => {
    for (const seed of seeds.slice(0, 4)) {
      const { reached, end } = leak(seed, metric, 200);
      const before = (threshold: number) => (end - (reached.get(threshold)?.at ?? end)) / minute;
      expect(before(85), `seed ${seed}`).toBeGreaterThanOrEqual(20);
      expect(before(85), `seed ${seed}`).toBeLessThanOrEqual(38);
      expect(before(70)).toBeGreaterThan(before(85) + 10);
      expect(before(30)).toBeGreaterThan(before(70) + 20);
      const { assessment } = reached.get(85) ?? {};
      expect(assessment?.expectedInMinutes).toBeGreaterThan(15);
      expect(assessment?.expectedInMinutes).toBeLessThan(38);
      expect(assessment?.reasons.find(({ kind }) => kind === 'limit')?.detail).toMatch(
        new RegExp(`^${metric} [\\d.]+ %, rising .* an hour over the last 90 minutes; .*limit of 100 % in \\d+ min \\(80 %: \\d+ min to \\d+ min\\)`),
      );
    }
  });

  test('a leak that stops below the limit is never critical', () => {
    for (const seed of seeds) expect(leak(seed, seed % 2 === 0 ? 'memory' : 'disk', randomFrom(seed).between(55, 85)).peak, `seed ${seed}`).toBeLessThan(85);
  });

  test('restarts, daily courses and log rotation are not a way to the limit', () => {
    for (const seed of seeds.slice(0, 3)) {
      const random = randomFrom(seed);
      let state = detector.initial(instanceConfig);
      let restarted = start;
      for (let at = start; at < start + 10 * day; at += minute) {
        if (random.uniform() < 0.7 / 1440) restarted = at;
        const warming = 20 * (1 - Math.exp(-(at - restarted) / (40 * minute)));
        const disk = 60 + (15 * (at % day)) / day;
        const observed = detector.observe(state, instanceMinute(random, at, { memory: 40 + warming, disk }), instanceConfig);
        state = observed.state;
        expect(observed.assessment.failureProbability ?? 0).toBeLessThan(70);
      }
    }
  });
});

describe('status checks', () => {
  const config: DetectorConfig = { ...instanceConfig, metrics: instanceConfig.metrics.filter(({ role }) => role === 'status') };
  const scores = (values: readonly number[]) => {
    let state = detector.initial(config);
    return values.map((value, index) => {
      const observed = detector.observe(state, { timestamp: start + index * minute, values: { 'status-check': value } }, config);
      state = observed.state;
      return observed.assessment;
    });
  };

  test('one failed check is a warning, three are critical, a passed one ends it', () => {
    const [passed, once, , thrice, again] = scores([0, 1, 1, 1, 0]);
    expect(passed).toMatchObject({ failureProbability: 1, reasons: [] });
    expect(once?.failureProbability).toBeLessThan(70);
    expect(thrice?.failureProbability).toBeGreaterThanOrEqual(85);
    expect(thrice?.reasons).toEqual([{ metric: 'status-check', kind: 'status', detail: 'status-check failed 3 times in a row, for 3 minutes' }]);
    expect(again?.failureProbability).toBe(1);
  });
});

describe('metrics of unknown meaning', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const config: DetectorConfig = { ...entryConfig, metrics: names.map((name) => ({ name, role: 'other', periodSeconds: 300 })) };
  function run(unusual: (index: number, elapsed: number) => number, points: number): Assessment[] {
    const random = randomFrom(5);
    let state = detector.initial(config);
    const assessments: Assessment[] = [];
    for (let index = 0; index < 1000 + points; index += 1) {
      const values = Object.fromEntries(names.map((name, column) => [name, 10 + random.normal() + (index < 1000 ? 0 : unusual(column, index - 1000))]));
      const observed = detector.observe(state, { timestamp: start + index * 5 * minute, values }, config);
      state = observed.state;
      if (index >= 1000) assessments.push(observed.assessment);
    }
    return assessments;
  }

  test('most of them together are a warning, in either direction: on recorded servers every other such state was an incident', () => {
    const assessments = run((column) => (column % 2 === 0 ? 8 : -8), 6);
    expect(highest(assessments)).toBeGreaterThanOrEqual(45);
    expect(highest(assessments)).toBeLessThan(95);
  });
  test('one of eight is not', () => {
    expect(highest(run((column) => (column === 0 ? 8 : 0), 6))).toBeLessThan(45);
  });
  test('the anomaly score ranks the unusual above the usual', () => {
    const scores = run((_column, elapsed) => (elapsed < 5 ? 0 : 6), 8).map(({ anomalyScore }) => anomalyScore);
    expect(Math.min(...scores.slice(5))).toBeGreaterThan(Math.max(...scores.slice(0, 5)));
  });
});

test('absent points hold the score, say so, and never raise it to critical', () => {
  const random = randomFrom(9);
  const service = drawService(random);
  let state = detector.initial(entryConfig);
  let at = start;
  const feed = (influence: Influence) => {
    const observed = detector.observe(state, entryMinute(random, service, at, influence), entryConfig);
    state = observed.state;
    at += minute;
    return observed.assessment;
  };
  for (let index = 0; index < 300; index += 1) feed({});
  feed({ latency: 3 });
  const uneasy = feed({ latency: 3 });
  for (let index = 0; index < 60; index += 1) {
    const silent = detector.observe(state, { timestamp: at, values: {} } satisfies Observation, entryConfig);
    at += minute;
    state = silent.state;
    expect(silent.assessment.failureProbability).toBe(uneasy.failureProbability);
    expect(silent.assessment.reasons.map(({ kind }) => kind)).toContain('missing');
  }
});
