// What the prediction engine is worth, on data that nobody here made: npm run bench:prediction -- [--only nab,asd,...] [--json]
// Data: ../shared/data from the project, or FORESTALL_DATA. A part whose data is absent is left out, loudly.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { asMarkdown, verdicts } from './prediction/report.ts';
import { DataAbsentError, type Section, type SectionRun } from './prediction/section.ts';

const parts: Readonly<Record<string, () => Promise<{ run: SectionRun }>>> = {
  nab: () => import('./prediction/nab.ts'),
  asd: () => import('./prediction/asd.ts'),
  smd: () => import('./prediction/smd.ts'),
  cmapss: () => import('./prediction/cmapss.ts'),
  forecast: () => import('./prediction/forecast.ts'),
  simulated: () => import('./prediction/simulated.ts'),
  trees: () => import('./prediction/trees.ts'),
};

const {
  values: { only, json },
} = parseArgs({ options: { only: { type: 'string' }, json: { type: 'boolean', default: false } } });
const asked = only === undefined ? Object.keys(parts) : only.split(',');
const unknown = asked.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  console.error(`bench:prediction: there is no part '${unknown}'; use --only with some of ${Object.keys(parts).join(',')}`);
  process.exit(2);
}

const data = resolve(import.meta.dirname, '..', process.env['FORESTALL_DATA'] ?? '../shared/data');
const sections: (Section & { readonly seconds: number })[] = [];
const absent: string[] = [];
for (const name of asked) {
  const part = parts[name];
  if (part === undefined) continue;
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${name} ...`);
  const began = performance.now();
  try {
    const { run } = await part();
    const section = await run(data);
    sections.push({ ...section, seconds: (performance.now() - began) / 1000 });
    if (!json) console.log(asMarkdown(section));
  } catch (error) {
    if (!(error instanceof DataAbsentError)) throw error;
    absent.push(name);
    console.error(`bench:prediction: LEFT OUT: ${name}: ${error.message}. Set FORESTALL_DATA to the folder that holds it; docs/benchmarks.md names its origin`);
  }
}
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
const judged = sections.flatMap(verdicts);
const missed = judged.filter(({ met }) => !met);
if (json) console.log(JSON.stringify({ data, sections, absent, demands: judged }));
else {
  console.log(`${judged.length - missed.length} of ${judged.length} demands are met.`);
  for (const { name, figure, demand } of missed) console.log(`  missed: ${name} is ${figure ?? 'not measured'}, demanded ${demand}`);
  if (absent.length > 0) console.log(`Left out, their data is absent: ${absent.join(', ')}.`);
}
process.exitCode = missed.length > 0 || absent.length > 0 ? 1 : 0;
