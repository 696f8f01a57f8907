// A thread that plays one run after another: virtual time is global, so that a thread plays one at a time.
import { parentPort } from 'node:worker_threads';
import { type Job, playJob } from './job.ts';
import type { FromWorker } from './pool.ts';

const port = parentPort;
if (port === null) throw new Error('this file is a worker thread; rehearsals are started with npm run rehearse');
const tell = (message: FromWorker) => port.postMessage(message);

port.on('message', (job: Job) => {
  playJob(job, (share) => tell({ kind: 'progress', share })).then(
    (done) => tell({ kind: 'done', done }),
    (error: unknown) => tell({ kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) }),
  );
});
