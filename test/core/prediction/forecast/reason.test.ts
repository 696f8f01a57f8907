// What an operator reads of a metric with a limit, and for which metrics.
import { describe, expect, test } from 'vitest';
import { initialLimit, observeLimit } from '../../../../core/prediction/forecast/limit.ts';
import { expectedExhaustion, type LimitedState, limitOf } from '../../../../core/prediction/forecast/limited.ts';
import { limitReason, roughly } from '../../../../core/prediction/forecast/reason.ts';
import type { DetectorConfig } from '../../../../core/prediction/port.ts';
import { hour, minute, randomFrom, start } from '../telemetry.ts';

type Metric = DetectorConfig['metrics'][number];
const metric = (name: string, role: Metric['role'], limit?: number): Metric => ({ name, role, periodSeconds: 60, ...(limit === undefined ? {} : { limit }) });
const config: DetectorConfig = { metrics: [], horizonMinutes: 60, objective: { latencySeconds: 1, errorRate: 0.01 } };

function known(limit: number, value: (elapsed: number) => number, minutes: number, ratio = 1): LimitedState {
  let state = initialLimit(start, limit);
  for (let elapsed = 0; elapsed < minutes; elapsed += 1) state = observeLimit(state, start + elapsed * minute, value(elapsed), limit);
  return { at: start + (minutes - 1) * minute, value: value(minutes - 1), limit: state, ratio };
}
const random = randomFrom(4);
const noise = Array.from({ length: 3000 }, () => random.normal());
const rise = (from: number, perHour: number) => (elapsed: number) => from + (perHour / 60) * Math.max(0, elapsed - 1440) + (noise[elapsed] ?? 0) * 0.2;

describe('the sentence', () => {
  test('says the pace, the time and its interval', () => {
    const reason = limitReason(metric('memory', 'memory', 100), known(100, rise(44, 6), 1440 + 270), start + 40 * hour, config)?.reason;
    expect(reason?.kind).toBe('trend');
    expect(reason?.detail).toMatch(
      /^memory 7[01](\.\d)? %, rising (5\.9\d?|6|6\.\d+) an hour over the last 90 minutes; at this pace it reaches its limit of 100 % in 4 h( \d+ min)? \(80 %: \d h( \d+ min)? to \d+ h( \d+ min)?\)$/,
    );
  });
  test('says how likely it is within the horizon once that is worth saying, and is a limit when near', () => {
    const reason = limitReason(
      metric('open', 'connections', 500),
      known(500, (elapsed) => rise(300, 30)(elapsed), 1440 + 370),
      start + 40 * hour,
      config,
    )?.reason;
    expect(reason?.kind).toBe('limit');
    expect(reason?.detail).toMatch(/^open 48\d, rising .* limit of 500 in \d+ min \(80 %: .*\); (more than )?\d+ % likely within 1 h$/);
  });
  test.each([
    [100, 'memory 100 %, at its limit of 100 %'],
    [130, 'memory 130 %, beyond its limit of 100 %'],
  ])('says of %s that the limit is reached, as a limit', (full, sentence) => {
    const reason = limitReason(
      metric('memory', 'memory', 100),
      known(100, (elapsed) => Math.min(full, rise(44, 6)(elapsed)), 1440 + 1500),
      start + 60 * hour,
      config,
    );
    expect(reason?.reason).toEqual({ metric: 'memory', kind: 'limit', detail: sentence });
  });
  test('is absent without a rise and without a chance', () => {
    expect(
      limitReason(
        metric('disk', 'disk', 100),
        known(100, () => 60, 2000),
        start + 40 * hour,
        config,
      ),
    ).toBeUndefined();
    expect(limitReason(metric('disk', 'disk', 100), { at: start, value: 60 }, start, config)).toBeUndefined();
  });
  test('lengths of time', () => {
    expect([0.4, 1, 59.4, 61, 190, 240, 26 * 60, 5 * 1440].map(roughly)).toEqual([
      'less than a minute',
      '1 min',
      '59 min',
      '1 h',
      '3 h 10 min',
      '4 h',
      '26 h',
      '5 days',
    ]);
  });
});

describe('which metrics', () => {
  test('memory, disk, connections and others have the limit that they are given, latency the objective', () => {
    expect(limitOf(metric('a', 'memory', 90), config)).toBe(90);
    expect(limitOf(metric('a', 'connections', 500), config)).toBe(500);
    expect(limitOf(metric('a', 'other', 7), config)).toBe(7);
    expect(limitOf(metric('a', 'other'), config)).toBeUndefined();
    expect(limitOf(metric('a', 'latency'), config)).toBe(1);
    expect(limitOf(metric('a', 'latency', 2), config)).toBe(2);
    for (const role of ['cpu', 'requests', 'network', 'errors', 'status'] as const) expect(limitOf(metric('a', role, 100), config)).toBeUndefined();
  });
  test('latency near its objective is prepared for, never moved for by itself; the course of a day is not even that', () => {
    const latency = metric('p99', 'latency');
    const near = (ratio: number) =>
      expectedExhaustion(
        latency,
        known(1, (elapsed) => rise(30, 15)(elapsed) / 100, 1440 + 260, ratio),
        start + 40 * hour,
        config,
      )?.score ?? 0;
    expect(near(2)).toBe(60);
    expect(near(1)).toBe(25);
  });
});
