// What the rehearsals show: every scenario over a range of seeds, and every recorded server, as Markdown tables for docs/benchmarks.md.
// Usage: node bench/rehearsal.ts [--seeds 1-20] [--scenarios a,b] [--telemetry]. Recorded data: ../shared/data/asd, or $FORESTALL_DATA/asd.
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPlan } from '../bin/commands/plan-files.ts';
import { loadRecording } from '../bin/commands/recording.ts';
import type { Job } from '../rehearsal/job.ts';
import { playAll } from '../rehearsal/pool.ts';
import type { ScenarioResult } from '../rehearsal/results.ts';
import { modelOf, rowsOf } from './prediction/incident-models.ts';

const project = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1-20' },
    scenarios: { type: 'string', default: 'gray-failure,exhaustion,leak-stops,transient-spike,bad-standby,sudden-death,calm' },
    telemetry: { type: 'boolean', default: false },
  },
});

const out = join(tmpdir(), 'forestall-bench');

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
const ratio = (part: number, of: number) => (of === 0 ? '-' : (part / of).toFixed(3));
const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const minutes = (from: string | null, to: string | null) => (from && to ? [(Date.parse(to) - Date.parse(from)) / 60_000] : []);
const about = (numbers: readonly number[]) => (numbers.length === 0 ? '-' : `${median(numbers)?.toFixed(1)} / ${Math.max(...numbers).toFixed(1)}`);

function row(scenario: string, results: readonly ScenarioResult[]): string {
  const failed = (arm: keyof ScenarioResult['arms']) => sum(results.map(({ arms }) => arms[arm].failed));
  const outcomes = Map.groupBy(results, ({ arms }) => arms.forestall.outcome);
  const worst = Math.max(...results.map(({ arms }) => (arms.reactive.failed === 0 ? 0 : arms.forestall.failed / arms.reactive.failed)));
  const violated = results.flatMap(({ invariants }) => invariants.filter(({ held }) => !held));
  return `| ${[
    scenario,
    [...outcomes].map(([outcome, runs]) => `${outcome} ${runs.length}`).join(', '),
    ratio(failed('forestall'), failed('reactive')),
    worst.toFixed(3),
    ratio(failed('forestall'), failed('none')),
    ratio(failed('oracle'), failed('reactive')),
    // A recording has many onsets; the sentences below its table say how late each was found.
    about(results.flatMap(({ scenario: name, arms }) => (name === 'telemetry' ? [] : minutes(arms.oracle.detectedAt, arms.forestall.detectedAt)))),
    about(results.flatMap(({ arms }) => minutes(arms.forestall.detectedAt, arms.forestall.movedAt))),
    violated.length === 0 ? 'held' : `${violated.length} violated`,
    Math.round(sum(results.map(({ simulatedSeconds }) => simulatedSeconds)) / sum(results.map(({ wallSeconds }) => wallSeconds))).toLocaleString('en'),
  ].join(' | ')} |`;
}

const head = [
  '| scenario | outcomes | failed / reactive | worst seed | failed / none | oracle / reactive | onset to critical, min (median / worst) | critical to moved, min | invariants | times real time |',
  `| ${Array.from({ length: 10 }, () => '---').join(' | ')} |`,
];

const plan = loadPlan(join(project, 'plans', 'shop.yaml'));

if (values.telemetry) {
  const data = resolve(project, process.env['FORESTALL_DATA'] ?? '../shared/data', 'asd');
  if (!existsSync(data)) {
    console.error(`bench: no recorded data at ${data}; set FORESTALL_DATA to the folder that holds asd/ (docs/benchmarks.md names its origin)`);
    process.exit(2);
  }
  const names = readdirSync(data)
    .filter((name) => name.endsWith('.csv.gz'))
    .sort();
  const learned = await rowsOf(dirname(data));
  const jobs = await Promise.all(
    names.map(async (name) => {
      const recording = await loadRecording(join(data, name), join(data, 'incidents.json'));
      // Each server is played with a model that has not seen it.
      const model = modelOf(learned, (series) => series !== `asd/${name.replace('.csv.gz', '')}`);
      return { model, scenario: 'telemetry', seed: 1, plan, recording, report: { name, file: join(out, `${name}.html`) } };
    }),
  );
  const done = await playAll(jobs);
  const rows = done.map(({ result }, index) => row(names[index]?.replace('.csv.gz', '') ?? '', [result]));
  const all = row(
    'all',
    done.map(({ result }) => result),
  );
  console.log([...head, ...rows, all].join('\n'));
  console.log(`\n${done.map(({ notes }, index) => `- ${names[index]?.replace('.csv.gz', '')}: ${notes.join(' ')}`).join('\n')}`);
} else {
  console.log(head.join('\n'));
  const [first = 1, last = first] = values.seeds.split('-').map(Number);
  for (const scenario of values.scenarios.split(',')) {
    const jobs: Job[] = Array.from({ length: last - first + 1 }, (_, index) => {
      const name = `${scenario}-${first + index}.html`;
      return { scenario, seed: first + index, plan, report: { name, file: join(out, name) } };
    });
    console.log(
      row(
        scenario,
        (await playAll(jobs)).map(({ result }) => result),
      ),
    );
  }
}
