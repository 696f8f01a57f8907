// Plays on the simulated cloud what was played on the emulator. In threads: virtual time is for a whole thread, and the emulator's gateway goes on in this one.
import { Worker } from 'node:worker_threads';
import type { Plan } from '../../core/contracts/plan.ts';
import type { Run } from '../../rehearsal/world/run.ts';
import type { RunRecord } from './run-record.ts';

/** From which the thread draws the same run. */
export interface SimulationJob {
  readonly scenario: string;
  readonly seed: number;
  readonly plan: Plan;
  /** ms since the epoch */
  readonly start: number;
}

/** The simulated cloud could not play the run. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
}

/** Throws SimulationError. */
export async function simulate({ scenario, seed, plan, start }: Pick<Run, 'scenario' | 'seed' | 'plan' | 'start'>): Promise<RunRecord> {
  const job: SimulationJob = { scenario, seed, plan, start };
  // The handlers' logger takes its level from the environment when it is loaded, first of all. What a thread prints is no part of the test's output.
  const env = { ...process.env, POWERTOOLS_LOG_LEVEL: 'SILENT' };
  const worker = new Worker(new URL('./simulation-worker.ts', import.meta.url), { workerData: job, env, stdout: true });
  worker.stdout.resume();
  try {
    return await new Promise<RunRecord>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the thread ended with code ${code}`)));
    });
  } catch (cause) {
    throw new SimulationError(
      `${plan.service} (${scenario}, seed ${seed}) could not be played on the simulated cloud: ${cause instanceof Error ? (cause.stack ?? cause.message) : cause}`,
      { cause },
    );
  } finally {
    await worker.terminate();
  }
}
