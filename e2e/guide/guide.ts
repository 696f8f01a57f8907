// Runs the commands of docs/deploying.md on the emulator, in order, as a reader would.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Check } from '../check.ts';
import type { PythonEnvironment } from '../emulator/python.ts';
import { AwsCli } from '../templates/aws-cli.ts';
import { type Block, readBlocks } from './blocks.ts';
import { expectations } from './expectations.ts';
import { GuideShell } from './shell.ts';
import { corrections, standIns } from './stand-ins.ts';
import { buildService, leaveTraces, standbyRegion } from './world.ts';

export const guide = join(import.meta.dirname, '..', '..', 'docs', 'deploying.md');
/** Something has to be there to be removed before this block. */
export const removal = 'mirrors()';

export interface GuideOptions {
  readonly endpoint: string;
  /** Home, log and templates go here. */
  readonly folder: string;
  readonly python: PythonEnvironment;
  readonly report?: (line: string) => void;
}

/**
 * One check for each block that ran, and one for each expectation. It deploys stacks of its own with us-west-2 as control Region, and removes them,
 * so that it can share an emulator with deployments in other Regions. After a block that fails nothing more is run.
 */
export async function checkGuide({ endpoint, folder, python, report = () => {} }: GuideOptions): Promise<Check[]> {
  mkdirSync(folder, { recursive: true });
  const aws = new AwsCli({ endpoint, python });
  const shell = new GuideShell({ endpoint, folder, python });
  const blocks = readBlocks(readFileSync(guide, 'utf8'));
  await buildService(aws, endpoint);
  const checks: Check[] = [];
  for (const [index, block] of blocks.entries()) {
    const name = nameOf(block);
    if (block.instead !== undefined) report(`guide, ${name}: ${block.instead.standIn === undefined ? 'not run' : 'replaced'}, since ${block.instead.reason}`);
    const commands = block.instead === undefined ? block.commands : standInOf(block.instead.standIn);
    if (commands === undefined) continue;
    if (block.commands.includes(removal)) {
      await untilIdle(aws);
      await leaveTraces(aws);
    }
    report(`guide, ${name}`);
    const outcome = await shell.run(commands);
    checks.push({ name: `guide, ${name}`, ok: outcome.ok, ...(outcome.ok ? {} : { detail: `${block.commands}\n${outcome.output}\n(log: ${shell.log})` }) });
    if (!outcome.ok) {
      checks.push({ name: 'the guide runs to its end', ok: false, detail: `${blocks.length - index - 1} more blocks were not run` });
      return checks;
    }
    for (const { reason, commands: more } of corrections.filter(({ after }) => block.commands.includes(after))) {
      report(`guide, ${name}: corrected, since ${reason}`);
      await shell.run(more);
    }
    for (const expectation of expectations.filter(({ after }) => block.commands.includes(after))) checks.push(await expectation.check(aws, outcome, folder));
  }
  const met = expectations.filter(({ after }) => blocks.some(({ commands, instead }) => instead === undefined && commands.includes(after)));
  checks.push({ name: 'every expectation of the guide has its block', ok: met.length === expectations.length });
  return checks;
}

/** Heading, line and first command. */
export function nameOf({ heading, line, commands }: Block): string {
  const first = commands.split('\n').find((text) => text.trim() !== '') ?? '';
  return `${heading}, line ${line}: ${first.length > 60 ? `${first.slice(0, 57)}...` : first}`;
}

function standInOf(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const commands = standIns[name];
  if (commands === undefined) throw new Error(`the guide names the stand-in '${name}', which e2e/guide/stand-ins.ts does not have`);
  return commands;
}

/** In the mode act a schedule may have started a workflow; what it makes belongs to what is removed. */
async function untilIdle(aws: AwsCli): Promise<void> {
  const machines = await aws.texts(
    standbyRegion,
    'stepfunctions',
    'list-state-machines',
    '--query',
    "stateMachines[?starts_with(name,'forestall-')].stateMachineArn",
  );
  for (const machine of machines)
    for (let tries = 0; tries < 60; tries++) {
      const running = await aws.texts(
        standbyRegion,
        'stepfunctions',
        'list-executions',
        '--state-machine-arn',
        machine,
        '--status-filter',
        'RUNNING',
        '--query',
        'executions[].name',
      );
      if (running.length === 0) break;
      await sleep(1_000);
    }
}
