// A configuration and its synthesised templates, for the tests of lib/. Nothing is bundled, so that they take seconds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { controlRegionOf, Plan, type PlanInput } from '../../core/contracts/plan.ts';
import type { Config, ControlRegion } from '../../lib/config.ts';
import { nothingOmitted } from '../../lib/emulator.ts';
import { addStacks } from '../../lib/protection.ts';

export const projectRoot = join(import.meta.dirname, '..', '..');

const side = (region: string, name: string) => ({
  region,
  zone: `${region}a`,
  setIdentifier: name,
  endpoint: { url: `https://${name}.shop.example.com/health` },
  loadBalancer: {
    dimension: `app/shop-${name}/0123456789abcdef`,
    targetGroupArn: `arn:aws:elasticloadbalancing:${region}:123456789012:targetgroup/shop-${name}/0123456789abcdef`,
  },
  requestsPerSecondPerInstance: 100,
});

export const planInput: PlanInput = {
  service: 'shop',
  data: 'external',
  record: { hostedZoneId: 'Z0123456789SHOP', name: 'shop.example.com', types: ['A', 'AAAA'] },
  sides: {
    primary: { ...side('eu-west-1', 'primary'), instances: 4, resources: [{ kind: 'ec2-instance', tags: { service: 'shop' } }] },
    standby: {
      ...side('eu-central-1', 'standby'),
      instances: { partial: 2, full: 4 },
      launchTemplate: { id: 'lt-0123456789abcdef0', roleArn: 'arn:aws:iam::123456789012:role/shop-host' },
      kmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef',
    },
  },
};

export const plan = (changes: Partial<PlanInput> = {}): Plan => Plan.parse({ ...planInput, ...changes });

export const control = (...plans: Plan[]): ControlRegion => {
  const [first = plan()] = plans;
  return { region: controlRegionOf(first), plans: plans.length === 0 ? [first] : plans, observedRegions: ['eu-west-1'] };
};

/** An app with the project's feature flags. */
export function fixtureApp(context: Record<string, unknown> = {}, outdir?: string): App {
  const cdkJson: unknown = JSON.parse(readFileSync(join(projectRoot, 'cdk.json'), 'utf8'));
  const flags = typeof cdkJson === 'object' && cdkJson !== null && 'context' in cdkJson ? cdkJson.context : {};
  return new App({ context: { ...Object(flags), 'aws:cdk:bundling-stacks': [], ...context }, ...(outdir === undefined ? {} : { outdir }) });
}

/** A stack to put a construct into. */
export const fixtureStack = (region = 'eu-central-1'): Stack => new Stack(fixtureApp(), 'fixture', { env: { region } });

export interface Synthesised {
  readonly app: App;
  readonly templates: ReadonlyMap<string, Template>;
}

/** The app with all stacks, and the template of each by its id. */
export function synthesise(config: Partial<Config> = {}): Synthesised {
  const app = fixtureApp();
  addStacks(app, { controlRegions: [control()], alarmEmail: undefined, account: undefined, omitted: nothingOmitted, ...config });
  const stacks = app.node.children.filter((child): child is Stack => Stack.isStack(child));
  return { app, templates: new Map(stacks.map((stack) => [stack.node.id, Template.fromStack(stack)])) };
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

/** `<where>`: the statement of every IAM policy in a template, inline ones included. */
export function policyStatements(template: Template): { readonly where: string; readonly statement: Statement }[] {
  const found: { where: string; statement: Statement }[] = [];
  const collect = (where: string, document: { Statement: Statement[] }) => found.push(...document.Statement.map((statement) => ({ where, statement })));
  for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'])
    for (const [where, { Properties }] of Object.entries(template.findResources(type))) collect(where, Properties.PolicyDocument);
  for (const [where, { Properties }] of Object.entries(template.findResources('AWS::IAM::Role')))
    for (const { PolicyDocument } of Properties.Policies ?? []) collect(where, PolicyDocument);
  return found;
}

export const asList = <Value>(value: Value | Value[]): Value[] => (Array.isArray(value) ? value : [value]);
