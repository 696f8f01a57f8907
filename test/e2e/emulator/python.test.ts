// Without Python, or without its packages, the test on the emulator has to say what is missing. None of this needs Python.
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inContinuousIntegration, MissingPythonError, pythonEnvironment } from '../../../e2e/emulator/python.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forestall-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A command that stands for Python: new enough, and then as the script says. */
function python(script: string): string {
  const file = join(folder, 'python');
  writeFileSync(file, `#!/bin/sh\nif [ "$1" = -c ]; then exit 0; fi\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}
const environment = (...candidates: string[]) => pythonEnvironment(() => {}, { cache: join(folder, 'cache'), candidates });

test('no Python that is new enough', async () => {
  const tooOld = join(folder, 'python3');
  writeFileSync(tooOld, '#!/bin/sh\nexit 1\n');
  chmodSync(tooOld, 0o755);
  const made = environment(join(folder, 'none'), tooOld);
  await expect(made).rejects.toThrow(MissingPythonError);
  await expect(made).rejects.toThrow(/Python 3.10 or newer/);
});

test('a Python without venv', async () => {
  await expect(environment(python('echo "No module named venv" >&2; exit 1'))).rejects.toThrow(/cannot make a virtual environment[\s\S]*No module named venv/);
});

test('a package index that is not reached, and then is', async () => {
  // Stands for venv, and puts a Python into the environment whose pip fails as long as the file is there.
  const offline = join(folder, 'offline');
  writeFileSync(offline, '');
  const command = python(`mkdir -p "$3/bin"
printf '#!/bin/sh\\nif [ -e "${offline}" ]; then echo "Could not find a version" >&2; exit 1; fi\\n' > "$3/bin/python"
chmod +x "$3/bin/python"`);
  await expect(environment(command)).rejects.toThrow(/needs the Python package index[\s\S]*Could not find a version/);
  rmSync(offline);
  const made = await environment(command);
  expect(existsSync(made.command('python'))).toBe(true);
  // It is kept: nothing is installed again.
  await expect(environment(join(folder, 'none'))).resolves.toBeDefined();
  expect(readdirSync(join(folder, 'cache'))).toHaveLength(1);
});

test.each([
  [{ CI: '1' }, true],
  [{ CI: 'true' }, true],
  [{ CI: 'false' }, false],
  [{ CI: '' }, false],
  [{}, false],
])('%o is continuous integration: %s', (environment, expected) => {
  expect(inContinuousIntegration(environment)).toBe(expected);
});
