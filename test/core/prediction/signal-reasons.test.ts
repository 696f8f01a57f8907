// What an operator reads of a metric's signals.
import { describe, expect, it } from 'vitest';
import { signalReason } from '../../../core/prediction/signal-reasons.ts';
import type { MetricSignals, SignalName } from '../../../core/prediction/signals/port.ts';

const minute = 60_000;
const tuesday = Date.UTC(2026, 2, 3, 14, 20);
const quiet: Record<SignalName, number> = { level: 0, change: 0, trend: 0, season: 0, variance: 0, plateau: 0 };

const signals = (more: Partial<MetricSignals>, surprises: Partial<Record<SignalName, number>> = {}): MetricSignals => ({
  at: tuesday,
  points: 5000,
  since: tuesday - 24 * minute,
  surprise: 3,
  value: 0.31,
  usual: 0.1,
  spread: 0.01,
  usualOf: 'hourOfWeek',
  ...more,
  surprises: { ...quiet, ...surprises },
});
const told = (of: MetricSignals, role: 'latency' | 'other' = 'latency') => signalReason({ name: 'p99 latency', role }, of, minute)?.reason.detail;

describe('a reason from signals', () => {
  it('says how many times its usual, for which hours, and that it rises', () => {
    expect(told(signals({}, { season: 5, trend: 3 }))).toBe('p99 latency 0.31 s, 3.1x its usual 0.1 s for weekdays at 14:00 UTC, rising for 25 minutes');
    expect(told(signals({ at: Date.UTC(2026, 2, 8, 3), since: null }, { season: 5 }))).toBe(
      'p99 latency 0.31 s, 3.1x its usual 0.1 s for weekends at 03:00 UTC, for 1 minute',
    );
  });

  it('says it in units of its variation where a ratio says nothing, and of the plain level without hours', () => {
    expect(told(signals({ usual: 0.001, spread: 0.05, usualOf: 'level' }, { level: 4 }), 'other')).toBe(
      'p99 latency 0.31, above its usual 0.001 by 6.18 times its usual variation, for 25 minutes',
    );
    expect(told(signals({ value: -0.2, usual: 0, spread: 0.05, usualOf: 'hour' }, { level: -4 }), 'other')).toMatch(
      /^p99 latency -0\.2, below its usual 0 for 14:00 UTC by 4 times/,
    );
  });

  it.each([
    ['change', 4, /jumped to 0\.31/],
    ['variance', 4, /swings more than it usually does/],
    ['variance', -4, /unusually quiet/],
    ['plateau', 4, /stands still at 0\.31 s longer than it usually does/],
  ] as const)('names %s %d', (name, surprise, words) => {
    expect(told(signals(name === 'variance' ? { value: 0.11 } : {}, { [name]: surprise }))).toMatch(words);
  });

  it('does not call the usual unusual when only the points before were', () => {
    expect(told(signals({ value: 0.1004 }, { level: 4 }))).toBe(
      'p99 latency 0.1 s, at its usual 0.1 s for weekdays at 14:00 UTC again after having been away from it, for 25 minutes',
    );
  });

  it('says how far it is when it swings far', () => {
    expect(told(signals({}, { variance: 5 }))).toMatch(/3\.1x its usual/);
  });

  it('says nothing of what is usual', () => {
    expect(told(signals({}, { level: 2.4, trend: -2 }))).toBeUndefined();
  });

  it('tells a trend as one, anything else as a level', () => {
    expect(signalReason({ name: 'm', role: 'other' }, signals({}, { trend: 4, level: 3 }), minute)?.reason.kind).toBe('trend');
    expect(signalReason({ name: 'm', role: 'other' }, signals({}, { trend: 3, level: 4 }), minute)?.reason.kind).toBe('level');
  });
});
