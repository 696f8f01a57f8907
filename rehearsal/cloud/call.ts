// What is known of one API call, and how others may watch calls or interfere with them.
import type { FunctionName } from '../../core/contracts/deployment.ts';

/** Who called: the product's own code, or the world that surrounds it (set-up and telemetry, never counted as cost). */
export type Caller = 'forestall' | 'world';

/** A call that is about to be answered. Times: ms since the epoch, virtual. */
export interface PendingCall {
  readonly at: number;
  readonly caller: Caller;
  /** The function that called; undefined when none did: the world, or a command of the operator's. */
  readonly functionName?: FunctionName | undefined;
  /** `ec2`, `route53`, `cloudwatch`, `dynamodb`, `elasticloadbalancing`, `events`, `sqs`, `states`, `sns` */
  readonly service: string;
  /** As AWS names it, e.g. `RunInstances`. */
  readonly operation: string;
  readonly region: string;
  /** True when the operation changes the customer's resources (instances, snapshots, targets, records), not Forestall's own. */
  readonly mutating: boolean;
  readonly input: Readonly<Record<string, unknown>>;
}

/** A call that was answered: with an output, or with the error that the caller saw. */
export interface CallRecord extends PendingCall {
  /** When it was made, when the network kept it so long that `at` is another time. */
  readonly sentAt?: number;
  readonly output?: Readonly<Record<string, unknown>>;
  readonly error?: Error;
}

/** What happens to a call on its way. Each part may wait (in virtual time) or never end, and may throw what the caller is to see. */
export interface CallFate {
  /** Before the service is asked: when this throws, nothing was done. */
  readonly before?: () => Promise<void>;
  /** After it was done: when this throws, it was done all the same. */
  readonly after?: () => Promise<void>;
}

/** Returns an error to answer with instead of the cloud, or what happens to the call, or undefined to let it through. */
export type CallInterceptor = (call: PendingCall) => Error | CallFate | undefined;

/** Is told of every answered call, in order. Must not throw. */
export type CallListener = (record: CallRecord) => void;

/** The simulated cloud does not know what was asked for. It fails the rehearsal; it is never a reason to retry. */
export class NotSimulatedError extends Error {
  override readonly name = 'NotSimulatedError';
}

/** An input that AWS's model of the operation does not allow: unknown, missing or mistyped parameters. It fails the rehearsal. */
export class MalformedInputError extends Error {
  override readonly name = 'MalformedInputError';
}
