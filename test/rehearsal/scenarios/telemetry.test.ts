import { describe, expect, it } from 'vitest';
import { playBaseline } from '../../../rehearsal/arms/baseline.ts';
import { telemetryFigures } from '../../../rehearsal/arms/episodes.ts';
import { drawTelemetryRun } from '../../../rehearsal/scenarios/telemetry.ts';
import { day, hour, minute } from '../../../rehearsal/world/faults.ts';
import type { Recording } from '../../../rehearsal/world/run.ts';
import { shop } from '../plan.ts';

const first = Date.UTC(2026, 0, 5);
const recordingOf = (days: number, spacing: number, metrics: string[], incidents: Recording['incidents'] = []): Recording => {
  const rows = Math.floor((days * day) / spacing);
  return {
    telemetry: {
      metrics,
      times: Float64Array.from({ length: rows }, (_, row) => first + row * spacing),
      rows: Array.from({ length: rows }, () => Float64Array.from(metrics, () => 0.5)),
    },
    labelledFrom: first + 5 * day,
    incidents,
  };
};

describe('a recording', () => {
  it('is history for three days and played for the rest', () => {
    const run = drawTelemetryRun(recordingOf(45, 5 * minute, ['m01']), 1, shop);
    expect(run.start).toBe(first + 3 * day);
    expect(run.end).toBe(first + 45 * day);
    expect(run.recording?.periodSeconds).toBe(300);
    expect(drawTelemetryRun(recordingOf(4, minute, ['m01']), 1, shop)).toMatchObject({
      start: first + day,
      recording: { periodSeconds: 60 },
    });
  });

  it('is all that is scored, each metric of unknown meaning', () => {
    const { plan } = drawTelemetryRun(recordingOf(45, 5 * minute, ['m01', 'CPU Utilization', 'cpu-utilization', 'x'.repeat(80)]), 1, shop);
    expect(plan.entryMetrics).toEqual([]);
    const [selector, ...others] = plan.sides.primary.resources;
    expect(others).toEqual([]);
    expect(selector?.metrics?.map(({ metric, role }) => [metric, role])).toEqual([
      ['m01', 'other'],
      ['CPU Utilization', 'other'],
      ['cpu-utilization', 'other'],
      ['x'.repeat(80), 'other'],
    ]);
    const names = selector?.metrics?.map(({ name }) => name) ?? [];
    expect(new Set(names).size).toBe(4);
  });

  it('fails half of the requests while an incident lasts, its last row included', () => {
    const from = first + 10 * day;
    const run = drawTelemetryRun(recordingOf(45, 5 * minute, ['m01'], [{ from, until: from + hour }]), 1, shop);
    expect(run.faults.conditionOf('primary', from - 1).errors).toBe(0);
    expect(run.faults.conditionOf('primary', from + hour + 4 * minute).errors).toBeCloseTo(0.5, 9);
    expect(run.faults.conditionOf('primary', from + hour + 5 * minute).errors).toBe(0);
    expect(run.faults.conditionOf('standby', from + minute).errors).toBe(0);
  });
});

describe('the oracle of a recording', () => {
  it('is on the standby while a labelled incident lasts, and at home else', () => {
    const from = first + 3 * day + hour;
    const run = drawTelemetryRun(recordingOf(4, 5 * minute, ['m01'], [{ from, until: from + hour }]), 1, shop);
    const [oracle, none] = (['oracle', 'none'] as const).map((arm) => playBaseline(run, arm));
    const shareAt = (at: number) => oracle?.samples[Math.floor((at - run.start) / minute)]?.standbyShare ?? 0;
    expect(shareAt(from - minute)).toBe(0);
    expect(shareAt(from + hour)).toBeGreaterThan(0.9);
    expect(oracle?.result.finalWeights).toEqual({ primary: 100, standby: 0 });
    expect(oracle?.result.detectedAt).toBe(new Date(from).toISOString());
    expect(oracle?.result.failed).toBeLessThan(0.3 * (none?.result.failed ?? 0));
  });
});

describe('telemetryFigures', () => {
  const at = (days: number) => first + days * day;
  const incidents = [10, 20, 30].map((days) => ({ from: at(days), until: at(days) + 2 * hour }));
  const run = drawTelemetryRun(recordingOf(45, 5 * minute, ['m01'], incidents), 1, shop);
  const move = (startedAt: number, kind = 'predictive', outcome = 'failed-over') => ({
    failoverId: `f${startedAt}`,
    kind,
    outcome,
    startedAt,
    endedAt: startedAt + minute,
    reasons: [],
    events: [],
  });
  const samples = (awayAt: number[]) =>
    Array.from({ length: (run.end - run.start) / minute }, (_, index) => {
      const now = run.start + index * minute;
      return { at: now, requests: 1, failed: 0, slow: 0, standbyShare: awayAt.includes(now) ? 1 : 0 };
    });

  it('counts what was found, from a horizon before an incident to its end', () => {
    const figures = telemetryFigures(run, [move(at(10) - 30 * minute), move(at(20) + 90 * minute), move(at(30) - 2 * hour)], samples([at(30)]));
    expect(figures).toEqual({
      incidents: 3,
      found: 2,
      away: 1,
      medianDelayMinutes: -30,
      falseFailovers: 1,
      labelledDays: 40,
      unlabelledFailovers: 0,
    });
  });

  it('counts neither refusals nor the way home, and what nobody labelled apart', () => {
    const figures = telemetryFigures(run, [move(at(10), 'predictive', 'refused'), move(at(11), 'fail-back'), move(at(4)), move(at(40))], samples([]));
    expect(figures).toMatchObject({ found: 0, away: 0, medianDelayMinutes: null, falseFailovers: 1, unlabelledFailovers: 1 });
  });
});
