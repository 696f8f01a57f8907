// The cases on the simulated cloud alone, which needs no emulator: they run, and they cover everything that it answers.
import { describe, expect, it } from 'vitest';
import { suites } from '../../../e2e/conformance/cases/suites.ts';
import { kindsOf, simulate } from '../../../e2e/conformance/conformance.ts';
import { judgeCompleteness } from '../../../e2e/conformance/verdict.ts';

describe('the cases', () => {
  it('cover every operation that the simulated cloud answers, good and bad', async () => {
    const { outcomes, answers } = await simulate(suites);
    expect(judgeCompleteness(answers, kindsOf(suites, outcomes)).filter(({ ok }) => !ok)).toEqual([]);
    expect(answers.length).toBeGreaterThan(30);
    // What it refuses loudly, or a mistake of a case, is no error of AWS's.
    const odd = outcomes.flat().filter((outcome) => outcome.kind === 'error' && outcome.status === undefined);
    expect(odd).toEqual([]);
  });
});
