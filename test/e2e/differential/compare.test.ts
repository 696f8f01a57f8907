// How differences of traces are told, and how known ones are set aside.
import { describe, expect, it } from 'vitest';
import { compareAll, compareTraces, describeDifference, differencesOf, type KnownDifference } from '../../../e2e/differential/compare.ts';
import type { Trace } from '../../../e2e/differential/trace.ts';

const trace: Trace = {
  service: 'shop',
  weights: ['100/0', '90/10', '0/100'],
  failovers: [
    {
      name: 'critical: predictive from primary to standby, urgent',
      outcome: 'failed-over, after the point of no return',
      phases: ['opened', 'shift', 'closed'],
      sections: [
        { name: 'opened', steps: ['one', 'two'] },
        { name: 'shift', steps: ['three', 'four', 'five'] },
        { name: 'opened', steps: ['six'] },
      ],
    },
  ],
  executions: ['fail-over for critical SUCCEEDED: Begin > Ended'],
  mirroring: [],
  threads: [{ name: 'workflows', steps: ['start'] }],
  ending: ['mode act'],
};
const [failover] = trace.failovers;
if (failover === undefined) throw new Error('the trace has no failover');

const withSteps = (name: string, steps: readonly string[]): Trace => ({
  ...trace,
  failovers: [{ ...failover, sections: failover.sections.map((section) => (section.name === name ? { name, steps } : section)) }],
});

const known = (id: string, shows: KnownDifference['shows'], kind = 'workflow'): KnownDifference => ({ id, kind, ...(shows && { shows }) });

describe('differences', () => {
  it('are none between equal traces', () => {
    expect(differencesOf(trace, structuredClone(trace))).toEqual([]);
  });

  it.each(['weights', 'ending', 'executions', 'mirroring'] as const)('are found in the %s', (part) => {
    const [difference] = differencesOf(trace, { ...trace, [part]: [...trace[part], 'one more'] });
    expect(difference).toEqual({ where: `shop / ${part}`, expected: undefined, found: 'one more' });
  });

  it('name the phase, what was expected and what was found', () => {
    expect(differencesOf(trace, withSteps('shift', ['three', 'FOUR', 'five'])).map(describeDifference)).toEqual([
      'shop / failover 1 / phase shift\n  - four\n  + FOUR',
    ]);
  });

  it.each([
    ['dropped', ['three', 'five'], [['four', undefined]]],
    ['added', ['three', 'four', 'new', 'five'], [[undefined, 'new']]],
    [
      'moved',
      ['four', 'three', 'five'],
      [
        ['three', undefined],
        [undefined, 'three'],
      ],
    ],
    [
      'all gone',
      [],
      [
        ['three', undefined],
        ['four', undefined],
        ['five', undefined],
      ],
    ],
  ])('show a step that is %s', (_what, steps, expected) => {
    expect(differencesOf(trace, withSteps('shift', steps)).map((one) => [one.expected, one.found])).toEqual(expected);
  });

  it('tell a phase that comes twice from the first', () => {
    const found = { ...trace, failovers: [{ ...failover, sections: failover.sections.with(2, { name: 'opened', steps: ['seven'] }) }] };
    expect(differencesOf(trace, found).map(({ where }) => where)).toEqual(['shop / failover 1 / phase opened (2)']);
  });

  it('show a failover that is not there, and phases in another order', () => {
    expect(differencesOf(trace, { ...trace, failovers: [] })).toEqual([
      {
        where: 'shop / failover 1',
        expected: 'critical: predictive from primary to standby, urgent: failed-over, after the point of no return',
        found: undefined,
      },
    ]);
    const swapped = { ...trace, failovers: [{ ...failover, sections: [...failover.sections.slice(1), ...failover.sections.slice(0, 1)] }] };
    expect(differencesOf(trace, swapped).map(({ where }) => where)).toContain('shop / failover 1 / order of phases');
  });
});

describe('known differences', () => {
  const found = withSteps('shift', ['three', 'FOUR', 'five', 'six']);

  it('set aside what they name, and nothing else', () => {
    const entries = [known('shouts', { cases: ['phase shift'], lines: ['- four', '+ FO*'] })];
    const { unexplained, explained, outdated } = compareTraces(trace, found, entries);
    expect(explained.map(describeDifference)).toEqual(['shop / failover 1 / phase shift\n  - four\n  + FOUR']);
    expect(unexplained.map(describeDifference)).toEqual(['shop / failover 1 / phase shift\n  + six']);
    expect(outdated).toEqual([]);
  });

  it('do not set aside half of a difference, or one elsewhere', () => {
    expect(compareTraces(trace, found, [known('half', { lines: ['+ FOUR'] })]).unexplained).toHaveLength(2);
    expect(compareTraces(trace, found, [known('elsewhere', { cases: ['phase drain'], lines: ['*'] })]).unexplained).toHaveLength(2);
  });

  it('are out of date when a line of theirs does not show', () => {
    const entries = [
      known('one', { lines: ['+ six', '+ seven'] }),
      known('two', { lines: ['+ six'] }),
      known('silent', undefined),
      known('other', undefined, 'conformance'),
    ];
    expect(compareTraces(trace, found, entries).outdated.map(({ id }) => id)).toEqual(['one', 'silent']);
    expect(compareTraces(trace, trace, entries).outdated.map(({ id }) => id)).toEqual(['one', 'two', 'silent']);
  });

  it('have to show in one of several services only', () => {
    const { unexplained, outdated } = compareAll(
      [
        [trace, trace],
        [trace, withSteps('shift', ['three', 'four', 'five', 'six'])],
      ],
      [known('six', { lines: ['+ six'] })],
    );
    expect([unexplained, outdated]).toEqual([[], []]);
  });
});
