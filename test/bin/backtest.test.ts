// The command as an operator calls it: golden outputs, bad input, exit codes, what goes to which stream, and a reader that leaves.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { backtest } from '../../bin/commands/backtest.ts';
import { BacktestLine } from '../../bin/commands/backtest-line.ts';
import { readTelemetry, type Telemetry } from '../../rehearsal/telemetry/read-csv.ts';

const golden = 'test/golden/backtest/service';
const environment = { ...process.env, INIT_CWD: process.cwd() };
const run = (...args: string[]) => spawnSync('node', ['bin/forestall.ts', 'backtest', ...args], { encoding: 'utf8', env: environment, maxBuffer: 1 << 28 });
const scratch = mkdtempSync(join(tmpdir(), 'forestall-backtest-'));
const write = (name: string, content: string | Buffer) => {
  const file = join(scratch, name);
  writeFileSync(file, content);
  return file;
};
const linesOf = (text: string): BacktestLine[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => BacktestLine.parse(JSON.parse(line)));

describe('backtest', () => {
  it('prints the golden lines, one for each row', () => {
    const result = run(`${golden}.csv`, '--json');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toBe(readFileSync(`${golden}.jsonl`, 'utf8'));
    expect(linesOf(result.stdout)).toHaveLength(readFileSync(`${golden}.csv`, 'utf8').trimEnd().split('\n').length - 1);
  });

  it('prints the golden summary', () => {
    const result = run(`${golden}.csv`);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toBe(readFileSync(`${golden}.txt`, 'utf8'));
  });

  it('reads gzip, and resolves paths against the directory npm was called in', () => {
    write('service.csv.gz', gzipSync(readFileSync(`${golden}.csv`)));
    const result = spawnSync('node', ['bin/forestall.ts', 'backtest', 'service.csv.gz', '--json'], {
      encoding: 'utf8',
      env: { ...environment, INIT_CWD: scratch },
    });
    expect(result.stdout).toBe(readFileSync(`${golden}.jsonl`, 'utf8'));
  });

  it('judges a row by itself and earlier ones only', async () => {
    const whole = await readTelemetry(`${golden}.csv`);
    const all = [...backtest(whole)];
    for (const rows of [1, 31, 65, 101]) {
      const part: Telemetry = { metrics: whole.metrics, times: whole.times.slice(0, rows), rows: whole.rows.slice(0, rows) };
      expect([...backtest(part)]).toEqual(all.slice(0, rows));
    }
  });

  it('scores equal timestamps in file order, and says of absent rows that they are missing', () => {
    const lines = linesOf(readFileSync(`${golden}.jsonl`, 'utf8'));
    expect(lines[50]?.timestamp).toBe(lines[51]?.timestamp);
    const empty = lines[90];
    expect(empty?.failureProbability).toBe(lines[89]?.failureProbability);
    expect(empty?.reasons.map(({ kind }) => kind)).toContain('missing');
    expect(lines[100]?.reasons.map(({ kind }) => kind)).toContain('missing');
    for (const { failureProbability, anomalyScore } of lines.slice(0, 30)) expect([failureProbability, anomalyScore]).toEqual([null, 0]);
  });

  it('ends quietly when its reader leaves', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `${new Date(1.77e12 + index * 60_000).toISOString()},${index % 7}`);
    const file = write('long.csv', `timestamp,a\n${rows.join('\n')}\n`);
    const child = spawn('node', ['bin/forestall.ts', 'backtest', file, '--json'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = await once(child, 'exit');
    expect([code, errors]).toEqual([0, '']);
  });

  it('summarises a quiet file', () => {
    const quiet = write('quiet.csv', 'timestamp,a\n1970-01-01T00:00:00Z,1\n1970-01-01T00:01:00Z,2\n');
    expect(run(quiet).stdout.trimEnd().split('\n')).toEqual([
      `${quiet}: 2 rows, 1 metric, 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z`,
      'not scored: 2 rows (warming up, or nothing to tell by)',
      'time at each mirroring level: minimal 0.0 h, partial 0.0 h, full 0.0 h',
      'times that the score rose to 30 (partial): 0, 70 (full): 0, 85 (critical): 0',
      'no score of 30 or more',
      'decisions: none',
    ]);
  });
});

