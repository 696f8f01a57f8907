// What every command of the operator's command line has in common.
import { resolve } from 'node:path';

/** Bad usage or input: exit code 2, the message on stderr, nothing on stdout. Say what is wrong, where, and what to do. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** A command gets its arguments and returns the exit code: 0 done, 1 the run found a failure, 2 bad usage or input. */
export interface Command {
  readonly usage: string;
  run(args: readonly string[]): Promise<number>;
}

/** Paths resolve against the directory that npm was called in, not against the project. */
export const callerPath = (path: string): string => resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
