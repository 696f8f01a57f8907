// The command as an operator calls it: what it writes and prints, the same again for the same seed, and bad input.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadModel } from '../../bin/commands/train.ts';
import { TrainReport } from '../../bin/commands/train-report.ts';
import { randomOf } from '../../training/random.ts';

const scratch = mkdtempSync(join(tmpdir(), 'forestall-train-'));
const run = (...args: string[]) => spawnSync('node', ['bin/forestall.ts', 'train', ...args], { encoding: 'utf8', env: { ...process.env, INIT_CWD: scratch } });
const begin = Date.UTC(2026, 0, 1);
const at = (row: number) => new Date(begin + row * 300_000).toISOString();

/** Four days of six metrics, one row in five minutes; from the second day on two hours of every twelve are an incident in which all are shifted. */
function fleet(folder: string, names: readonly string[]): void {
  mkdirSync(join(scratch, folder), { recursive: true });
  const labelled: Record<string, unknown> = {};
  names.forEach((name, index) => {
    const random = randomOf(index + 1);
    const incidents: { start: string; end: string }[] = [];
    const lines = ['timestamp,a,b,c,d,e,f'];
    for (let row = 0; row < 1152; row++) {
      const unusual = row >= 288 && row % 144 < 24;
      if (unusual && row % 144 === 0) incidents.push({ start: at(row), end: at(row + 23) });
      const cells = Array.from({ length: 6 }, () => (random() + random() + random() + (unusual ? 4 : 0)).toFixed(4));
      lines.push([at(row), ...cells].join(','));
    }
    writeFileSync(join(scratch, folder, `${name}.csv.gz`), gzipSync(`${lines.join('\n')}\n`));
    labelled[name] = { labelledFrom: at(288), incidents };
  });
  writeFileSync(join(scratch, folder, 'incidents.json'), JSON.stringify(labelled));
}

beforeAll(() => {
  fleet('fleet', ['one', 'two', 'three']);
});

describe('train', () => {
  it('writes a model that can be read, says what it is worth, and the same again', { timeout: 60_000 }, async () => {
    const args = ['--data', 'fleet', '--kind', 'linear', '--date', '2026-01-31', '--origin', 'made up', '--horizon', '30', '--json'];
    const first = run(...args, '--out', 'a.json');
    expect(first).toMatchObject({ status: 0, stderr: '' });
    const report = TrainReport.parse(JSON.parse(first.stdout));
    expect(report.horizons.map(({ target, minutes }) => [target, minutes])).toEqual([
      ['present', 0],
      ['either', 30],
      ['starts', 30],
    ]);
    expect(report.horizons[0]?.skill).toBe(true);
    expect(report.horizons[0]?.heldOut.rocAuc).toBeGreaterThan(0.9);
    expect(report.provenance).toMatchObject({
      date: '2026-01-31',
      sources: [{ name: 'fleet', origin: 'made up', licence: 'not stated', series: ['one', 'three', 'two'], rows: 3456 }],
    });
    expect(report.out).toBe('a.json');
    const model = await loadModel(join(scratch, 'a.json'));
    expect(JSON.stringify(model)).toHaveLength(report.bytes);

    expect(run(...args, '--out', 'b.json').status).toBe(0);
    expect(readFileSync(join(scratch, 'b.json'), 'utf8')).toBe(readFileSync(join(scratch, 'a.json'), 'utf8'));
  });

  it('prints a table, with skill: no where an incident cannot be foreseen, and writes nothing unasked', { timeout: 60_000 }, () => {
    const result = run('--data', 'fleet', '--kind', 'linear');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toMatch(/Held out: 3 folds by series/);
    expect(result.stdout).toMatch(/an incident is there .* yes\n/);
    expect(result.stdout).toMatch(/one starts within 15 min .* no\n/);
    expect(result.stdout).toMatch(/Not written: name a file with --out/);
  });

  it('calibrates a model anew', { timeout: 60_000 }, async () => {
    fleet('later', ['four', 'five', 'six', 'seven']);
    expect(run('--data', 'fleet', '--kind', 'linear', '--out', 'before.json').status).toBe(0);
    expect(run('--data', 'later', '--recalibrate', 'before.json', '--out', 'after.json', '--date', '2026-03-01')).toMatchObject({ status: 0, stderr: '' });
    const [before, after] = [await loadModel(join(scratch, 'before.json')), await loadModel(join(scratch, 'after.json'))];
    expect(after.parts).toEqual(before.parts);
    expect(after.provenance.sources.map(({ name }) => name)).toEqual(['fleet', 'later']);
    expect(after.provenance.heldOut).toMatch(/calibrated anew on 2026-03-01/);
  });

  it.each<[string, string[], RegExp]>([
    ['another kind of what is only calibrated anew', ['--data', 'fleet', '--recalibrate', 'a.json', '--kind', 'linear'], /leave out --kind and --horizon/],
    ['no folder', [], /name a folder/],
    ['a folder that is not there', ['--data', 'nowhere'], /nowhere: cannot be read \(ENOENT\)/],
    ['a folder without histories', ['--data', '.'], /there is no NAME\.csv/],
    ['an unknown kind', ['--data', 'fleet', '--kind', 'oracle'], /--kind is oracle; use/],
    ['an unknown calibration', ['--data', 'fleet', '--calibration', 'none'], /--calibration is none; use/],
    ['a horizon of no minutes', ['--data', 'fleet', '--horizon', '0'], /--horizon is 0; give a whole number from 1 to 1440/],
    ['a seed that is no number', ['--data', 'fleet', '--seed', 'x'], /--seed is x/],
    ['a date that is none', ['--data', 'fleet', '--date', 'today'], /--date is today; write it as in 2026-01-31/],
    ['an unknown option', ['--data', 'fleet', '--trees', '5'], /--trees/],
  ])('refuses %s, with exit code 2 and nothing on stdout', (_, args, message) => {
    const result = run(...args);
    expect(result.status).toBe(2);
    expect(result.stdout).toBe('');
    expect(result.stderr).toMatch(message);
  });

  it('refuses a history without labels, and one without incidents', () => {
    mkdirSync(join(scratch, 'unlabelled'), { recursive: true });
    writeFileSync(join(scratch, 'unlabelled', 'x.csv'), 'timestamp,a\n2026-01-01,1\n2026-01-02,2\n');
    expect(run('--data', 'unlabelled').stderr).toMatch(/incidents\.json: cannot be read/);
    writeFileSync(join(scratch, 'unlabelled', 'incidents.json'), '{"y": {"incidents": []}}');
    expect(run('--data', 'unlabelled').stderr).toMatch(/there is no key 'x'/);
    writeFileSync(join(scratch, 'unlabelled', 'incidents.json'), '{"x": {"incidents": []}}');
    expect(run('--data', 'unlabelled').stderr).toMatch(/give longer histories/);
  });

  it('a model of other features, and a file that is none, are refused with what to do', async () => {
    const file = join(scratch, 'not.json');
    writeFileSync(file, '{');
    await expect(loadModel(file)).rejects.toThrow(/not\.json: is not JSON; name a model/);
    await expect(loadModel(join(scratch, 'absent.json'))).rejects.toThrow(/cannot be read \(ENOENT\)/);
    expect(existsSync(join(scratch, 'absent.json'))).toBe(false);
  });
});
