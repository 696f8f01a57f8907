// `npm run e2e`: deploys the real stacks onto an emulator of AWS, lets failovers happen there, and looks at what became of them.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Tally } from './check.ts';
import { inContinuousIntegration, MissingPythonError } from './emulator/python.ts';
import { lastLines } from './emulator/server.ts';
import { type Part, parts, playAll } from './parts.ts';
import { onStage } from './stage.ts';
import { summarise } from './summary.ts';

const usage = `npm run e2e -- [--only PART,...] [--keep]

  --only PART,...  some parts only, of: ${parts.join(', ')}
  --keep           keeps the folder with the emulator's data and the logs`;

const { values } = parseArgs({ options: { only: { type: 'string' }, keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });
const wanted = values.only?.split(',') ?? [...parts];
const unknown = wanted.filter((part) => !parts.some((known) => known === part));
if (values.help || unknown.length > 0) {
  console.error(unknown.length > 0 ? `e2e: there is no part '${unknown.join("', '")}'\n${usage}` : usage);
  process.exit(values.help ? 0 : 2);
}

const began = Date.now();
const tally = new Tally(console.log);
const report = (line: string) => console.log(`  ${((Date.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`);
try {
  await onStage(report, values.keep, async (stage) => {
    const account = await playAll(stage, new Set(wanted as Part[]), tally, report);
    console.log(`\n== Summary\n${summarise(account, stage.gateway, tally).join('\n')}`);
    if (tally.failed === 0) return;
    console.log(`\n== the emulator's log, its last lines\n${lastLines(stage.emulator.log, 200)}`);
    console.log(`\n== the CDK's log, its last lines\n${lastLines(join(stage.folder, 'cdk.log'), 60)}`);
  });
} catch (error) {
  if (!(error instanceof MissingPythonError) || inContinuousIntegration(process.env)) {
    tally.add([{ name: 'the test could be run', ok: false, detail: error instanceof Error ? (error.stack ?? error.message) : String(error) }]);
  } else {
    console.error(`\nNOT RUN: ${error.message}\nThe unit tests (npm test) need none of this; continuous integration does, and fails without it.`);
  }
}
console.log(`\n${((Date.now() - began) / 60_000).toFixed(1)} minutes`);
console.log(tally.line);
process.exitCode = tally.failed > 0 ? 1 : 0;
