// CloudWatch's answer as the file that backtest reads.
import { expect, test } from 'vitest';
import { historyToCsv } from '../../../docs/deploying/history-to-csv.ts';

const series = (Id: string, Timestamps: (number | string)[], Values: number[]) => ({ Id, Timestamps, Values, StatusCode: 'Complete' });

test('one row for each time in order, absent values empty, absent errors beside requests 0', () => {
  const csv = historyToCsv({
    MetricDataResults: [
      series('latency', ['2026-03-02T10:01:00+00:00', '2026-03-02T10:00:00+00:00'], [0.2, 0.1]),
      series('requests', ['2026-03-02T10:01:00Z'], [100]),
      series('errors_target', [], []),
    ],
  });
  expect(csv.split('\n')).toEqual(['timestamp,latency,requests,errors_target', '2026-03-02T10:00:00.000Z,0.1,,', '2026-03-02T10:01:00.000Z,0.2,100,0', '']);
});

test('pages of one query are joined, and seconds since the epoch are times', () => {
  const csv = historyToCsv({ MetricDataResults: [series('requests', [1_772_445_600], [1]), series('requests', [1_772_445_660], [2])] });
  expect(csv).toBe('timestamp,requests\n2026-03-02T10:00:00.000Z,1\n2026-03-02T10:01:00.000Z,2\n');
});

test('refuses something else', () => {
  expect(() => historyToCsv({ Datapoints: [] })).toThrow();
});
