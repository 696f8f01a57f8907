// What a deployment must leave alone: nothing differs after it, a second one changes no weight, mode or latch, and removal leaves what is documented.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { ServiceRecord } from '../../core/contracts/records.ts';
import type { Check } from '../check.ts';
import { Cdk, CdkError, type CdkOptions } from '../deployment/cdk.ts';
import { emulatedAccount } from '../emulator/ministack.ts';
import type { PythonEnvironment } from '../emulator/python.ts';
import { lastLines } from '../emulator/server.ts';
import { AwsCli } from './aws-cli.ts';
import { inventory } from './inventory.ts';
import { nothingAgainst } from './nothing-against.ts';

export interface DeploymentOptions extends CdkOptions {
  readonly python: PythonEnvironment;
  /** Context of the first deployment besides plans, e.g. `alarmEmail=...`. */
  readonly context?: readonly string[];
  readonly report?: (line: string) => void;
}

/** `cdk diff --fail` right after a deployment. */
export async function checkDiff(options: DeploymentOptions): Promise<Check> {
  const { context = [], log, report = () => {} } = options;
  report('cdk diff after the deployment');
  const unchanged = await new Cdk(options).isUnchanged(context);
  return { name: 'cdk diff after the deployment finds no difference in any stack', ok: unchanged, ...(unchanged ? {} : { detail: lastLines(log) }) };
}

/**
 * Deploys twice more, unchanged and with plans and context that change stacks, and compares what the operator and the workflows own before and after.
 * Call it while no workflow runs. `plans` has to be one directory or file. The changed templates stay deployed.
 */
export async function checkSecondDeploy(options: DeploymentOptions & { folder: string; planFiles: readonly string[] }): Promise<Check[]> {
  const { context = [], report = () => {}, folder, planFiles, region } = options;
  const aws = new AwsCli(options);
  const checks: Check[] = [];
  const compare = async (what: string, deploy: () => Promise<void>) => {
    const before = await owned(aws, region);
    report(`cdk deploy ${what}`);
    try {
      await deploy();
      checks.push(
        nothingAgainst(`cdk deploy ${what} changes no weight, health check, mode, active side or latch`, differences(before, await owned(aws, region))),
      );
    } catch (error) {
      if (!(error instanceof CdkError)) throw error;
      checks.push({ name: `cdk deploy ${what} succeeds`, ok: false, detail: error.message });
    }
  };

  await compare('of the same templates', () => new Cdk(options).deploy(context));
  const plans = await withAnotherRole(planFiles, join(folder, 'changed-plans'));
  const before = await roles(aws, region);
  await compare('of changed templates', () => new Cdk({ ...options, plans }).deploy(['alarmEmail=somebody-else@example.com']));
  // Otherwise the comparison above would have shown nothing.
  const added = (await roles(aws, region)) !== before && (await subscriptions(aws, region)).includes('somebody-else@example.com');
  checks.push({ name: 'the changed templates were really deployed', ok: added });
  return checks;
}

/** Everything that `cdk destroy` leaves in the control Region, in the words of the inventory. The guide removes it. */
export const keptAfterDestroy = /^(table forestall-(services|resources|assessments|failovers)|log group \/aws\/events\/forestall|key [0-9a-f-]{36})$/;

/** Destroys all stacks of the plans, after lifting the protection of the state stack as the guide does. `regions`: the control Region and the observed ones. */
export async function checkDestroy(options: DeploymentOptions & { regions: readonly string[] }): Promise<Check[]> {
  const { region, regions, report = () => {} } = options;
  const aws = new AwsCli(options);
  const cdk = new Cdk(options);
  const stack = `forestall-${region}-state`;
  const checks: Check[] = [];
  report('cdk destroy');
  const refused = await cdk.destroy().then(
    () => false,
    () => true,
  );
  const tables = (await inventory(aws, region)).filter((item) => item.startsWith('table ')).length;
  checks.push({ name: 'the state stack is protected against cdk destroy', ok: refused && tables === 4, detail: `${tables} tables are left` });
  await aws.call(region, 'cloudformation', 'update-termination-protection', '--stack-name', stack, '--no-enable-termination-protection');
  await cdk.destroy();
  for (const one of regions) {
    const left = await inventory(aws, one);
    const unexpected = left.filter((item) => one !== region || !keptAfterDestroy.test(item));
    checks.push(nothingAgainst(`cdk destroy leaves only what is documented in ${one}`, unexpected));
    if (one === region) checks.push({ name: 'tables, event log and key outlive cdk destroy', ok: left.length === 6, detail: left.join('\n') });
  }
  return checks;
}

