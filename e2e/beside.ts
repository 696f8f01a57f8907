// Parts that need nothing of the others run in a process of their own, at low priority, while failovers wait for their bakes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** The probes of the failovers measure latency: they go first. */
const niceness = 10;

export interface Beside {
  /** What it printed, and what its last line counts: a process that ended without it is one failure. */
  readonly done: Promise<{ readonly output: string; readonly passed: number; readonly failed: number }>;
  stop(): Promise<void>;
}

/** Runs parts as `npm run e2e -- --only PARTS` does. */
export function runBeside(parts: readonly string[]): Beside {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'run.ts'), '--only', parts.join(',')], { stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid !== undefined) setPriority(child.pid, niceness);
  const exit = once(child, 'exit');
  const printed = Promise.all([text(child.stdout), text(child.stderr), exit]);
  return {
    done: printed.then(([stdout, stderr]) => ({ output: `${stdout}${stderr}`, ...countsOf(stdout) })),
    stop: async () => {
      // It strikes its own stage.
      if (child.kill('SIGTERM')) await exit;
    },
  };
}

/** The last line of a run's output. */
export function countsOf(output: string): { readonly passed: number; readonly failed: number } {
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(output.trimEnd().split('\n').at(-1) ?? '') ?? [];
  return passed === undefined || failed === undefined ? { passed: 0, failed: 1 } : { passed: Number(passed), failed: Number(failed) };
}
