// Blocks of commands as one shell would run them, without an emulator.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GuideShell } from '../../../e2e/guide/shell.ts';

let folder: string;
let shell: GuideShell;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forestall-'));
  shell = new GuideShell({ endpoint: 'http://127.0.0.1:9', folder, python: { command: (name) => join(folder, 'bin', name) } });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('variables and functions reach later blocks, quotes and line ends included', async () => {
  await shell.run(`NAME='a "b"\nc'\ngreet() { echo "hello $1, $NAME"; }`);
  expect(await shell.run('greet you')).toEqual({ ok: true, output: 'hello you, a "b"\nc' });
});

test('a command that fails ends its block, also within a pipe or an assignment', async () => {
  for (const failing of ['false', 'false | cat', 'ID=$(false)']) expect(await shell.run(`${failing}\necho after`), failing).toEqual({ ok: false, output: '' });
});

test('a failed block changes no variable', async () => {
  await shell.run('A=1');
  await shell.run('A=2; false');
  expect((await shell.run('echo $A')).output).toBe('1');
});

test('nothing of the user takes part, and the emulator is where everything goes', async () => {
  const { output } = await shell.run('echo "$HOME $AWS_ENDPOINT_URL"; env | grep -c "^AWS_REGION\\|^AWS_PROFILE" || true; cat ~/.cdk.json');
  expect(output).toBe(`${join(folder, 'home')} http://127.0.0.1:9\n0\n{"context":{"e2e":"ministack"}}`);
});

test('everything is logged with its output', async () => {
  await shell.run('echo one\necho two; false');
  expect(readFileSync(shell.log, 'utf8')).toBe('\n$ echo one\n> echo two; false\none\ntwo\n\n(ended with 1)\n');
});