const Items = z.object({ Items: z.array(z.record(z.string(), z.unknown())) });
const RecordSets = z.array(z.looseObject({ SetIdentifier: z.string(), Type: z.string(), Weight: z.number().optional(), HealthCheckId: z.string().optional() }));

/** What no deployment may touch, as text by name. */
async function owned(aws: AwsCli, region: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const { Items: items } = Items.parse(await aws.call(region, 'dynamodb', 'scan', '--table-name', 'forestall-services', '--consistent-read'));
  for (const item of items) {
    const { serviceId, plan, mode, activeSide, latched, killSwitch } = ServiceRecord.parse(plain({ M: item }));
    found.set(`service ${serviceId}`, JSON.stringify({ mode, activeSide, latched, killSwitch }));
    const { hostedZoneId, name } = plan.record;
    const query = `ResourceRecordSets[?Name=='${name}.' && SetIdentifier!=null]`;
    const sets = RecordSets.parse(await aws.call(region, 'route53', 'list-resource-record-sets', '--hosted-zone-id', hostedZoneId, '--query', query));
    for (const set of sets) found.set(`record ${name} ${set.Type} ${set.SetIdentifier}`, JSON.stringify(set));
  }
  return found;
}

export function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const changed = names.filter((name) => before.get(name) !== after.get(name)).map((name) => `${name}: ${before.get(name)} -> ${after.get(name)}`);
  return before.size === 0 ? ['there is no service to compare: apply a plan first', ...changed] : changed;
}

/** A DynamoDB attribute as a plain value. */
export function plain(attribute: unknown): unknown {
  if (typeof attribute !== 'object' || attribute === null) throw new TypeError(`not an attribute: ${JSON.stringify(attribute)}`);
  const [[type, value] = ['', undefined]] = Object.entries(attribute);
  if (type === 'M' && typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  if (type === 'L' && Array.isArray(value)) return value.map(plain);
  if (type === 'N') return Number(value);
  if (type === 'NULL') return null;
  return value;
}

/** Copies of the plans that name an instance role: the policies of the failover stack change. */
async function withAnotherRole(planFiles: readonly string[], folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const file of planFiles) {
    const text = await readFile(file, 'utf8');
    const withoutRole = text.replace(/^ +roleArn:.*\n/m, '');
    const changed = withoutRole.replace(/^( +)launchTemplate:\n( +)/m, `$1launchTemplate:\n$2roleArn: arn:aws:iam::${emulatedAccount}:role/another\n$2`);
    if (changed === withoutRole) throw new Error(`${file} has no launchTemplate in block style to add a role to`);
    await writeFile(join(folder, basename(file)), changed);
  }
  return folder;
}

/** The policies of a function that may launch instances, as text. */
async function roles(aws: AwsCli, region: string): Promise<string> {
  const query = `Roles[?starts_with(RoleName,'forestall-${region}-') && contains(RoleName,'preparestandby')].RoleName`;
  const documents: unknown[] = [];
  for (const role of await aws.texts(region, 'iam', 'list-roles', '--query', query))
    for (const policy of await aws.texts(region, 'iam', 'list-role-policies', '--role-name', role, '--query', 'PolicyNames'))
      documents.push(await aws.call(region, 'iam', 'get-role-policy', '--role-name', role, '--policy-name', policy, '--query', 'PolicyDocument'));
  return JSON.stringify(documents);
}

const subscriptions = (aws: AwsCli, region: string) => aws.texts(region, 'sns', 'list-subscriptions', '--query', 'Subscriptions[].Endpoint');
