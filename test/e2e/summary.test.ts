// The summary names what was deployed, executed and asserted, in counts that a reader can check.
import { expect, test } from 'vitest';
import { countsOf } from '../../e2e/beside.ts';
import { counted, summarise } from '../../e2e/summary.ts';

test('counts kinds, the most frequent first', () => {
  expect(counted(['function', 'table', 'function', 'alarm'])).toBe('2 function, 1 alarm, 1 table');
});

test('says what there is by Region, who called, and what held', () => {
  const call = { at: 0, region: 'eu-central-1', service: 'ec2', input: {}, status: 200 };
  const lines = summarise(
    {
      deployed: new Map([['eu-central-1', ['state machine forestall-fail-over', 'state machine forestall-evacuate', 'table forestall-services']]]),
      played: undefined,
    },
    {
      calls: [
        { ...call, operation: 'RunInstances', caller: 'forestall-prepare-standby' },
        { ...call, operation: 'RunInstances', caller: 'forestall-prepare-standby' },
        { ...call, operation: 'DescribeInstances', caller: 'forestall-check-standby' },
        { ...call, operation: 'CreateStack', caller: 'outside' },
      ],
    },
    { parts: new Map([['Removal', { passed: 4, failed: 1 }]]) },
  );
  expect(lines).toEqual([
    'deployed in eu-central-1: 2 state machine, 1 table',
    'called: 3 API calls by 2 functions; most often 2 RunInstances, 1 DescribeInstances',
    'asserted, Removal: 4 passed, 1 failed',
  ]);
});

test("the last line of another process's output counts, and its absence is a failure", () => {
  expect(countsOf('  ok     something\n12 passed, 0 failed\n')).toEqual({ passed: 12, failed: 0 });
  expect(countsOf('12 passed, 0 failed\nand then it crashed\n')).toEqual({ passed: 0, failed: 1 });
  expect(countsOf('')).toEqual({ passed: 0, failed: 1 });
});
