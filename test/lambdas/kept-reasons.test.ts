// Which reasons are stored with a resource's state.
import { expect, it } from 'vitest';
import { keptReasons } from '../../lambdas/score-risk/subject-scoring.ts';

const reasons = (...lengths: number[]) => lengths.map((length, index) => ({ metric: `m${index}`, kind: 'level' as const, detail: 'x'.repeat(length) }));

it.each([
  ['three short ones of a resource', [50, 60, 70, 80], 'ec2-instance', 3],
  ['as many as have room', [200, 150, 100], 'ec2-instance', 2],
  ['the first, however long', [700, 10], 'ec2-instance', 1],
  ['five of an entry', [150, 150, 150, 150, 150, 150], 'entry', 5],
  ['none', [], 'entry', 0],
] as const)('keeps %s', (_what, lengths, kind, expected) => expect(keptReasons(reasons(...lengths), kind)).toEqual(reasons(...lengths).slice(0, expected)));
