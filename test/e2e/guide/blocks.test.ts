// Reading the commands of a page.
import { expect, test } from 'vitest';
import { GuideError, readBlocks } from '../../../e2e/guide/blocks.ts';

const fence = '```';
const page = (...lines: string[]) => lines.join('\n');

test('takes the blocks of commands in order, each with its heading and line', () => {
  const blocks = readBlocks(
    page('# Page', '## One', `${fence}sh`, 'a=1', 'b=2', fence, '## Two', `${fence}yaml`, 'no: command', fence, `${fence}sh`, 'c', fence),
  );
  expect(blocks).toEqual([
    { heading: 'One', line: 4, commands: 'a=1\nb=2' },
    { heading: 'Two', line: 12, commands: 'c' },
  ]);
});

test('takes the indentation of a list off, and no more', () => {
  const [block] = readBlocks(page('- item', '', `  ${fence}sh`, '  if x; then', '    y', '  fi', `  ${fence}`));
  expect(block?.commands).toBe('if x; then\n  y\nfi');
});

test('a heading inside of a block is a comment of the shell', () => {
  const blocks = readBlocks(page('## One', `${fence}sh`, '# not a heading', fence, `${fence}sh`, 'x', fence));
  expect(blocks.map(({ heading }) => heading)).toEqual(['One', 'One']);
});

test('a note concerns the next block only', () => {
  const blocks = readBlocks(
    page('<!-- not run: why -->', `${fence}sh`, 'a', fence, '<!-- replaced by some-thing: because -->', `${fence}sh`, 'b', fence, `${fence}sh`, 'c', fence),
  );
  expect(blocks.map(({ instead }) => instead)).toEqual([{ standIn: undefined, reason: 'why' }, { standIn: 'some-thing', reason: 'because' }, undefined]);
});

test.each([
  ['a note without a block', page('<!-- not run: why -->', 'text')],
  ['a note before another kind of block', page('<!-- not run: why -->', `${fence}json`, '{}', fence)],
  ['a note without a reason', page('<!-- not run -->', `${fence}sh`, 'a', fence)],
  ['a block that is not closed', page(`${fence}sh`, 'a')],
])('refuses %s', (_what, text) => {
  expect(() => readBlocks(text)).toThrow(GuideError);
});
