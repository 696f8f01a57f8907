// The middleware that answers for AWS: it checks an input against the operation's model, asks the service, and logs the call.

import { type Caller, type CallFate, MalformedInputError, NotSimulatedError, type PendingCall } from './call.ts';
import type { CallLog } from './call-log.ts';
import type { AnyClient } from './cloud.ts';
import { isRetryable } from './fault.ts';
import { runningFunction } from './running-function.ts';
import { problemsOf } from './schema.ts';
import type { Service } from './service.ts';

interface HandlerArguments {
  readonly input: Record<string, unknown>;
}
interface HandlerContext {
  readonly clientName?: string;
  readonly commandName?: string;
  readonly __smithy_context?: { readonly commandInstance?: { readonly schema?: unknown } };
  readonly __aws_sdk_context?: { readonly features?: Readonly<Record<string, string>> };
}
type Middleware = (next: unknown, context: HandlerContext) => (args: HandlerArguments) => Promise<{ output: unknown; response: unknown }>;
interface MiddlewareStack {
  add(middleware: Middleware, options: Readonly<Record<string, unknown>>): void;
  addRelativeTo(middleware: Middleware, options: Readonly<Record<string, unknown>>): void;
}

export interface Answering {
  readonly log: CallLog;
  /** Services by the name of their SDK client, e.g. `EC2Client`. */
  readonly services: Readonly<Record<string, Service>>;
  readonly now: () => number;
  readonly jitter: () => number;
  /** Counts work that must end before time may move. */
  readonly busy: { enter(): void; leave(): void };
  readonly maxAttempts: number;
}

const metadata = { httpStatusCode: 200, requestId: '00000000-0000-4000-8000-000000000000', attempts: 1, totalRetryDelay: 0 };
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** One attempt. `schema`: of the SDK's command; undefined when there is none, and the service looks at its inputs itself. */
export async function answerOnce(
  answering: Answering,
  service: Service,
  operationName: string,
  schema: unknown,
  args: HandlerArguments,
  region: string,
  caller: Caller,
) {
  const { log, now } = answering;
  const operation = service.operations[operationName];
  const call = {
    at: now(),
    caller,
    functionName: caller === 'forestall' ? runningFunction() : undefined,
    service: service.name,
    operation: operationName,
    region,
    mutating: operation?.mutating ?? false,
    input: args.input,
  } satisfies PendingCall;
  /** What waits for virtual time must let it pass. */
  const onItsWay = async (part: NonNullable<CallFate['before']>): Promise<void> => {
    answering.busy.leave();
    try {
      await part();
    } finally {
      answering.busy.enter();
    }
  };
  let done = false;
  const sentAt = call.at;
  answering.busy.enter();
  try {
    if (operation === undefined) throw log.fatal(new NotSimulatedError(`${service.name}:${operationName} is not simulated: add it to rehearsal/cloud`));
    const problems = schema === undefined ? [] : problemsOf(schema, args.input);
    if (problems.length > 0) throw log.fatal(new MalformedInputError(`${service.name}:${operationName}: ${problems.join('; ')}`));
    const fate = log.injected(call);
    if (fate instanceof Error) throw fate;
    if (fate?.before) {
      await onItsWay(fate.before);
      call.at = now();
    }
    const pending = operation.answer(args.input as never, { at: call.at, region, caller });
    const output = { ...(pending instanceof Promise ? await pending : pending), $metadata: metadata };
    done = true;
    log.answered({ ...call, output, ...(call.at > sentAt && { sentAt }) });
    if (fate?.after) await onItsWay(fate.after);
    return output;
  } catch (error) {
    if (error instanceof NotSimulatedError) log.fatal(error);
    // What was done is known already, whatever the caller is told.
    if (!done) log.answered({ ...call, error: error instanceof Error ? error : new Error(String(error)) });
    throw error;
  } finally {
    answering.busy.leave();
  }
}

/** How often the product's own client asks; the world's are patient. */
async function attemptsOf(client: AnyClient, caller: Caller, otherwise: number): Promise<number> {
  const { config } = client as { readonly config?: { readonly maxAttempts?: () => Promise<number> } };
  return caller === 'forestall' ? ((await config?.maxAttempts?.()) ?? otherwise) : otherwise;
}

/** Lets the cloud answer for a client. Retries as the SDK's standard strategy does, in virtual time: that middleware comes after this one. */
export function attachTo(answering: Answering, client: AnyClient, region: string, caller: Caller): void {
  const middleware: Middleware = (_next, context) => {
    const { clientName = '', commandName = '' } = context;
    const service = answering.services[clientName];
    const operationName = commandName.replace(/Command$/, '');
    const schema = context.__smithy_context?.commandInstance?.schema;
    return async (args) => {
      if (service === undefined) throw answering.log.fatal(new NotSimulatedError(`${clientName} is not simulated: add the service to rehearsal/cloud`));
      for (let attempt = 1; ; attempt++) {
        try {
          const output = await answerOnce(answering, service, operationName, schema, args, region, caller);
          return { output: service.finish ? service.finish(output, context.__aws_sdk_context?.features ?? {}) : output, response: {} };
        } catch (error) {
          if (!isRetryable(error) || attempt >= (await attemptsOf(client, caller, answering.maxAttempts))) throw error;
          const base = error instanceof Error && /Throttl|LimitExceeded|PriorRequest/.test(error.name) ? 500 : 100;
          await pause(answering.jitter() * Math.min(20_000, base * 2 ** attempt));
        }
      }
    };
  };
  const stack = client.middlewareStack as MiddlewareStack;
  const name = 'answerFromSimulatedCloud';
  // The document client turns native values into attribute values just before the signer and the endpoint are chosen: answer in between.
  if (client.constructor.name === 'DynamoDBClient') stack.addRelativeTo(middleware, { name, relation: 'before', toMiddleware: 'httpAuthSchemeMiddleware' });
  else {
    stack.add(middleware, { name, step: 'initialize', priority: 'high' });
    // Resolving the stack costs more than answering: let the SDK keep it.
    const { config } = client as { readonly config?: { cacheMiddleware?: boolean } };
    if (config) config.cacheMiddleware = true;
  }
}
