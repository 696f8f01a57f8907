// Turns what `aws cloudwatch get-metric-data --output json` prints into the CSV file that `backtest` reads: stdin to stdout.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const MetricData = z.object({
  MetricDataResults: z.array(
    z.object({
      Id: z.string(),
      // Version 1 of the AWS command line prints seconds since the epoch, version 2 ISO 8601.
      Timestamps: z.array(z.union([z.number(), z.string()])),
      Values: z.array(z.number()),
    }),
  ),
});

/**
 * One row for each time, one column for each query, named by its Id. An absent value is an empty cell, but beside `requests` an absent
 * `errors...` is 0: a balancer that counts no errors reports no point. Throws when the input is not an answer of GetMetricData.
 */
export function historyToCsv(answer: unknown): string {
  const rows = new Map<string, Map<string, number>>();
  const names = new Set<string>();
  // The answer has an Id once for each page.
  for (const { Id, Timestamps, Values } of MetricData.parse(answer).MetricDataResults) {
    names.add(Id);
    for (const [index, time] of Timestamps.entries()) {
      const at = new Date(typeof time === 'number' ? time * 1000 : time).toISOString();
      const value = Values[index];
      if (value !== undefined) rows.set(at, (rows.get(at) ?? new Map()).set(Id, value));
    }
  }
  const cell = (row: ReadonlyMap<string, number>, name: string) => row.get(name) ?? (name.startsWith('errors') && row.has('requests') ? 0 : '');
  const lines = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([at, row]) => [at, ...[...names].map((name) => cell(row, name))].join());
  return `${[['timestamp', ...names].join(), ...lines].join('\n')}\n`;
}

if (import.meta.main) process.stdout.write(historyToCsv(JSON.parse(readFileSync(0, 'utf8'))));
