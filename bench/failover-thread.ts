// A thread that plays one run of the failover bench after another.
import { parentPort } from 'node:worker_threads';
import type { FromWorker } from '../rehearsal/pool.ts';
import { type Measured, measure, type TimingJob } from './failover-run.ts';

const port = parentPort;
if (port === null) throw new Error('this file is a worker thread; the bench is started with npm run bench:failover');
const tell = (message: FromWorker<Measured>) => port.postMessage(message);

port.on('message', (job: TimingJob) => {
  measure(job).then(
    (done) => tell({ kind: 'done', done }),
    (error: unknown) => tell({ kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) }),
  );
});
