// The list of what is lived with stays true: a difference that is gone fails, and so does one that nobody looks for.
import { describe, expect, test } from 'vitest';
import { deploymentDifferences } from '../../../e2e/known-differences/deployment.ts';
import { knownDifferences } from '../../../e2e/known-differences/index.ts';
import type { KnownDifference } from '../../../e2e/known-differences/known-difference.ts';
import { judge, mismatches } from '../../../e2e/workarounds/probe.ts';
import { probes } from '../../../e2e/workarounds/workarounds.ts';

const entry: KnownDifference = {
  id: 'copies-without-tags',
  kind: 'deployment',
  where: 'ministack',
  since: '1.5.33',
  operation: 'ec2:CopySnapshot',
  differs: 'no tags',
  aws: 'tags',
  source: { title: 'CopySnapshot', url: 'https://docs.aws.amazon.com/' },
  workaround: { file: 'e2e/somewhere.ts', does: 'something' },
};

describe('a probe', () => {
  test('that sees all of it passes', () => {
    expect(judge(entry, { tags: true, key: true })).toMatchObject({ ok: true });
  });

  test.each([
    ['all of it is gone', { tags: false }, /no longer so: tags; take it off/],
    ['a part of it is gone', { tags: false, key: true }, /no longer so: tags; take this out of its entry/],
    ['it looked at nothing', {}, /looked at nothing/],
    ['it could not look', new Error('refused'), /could not look: refused/],
  ])('fails when %s', (_when, seen, detail) => {
    const check = judge(entry, seen as Record<string, boolean> | Error);
    expect(check.ok).toBe(false);
    expect(check.detail).toMatch(detail);
  });

  test('names the workaround that is not needed any more', () => {
    expect(judge(entry, { tags: false }).detail).toContain('e2e/somewhere.ts');
  });
});

describe('the list', () => {
  test('has a probe for every entry, or says why not', () => {
    expect(
      mismatches(
        probes.map(({ id }) => id),
        deploymentDifferences,
      ),
    ).toEqual([]);
  });

  test.each([
    ['a probe without an entry', ['other'], [], /other has no entry/],
    ['an entry without a probe', [], [entry], /nothing looks for copies-without-tags/],
    ['two probes for one entry', ['copies-without-tags', 'copies-without-tags'], [entry], /two probes/],
    ['an entry that is looked for twice', ['copies-without-tags'], [{ ...entry, unprobed: 'a reason' }], /one is enough/],
  ])('tells of %s', (_what, probed, known, words) => {
    expect(mismatches(probed, known).join()).toMatch(words);
  });

  test('has every id once, with a source at AWS or where AWS is quoted', () => {
    const ids = knownDifferences.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { source } of knownDifferences) expect(source.url).toMatch(/^https:\/\//);
  });
});
