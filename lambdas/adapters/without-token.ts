// Making what has no client token: AWS cannot tell a repeat from a second wish, so that what exists is looked for before each attempt.

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** Refused before anything was made: it may be asked for again at once. */
const throttles = new Set(['RequestLimitExceeded', 'Throttling', 'ThrottlingException', 'TooManyRequestsException', 'EC2ThrottledException']);
const attempts = 4;
/** What was made shows in lists after a moment, ms. */
const moment = 2_000;

/**
 * @param find what an earlier attempt made; undefined when there is nothing
 * @param make asks once; its client must not retry by itself
 * Throws the last error of `make`: when nothing is found after it, and when the error is a refusal.
 */
export async function makeOnce<Made>(find: () => Promise<Made | undefined>, make: () => Promise<Made>): Promise<Made> {
  for (let attempt = 1; ; attempt++) {
    const earlier = await find();
    if (earlier !== undefined) return earlier;
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof Error) || !mayHaveFailedInPassing(error)) throw error;
      if (attempt === attempts) {
        await pause(moment);
        const made = await find();
        if (made === undefined) throw error;
        return made;
      }
      await pause(throttles.has(error.name) ? 500 * 2 ** attempt : moment);
    }
  }
}

/** Throttled, not answered, or answered with an error of the server's. Anything else is an answer. */
function mayHaveFailedInPassing(error: Error): boolean {
  const { $metadata, code } = error as { readonly $metadata?: { readonly httpStatusCode?: number }; readonly code?: unknown };
  const status = $metadata?.httpStatusCode ?? 0;
  // Errors of a connection have a code and no status.
  const unanswered = error.name === 'TimeoutError' || error.name === 'RequestTimeout' || (status === 0 && typeof code === 'string');
  return throttles.has(error.name) || unanswered || status >= 500 || status === 429;
}
