// Whatever a history holds, every line keeps its shape: never a NaN, never a score of nothing, and never what later rows would change.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineOf, scoreHistory } from '../../../bin/backtest/score.ts';
import { defaultSettings } from '../../../bin/backtest/settings.ts';
import { BacktestLine } from '../../../bin/commands/backtest-line.ts';
import { inferColumns } from '../../../rehearsal/telemetry/infer-roles.ts';

const names = ['latency_ms', 'requests', 'errors', 'cpu', 'memory', 'status_check', 'network_in', 'm01', 'm02'];
const value = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 100 }) },
  { weight: 2, arbitrary: fc.constantFrom(0, -1, 1e-300, 1e12, -1e12, 1e300, 1.7e308, -1.7e308, 5e-324) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
);
const step = fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constantFrom(0, 5, 61, 1440, 400 * 1440) });

const history = fc
  .record({
    metrics: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 5 }),
    rows: fc.array(fc.tuple(step, fc.array(value, { minLength: 5, maxLength: 5 })), { minLength: 1, maxLength: 60 }),
    /** a calm beginning, so that something is scored at all */
    warm: fc.constantFrom(0, 150),
  })
  .map(({ metrics, rows, warm }) => {
    let minutes = 0;
    const all = [...Array.from({ length: warm }, (_, row) => [1, [50, 900, 1, 20, 40].map((base) => base + (row % 7))] as const), ...rows];
    return {
      name: 'any',
      columns: inferColumns(metrics),
      telemetry: {
        metrics,
        times: Float64Array.from(all, ([by]) => {
          minutes += by;
          return 1.77e12 + minutes * 60_000;
        }),
        rows: all.map(([, values]) => Float64Array.from(metrics, (_metric, column) => values[column] ?? Number.NaN)),
      },
    };
  });

describe('scoreHistory', () => {
  it('gives lines of the published shape for any numbers, gaps and repeated times', () => {
    fc.assert(
      fc.property(history, (any) => {
        for (const row of scoreHistory(any, defaultSettings)) BacktestLine.parse(JSON.parse(JSON.stringify(lineOf(row))));
      }),
      { numRuns: 150 },
    );
  });

  it('says nothing of later rows', () => {
    fc.assert(
      fc.property(history, fc.nat(), (any, cut) => {
        const { metrics, times, rows } = any.telemetry;
        const kept = 1 + (cut % rows.length);
        const part = { ...any, telemetry: { metrics, times: times.slice(0, kept), rows: rows.slice(0, kept) } };
        expect([...scoreHistory(part, defaultSettings)]).toEqual([...scoreHistory(any, defaultSettings)].slice(0, kept));
      }),
      { numRuns: 40 },
    );
  });

  it('has no score of nothing', () => {
    const silent = {
      name: 'silent',
      columns: inferColumns(['cpu', 'm01']),
      telemetry: {
        metrics: ['cpu', 'm01'],
        times: Float64Array.from({ length: 300 }, (_, row) => row * 60_000),
        rows: Array.from({ length: 300 }, () => Float64Array.of(Number.NaN, Number.NaN)),
      },
    };
    for (const { score, anomalyScore } of scoreHistory(silent, defaultSettings)) expect([score, anomalyScore]).toEqual([null, 0]);
  });
});
