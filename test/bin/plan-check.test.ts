// The command as an operator calls it: golden outputs, exit codes, and what goes to which stream.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PlanCheck } from '../../core/contracts/plan-source.ts';

const golden = 'test/golden/plan-check';
const check = (...args: string[]) =>
  spawnSync('node', ['bin/forestall.ts', 'plan:check', ...args], { encoding: 'utf8', env: { ...process.env, INIT_CWD: process.cwd() } });
const scratch = mkdtempSync(join(tmpdir(), 'forestall-plan-check-'));
const write = (name: string, content: string | Buffer) => {
  const file = join(scratch, name);
  writeFileSync(file, content);
  return file;
};

describe('plan:check', () => {
  it.each([
    ['good', 0],
    ['bad', 2],
  ])('prints the golden output of the %s plan', (name, status) => {
    const result = check('--json', `${golden}/${name}.yaml`);
    expect(result.stdout).toBe(readFileSync(`${golden}/${name}.json`, 'utf8'));
    expect(PlanCheck.parse(JSON.parse(result.stdout)).files).toHaveLength(1);
    expect(result.stderr).toBe('');
    expect(result.status).toBe(status);
  });

  it('names valid files on stdout and mistakes on stderr', () => {
    const result = check('plans/shop.yaml', 'plans/minimal.yaml', `${golden}/unreadable.yaml`);
    expect(result.stdout).toBe('plans/shop.yaml: valid (service shop, mode act)\nplans/minimal.yaml: valid (service intranet, mode observe)\n');
    expect(result.stderr).toMatch(/^test\/golden\/plan-check\/unreadable\.yaml:3:1: not valid YAML: .+; .+\n$/);
    expect(result.status).toBe(2);
  });

  it('reports files that cannot be read as entries, and goes on', () => {
    const files = [
      join(scratch, 'absent.yaml'),
      scratch,
      write('binary.yaml', Buffer.from([0, 1, 2])),
      write('latin1.yaml', Buffer.from([0x61, 0x3a, 0xe9])),
      'plans/shop.yaml',
    ];
    const result = check('--json', ...files);
    const parsed = PlanCheck.parse(JSON.parse(result.stdout));
    expect(parsed.files.map(({ file }) => file)).toEqual(files);
    expect(parsed.files.map(({ valid }) => valid)).toEqual([false, false, false, false, true]);
    expect(parsed.files.slice(0, 4).map(({ errors }) => [errors[0]?.line, errors[0]?.column, errors[0]?.problem])).toEqual([
      [1, 1, 'there is no such file'],
      [1, 1, 'this is a directory'],
      [1, 1, 'this is a binary file'],
      [1, 1, 'the file is not UTF-8 text'],
    ]);
    expect(result.status).toBe(2);
  });

  it('refuses two plans for one service or one record', () => {
    const other = write('other.yaml', readFileSync('plans/shop.yaml', 'utf8'));
    const [, second] = PlanCheck.parse(JSON.parse(check('--json', 'plans/shop.yaml', other).stdout)).files;
    expect(second?.errors).toMatchObject([
      { path: 'service', problem: 'the service `shop` is already protected by plans/shop.yaml' },
      { path: 'record.name', problem: 'the record shop.example.com is already shifted by plans/shop.yaml' },
    ]);
    expect(second?.errors[0]?.line).toBeGreaterThan(1);
  });

  it('takes a file that is named twice once', () => {
    expect(check('plans/shop.yaml', './plans/shop.yaml').status).toBe(0);
  });

  it.each([[[]], [['--json']], [['--nonsense', 'plans/shop.yaml']]])('refuses usage %j', (args) => {
    const result = check(...args);
    expect(result.status).toBe(2);
    expect(result.stdout).toBe('');
    expect(result.stderr).toMatch(/^forestall plan:check: /);
  });
});
