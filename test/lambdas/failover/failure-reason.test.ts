import { describe, expect, it } from 'vitest';
import { failureReason } from '../../../lambdas/failover/failure-reason.ts';

describe('the reason of a failure', () => {
  it('is that of the function, however deep it is wrapped', () => {
    const thrown = {
      Error: 'WeightsChangedError',
      Cause: JSON.stringify({ errorType: 'WeightsChangedError', errorMessage: 'somebody else changed them', trace: [] }),
    };
    const nested = { Error: 'States.TaskFailed', Cause: JSON.stringify({ Status: 'FAILED', ...thrown }) };
    expect(failureReason(thrown)).toBe('WeightsChangedError: somebody else changed them');
    expect(failureReason(nested)).toBe('WeightsChangedError: somebody else changed them');
    expect(failureReason({ Error: 'States.TaskFailed', Cause: JSON.stringify(nested) })).toBe('WeightsChangedError: somebody else changed them');
  });

  it('is what there is when there is no JSON', () => {
    expect(failureReason({ Error: 'States.Timeout' })).toBe('States.Timeout: no cause given');
    expect(failureReason({ Cause: 'text' })).toBe('Error: text');
    expect(failureReason('odd')).toBe('a step failed');
  });

  it('is absent when nothing failed', () => {
    expect(failureReason({ Error: 'NoFailure', Cause: 'Nothing has failed.' })).toBeUndefined();
    expect(failureReason(undefined)).toBeUndefined();
  });
});
