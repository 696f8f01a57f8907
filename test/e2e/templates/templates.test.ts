// Reading a synthesis, without cfn-lint.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { differences, keptAfterDestroy, plain } from '../../../e2e/templates/deployment.ts';
import { nothingAgainst } from '../../../e2e/templates/nothing-against.ts';
import { missing, templatesByRegion } from '../../../e2e/templates/templates.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forestall-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const latch = { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: 'SideEvacuated' } };
const healthCheck = { Type: 'AWS::Route53::HealthCheck' };
const math = { Type: 'AWS::CloudWatch::Alarm', Properties: { Metrics: [] } };

function synthesis(stacks: Record<string, { region: string; resources: readonly object[] }>): void {
  const artifacts = Object.fromEntries(
    Object.entries(stacks).map(([name, { region }]) => [
      name,
      { type: 'aws:cloudformation:stack', environment: `aws://unknown-account/${region}`, properties: { templateFile: `${name}.template.json` } },
    ]),
  );
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ artifacts: { ...artifacts, Tree: { type: 'cdk:tree' } } }));
  for (const [name, { resources }] of Object.entries(stacks))
    writeFileSync(
      join(folder, `${name}.template.json`),
      JSON.stringify({ Resources: Object.fromEntries(resources.map((resource, index) => [`r${index}`, resource])) }),
    );
}

test('groups the templates by the Region that they are for', () => {
  synthesis({ a: { region: 'eu-west-1', resources: [] }, b: { region: 'us-west-2', resources: [] }, c: { region: 'eu-west-1', resources: [] } });
  expect(Object.fromEntries(templatesByRegion(folder))).toEqual({
    'eu-west-1': [join(folder, 'a.template.json'), join(folder, 'c.template.json')],
    'us-west-2': [join(folder, 'b.template.json')],
  });
});

test('accepts three health checks for each side, and alarms on metric math', () => {
  synthesis({
    'x-failover': { region: 'r', resources: [latch, healthCheck, healthCheck, healthCheck] },
    'x-operations': { region: 'r', resources: [math] },
  });
  expect(missing(folder)).toEqual([]);
});

test('notices when the context of the emulator left something out', () => {
  synthesis({ 'x-failover': { region: 'r', resources: [latch] }, 'x-operations': { region: 'r', resources: [latch] } });
  expect(missing(folder)).toEqual(['x-failover.template.json: 0 health checks for 1 sides', 'x-operations.template.json: no alarm on metric math']);
});

test('notices when there is nothing to look at', () => {
  synthesis({ 'x-state': { region: 'r', resources: [] } });
  expect(missing(folder)).toEqual(["there is no template of a stack 'failover'", "there is no template of a stack 'operations'"]);
});

test('attributes of DynamoDB become plain values', () => {
  const item = { M: { mode: { S: 'act' }, on: { BOOL: false }, token: { N: '3' }, list: { L: [{ S: 'a' }, { NULL: true }] } } };
  expect(plain(item)).toEqual({ mode: 'act', on: false, token: 3, list: ['a', null] });
});

test('what is kept after a removal is named exactly', () => {
  for (const kept of ['table forestall-services', 'log group /aws/events/forestall', 'key 951ee215-c24d-4337-a4b1-aaa5f16358d2'])
    expect(kept).toMatch(keptAfterDestroy);
  for (const other of ['table forestall-others', 'log group /aws/lambda/forestall-roll-back', 'function forestall-roll-back'])
    expect(other).not.toMatch(keptAfterDestroy);
});

test('a long list of findings is cut, and says so', () => {
  expect(nothingAgainst('fine', [])).toEqual({ name: 'fine', ok: true });
  expect(nothingAgainst('bad', ['a', 'b', 'c'], 2)).toEqual({ name: 'bad', ok: false, detail: 'a\nb\nand 1 more' });
});

test('a deployment that changes a weight, adds or loses something is noticed', () => {
  const before = new Map([
    ['service shop', 'act'],
    ['record a', '100'],
  ]);
  expect(differences(before, new Map(before))).toEqual([]);
  const after = new Map([
    ['service shop', 'act'],
    ['record b', '100'],
  ]);
  expect(differences(before, after)).toEqual(['record a: 100 -> undefined', 'record b: undefined -> 100']);
  expect(differences(new Map(), new Map())).toEqual(['there is no service to compare: apply a plan first']);
});
