// Judgement of findings by the lists, of the lists by the findings, and of whether everything has a case.
import { describe, expect, it } from 'vitest';
import { type Finding, judgeCompleteness, judgeFindings, judgeLists } from '../../../e2e/conformance/verdict.ts';
import { knownDifferences } from '../../../e2e/known-differences/index.ts';
import type { KnownDifference } from '../../../e2e/known-differences/known-difference.ts';

const finding = (lines: readonly string[], more: Partial<Finding> = {}): Finding => ({
  operation: 'ec2:RunInstances',
  name: 'new',
  where: 'ministack',
  lines,
  ...more,
});
const known = (shows: KnownDifference['shows'], more: Partial<KnownDifference> = {}): KnownDifference => ({
  id: 'one',
  kind: 'conformance',
  where: 'ministack',
  since: '1',
  operation: 'ec2:RunInstances',
  differs: 'differs',
  aws: 'does',
  source: { title: 'page', url: 'https://docs.aws.amazon.com/' },
  ...(shows && { shows }),
  ...more,
});
const oks = (checks: readonly { readonly ok: boolean }[]) => checks.map(({ ok }) => ok);

describe('a finding', () => {
  it('without differences passes', () => {
    expect(oks(judgeFindings([finding([])], [], []))).toEqual([true]);
  });

  it('fails by the lines that no list has, and names only those', () => {
    const checks = judgeFindings([finding(['- A', '+ B', '+ C.D'])], [known({ lines: ['- A'] })], [{ operation: 'ec2:*', paths: ['C*'], why: 'w' }]);
    expect(checks).toEqual([{ name: 'ec2:RunInstances, new, as on ministack', ok: false, detail: '+ B' }]);
  });

  it.each<[string, KnownDifference]>([
    ['another emulator', known({ lines: ['- A'] }, { where: 'moto' })],
    ['another operation', known({ lines: ['- A'] }, { operation: 'ec2:StopInstances' })],
    ['another case', known({ lines: ['- A'], cases: ['other'] })],
    ['another line', known({ lines: ['- AB'] })],
    ['whole failovers', known(undefined, { kind: 'workflow' })],
  ])('is not excused by a difference of %s', (_what, difference) => {
    expect(oks(judgeFindings([finding(['- A'])], [difference], []))).toEqual([false]);
  });

  it('is excused by a pattern, for all operations of a service', () => {
    expect(oks(judgeFindings([finding(['- A.B'])], [known({ lines: ['- A*'] }, { operation: 'ec2:*' })], []))).toEqual([true]);
  });

  it('is never excused for what only the simulated cloud says by what is left out of it', () => {
    expect(oks(judgeFindings([finding(['- A'])], [], [{ operation: 'ec2:*', paths: ['A'], why: 'w' }]))).toEqual([false]);
  });
});

describe('a list', () => {
  it('passes while all that it names shows', () => {
    const findings = [finding(['- A', '+ B']), finding(['- A'], { name: 'again' })];
    expect(oks(judgeLists(findings, [known({ cases: ['new', 'again'], lines: ['- A'] })], [{ operation: 'ec2:*', paths: ['B'], why: 'w' }]))).toEqual([
      true,
      true,
    ]);
  });

  it.each<[string, KnownDifference, string]>([
    ['a line', known({ lines: ['- A', '- B'] }), '- B'],
    ['a case', known({ cases: ['new', 'again'], lines: ['- A'] }), 'again'],
    ['everything', known({ lines: ['- A'] }, { where: 'moto' }), '- A'],
  ])('fails when %s no longer shows', (_what, difference, idle) => {
    expect(judgeLists([finding(['- A'])], [difference], [])).toMatchObject([{ ok: false, detail: expect.stringContaining(idle) }]);
  });

  it('fails when it names nothing, or leaves nothing out', () => {
    expect(oks(judgeLists([finding(['- A'])], [known(undefined)], [{ operation: 'ec2:*', paths: ['A'], why: 'w' }]))).toEqual([false, false]);
  });

  it('is not asked for what is not met by single calls', () => {
    expect(judgeLists([], [known(undefined, { kind: 'workflow' })], [])).toEqual([]);
  });
});

describe('completeness', () => {
  const outcome = (kind: 'answer' | 'error', operation = 'ec2:RunInstances', name: string = kind) => ({ operation, name, kind });

  it('wants a case that is answered and one that is refused, for each operation', () => {
    expect(oks(judgeCompleteness(['ec2:RunInstances'], [outcome('answer'), outcome('error')]))).toEqual([true]);
    expect(judgeCompleteness(['ec2:RunInstances'], [outcome('answer')])).toMatchObject([{ ok: false, detail: 'no case that is refused' }]);
    expect(judgeCompleteness(['sns:Publish'], [])).toMatchObject([{ ok: false, detail: 'no case that is answered, no case that is refused' }]);
  });

  it('wants names that are unique, and operations that exist', () => {
    const cases = [outcome('answer'), outcome('error'), outcome('error')];
    expect(judgeCompleteness(['ec2:RunInstances'], cases)).toMatchObject([{ ok: true }, { ok: false, detail: 'two cases have it' }]);
    expect(judgeCompleteness([], [outcome('answer')])).toMatchObject([{ ok: false, detail: 'the simulated cloud does not answer it' }]);
  });
});

describe('the known differences', () => {
  it('have ids of their own, sources, and a way to show', () => {
    expect(new Set(knownDifferences.map(({ id }) => id)).size).toBe(knownDifferences.length);
    for (const { kind, id, source, shows } of knownDifferences) {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
      expect(URL.parse(source.url)?.protocol).toBe('https:');
      expect(shows === undefined).toBe(kind !== 'conformance');
    }
  });
});
