// What has no client token is made once, whatever becomes of the answers.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeOnce } from '../../../lambdas/adapters/without-token.ts';

const answered = (name: string, httpStatusCode?: number) => Object.assign(new Error(name), { name, ...(httpStatusCode && { $metadata: { httpStatusCode } }) });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A service that makes things; `plan` says for each attempt whether it is made and what is answered. */
function service(plan: readonly { made: boolean; error?: Error }[], seenAfter = 0) {
  const made: string[] = [];
  let attempts = 0;
  let looks = 0;
  return {
    made,
    get attempts() {
      return attempts;
    },
    find: async () => (looks++ >= seenAfter ? made[0] : undefined),
    make: async () => {
      const step = plan[attempts++] ?? { made: true };
      if (step.made) made.push(`thing-${made.length + 1}`);
      if (step.error) throw step.error;
      return made.at(-1) ?? '';
    },
  };
}

async function run(it: ReturnType<typeof service>): Promise<unknown> {
  const result = makeOnce(it.find, it.make).catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return result;
}

describe('what has no client token', () => {
  it('is found when the answer of the call that made it was lost', async () => {
    const lost = service([{ made: true, error: answered('TimeoutError') }]);
    expect(await run(lost)).toBe('thing-1');
    expect(lost.made).toHaveLength(1);
  });

  it('is found when the last attempt made it and did not say so', async () => {
    const error = answered('InternalError', 500);
    const late = service([
      { made: false, error },
      { made: false, error },
      { made: false, error },
      { made: true, error },
    ]);
    expect(await run(late)).toBe('thing-1');
    expect(late.attempts).toBe(4);
  });

  it('is asked for again when it was throttled', async () => {
    const throttled = service([{ made: false, error: answered('RequestLimitExceeded', 503) }]);
    expect(await run(throttled)).toBe('thing-1');
    expect(throttled.attempts).toBe(2);
  });

  it('is not asked for again after a refusal', async () => {
    const refusal = answered('UnauthorizedOperation', 403);
    const refused = service([{ made: false, error: refusal }]);
    expect(await run(refused)).toBe(refusal);
    expect(refused.attempts).toBe(1);
  });

  it('is not made at all when an earlier run made it', async () => {
    const earlier = service([]);
    earlier.made.push('thing-0');
    expect(await run(earlier)).toBe('thing-0');
    expect(earlier.attempts).toBe(0);
  });
});
