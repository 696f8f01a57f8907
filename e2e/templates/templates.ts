// The templates as AWS gets them: clean for cfn-lint, each in the Region it is for, and complete.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { withoutAws } from '../emulator/ministack.ts';
import type { PythonEnvironment } from '../emulator/python.ts';
import { lastLines } from '../emulator/server.ts';
import { nothingAgainst } from './nothing-against.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

const Manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({ type: z.string(), environment: z.string().optional(), properties: z.looseObject({ templateFile: z.string().optional() }).optional() }),
  ),
});
const Template = z.object({ Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() })) });
const Findings = z.array(
  z.object({
    Filename: z.string(),
    Message: z.string(),
    Rule: z.object({ Id: z.string() }),
    Location: z.object({ Path: z.array(z.union([z.string(), z.number()])).nullish() }),
  }),
);

/** Writes the templates for AWS to `output`: without the emulator's context. cdk-nag is part of it. Throws when a finding or an error stops it. */
export async function synthesiseForAws({ plans, output, log }: { plans: string; output: string; log: string }): Promise<void> {
  const file = createWriteStream(log, { flags: 'a' });
  await once(file, 'open');
  const child = spawn(join(root, 'node_modules', '.bin', 'cdk'), ['synth', '--quiet', '--output', output, '--context', `plans=${plans}`], {
    cwd: root,
    stdio: ['ignore', file, file],
    env: { ...withoutAws(process.env), PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`, CI: '1', CDK_DISABLE_VERSION_CHECK: '1' },
  });
  const [code] = await once(child, 'exit');
  file.end();
  if (code !== 0) throw new Error(`cdk synth failed\n${lastLines(log)}`);
}

/** Checks what a synthesis without the emulator's context wrote to `cdkOut`. */
export async function checkTemplates(options: { cdkOut: string; python: PythonEnvironment; report?: (line: string) => void }): Promise<Check[]> {
  const { cdkOut, python, report = () => {} } = options;
  const checks: Check[] = [];
  for (const [region, files] of templatesByRegion(cdkOut)) {
    report(`cfn-lint in ${region}: ${files.length} templates`);
    checks.push(nothingAgainst(`cfn-lint finds nothing in the ${files.length} templates for ${region}`, await lint(python, region, files)));
  }
  checks.push(nothingAgainst('the templates for AWS have what the emulator goes without', missing(cdkOut)));
  return checks;
}

/** Region -> paths of the templates of its stacks. */
export function templatesByRegion(cdkOut: string): Map<string, string[]> {
  const { artifacts } = Manifest.parse(JSON.parse(readFileSync(join(cdkOut, 'manifest.json'), 'utf8')));
  const byRegion = new Map<string, string[]>();
  for (const { type, environment, properties } of Object.values(artifacts)) {
    if (type !== 'aws:cloudformation:stack' || environment === undefined || properties?.templateFile === undefined) continue;
    const region = environment.split('/').at(-1) ?? '';
    byRegion.set(region, [...(byRegion.get(region) ?? []), join(cdkOut, properties.templateFile)]);
  }
  return byRegion;
}

/** `rule template path: message` of each finding; .cfnlintrc says what is ignored, and why. */
export async function lint(python: PythonEnvironment, region: string, files: readonly string[]): Promise<string[]> {
  const args = ['--format', 'json', '--regions', region, '--template', ...files];
  const output = await run(python.command('cfn-lint'), args, { cwd: root, maxBuffer: 2 ** 26 }).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      // It ends with another code when it found something, and prints that all the same.
      if (error instanceof Error && 'stdout' in error && String(error.stdout).trim().startsWith('[')) return String(error.stdout);
      throw error;
    },
  );
  return Findings.parse(JSON.parse(output)).map(
    ({ Filename, Message, Rule, Location }) => `${Rule.Id} ${Filename.split('/').at(-1)} ${(Location.Path ?? []).join('/')}: ${Message}`,
  );
}

/** Each service has two sides with three health checks each, and some alarms use metric math: absent, when the emulator's context slipped in. */
export function missing(cdkOut: string): string[] {
  const files = [...templatesByRegion(cdkOut).values()].flat();
  const absent = ['failover', 'operations'].filter((stack) => !files.some((file) => file.endsWith(`-${stack}.template.json`)));
  const lacking = files.flatMap((file) => {
    const resources = Object.values(Template.parse(JSON.parse(readFileSync(file, 'utf8'))).Resources);
    const name = file.split('/').at(-1);
    const count = (type: string) => resources.filter(({ Type }) => Type === type).length;
    const latchAlarms = resources.filter(({ Type, Properties }) => Type === 'AWS::CloudWatch::Alarm' && Properties?.['MetricName'] === 'SideEvacuated').length;
    if (name?.endsWith('-failover.template.json') && (latchAlarms === 0 || count('AWS::Route53::HealthCheck') !== 3 * latchAlarms))
      return [`${name}: ${count('AWS::Route53::HealthCheck')} health checks for ${latchAlarms} sides`];
    if (
      name?.endsWith('-operations.template.json') &&
      !resources.some(({ Type, Properties }) => Type === 'AWS::CloudWatch::Alarm' && Properties?.['Metrics'] !== undefined)
    )
      return [`${name}: no alarm on metric math`];
    return [];
  });
  return [...absent.map((stack) => `there is no template of a stack '${stack}'`), ...lacking];
}
