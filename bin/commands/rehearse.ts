// rehearse: plays incidents against a simulated cloud in virtual time, with Forestall and without.

import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Plan } from '../../core/contracts/plan.ts';
import type { Job, JobDone } from '../../rehearsal/job.ts';
import { playAll } from '../../rehearsal/pool.ts';
import { writeIndex } from '../../rehearsal/report/index-page.ts';
import { scenarios } from '../../rehearsal/scenarios/catalogue.ts';
import { type Command, callerPath, InputError } from './command.ts';
import { loadPlan } from './plan-files.ts';
import { loadRecording } from './recording.ts';
import { summarise } from './rehearse-summary.ts';
import { loadModel } from './train.ts';

const defaultPlan = fileURLToPath(new URL('../../plans/shop.yaml', import.meta.url));
const defaultOut = join('out', 'rehearsal');
const largestSeed = 2 ** 31 - 1;
const mostRuns = 1000;

export const command: Command = {
  usage: `npm run -s rehearse -- [SCENARIO|all] [--plan FILE] [--seed N | --seeds A-B] [--out DIR] [--json]
npm run -s rehearse -- --telemetry FILE.csv[.gz] --incidents FILE.json [--model FILE] [--plan FILE] [--seed N | --seeds A-B] [--out DIR] [--json]

Plays a scenario (default: gray-failure) against a simulated cloud in virtual time: with Forestall, with plain Route 53 failover,
with nothing, and with an oracle. Prints a summary and writes an HTML report for each run, and an overview of several. docs/rehearsal.md says what is drawn.
Scenarios: ${scenarios.map(({ name }) => name).join(', ')}.
  --plan FILE        the plan to protect the service with (default: plans/shop.yaml)
  --telemetry FILE   recorded metrics (first column timestamp), replayed as the primary's
  --incidents FILE   the recording's labelled incidents, under the name of its file
  --model FILE       judges the recorded metrics by a model of npm run train, instead of the shipped one
  --seed N           one run (default: 1)
  --seeds A-B        one run for each seed from A to B
  --out DIR          where the reports go (default: ${defaultOut})
  --json             an array of results on stdout, and nothing else (docs/schemas/rehearsal.schema.json)
Exit code: 0 done, 1 an invariant was violated, 2 bad usage or input.`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        plan: { type: 'string' },
        telemetry: { type: 'string' },
        incidents: { type: 'string' },
        model: { type: 'string' },
        seed: { type: 'string' },
        seeds: { type: 'string' },
        out: { type: 'string', default: defaultOut },
        json: { type: 'boolean', default: false },
      },
    });
    const seeds = seedsOf(values.seed, values.seeds);
    const played = namesOf(positionals, values.telemetry, values.incidents);
    const plan = loadPlan(values.plan ?? defaultPlan);
    if (values.out.trim() === '') throw new InputError('--out is empty; name a directory for the reports');
    if (values.model !== undefined && values.telemetry === undefined)
      throw new InputError('--model judges recorded metrics; name a recording with --telemetry and --incidents, or leave it out');
    const model = values.model === undefined ? undefined : await loadModel(values.model);
    const jobs = (await jobsOf(played, seeds, plan, values.out)).map((job) => (model === undefined ? job : { ...job, model }));
    if (jobs.length > mostRuns) throw new InputError(`${jobs.length} runs are too many at once; ask for at most ${mostRuns}`);

    const terminal = process.stderr.isTTY;
    const done = await playAll(jobs, (runs) => {
      if (terminal) process.stderr.write(`\r${runs.toFixed(1)} of ${jobs.length} runs\u001b[K`);
    });
    if (terminal) process.stderr.write('\r\u001b[K');
    const overview = jobs.length > 1 ? await overviewOf(done, jobs, values.out) : undefined;
    console.log(
      values.json
        ? JSON.stringify(
            done.map(({ result }) => result),
            null,
            2,
          )
        : [summarise(done), ...(overview ? [`Overview: ${overview}`] : [])].join('\n\n'),
    );
    return done.every(({ result }) => result.invariants.every(({ held }) => held)) ? 0 : 1;
  },
};

/** Several reports get a page that leads to them. Returns its path as the caller gave the directory. */
async function overviewOf(done: readonly JobDone[], jobs: readonly Job[], out: string): Promise<string> {
  const results = done.map(({ result }, index) => ({ ...result, report: jobs[index]?.report.file ?? null }));
  await writeIndex(results, callerPath(out));
  return join(out, 'index.html');
}

type Played = { readonly scenarios: readonly string[] } | { readonly telemetry: string; readonly incidents: string };

function namesOf(positionals: readonly string[], telemetry: string | undefined, incidents: string | undefined): Played {
  const [name, ...more] = positionals;
  if (more.length > 0) throw new InputError(`one scenario at a time, or 'all'; got ${positionals.join(', ')}`);
  if (telemetry !== undefined || incidents !== undefined) {
    if (name !== undefined) throw new InputError('--telemetry replays a recording instead of a scenario; leave out the scenario');
    if (telemetry === undefined) throw new InputError('--incidents belongs to --telemetry; name the recording too');
    if (incidents === undefined) throw new InputError('--telemetry needs --incidents: without them nothing can be said about what was found');
    return { telemetry, incidents };
  }
  if (name === 'all') return { scenarios: scenarios.map((scenario) => scenario.name) };
  const found = scenarios.find((scenario) => scenario.name === (name ?? 'gray-failure'));
  if (found === undefined) throw new InputError(`there is no scenario '${name}'; use one of ${scenarios.map((scenario) => scenario.name).join(', ')}, or all`);
  return { scenarios: [found.name] };
}

function seedsOf(seed: string | undefined, seeds: string | undefined): number[] {
  if (seed !== undefined && seeds !== undefined) throw new InputError('give either --seed or --seeds, not both');
  const number = (text: string, option: string) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value <= largestSeed)) throw new InputError(`${option}: '${text}' is not a seed; use whole numbers from 0 to ${largestSeed}`);
    return value;
  };
  if (seeds === undefined) return [number(seed ?? '1', '--seed')];
  const [from = '', to = '', ...rest] = seeds.split('-');
  if (rest.length > 0 || from === '' || to === '') throw new InputError(`--seeds: '${seeds}' is not a range; write it as in 1-20`);
  const first = number(from, '--seeds');
  const last = number(to, '--seeds');
  if (first > last) throw new InputError(`--seeds: ${first} is after ${last}; write the smaller one first`);
  if (last - first >= mostRuns) throw new InputError(`--seeds: at most ${mostRuns} seeds at once`);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

async function jobsOf(played: Played, seeds: readonly number[], plan: Plan, out: string): Promise<Job[]> {
  const report = (stem: string, seed: number) => {
    const name = join(out, `${stem}-${seed}.html`);
    return { name, file: callerPath(name) };
  };
  if ('telemetry' in played) {
    const recording = await loadRecording(played.telemetry, played.incidents);
    const stem = `telemetry-${parse(played.telemetry).base.replace(/\.csv(\.gz)?$/, '')}`;
    return seeds.map((seed) => ({ scenario: 'telemetry', seed, plan, recording, report: report(stem, seed) }));
  }
  return played.scenarios.flatMap((scenario) => seeds.map((seed) => ({ scenario, seed, plan, report: report(scenario, seed) })));
}
