// How a simulated service states its operations.
import type { Caller } from './call.ts';

/** Where a call comes from and when. */
export interface CallContext {
  readonly at: number;
  readonly region: string;
  readonly caller: Caller;
}

export interface Operation {
  /** Changes the customer's resources, as opposed to Forestall's own. */
  readonly mutating: boolean;
  answer(input: never, context: CallContext): object | Promise<object>;
}

export interface Service {
  /** As in the count of calls, e.g. `ec2`. */
  readonly name: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** Last change of an output for the kind of client that asked (SDK features by name). */
  finish?(output: object, features: Readonly<Record<string, string>>): object;
}

/** An operation that only reads, or writes what belongs to Forestall. */
export function reads<Input extends object, Output extends object>(answer: (input: Input, context: CallContext) => Output | Promise<Output>): Operation {
  return { mutating: false, answer: answer as Operation['answer'] };
}

/** An operation that changes the customer's resources. */
export function mutates<Input extends object, Output extends object>(answer: (input: Input, context: CallContext) => Output | Promise<Output>): Operation {
  return { mutating: true, answer: answer as Operation['answer'] };
}

/** Splits a list into pages; the token is the offset. Throws `invalid()` on a token that is not one of ours. */
export function page<Item>(items: readonly Item[], size: number, token: string | undefined, invalid: () => Error): { items: Item[]; next: string | undefined } {
  const offset = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(offset) || offset < 0) throw invalid();
  const end = offset + size;
  return { items: items.slice(offset, end), next: end < items.length ? String(end) : undefined };
}
