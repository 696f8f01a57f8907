// Spreads runs over worker threads; results come back in the order of the jobs.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Job, JobDone } from './job.ts';

export type FromWorker =
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'done'; readonly done: JobDone }
  | { readonly kind: 'failed'; readonly error: Error };

/** More threads than this gain nothing and cost memory. */
const mostThreads = 8;

/** A run could not be played to its end: a defect of the rehearsal or of Forestall, not a result. */
export class RehearsalFailedError extends Error {
  override readonly name = 'RehearsalFailedError';
}

/** `progress` is told how many runs are done in sum, fractions included. Throws RehearsalFailedError for the first run that fails. */
export async function playAll(jobs: readonly Job[], progress: (runs: number) => void = () => {}): Promise<JobDone[]> {
  const shares: number[] = jobs.map(() => 0);
  const results: JobDone[] = [];
  let next = 0;
  const workers: Worker[] = [];
  const work = async () => {
    const worker = startWorker();
    workers.push(worker);
    while (next < jobs.length) {
      const index = next++;
      const job = jobs[index];
      if (job === undefined) return;
      results[index] = await playOn(worker, job, (share) => {
        shares[index] = share;
        progress(shares.reduce((sum, each) => sum + each, 0));
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(jobs.length, availableParallelism(), mostThreads) }, work));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}

/** Stdout belongs to the results: what a thread prints goes to stderr. The handlers' logger takes its level from the environment when it is loaded, first of all. */
function startWorker(): Worker {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { env: { ...process.env, POWERTOOLS_LOG_LEVEL: 'SILENT' }, stdout: true });
  worker.stdout.pipe(process.stderr, { end: false });
  return worker;
}

function playOn(worker: Worker, job: Job, progress: (share: number) => void): Promise<JobDone> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      worker.removeAllListeners('message');
      worker.removeAllListeners('error');
      worker.removeAllListeners('exit');
    };
    const fail = (cause: unknown) => {
      settle();
      const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
      reject(new RehearsalFailedError(`${job.scenario}, seed ${job.seed}: ${message}`, { cause }));
    };
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`the thread ended with code ${code}`)));
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'progress') return progress(message.share);
      if (message.kind === 'failed') return fail(message.error);
      settle();
      progress(1);
      resolve(message.done);
    });
    worker.postMessage(job);
  });
}
