// Telemetry files: times in every accepted form, quotes, missing values, and what column names mean.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inferColumns } from '../../../rehearsal/telemetry/infer-roles.ts';
import { parseTime, readTelemetry } from '../../../rehearsal/telemetry/read-csv.ts';

const scratch = mkdtempSync(join(tmpdir(), 'forestall-csv-'));
const read = (content: string) => {
  const file = join(scratch, 'file.csv');
  writeFileSync(file, content);
  return readTelemetry(file);
};

describe('times', () => {
  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31 12:00:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T12:00:00.25+02:00', '2026-01-31T10:00:00.250Z'],
    ['2026-01-31T12:00:00-0530', '2026-01-31T17:30:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(new Date(parseTime(text)).toISOString()).toBe(expected);
  });
  it.each(['', '12:00', '2026-13-01', '2025-02-29', '2026-01-31T24:00:00Z', '2026-01-31T12:61:00Z', '1767225600', '31/01/2026', '2026-01-31T12:00:00 CET'])(
    "'%s' is none",
    (text) => {
      expect(parseTime(text)).toBeNaN();
    },
  );
  it('what Date writes is read back', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
        expect(parseTime(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});

describe('files', () => {
  it('knows quotes, spaces, carriage returns, a byte order mark and missing values', async () => {
    const { metrics, times, rows } = await read('\uFEFFtimestamp,"a, ""b""", c\r\n2026-01-01T00:00:00Z,"1.5", -2e3 \r\n2026-01-01T00:05:00Z,, \r\n\r\n');
    expect(metrics).toEqual(['a, "b"', 'c']);
    expect([...times]).toEqual([Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1, 0, 5)]);
    expect(rows.map((row) => [...row])).toEqual([
      [1.5, -2000],
      [Number.NaN, Number.NaN],
    ]);
  });
});

describe('roles', () => {
  const roles = (...names: string[]) =>
    Object.fromEntries(inferColumns(names).map(({ metric, factor }) => [metric.name, factor === 1 ? metric.role : `${metric.role} x${factor}`]));
  it('are told by well-known names', () => {
    expect(
      roles(
        'latency',
        'TargetResponseTime',
        'p99_latency_ms',
        'errors',
        'HTTPCode_Target_5XX_Count',
        'RequestCount',
        'CPUUtilization',
        'mem_used_percent',
        'disk',
        'StatusCheckFailed',
        'NetworkIn',
      ),
    ).toEqual({
      latency: 'latency',
      TargetResponseTime: 'latency',
      p99_latency_ms: 'latency x0.001',
      errors: 'errors',
      HTTPCode_Target_5XX_Count: 'errors',
      RequestCount: 'requests',
      CPUUtilization: 'cpu',
      mem_used_percent: 'memory',
      disk: 'disk',
      StatusCheckFailed: 'status',
      NetworkIn: 'network',
    });
    expect(inferColumns(['mem_used_percent', 'm01'])[0]?.metric.limit).toBe(100);
  });
  it('are `other` when a name does not say enough', () => {
    const names = ['value', 'm01', 'error_rate', 'mem_free', 'memory_bytes', 'cpu_credit_balance', 'disk_write_bytes', 'requests_per_second', 'cpu_load'];
    expect(new Set(Object.values(roles(...names)))).toEqual(new Set(['other']));
  });
  it('errors without requests, and context alone, are judged as metrics of unknown meaning', () => {
    expect(roles('errors', 'latency')).toEqual({ errors: 'other', latency: 'latency' });
    expect(roles('requests', 'NetworkIn')).toEqual({ requests: 'other', NetworkIn: 'other' });
  });
});
