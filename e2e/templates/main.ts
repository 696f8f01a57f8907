// Tries the checks of templates, deployment and guide alone: `node e2e/templates/main.ts [templates] [deployment] [guide]`, all of them when none is named.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Check, Tally } from '../check.ts';
import { Cdk } from '../deployment/cdk.ts';
import { startMiniStack } from '../emulator/ministack.ts';
import { pythonEnvironment } from '../emulator/python.ts';
import { checkGuide } from '../guide/guide.ts';
import { AwsCli } from './aws-cli.ts';
import { checkDestroy, checkDiff, checkSecondDeploy } from './deployment.ts';
import { checkTemplates, synthesiseForAws } from './templates.ts';
import { addTrialService } from './trial-service.ts';

const root = join(import.meta.dirname, '..', '..');
const wanted = process.argv.slice(2);
const wants = (part: string) => wanted.length === 0 || wanted.includes(part);
const report = (line: string) => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

const folder = mkdtempSync(join(tmpdir(), 'forestall-'));
const python = await pythonEnvironment(report);
const log = join(folder, 'cdk.log');
const tally = new Tally((line) => void process.stdout.write(`${line}\n`));
if (wants('templates')) {
  const cdkOut = join(folder, 'templates');
  await synthesiseForAws({ plans: join(root, 'plans'), output: cdkOut, log });
  tally.add(await checkTemplates({ cdkOut, python, report }));
}
if (wants('deployment') || wants('guide')) {
  const emulator = await startMiniStack({ python, folder });
  try {
    if (wants('deployment')) tally.add(await deployment(emulator.endpoint));
    if (wants('guide')) tally.add(await checkGuide({ endpoint: emulator.endpoint, folder: join(folder, 'guide'), python, report }));
  } finally {
    await emulator.stop();
  }
}

if (tally.failed === 0) rmSync(folder, { recursive: true, force: true });
else process.stdout.write(`what was logged is in ${folder}\n`);
process.stdout.write(`${tally.line}\n`);
process.exitCode = tally.failed === 0 ? 0 : 1;

/** The shop's stacks, and the shop. */
async function deployment(endpoint: string): Promise<Check[]> {
  const plan = join(root, 'plans', 'shop.yaml');
  const options = { endpoint, region: 'eu-central-1', plans: plan, output: join(folder, 'cdk.out'), log, python, report };
  const cdk = new Cdk(options);
  await cdk.bootstrap(['eu-central-1', 'eu-west-1']);
  report('cdk deploy');
  await cdk.deploy();
  await addTrialService(new AwsCli({ endpoint, python }), endpoint, options.region, folder);
  return [
    await checkDiff(options),
    ...(await checkSecondDeploy({ ...options, folder, planFiles: [plan] })),
    ...(await checkDestroy({ ...options, regions: ['eu-central-1', 'eu-west-1'] })),
  ];
}
