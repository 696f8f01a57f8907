// Which function is running: it is carried along with whatever the function awaits, so that each call knows its caller.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { FunctionName } from '../../core/contracts/deployment.ts';

const running = new AsyncLocalStorage<FunctionName>();

/** Runs a handler as this function. */
export const runAs = <Result>(name: FunctionName, handler: () => Result): Result => running.run(name, handler);

/** undefined outside of every function, e.g. while a plan is applied. */
export const runningFunction = (): FunctionName | undefined => running.getStore();
