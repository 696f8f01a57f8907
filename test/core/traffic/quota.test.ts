// Whether the account's quota leaves room for the instances that a standby lacks.
import { describe, expect, it } from 'vitest';
import { checkQuota } from '../../../core/traffic/quota.ts';

describe('the quota of vCPUs', () => {
  it.each([
    [
      'room for what is missing',
      { type: 'm7i.large', missing: 3, vcpusEach: 4, quota: 64, used: 52 },
      true,
      /allows 64 vCPUs, 52 run; 3 more instances need 12$/,
    ],
    ['one vCPU too few', { type: 'm7i.large', missing: 3, vcpusEach: 4, quota: 64, used: 53 }, false, /need 12$/],
    ['nothing missing, however full it is', { type: 'm7i.large', missing: 0, vcpusEach: 4, quota: 64, used: 64 }, true, /no instance/],
    ['a quota that is not known', { type: 'm7i.large', missing: 3, vcpusEach: 4, quota: undefined, used: 64 }, true, /not known/],
    ['a size that is not known: each has one at least', { type: 'm7i.large', missing: 3, vcpusEach: undefined, quota: 64, used: 62 }, false, /at least 3$/],
    [
      'a use that is not known: the whole quota is too small',
      { type: 'm7i.large', missing: 3, vcpusEach: 4, quota: 8, used: undefined },
      false,
      /how many run is not known/,
    ],
    [
      'a use that is not known, and a large quota',
      { type: 'm7i.large', missing: 3, vcpusEach: 4, quota: 64, used: undefined },
      true,
      /how many run is not known/,
    ],
    ['nothing that runs, so that it is not known what is needed', { type: undefined, missing: 3, vcpusEach: undefined, quota: 2, used: 2 }, true, /not known/],
    ['instances that another quota limits', { type: 'g6.xlarge', missing: 3, vcpusEach: 4, quota: 2, used: 2 }, true, /quota of their own/],
    ['a storage family with two letters', { type: 'im4gn.large', missing: 3, vcpusEach: 2, quota: 2, used: 2 }, false, /need 6$/],
    ['instances whose names only begin alike', { type: 'inf2.xlarge', missing: 3, vcpusEach: 4, quota: 2, used: 2 }, true, /quota of their own/],
  ] as const)('%s', (_what, input, enough, reason) => {
    expect(checkQuota(input)).toEqual({ enough, reason: expect.stringMatching(reason) });
  });
});
