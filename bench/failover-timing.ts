// How soon traffic moves, what it is made of, what it costs, and what a drill does to users: npm run bench:failover -- [--seeds N] [--only move,evacuation,drill] [--json]
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPlan } from '../bin/commands/plan-files.ts';
import { spread, type Work } from '../rehearsal/pool.ts';
import type { DrillMeasured, EvacuationMeasured, Measured, MoveMeasured, TimingJob } from './failover-run.ts';
import {
  broken,
  callsLine,
  costTable,
  drillsTable,
  evacuationSummaryTable,
  evacuationsTable,
  moveSummaryTable,
  movesTable,
  partsTable,
  summariseMoves,
} from './failover-tables.ts';

const questions = ['move', 'evacuation', 'drill'] as const;
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '20' }, only: { type: 'string', default: questions.join(',') }, json: { type: 'boolean', default: false } },
});
const seeds = Number(values.seeds);
const asked = values.only.split(',');
if (!(Number.isInteger(seeds) && seeds > 0) || asked.some((question) => !questions.some((known) => known === question))) {
  console.error(`bench:failover: --seeds is a whole number and --only some of ${questions.join(', ')}, as in --seeds 20 --only move`);
  process.exit(2);
}

const plan = loadPlan(join(import.meta.dirname, '..', 'plans', 'shop.yaml'));
const shortConnections = 60;
type Kind = Pick<TimingJob, 'question' | 'scenario' | 'canary' | 'connectionSeconds'> & { readonly name: string };
const kinds: readonly Kind[] = [
  { question: 'move', name: 'gray-failure, canary fresh', scenario: 'gray-failure', canary: 'fresh' },
  { question: 'move', name: 'gray-failure, canary as it comes', scenario: 'gray-failure', canary: 'as-found' },
  { question: 'move', name: 'exhaustion, canary as it comes', scenario: 'exhaustion', canary: 'as-found' },
  {
    ...{ question: 'move', name: `gray-failure, canary fresh, connections of ${shortConnections} s`, scenario: 'gray-failure', canary: 'fresh' },
    connectionSeconds: shortConnections,
  },
  { question: 'evacuation', name: 'sudden-death', scenario: 'sudden-death', canary: 'as-found' },
  { question: 'drill', name: 'drill', scenario: 'drill', canary: 'as-found' },
];
const wanted = kinds.filter(({ question }) => asked.includes(question));
const jobs: TimingJob[] = wanted.flatMap(({ name: _name, ...kind }) => Array.from({ length: seeds }, (_, index) => ({ ...kind, seed: index + 1, plan })));

const work: Work<TimingJob> = { file: new URL('./failover-thread.ts', import.meta.url), name: ({ scenario, seed }) => `${scenario}, seed ${seed}` };
const done = await spread<TimingJob, Measured>(work, jobs, (runs) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${Math.floor(runs)} of ${jobs.length} runs`);
});
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');

const results = wanted.map((kind, index) => ({ ...kind, runs: done.slice(index * seeds, (index + 1) * seeds) }));
const of = <One extends Measured>(question: One['question']) =>
  new Map(results.filter((kind) => kind.question === question).map(({ name, runs }) => [name, runs as readonly Measured[] as readonly One[]]));
const moves = of<MoveMeasured>('move');
const evacuations = [...of<EvacuationMeasured>('evacuation').values()].flat();
const drills = [...of<DrillMeasured>('drill').values()].flat();
const notKept = broken([...moves.values()].flat(), evacuations, drills, plan.record.ttlSeconds * 1000);

if (values.json)
  console.log(JSON.stringify({ seeds, results, summary: Object.fromEntries([...moves].map(([name, runs]) => [name, summariseMoves(runs)])), notKept }));
else {
  const print = (title: string, ...parts: string[]) => console.log(`${title}\n\n${parts.join('\n\n')}\n`);
  if (moves.size > 0) {
    for (const [name, runs] of moves) print(`${name}: minutes from the critical score until less than 1 % is left`, movesTable(runs));
    print('In sum, minutes, median / worst', moveSummaryTable(moves));
    print('Until all weight was found in sync, seconds, median / worst', partsTable(moves));
    print('Cost of one failover, median / worst', costTable(moves));
    for (const [name, runs] of moves) print(`API calls, ${name}`, callsLine(runs));
  }
  if (evacuations.length > 0) {
    print('Evacuation: seconds from the first failed request', evacuationsTable(evacuations), evacuationSummaryTable(evacuations));
    print('Cost of one evacuation, median / worst', costTable(new Map([['evacuation', evacuations]])), callsLine(evacuations));
  }
  if (drills.length > 0) print('Drills: over and home with nothing wrong', drillsTable(drills));
  console.log(notKept.length === 0 ? 'Everything that was demanded was kept.' : `Not kept:\n${notKept.map((one) => `- ${one}`).join('\n')}`);
}
process.exitCode = notKept.length > 0 ? 1 : 0;
