// Lambda: loads the handlers and invokes them as Lambda does, with time-outs in virtual time.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Context } from 'aws-lambda';
import { type FunctionName, functions } from '../../core/contracts/deployment.ts';
import { NotSimulatedError } from '../cloud/call.ts';
import type { Draws } from '../cloud/draw.ts';
import { runAs } from '../cloud/running-function.ts';
import type { Interference } from './interference.ts';
import { functionNames, type Names } from './names.ts';
import type { InvocationRecord } from './runtime.ts';
import type { VirtualTime } from './virtual-time.ts';

export type Handler = (event: unknown, context: Context) => unknown;
export type HandlerSource = (name: FunctionName) => Promise<Handler | undefined>;

/** The function did not answer in time. Named as Lambda names it. */
export class FunctionTimeout extends Error {
  override readonly name = 'Sandbox.Timedout';
}

/** The handler module of a function, or undefined when there is none. */
export const fromLambdas: HandlerSource = async (name) => {
  const url = new URL(`../../lambdas/${name}/handler.ts`, import.meta.url);
  if (!existsSync(fileURLToPath(url))) return undefined;
  const module: { handler?: unknown } = await import(url.href);
  if (typeof module.handler !== 'function') throw new TypeError(`lambdas/${name}/handler.ts does not export a function called handler`);
  return module.handler as Handler;
};

/** Loads every handler that exists: loading in the middle of a run would let real time decide the order of things. */
export async function handlersFrom(source: HandlerSource): Promise<ReadonlyMap<FunctionName, Handler>> {
  const handlers = new Map<FunctionName, Handler>();
  for (const name of functionNames) {
    const handler = await source(name);
    if (handler) handlers.set(name, handler);
  }
  return handlers;
}

/** What Lambda does to a value on its way in or out. */
const overJson = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

export class Functions {
  readonly #handlers: ReadonlyMap<FunctionName, Handler>;
  readonly #names: Names;
  readonly #time: VirtualTime;
  readonly #draws: Draws;
  readonly #fatal: (error: Error) => Error;
  readonly #listeners = new Set<(record: InvocationRecord) => void>();
  readonly #interference: Interference;
  #count = 0;

  constructor(
    names: Names,
    handlers: ReadonlyMap<FunctionName, Handler>,
    time: VirtualTime,
    draws: Draws,
    fatal: (error: Error) => Error,
    interference: Interference = {},
  ) {
    this.#names = names;
    this.#handlers = handlers;
    this.#time = time;
    this.#draws = draws;
    this.#fatal = fatal;
    this.#interference = interference;
  }

  onInvocation(listener: (record: InvocationRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Invokes a function. Rejects with what the handler threw, or with `FunctionTimeout`. */
  async invoke(name: FunctionName, event: unknown): Promise<unknown> {
    const handler = this.#handlers.get(name);
    if (!handler) throw this.#fatal(new NotSimulatedError(`the function ${name} was invoked, but there is no lambdas/${name}/handler.ts`));
    this.#count++;
    const digits = this.#draws.hex(32, 'lambda/request', this.#count);
    const requestId = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-');
    const at = this.#time.now();
    let error: Error | undefined;
    try {
      const proceed = () => this.#withinTimeout(name, requestId, handler, overJson(event));
      return overJson(await (this.#interference.invocation?.(name, functions[name].timeoutSeconds, proceed) ?? proceed()));
    } catch (thrown) {
      error = thrown instanceof Error ? thrown : new Error(String(thrown));
      throw error;
    } finally {
      for (const listener of this.#listeners) listener({ at, functionName: name, requestId, error });
    }
  }

  #withinTimeout(name: FunctionName, requestId: string, handler: Handler, event: unknown): Promise<unknown> {
    const { timeoutSeconds, memoryMb } = functions[name];
    const deadline = this.#time.now() + timeoutSeconds * 1000;
    const unsupported = (): never => {
      throw new Error('the callback style is not supported: return a promise');
    };
    const context: Context = {
      callbackWaitsForEmptyEventLoop: true,
      functionName: `forestall-${name}`,
      functionVersion: '$LATEST',
      invokedFunctionArn: this.#names.functionArn(name),
      memoryLimitInMB: String(memoryMb),
      awsRequestId: requestId,
      logGroupName: `/aws/lambda/forestall-${name}`,
      logStreamName: '[$LATEST]',
      getRemainingTimeInMillis: () => Math.max(0, deadline - this.#time.now()),
      done: unsupported,
      fail: unsupported,
      succeed: unsupported,
    };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new FunctionTimeout(`RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`)),
        timeoutSeconds * 1000,
      );
      new Promise((settle) => settle(runAs(name, () => handler(event, context)))).then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}
