// What a Catch puts into the state, in words: errors of functions and of nested machines arrive as JSON within text.
import { z } from 'zod';

const Failure = z.object({ Error: z.string().optional(), Cause: z.string().optional() });
const FunctionError = z.object({ errorType: z.string().optional(), errorMessage: z.string() });

/** The error that machines begin with: nothing has failed. */
export const noFailure = 'NoFailure';
/** A verdict, not an error: no evidence came in time. */
export const noEvidence = 'NoEvidence';
/** All weights are set, and the traffic has not followed. */
export const notFollowed = 'NotFollowed';

/** What a machine, or AWS, calls it. undefined: nothing failed, or it has no name. */
export function failureName(failure: unknown): string | undefined {
  const name = Failure.safeParse(failure).data?.Error;
  return name === noFailure ? undefined : name;
}

/** `WeightsChangedError: somebody else ...`; undefined when nothing failed. */
export function failureReason(failure: unknown): string | undefined {
  const { data } = Failure.safeParse(failure);
  if (!data || (data.Error === undefined && data.Cause === undefined)) return failure === undefined || failure === null ? undefined : 'a step failed';
  if (data.Error === noFailure) return undefined;
  const cause = parse(data.Cause);
  const thrown = FunctionError.safeParse(cause);
  if (thrown.success) return `${thrown.data.errorType ?? data.Error ?? 'Error'}: ${thrown.data.errorMessage}`;
  const nested = Failure.safeParse(cause);
  if (nested.success && (nested.data.Error !== undefined || nested.data.Cause !== undefined)) return failureReason(nested.data);
  return `${data.Error ?? 'Error'}: ${data.Cause ?? 'no cause given'}`;
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
