// A server of the test must be there when it is said to be, and gone afterwards, with all that it started.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, ServerError, startServer } from '../../../e2e/emulator/server.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'forestall-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const listening = "require('node:http').createServer((_, r) => r.end('ready')).listen(Number(process.argv[1]), '127.0.0.1');";
const started = async (program: string) => {
  const port = await freePort();
  return startServer({
    name: 'the test server',
    command: process.execPath,
    args: ['-e', program, String(port), listening],
    env: process.env,
    cwd: folder,
    log: join(folder, `${port}.log`),
    readyUrl: `http://127.0.0.1:${port}/`,
  }).then((server) => ({ server, port }));
};
test('is ready when it answers, and ends with what it started', async () => {
  const other = await freePort();
  const child = `require('node:child_process').spawn(process.execPath, ['-e', process.argv[2], '${other}']);`;
  const { server, port } = await started(`${child}${listening}`);
  const answers = (of: number) =>
    fetch(`http://127.0.0.1:${of}/`).then(
      (answer) => answer.text(),
      () => 'nobody',
    );
  expect(await answers(port)).toBe('ready');
  await expect.poll(() => answers(other)).toBe('ready');
  await server.stop();
  expect(await answers(port)).toBe('nobody');
  await expect.poll(() => answers(other)).toBe('nobody');
});

test('says what a server printed that ended instead', async () => {
  const failing = started("console.error('no such data folder'); process.exit(3);");
  await expect(failing).rejects.toThrow(ServerError);
  await expect(failing).rejects.toThrow(/ended with 3[\s\S]*no such data folder/);
});
