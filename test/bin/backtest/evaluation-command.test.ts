// The command with incidents, several files and a plan: what goes where, and that rows keep their shape.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../../bin/backtest/from-files.ts';
import { BacktestReport } from '../../../bin/backtest/report-file.ts';
import { BacktestLine } from '../../../bin/commands/backtest-line.ts';
import { Plan } from '../../../core/contracts/plan.ts';
import { planInput } from '../../fixtures/plan.ts';

const golden = resolve('test/golden/backtest/service');
const scratch = mkdtempSync(join(tmpdir(), 'forestall-evaluation-'));
copyFileSync(`${golden}.csv`, join(scratch, 'a.csv'));
copyFileSync(`${golden}.csv`, join(scratch, 'b.csv'));
writeFileSync(
  join(scratch, 'incidents.json'),
  JSON.stringify({
    a: {
      incidents: [
        { start: '2026-03-02T10:00:00Z', end: '2026-03-02T10:20:00Z' },
        { start: '2026-03-03T10:00:00Z', end: '2026-03-03T10:20:00Z' },
      ],
    },
    b: { incidents: [] },
  }),
);
const run = (...args: string[]) =>
  spawnSync('node', ['bin/forestall.ts', 'backtest', ...args], { encoding: 'utf8', env: { ...process.env, INIT_CWD: scratch }, maxBuffer: 1 << 28 });

describe('with incidents', () => {
  it('keeps the lines as they are, and says the rest on standard error', () => {
    const plain = run('a.csv', '--json');
    const result = run('a.csv', '--json', '--incidents', 'incidents.json');
    expect(result.status).toBe(0);
    expect(result.stdout).toBe(plain.stdout);
    expect(result.stderr).toMatch(/against 1 incident in 0\.1 labelled resource-days \(1 more lie outside the labelled history and are not judged\)/);
  });

  it('prints thresholds, incidents and the budget', () => {
    const { stdout, status } = run('a.csv', '--incidents', 'incidents.json', '--false-alarms', '0');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}85 \(critical\) +1 of 1 /m);
    expect(stdout).toMatch(/2026-03-02T10:00:00Z {2}2026-03-02T10:20:00Z {2}(at its start|\d+ min (after|ahead))/);
    expect(stdout).toMatch(/lowest threshold with at most 0 false alarms per resource-day; chosen on the very history it is judged on, so optimistic/);
  });

  it('chooses the threshold on the other series, when there are several', () => {
    const { stdout, stderr, status } = run('a.csv', 'b.csv', '--json', '--incidents', 'incidents.json', '--report', 'report.json');
    expect(status).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => BacktestLine.parse(JSON.parse(line)));
    expect([...new Set(lines.map(({ series }) => series))]).toEqual(['a', 'b']);
    expect(stderr).toMatch(/budget, others: each series judged at the threshold that the other series give/);
    const { evaluation, series } = BacktestReport.parse(JSON.parse(readFileSync(join(scratch, 'report.json'), 'utf8')));
    expect(series.map(({ name, incidents }) => [name, incidents?.length])).toEqual([
      ['a', 1],
      ['b', 0],
    ]);
    // In b, the same scores are all false: what a found at 85 is a false alarm there.
    expect(evaluation?.thresholds.critical).toMatchObject({ threshold: 85, incidents: 1, found: 1, missed: 0 });
    expect(evaluation?.thresholds.critical.falseAlarms).toBeGreaterThanOrEqual(1);
    expect(evaluation?.failovers.asked).toBe((evaluation?.failovers.inIncident ?? 0) + (evaluation?.failovers.after ?? 0) + (evaluation?.failovers.stray ?? 0));
  });

  it.each([
    [['a.csv', '--false-alarms', '1'], /--false-alarms needs --incidents/],
    [
      ['a.csv', '--incidents', 'incidents.json', '--false-alarms', '-1'],
      /--false-alarms '-1' is not a number of 0 or more|Option '--false-alarms' argument is ambiguous/,
    ],
    [['a.csv', '--incidents', 'incidents.json', '--false-alarms', 'few'], /--false-alarms 'few' is not a number/],
    [['a.csv', 'a.csv'], /a\.csv is named twice/],
    [['a.csv', '--since', '3d'], /give one or the other/],
    [['a.csv', '--html', 'a.csv/page.html'], /cannot be written/],
    [[`${golden}.csv`, '--incidents', 'incidents.json'], /there is no key 'service'.*it has a, b/],
  ])('%j: exit code 2', (args, message) => {
    const result = run(...args);
    expect(result.status).toBe(2);
    expect(result.stderr).toMatch(message);
  });
});

describe('with a plan', () => {
  it('takes its thresholds', () => {
    const { sides: _sides, ...rest } = planInput({ thresholds: { partial: 20, full: 40, critical: 60 } });
    const plan = { ...rest, sides: planInput().sides };
    writeFileSync(join(scratch, 'plan.yaml'), JSON.stringify(plan));
    const { stdout, status, stderr } = run('a.csv', '--plan', 'plan.yaml');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/rose to 20 \(partial\): \d+, 40 \(full\): \d+, 60 \(critical\): \d+/);
    // Its service is critical: the mirror is never minimal.
    expect(stdout).toMatch(/minimal 0\.0 h/);
  });

  it('takes its word for the columns that have the names of its metrics', () => {
    const plan = Plan.parse(
      planInput({
        entryMetrics: [{ name: 'queue', namespace: 'Shop', metric: 'Depth', statistic: 'Maximum', periodSeconds: 300, role: 'memory', limit: 5000 }],
      }),
    );
    const [queue, cpu, other] = columnsOf(['queue', 'cpu', 'queue_depth'], plan);
    expect(queue).toMatchObject({ metric: { role: 'memory', limit: 5000, periodSeconds: 300 }, factor: 1 });
    expect(cpu).toMatchObject({ metric: { role: 'cpu', namespace: 'AWS/EC2' } });
    expect(other?.metric.role).toBe('other');
  });
});
