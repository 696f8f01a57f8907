// Which demands of the prediction bench are met, and its tables.
import { expect, test } from 'vitest';
import { asMarkdown, verdicts } from '../../../bench/prediction/report.ts';
import type { Section } from '../../../bench/prediction/section.ts';

const section: Section = {
  name: 'made',
  title: 'Made up',
  target: 'a at least 1',
  columns: ['what', 'a'],
  rows: [['all', null]],
  notes: ['a note'],
  figures: { a: 1, b: 2.5, c: null, e: Number.NaN },
  demands: { a: { atLeast: 1 }, b: { atMost: 2 }, c: { atLeast: 0 }, d: { atMost: 1 }, e: { atMost: 1 } },
};

test('a demand is met up to its bound; what was not measured meets none', () => {
  expect(verdicts(section).map(({ name, figure, met }) => [name, figure, met])).toEqual([
    ['a', 1, true],
    ['b', 2.5, false],
    ['c', null, false],
    ['d', null, false],
    ['e', null, false],
  ]);
});

test('as Markdown', () => {
  const text = asMarkdown(section);
  expect(text).toContain('## Made up\n\nTarget: a at least 1.\n\n| what | a |\n| --- | --- |\n| all | - |\n\n- a note\n');
  expect(text).toContain('- MISSED: b 2.5, demanded at most 2');
  expect(text).toContain('- MISSED: c not measured, demanded at least 0');
});
