// A server process of the test: started on a free loopback port, waited for, logged to a file, and always ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server did not start, or ended by itself. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
}

export interface ServerOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Everything that it prints. */
  readonly log: string;
  /** Answers with a status below 500 when it is ready. */
  readonly readyUrl: string;
}

export interface RunningServer {
  readonly pid: number;
  readonly log: string;
  stop(): Promise<void>;
}

const startsWithinMs = 60_000;
const endsWithinMs = 5_000;

/** Starts a server and waits until it answers. Throws ServerError with the end of its log. */
export async function startServer({ name, command, args, env, cwd, log, readyUrl }: ServerOptions): Promise<RunningServer> {
  const output = createWriteStream(log);
  await once(output, 'open');
  // Its own process group: what it starts ends with it.
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', output, output], detached: true });
  const failure = once(child, 'error').then(([error]) => new ServerError(`${name} could not be started: ${error}`));
  const ended = once(child, 'exit').then(([code, signal]) => new ServerError(`${name} ended with ${code ?? signal}\n${lastLines(log)}`));
  const stop = () => end(child, output);
  // Also when this process is interrupted or throws.
  const last = () => killGroup(child, 'SIGKILL');
  process.once('exit', last);
  try {
    const problem = await Promise.race([failure, ended, answers(readyUrl)]);
    if (problem !== undefined) throw problem;
    if (child.pid === undefined) throw new ServerError(`${name} has no process`);
    return {
      pid: child.pid,
      log,
      stop: async () => {
        await stop();
        process.off('exit', last);
      },
    };
  } catch (error) {
    await stop();
    process.off('exit', last);
    throw error instanceof NotReadyError ? new ServerError(`${name} does not answer at ${readyUrl}\n${lastLines(log)}`) : error;
  }
}

/** A loopback port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new ServerError('no free loopback port');
  return address.port;
}

/** The end of a log, for an error message. */
export function lastLines(file: string, count = 40): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n') : '';
}

class NotReadyError extends Error {}

async function answers(url: string): Promise<undefined> {
  const until = Date.now() + startsWithinMs;
  while (Date.now() < until) {
    const ready = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      async (response) => {
        await response.body?.cancel();
        return response.status < 500;
      },
      () => false,
    );
    if (ready) return undefined;
    await sleep(200);
  }
  throw new NotReadyError();
}

async function end(child: ChildProcess, output: NodeJS.WritableStream): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const exit = once(child, 'exit');
    killGroup(child, 'SIGTERM');
    await Promise.race([exit, sleep(endsWithinMs, undefined, { ref: false })]);
    if (child.exitCode === null && child.signalCode === null) {
      killGroup(child, 'SIGKILL');
      await exit;
    }
  }
  // The group may outlive its leader.
  killGroup(child, 'SIGKILL');
  output.end();
}

/** Ends a process that was started as `detached`, with all that it started. */
export function killGroup({ pid }: Pick<ChildProcess, 'pid'>, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}
