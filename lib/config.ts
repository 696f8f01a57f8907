// The only reader of CDK context: what is to be deployed, validated before a stack exists.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Node } from 'constructs';
import { controlRegionOf, type Plan } from '../core/contracts/plan.ts';
import { readPlan } from '../core/contracts/plan-source.ts';
import { nothingOmitted, type Omission, omissionsOnEmulator } from './emulator.ts';

/** Everything that one control Region runs. */
export interface ControlRegion {
  readonly region: string;
  readonly plans: readonly Plan[];
  /** Regions of sides in which nothing of Forestall runs but the forwarding of events. */
  readonly observedRegions: readonly string[];
}

export interface Config {
  readonly controlRegions: readonly ControlRegion[];
  readonly alarmEmail: string | undefined;
  /** undefined: the templates fit any account */
  readonly account: string | undefined;
  /** Empty on AWS. */
  readonly omitted: ReadonlySet<Omission>;
}

/** What is wrong with the context or a plan, all of it at once, each line with its remedy. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(problems: readonly string[]) {
    super(`Forestall cannot be synthesised:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

const contextKeys = ['plans', 'alarmEmail', 'account', 'e2e'] as const;

/**
 * Reads `plans` (a directory, or files separated by commas; default `plans`), `alarmEmail`, `account` and
 * `e2e` (`ministack`: for the test on the emulator, see emulator.ts) from context.
 * Paths resolve against `root`, the directory of cdk.json. Throws ConfigError.
 */
export function readConfig(node: Node, root: string): Config {
  const problems = unknownKeys(node);
  const text = (key: (typeof contextKeys)[number], pattern: RegExp, remedy: string): string | undefined => {
    const value: unknown = node.tryGetContext(key);
    if (value === undefined) return undefined;
    if (typeof value === 'string' && pattern.test(value)) return value;
    problems.push(`context '${key}' is ${JSON.stringify(value)}: ${remedy}`);
    return undefined;
  };
  const alarmEmail = text('alarmEmail', /^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'give an e-mail address, as in -c alarmEmail=oncall@example.com');
  const account = text('account', /^\d{12}$/, 'give the 12 digits of an account in quotes, as in -c account=123456789012');
  const emulator = text('e2e', /^ministack$/, 'leave it out for AWS; the test on the emulator says -c e2e=ministack');
  const paths = text('plans', /\S/, 'give a directory, or files separated by commas, as in -c plans=plans/shop.yaml') ?? 'plans';

  const plans = planFiles(paths, root, problems).flatMap((file) => readPlanFile(file, problems));
  problems.push(...collisions(plans));
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    controlRegions: groupByControlRegion(plans.map(({ plan }) => plan)),
    alarmEmail,
    account: account ?? process.env['CDK_DEFAULT_ACCOUNT'],
    omitted: emulator === undefined ? nothingOmitted : omissionsOnEmulator,
  };
}

interface PlanFile {
  readonly file: string;
  readonly plan: Plan;
}

/** The CDK's own keys contain a colon, a slash or a hyphen; any other that is not ours is a mistake that would otherwise pass unseen. */
function unknownKeys(node: Node): string[] {
  const all: unknown = node.getAllContext();
  const known: readonly string[] = contextKeys;
  return Object.keys(all ?? {})
    .filter((key) => /^\w+$/.test(key) && !known.includes(key))
    .map((key) => `context '${key}' is unknown: use ${contextKeys.join(', ')}`);
}

function planFiles(paths: string, root: string, problems: string[]): string[] {
  return paths.split(',').flatMap((path) => {
    const full = resolve(root, path.trim());
    const kind = statSync(full, { throwIfNoEntry: false });
    if (kind === undefined) {
      problems.push(`${path.trim()}: there is no such file or directory; name plans with -c plans=DIRECTORY or -c plans=FILE,FILE`);
      return [];
    }
    if (!kind.isDirectory()) return [full];
    const files = readdirSync(full)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(full, name));
    if (files.length === 0) problems.push(`${path.trim()}: there is no .yaml file in it; put a plan there or name one with -c plans=FILE`);
    return files;
  });
}

function readPlanFile(file: string, problems: string[]): PlanFile[] {
  const read = readPlan(readFileSync(file, 'utf8'));
  if (read.ok) return [{ file, plan: read.plan }];
  problems.push(...read.problems.map(({ line, column, path, problem, remedy }) => `${file}:${line}:${column}: ${path || 'the plan'}: ${problem}; ${remedy}`));
  return [];
}

/** Two plans of one name would share a service record, two plans of one DNS name would fight over its weights. */
function collisions(plans: readonly PlanFile[]): string[] {
  const seen = new Map<string, string>();
  return plans.flatMap(({ file, plan }) =>
    [`service '${plan.service}'`, `record ${plan.record.name} in zone ${plan.record.hostedZoneId}`].flatMap((what) => {
      const first = seen.get(what);
      seen.set(what, first ?? file);
      return first === undefined ? [] : [`${file}: ${what} is already in ${first}; keep one plan for it`];
    }),
  );
}

function groupByControlRegion(plans: readonly Plan[]): ControlRegion[] {
  const groups = Map.groupBy(plans, controlRegionOf);
  return [...groups]
    .map(([region, members]) => ({
      region,
      plans: members,
      observedRegions: [...new Set(members.flatMap(({ sides }) => [sides.primary.region, sides.standby.region]))].filter((side) => side !== region).sort(),
    }))
    .sort((a, b) => (a.region < b.region ? -1 : 1));
}
