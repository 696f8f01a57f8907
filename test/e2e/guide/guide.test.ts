// The guide and the test that runs it agree, without running it.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readBlocks } from '../../../e2e/guide/blocks.ts';
import { expectations } from '../../../e2e/guide/expectations.ts';
import { guide, nameOf, removal } from '../../../e2e/guide/guide.ts';
import { corrections, standIns } from '../../../e2e/guide/stand-ins.ts';
import { primaryRegion, service, standbyRegion } from '../../../e2e/guide/world.ts';
import { synthesise } from '../../lib/fixture-app.ts';

const markdown = readFileSync(guide, 'utf8');
const blocks = readBlocks(markdown);
const text = blocks.map(({ commands }) => commands).join('\n');

test('each expectation and correction belongs to exactly one block, which is run', () => {
  for (const after of [...expectations, ...corrections].map((one) => one.after)) {
    const found = blocks.filter(({ commands }) => commands.includes(after));
    expect(found.map(nameOf), after).toHaveLength(1);
    expect(found[0]?.instead, after).toBeUndefined();
  }
  expect(blocks.filter(({ commands }) => commands.includes(removal))).toHaveLength(1);
});

test('each stand-in is used, and each that is named is there', () => {
  const named = blocks.flatMap(({ instead }) => (instead?.standIn === undefined ? [] : [instead.standIn]));
  expect(named.sort()).toEqual(Object.keys(standIns).sort());
});

test('readers are told what was not run, and why', () => {
  const visible = markdown.replaceAll(/<!--[\s\S]*?-->/g, '');
  for (const { instead } of blocks) if (instead !== undefined) expect(visible).toContain(instead.reason);
});

test('the world that the test builds is the one that the guide names', () => {
  expect(text).toContain(`PRIMARY_REGION=${primaryRegion} STANDBY_REGION=${standbyRegion} CONTROL_REGION=${standbyRegion}`);
  expect(text).toContain(`SERVICE=${service} `);
});

test('the commands are those of AWS: the emulator is not in them', () => {
  expect(text).not.toMatch(/ministack|endpoint-url|AWS_ENDPOINT|127\.0\.0\.1|e2e/);
});

test('the role of CloudFormation may call every service that is in the templates', () => {
  const { allowed, types } = { allowed: allowedActions(), types: resourceTypes() };
  expect(types.length).toBeGreaterThan(5);
  for (const type of types) {
    const prefix = prefixes[type];
    expect(prefix, `${type}: add the prefix of its actions here, and the actions to the guide`).toBeDefined();
    expect(
      allowed.some((action) => action.startsWith(`${prefix}:`)),
      `${type} needs ${prefix}:...`,
    ).toBe(true);
  }
});

/** `AWS::SQS::...` -> prefix of IAM actions. */
const prefixes: Readonly<Record<string, string>> = {
  CloudWatch: 'cloudwatch',
  DynamoDB: 'dynamodb',
  Events: 'events',
  IAM: 'iam',
  KMS: 'kms',
  Lambda: 'lambda',
  Logs: 'logs',
  Route53: 'route53',
  SNS: 'sns',
  SSM: 'ssm',
  SQS: 'sqs',
  Scheduler: 'scheduler',
  StepFunctions: 'states',
};

function allowedActions(): string[] {
  const [document = ''] = /\{\n {2}"Version"[\s\S]*?\n\}/.exec(text) ?? [];
  const Policy = z.object({ Statement: z.array(z.object({ Action: z.union([z.string(), z.array(z.string())]) })) });
  return Policy.parse(JSON.parse(document)).Statement.flatMap(({ Action }) => Action);
}

const resourceTypes = () => {
  const templates = [...synthesise().templates.values()].map((template) => JSON.stringify(template.toJSON()));
  return [...new Set(Array.from(templates.join().matchAll(/"Type":"AWS::(\w+)::/g), ([, type = '']) => type))].sort();
};
