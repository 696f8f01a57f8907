// The command as an operator calls it, against real tables on this machine.
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTables, type TestTables } from '../fixtures/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.close());

/** Asynchronous: the tables are served by this process. */
const apply = (args: string[]) =>
  new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn('node', ['bin/forestall.ts', 'plan:apply', ...args], {
      env: { PATH: process.env['PATH'], INIT_CWD: process.cwd(), AWS_EC2_METADATA_DISABLED: 'true' },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });

describe('plan:apply', () => {
  it('writes to the emulator, twice, and says so', async () => {
    const args = ['plans/minimal.yaml', '--endpoint-url', tables.endpoint, '--skip-lookups'];
    const first = await apply(args);
    expect(first.stderr).toBe('');
    expect(first.stdout).toContain('applied in us-west-2\nservice intranet: new, mode observe\n');
    const before = await tables.service('intranet');
    expect(before).toMatchObject({ mode: 'observe', activeSide: 'primary', plan: { service: 'intranet' } });
    expect(await tables.resources('intranet')).toHaveLength(4);
    const second = await apply(args);
    expect(second.stdout).toContain('plan unchanged');
    expect(await tables.service('intranet')).toEqual(before);
  });

  it.each<[string, (endpoint: string) => string[], RegExp]>([
    ['no plan', () => [], /name one plan/],
    ['two plans', () => ['plans/shop.yaml', 'plans/minimal.yaml'], /name one plan/],
    ['a bad plan', () => ['test/golden/plan-check/bad.yaml'], /test\/golden\/plan-check\/bad\.yaml:3:1: mode: /],
    ['a bad Region', (endpoint) => ['plans/shop.yaml', '--endpoint-url', endpoint, '--region', 'Frankfurt'], /not an AWS Region/],
    ['a bad endpoint', () => ['plans/shop.yaml', '--endpoint-url', 'localhost'], /not an http or https URL/],
    ['no look-ups on AWS', () => ['plans/shop.yaml', '--skip-lookups'], /for emulators/],
    ['tags without look-ups', (endpoint) => ['plans/shop.yaml', '--endpoint-url', endpoint, '--skip-lookups'], /cannot look tags up/],
    ['nobody at the endpoint', () => ['plans/minimal.yaml', '--endpoint-url', 'http://127.0.0.1:9'], /AWS was not reached/],
  ])('refuses %s with exit code 2 and nothing on stdout', async (_name, args, message) => {
    const result = await apply(args(tables.endpoint));
    expect(result.stderr).toMatch(message);
    expect(result.stdout).toBe('');
    expect(result.status).toBe(2);
    expect(await tables.service('shop')).toBeUndefined();
  });
});
