// Spreads runs over worker threads; results come back in the order of the jobs.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Job, JobDone } from './job.ts';

export type FromWorker<Done = JobDone> =
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'done'; readonly done: Done }
  | { readonly kind: 'failed'; readonly error: Error };

/** What threads do: the file that a thread runs, and what a job is called when it fails. */
export interface Work<One> {
  readonly file: URL;
  name(job: One): string;
}

const rehearsals: Work<Job> = { file: new URL('./worker.ts', import.meta.url), name: ({ scenario, seed }) => `${scenario}, seed ${seed}` };

/** More threads than this gain nothing and cost memory. */
const mostThreads = 8;

/** A run could not be played to its end: a defect of the rehearsal or of Forestall, not a result. */
export class RehearsalFailedError extends Error {
  override readonly name = 'RehearsalFailedError';
}

/** `progress` is told how many runs are done in sum, fractions included. Throws RehearsalFailedError for the first run that fails. */
export const playAll = (jobs: readonly Job[], progress: (runs: number) => void = () => {}): Promise<JobDone[]> => spread(rehearsals, jobs, progress);

/** As above, for any work whose threads answer with FromWorker. */
export async function spread<One, Done>(work: Work<One>, jobs: readonly One[], progress: (runs: number) => void = () => {}): Promise<Done[]> {
  const shares: number[] = jobs.map(() => 0);
  let sum = 0;
  const results: Done[] = [];
  let next = 0;
  const workers: Worker[] = [];
  const thread = async () => {
    const worker = startWorker(work.file);
    workers.push(worker);
    while (next < jobs.length) {
      const index = next++;
      const job = jobs[index];
      if (job === undefined) return;
      results[index] = await playOn<One, Done>(worker, job, work.name(job), (share) => {
        sum += share - (shares[index] ?? 0);
        shares[index] = share;
        progress(sum);
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(jobs.length, availableParallelism(), mostThreads) }, thread));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}

/** Stdout belongs to the results: what a thread prints goes to stderr. The handlers' logger takes its level from the environment when it is loaded, first of all. */
function startWorker(file: URL): Worker {
  const worker = new Worker(file, { env: { ...process.env, POWERTOOLS_LOG_LEVEL: 'SILENT' }, stdout: true });
  worker.stdout.pipe(process.stderr, { end: false });
  return worker;
}

function playOn<One, Done>(worker: Worker, job: One, name: string, progress: (share: number) => void): Promise<Done> {
  return new Promise((resolve, reject) => {
    // Its own listeners only: ending a thread waits for its exit with one of the worker's.
    const settle = () => {
      worker.off('message', heard);
      worker.off('error', fail);
      worker.off('exit', gone);
    };
    const fail = (cause: unknown) => {
      settle();
      const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
      reject(new RehearsalFailedError(`${name}: ${message}`, { cause }));
    };
    const gone = (code: number) => fail(new Error(`the thread ended with code ${code}`));
    const heard = (message: FromWorker<Done>) => {
      if (message.kind === 'progress') return progress(message.share);
      if (message.kind === 'failed') return fail(message.error);
      settle();
      progress(1);
      resolve(message.done);
    };
    worker.on('error', fail);
    worker.on('exit', gone);
    worker.on('message', heard);
    worker.postMessage(job);
  });
}
