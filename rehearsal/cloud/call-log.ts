// Counts and records calls, and tells those who watch or interfere.
import type { CallFate, CallInterceptor, CallListener, CallRecord, PendingCall } from './call.ts';

export class CallLog {
  /** Forestall's mutating and failed calls. Reads and DynamoDB are only counted: a month of them would not fit into memory. */
  readonly calls: CallRecord[] = [];
  readonly counts: Record<string, number> = {};
  /** What failed the rehearsal. */
  readonly fatals: Error[] = [];
  readonly #interceptors = new Set<CallInterceptor>();
  readonly #listeners = new Set<CallListener>();

  injected(call: PendingCall): Error | CallFate | undefined {
    for (const interceptor of this.#interceptors) {
      const fate = interceptor(call);
      if (fate) return fate;
    }
    return undefined;
  }

  answered(record: CallRecord): void {
    if (record.caller === 'forestall') {
      const key = `${record.service}:${record.operation}`;
      this.counts[key] = (this.counts[key] ?? 0) + 1;
      if (record.mutating || (record.error && record.service !== 'dynamodb')) this.calls.push(record);
    }
    for (const listener of this.#listeners) listener(record);
  }

  /** Notes an error that fails the rehearsal, whatever the caller makes of it. Returns it. */
  fatal(error: Error): Error {
    if (!this.fatals.includes(error)) this.fatals.push(error);
    return error;
  }

  intercept(interceptor: CallInterceptor): () => void {
    this.#interceptors.add(interceptor);
    return () => this.#interceptors.delete(interceptor);
  }

  onCall(listener: CallListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
