// A thread that plays one case after another: virtual time is global, so that a thread plays one at a time.
import { parentPort } from 'node:worker_threads';
import type { FromWorker } from '../pool.ts';
import { type Case, faultsOf } from './cases.ts';
import { storyNamed } from './catalogue.ts';
import { type CasePlayed, playCase } from './player.ts';

export interface ChaosJob {
  readonly case: Case;
  readonly seed: number;
  /** Whether the trace is wanted: it is large. */
  readonly traced: boolean;
}
export type ChaosDone = Omit<CasePlayed, 'executions' | 'lines'>;

const port = parentPort;
if (port === null) throw new Error('this file is a worker thread; chaos is started with npm run chaos');
const tell = (message: FromWorker<ChaosDone>) => port.postMessage(message);
const untraced: CasePlayed['trace'] = { states: [], calls: [], events: [] };

async function play({ case: one, seed, traced }: ChaosJob): Promise<ChaosDone> {
  const story = storyNamed(one.story);
  if (story === undefined) throw new Error(`there is no story ${one.story}`);
  const { executions: _executions, lines: _lines, trace, ...played } = await playCase(one.id, story, faultsOf(one), seed);
  return { ...played, trace: traced ? trace : untraced };
}

/** A case that cannot even be set up or cleared away says so in the report; the others are played all the same. */
function unplayed({ case: { id } }: ChaosJob, error: unknown): ChaosDone {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { caseId: id, outcome: 'not played', struck: [], violations: [{ invariant: 'played', detail }], trace: untraced };
}

port.on('message', (job: ChaosJob) => {
  play(job).then(
    (done) => tell({ kind: 'done', done }),
    (error: unknown) => tell({ kind: 'done', done: unplayed(job, error) }),
  );
});