describe('bad input', () => {
  const first = 'timestamp,a\n2026-01-01T00:00:00Z,1\n';
  it.each([
    ['empty.csv', '', /the file is empty; it needs a header/],
    ['blank.csv', '\n\n', /the file is empty/],
    ['header.csv', 'timestamp,a\n', /line 1: there is no row below the header; add/],
    ['headless.csv', '2026-01-01T00:00:00Z,1\n', /line 1: the first column is '2026-01-01T00:00:00Z'; it must be 'timestamp'/],
    ['no-metric.csv', 'timestamp\n2026-01-01T00:00:00Z\n', /line 1: there is no metric column; add/],
    ['unnamed.csv', 'timestamp,a,\n2026-01-01T00:00:00Z,1,2\n', /line 1: column 3 has no usable name/],
    ['twice.csv', 'timestamp,a,a\n2026-01-01T00:00:00Z,1,2\n', /line 1: there are two columns 'a'/],
    ['quote.csv', 'timestamp,"a\n2026-01-01T00:00:00Z,1\n', /line 1: a quote is not closed/],
    ['quote-within.csv', `${first}2026-01-01T00:01:00Z,1"2\n`, /line 3: a quote/],
    ['backward.csv', `${first}2025-12-31T23:59:00Z,1\n`, /line 3: the time 2025-12-31T23:59:00Z is before that of the line above; sort/],
    ['time.csv', `${first}yesterday,1\n`, /line 3: 'yesterday' is not a time; write it as in/],
    ['no-day.csv', `${first}2026-02-30T00:00:00Z,1\n`, /line 3: '2026-02-30T00:00:00Z' is not a time/],
    ['no-time.csv', `${first},1\n`, /line 3: '' is not a time/],
    ['text.csv', `${first}2026-01-01T00:01:00Z,high\n`, /line 3: column 'a': 'high' is not a number; .*leave the cell empty/],
    ['nan.csv', `${first}2026-01-01T00:01:00Z,NaN\n`, /line 3: column 'a': 'NaN' is not a number/],
    ['hexadecimal.csv', `${first}2026-01-01T00:01:00Z,0x10\n`, /line 3: column 'a': '0x10' is not a number/],
    ['infinite.csv', `${first}2026-01-01T00:01:00Z,1e999\n`, /line 3: column 'a': '1e999' is not a number; write a finite/],
    ['short.csv', `${first}2026-01-01T00:01:00Z\n`, /line 3: there are 1 cells where the header has 2/],
    ['long.csv', `${first}2026-01-01T00:01:00Z,1,2\n`, /line 3: there are 3 cells where the header has 2/],
    ['hole.csv', `${first}\n2026-01-01T00:01:00Z,1\n`, /line 3: the line is empty; remove it/],
    ['latin.csv', Buffer.from([...Buffer.from('timestamp,a'), 0xe4, 0x0a]), /is not UTF-8 text/],
    ['plain.csv.gz', first, /is named .gz but is not gzip data/],
    ['cut.csv.gz', gzipSync(Buffer.from(first.repeat(100))).subarray(0, 40), /damaged or incomplete gzip data/],
  ])('%s is refused by file, line and remedy', async (name, content, message) => {
    const file = write(name, content);
    await expect(readTelemetry(file)).rejects.toThrow(message);
    await expect(readTelemetry(file)).rejects.toThrow(file);
  });

  it.each([
    [
      'a mistake in the last line',
      () => [write('late.csv', `${first.repeat(1)}${'2026-01-02T00:00:00Z,1\n'.repeat(5000)}2026-01-02T00:00:00Z,x\n`), '--json'],
      /late\.csv, line 5003: /,
    ],
    ['a missing file', () => [join(scratch, 'absent.csv'), '--json'], /there is no such file; check the path/],
    ['a folder', () => [scratch], /this is a folder/],
    ['no file', () => ['--json'], /name one CSV file/],
    ['an unknown option', () => ['a.csv', '--jason'], /Unknown option '--jason'/],
  ])('%s: exit code 2, the reason on stderr, nothing on stdout', (_what, args, message) => {
    const result = run(...args());
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });
});
