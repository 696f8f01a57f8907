// `--model`: another model says something else of metrics of unknown meaning, and what is no model is refused.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { BacktestLine } from '../../../bin/commands/backtest-line.ts';
import { FailureModel } from '../../../core/prediction/model/format.ts';

const scratch = mkdtempSync(join(tmpdir(), 'forestall-model-'));
const shipped = resolve('core/prediction/model/default.json');
const run = (...args: string[]) =>
  spawnSync('node', ['bin/forestall.ts', 'backtest', ...args], { encoding: 'utf8', env: { ...process.env, INIT_CWD: scratch }, maxBuffer: 1 << 28 });
const rows = Array.from(
  { length: 700 },
  (_, row) => `${new Date(1.77e12 + row * 300_000).toISOString()},${[3, 5, 7, 11].map((by) => ((row * by) % 13) / 13 + (row > 680 ? 9 : 0)).join(',')}`,
);
writeFileSync(join(scratch, 'host.csv'), `timestamp,m1,m2,m3,m4\n${rows.join('\n')}\n`);

it('judges by the model that is given', () => {
  const model = FailureModel.parse(JSON.parse(readFileSync(shipped, 'utf8')));
  // The same trees, calibrated to say nothing but certainty.
  const certain = { ...model, horizons: model.horizons.map((horizon) => ({ ...horizon, calibration: { method: 'platt', slope: 0, intercept: 20 } })) };
  writeFileSync(join(scratch, 'certain.json'), JSON.stringify(certain));
  const scoresOf = (...args: string[]) => {
    const { stdout, status } = run('host.csv', '--json', ...args);
    expect(status).toBe(0);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => BacktestLine.parse(JSON.parse(line)).failureProbability);
  };
  const own = scoresOf();
  expect(scoresOf('--model', shipped)).toEqual(own);
  const other = scoresOf('--model', 'certain.json');
  expect(own.some((score) => score !== null)).toBe(true);
  expect(other.filter((score) => score !== null && score > 95).length).toBeGreaterThan(own.filter((score) => score !== null && score > 95).length);
}, 60_000);

it.each([
  ['absent.json', undefined, /absent\.json: cannot be read/],
  ['text.json', 'model', /text\.json: is not JSON/],
  ['other.json', '{"version": 99}', /version 99, this program reads version 1/],
])('%s is refused', (name, text, message) => {
  if (text !== undefined) writeFileSync(join(scratch, name), text);
  const { status, stdout, stderr } = run('host.csv', '--model', name);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
});
