// The CDK app refuses what it cannot deploy in words, not with a stack trace.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const app = join(import.meta.dirname, '..', '..', 'bin', 'app.ts');
const run = (context: Record<string, unknown>) =>
  spawnSync(process.execPath, [app], { encoding: 'utf8', env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context) } });

test('a plan that is not there', () => {
  const { status, stdout, stderr } = run({ plans: 'nowhere' });
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toBe(
    'Forestall cannot be synthesised:\n  nowhere: there is no such file or directory; name plans with -c plans=DIRECTORY or -c plans=FILE,FILE\n',
  );
});
