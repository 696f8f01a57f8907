import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ScenarioResult } from '../../rehearsal/results.ts';

const directory = mkdtempSync(join(tmpdir(), 'forestall-rehearse-'));
afterAll(() => rmSync(directory, { recursive: true }));

const file = (name: string, content: string) => {
  writeFileSync(join(directory, name), content);
  return name;
};
const rehearse = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(process.cwd(), 'bin/forestall.ts'), 'rehearse', ...args], {
    cwd: directory,
    env: { ...process.env, INIT_CWD: directory },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

const rows = 'timestamp,m01\n2026-01-01T00:00:00Z,1\n2026-01-01T00:05:00Z,2\n';
const incidents = '{"server": {"labelledFrom": "2026-01-01T00:00:00Z", "incidents": [{"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:05:00Z"}]}}';

describe('rehearse refuses', () => {
  const csv = file('server.csv', rows);
  const json = file('incidents.json', incidents);
  it.each<[string, string[], RegExp]>([
    ['an unknown scenario', ['meteor'], /no scenario 'meteor'.*gray-failure.*calm/],
    ['two scenarios', ['calm', 'exhaustion'], /one scenario at a time/],
    ['an unknown option', ['--fast'], /--fast/],
    ['a seed that is none', ['--seed', 'one'], /--seed: 'one' is not a seed/],
    ['a negative seed', ['--seed=-1'], /--seed: '-1' is not a seed/],
    ['a fraction of a seed', ['--seed', '1.5'], /--seed: '1.5' is not a seed/],
    ['a seed beyond 31 bits', ['--seed', '2147483648'], /is not a seed/],
    ['seed and seeds', ['--seed', '1', '--seeds', '1-2'], /either --seed or --seeds/],
    ['a range backwards', ['--seeds', '5-2'], /5 is after 2/],
    ['a range that is none', ['--seeds', '5'], /'5' is not a range/],
    ['a range without an end', ['--seeds', '5-'], /is not a range/],
    ['too many seeds', ['--seeds', '1-5000'], /at most 1000 seeds/],
    ['a plan that is not there', ['--plan', 'nowhere.yaml'], /nowhere\.yaml.*no such file/s],
    ['a plan that is not valid', ['--plan', file('bad.yaml', 'service: 1\n')], /bad\.yaml:\d+:\d+: /],
    ['an empty place for reports', ['--out', ''], /--out is empty/],
    ['telemetry without incidents', ['--telemetry', csv], /needs --incidents/],
    ['incidents without telemetry', ['--incidents', json], /belongs to --telemetry/],
    ['telemetry with a scenario', ['calm', '--telemetry', csv, '--incidents', json], /leave out the scenario/],
    ['a model without a recording', ['--model', 'model.json'], /--model judges recorded metrics/],
    ['a model that is not there', ['--telemetry', csv, '--incidents', json, '--model', 'nowhere.json'], /nowhere\.json: cannot be read/],
    ['a model that is none', ['--telemetry', csv, '--incidents', json, '--model', json], /not a failure model/],
    ['telemetry that is not there', ['--telemetry', 'nowhere.csv', '--incidents', json], /nowhere\.csv: there is no such file/],
    ['telemetry that steps back', ['--telemetry', file('back.csv', `${rows}2026-01-01T00:00:00Z,3\n`), '--incidents', json], /back\.csv, line 4: .*before/],
    ['telemetry of one moment', ['--telemetry', file('one.csv', 'timestamp,a\n2026-01-01T00:00:00Z,1\n'), '--incidents', json], /only one moment/],
    ['incidents without the file’s key', ['--telemetry', file('other.csv', rows), '--incidents', json], /no key 'other'.*server/],
    ['incidents that are not JSON', ['--telemetry', csv, '--incidents', file('broken.json', '{')], /broken\.json: not JSON/],
    [
      'incidents of another shape',
      ['--telemetry', csv, '--incidents', file('shape.json', '{"server": {"incidents": [{"start": "soon"}]}}')],
      /shape\.json: server\.incidents\.0/,
    ],
    [
      'an incident that ends before it starts',
      ['--telemetry', csv, '--incidents', file('ends.json', incidents.replace('"start": "2026-01-01', '"start": "2026-01-02'))],
      /the end is before the start/,
    ],
  ])('%s', (_what, args, message) => {
    const { status, stdout, stderr } = rehearse(...args, '--json');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

it('answers in JSON alone, writes its report, and says the same again', () => {
  const run = () => rehearse('transient-spike', '--seed', '2', '--out', 'reports', '--json');
  const { status, stdout, stderr } = run();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const [result, ...others] = z.array(ScenarioResult).parse(JSON.parse(stdout));
  expect(others).toEqual([]);
  expect(result).toMatchObject({ scenario: 'transient-spike', seed: 2, report: join('reports', 'transient-spike-2.html') });
  expect(readFileSync(join(directory, result?.report ?? ''), 'utf8')).toMatch(/^<!doctype html>/);
  const timeless = (text: string) => text.replace(/"wallSeconds": [\d.]+/, '');
  expect(timeless(run().stdout)).toBe(timeless(stdout));
}, 120_000);

it('says of a sudden death what the golden result says', async () => {
  const { status, stdout } = rehearse('sudden-death', '--seed', '1', '--out', 'reports', '--json');
  expect(status).toBe(0);
  const results = z.array(ScenarioResult).parse(JSON.parse(stdout));
  // How long it took is the machine's; everything else is the seed's. After a change that is meant to change it: npm test -- test/bin/rehearse.test.ts -u
  const timeless = results.map(({ wallSeconds: _, ...result }) => result);
  await expect(`${JSON.stringify(timeless, null, 2)}\n`).toMatchFileSnapshot('../golden/rehearse/sudden-death-1.json');
}, 120_000);

it('summarises several seeds in their order', () => {
  const { status, stdout } = rehearse('sudden-death', '--seeds', '1-2');
  expect(status).toBe(0);
  expect(stdout.indexOf('sudden-death, seed 1')).toBeLessThan(stdout.indexOf('sudden-death, seed 2'));
  expect(stdout).toContain('sudden-death, 2 seeds together');
  expect(stdout).toContain(join('out', 'rehearsal', 'sudden-death-2.html'));
  expect(stdout).toContain(`Overview: ${join('out', 'rehearsal', 'index.html')}`);
  expect(readFileSync(join(directory, 'out', 'rehearsal', 'index.html'), 'utf8')).toContain('href="sudden-death-2.html"');
}, 120_000);

it('explains itself', () => {
  const { status, stdout } = rehearse('--help');
  expect(status).toBe(0);
  expect(stdout).toContain('--telemetry FILE');
});
