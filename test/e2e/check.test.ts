// The count of the test on the emulator: a failure must show in it, however it comes about.
import { expect, test } from 'vitest';
import { Tally } from '../../e2e/check.ts';

test('counts what held and what did not, and says what was found instead', () => {
  const lines: string[] = [];
  const tally = new Tally((line) => lines.push(line));
  tally.add([
    { name: 'weights are 0/100', ok: true, detail: 'not of interest' },
    { name: 'the lock is released', ok: false, detail: 'held by\nfo-1' },
  ]);
  expect(tally.line).toBe('1 passed, 1 failed');
  expect(lines).toEqual(['  ok     weights are 0/100', '  FAILED the lock is released\n         held by\n         fo-1']);
});

test('a part that throws is a failed check, and the next part runs', async () => {
  const lines: string[] = [];
  const tally = new Tally((line) => lines.push(line));
  await expect(tally.part('deploying', () => Promise.reject(new Error('no stack')))).resolves.toBeUndefined();
  await expect(tally.part('asserting', () => Promise.resolve(7))).resolves.toBe(7);
  expect(tally.line).toBe('0 passed, 1 failed');
  await tally.part('looking', async () =>
    tally.add([
      { name: 'a', ok: true },
      { name: 'b', ok: false },
    ]),
  );
  expect([...tally.parts]).toEqual([
    ['deploying', { passed: 0, failed: 1 }],
    ['looking', { passed: 1, failed: 1 }],
  ]);
  expect(lines.join('\n')).toContain('no stack');
});
