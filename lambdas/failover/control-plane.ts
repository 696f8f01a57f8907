// Whether Route 53's control plane answers, and since when it does not answer this failover. Its data plane, which users ask, is another thing.
import type { Services } from '../services.ts';
import { type Session, updateRecord } from './session.ts';

/** Route 53's control plane did not answer, or could not take the request, however often the SDK tried. Nothing is known of a change that was asked for. */
export class ControlPlaneError extends Error {
  override readonly name = 'ControlPlaneError';
  /** It works, and has too much to do: that passes, and others may be the cause. */
  readonly busy: boolean;

  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.busy = isBusy(cause);
  }
}

/** So long after it first failed to answer, a control plane that still does not is taken to be lost, ms. The SDK's own attempts take seconds each time. */
export const controlPlanePatience = 90_000;

/** Answers by which a service says that it has too much to do. */
const busy = new Set(['PriorRequestNotComplete', 'Throttling', 'ThrottlingException', 'TooManyRequestsException', 'RequestLimitExceeded']);
/** No answer, or that of a service which does not work; any answer of the 500 class is one as well. */
const silent = new Set(['TimeoutError', 'RequestTimeout', 'AbortError', 'NetworkingError', 'ServiceUnavailable']);
const network = new Set(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT']);

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return busy.has(error.name) || $metadata?.httpStatusCode === 429;
}

/** No answer, or one that asks to come again: not a refusal, which says something about the request. */
export function isUnanswered(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $fault, $metadata, code } = error as { $fault?: string; $metadata?: { httpStatusCode?: number }; code?: string };
  return (
    $fault === 'server' ||
    ($metadata?.httpStatusCode ?? 0) >= 500 ||
    $metadata?.httpStatusCode === 429 ||
    busy.has(error.name) ||
    silent.has(error.name) ||
    network.has(code ?? '')
  );
}

/** Calls Route 53. Throws ControlPlaneError when it does not answer; what it answers is the caller's. */
export async function askControlPlane<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (isUnanswered(error)) throw new ControlPlaneError(`Route 53's control plane does not answer (${String(error)})`, error);
    throw error;
  }
}

/** Notes that it did not answer, or that it was busy, each by itself: what is busy works. Returns since when, ms. */
export async function noteSilence(session: Session, { busy }: ControlPlaneError, services: Services): Promise<number> {
  const { record, at } = session;
  const field = busy ? 'busySince' : 'unreachableSince';
  if (record[field] === undefined) await updateRecord(session, { [field]: at }, services);
  return Date.parse(record[field] ?? at);
}

/** Notes that it answered again: the next silence is another one. */
export async function noteAnswer({ record }: Session, { failovers }: Services): Promise<void> {
  for (const field of ['busySince', 'unreachableSince'] as const) if (record[field] !== undefined) await failovers.forget(record.failoverId, field);
}
