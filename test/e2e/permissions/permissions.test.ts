// The verdict on a run on the emulator: calls on record against the templates that were deployed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { GatewayRecord } from '../../../e2e/gateway/record.ts';
import { checkPermissions } from '../../../e2e/permissions/permissions.ts';
import { nothingOmitted } from '../../../lib/emulator.ts';
import { addStacks } from '../../../lib/protection.ts';
import { control, fixtureApp } from '../../lib/fixture-app.ts';
import { account } from './fixture.ts';
import { plan } from './stories.ts';

const templates = mkdtempSync(join(tmpdir(), 'forestall-templates-'));
const app = fixtureApp({}, templates);
addStacks(app, { controlRegions: [control(plan)], alarmEmail: undefined, account: undefined, omitted: nothingOmitted });
app.synth();
afterAll(() => rmSync(templates, { recursive: true }));

const { standby } = plan.sides;
const record = (caller: string, service: string, operation: string, input: object, more: Partial<GatewayRecord> = {}): GatewayRecord => ({
  ...{ at: 0, region: standby.region, service, operation, caller, input, status: 200 },
  ...more,
});
const verdict = (...calls: GatewayRecord[]) => checkPermissions({ templates, calls, plans: [plan], account });
const failed = (...calls: GatewayRecord[]) => verdict(...calls).checks.filter(({ ok }) => !ok);

const tagged = (service: string) => ({
  ...{ 'TagSpecification.1.ResourceType': 'instance', 'TagSpecification.1.Tag.1.Key': 'forestall:service', 'TagSpecification.1.Tag.1.Value': service },
});
const launch = (service: string) =>
  record(
    'forestall-prepare-standby',
    'ec2',
    'RunInstances',
    { 'LaunchTemplate.LaunchTemplateId': standby.launchTemplate.id, MinCount: '1', MaxCount: '1', ...tagged(service) },
    { made: ['i-1'] },
  );
const terminate = (id: string) => record('forestall-prepare-standby', 'ec2', 'TerminateInstances', { 'InstanceId.1': id });

test('what is allowed passes, function by function, and what was not used is told', () => {
  const { checks, unused } = verdict(launch('shop'), terminate('i-1'), record('outside', 's3', 'PUT /bucket', {}));
  expect(checks).toEqual([
    { name: 'functions made calls', ok: true, detail: expect.any(String) },
    { name: 'forestall-prepare-standby was allowed each of its 2 calls', ok: true, detail: '' },
    { name: 'nothing was used that is listed as unused', ok: true, detail: '' },
  ]);
  expect(unused.every(({ principal }) => principal === 'forestall-prepare-standby')).toBe(true);
  const actions = new Set(unused.map(({ action }) => action));
  expect([actions.has('ec2:StartInstances'), actions.has('ec2:TerminateInstances'), actions.has('logs:PutLogEvents')]).toEqual([true, false, false]);
});

test('what is not allowed fails, with the reason', () => {
  expect(failed(terminate('i-of-the-customer'))).toMatchObject([
    {
      name: 'forestall-prepare-standby was allowed each of its 1 calls',
      detail: expect.stringContaining('ec2:TerminateInstances on arn:aws:ec2:eu-central-1'),
    },
  ]);
  expect(failed(launch('another'))).toHaveLength(1);
  expect(failed(record('forestall-probe-sides', 'dynamodb', 'DeleteItem', { TableName: 'forestall-services', Key: {} }))).toHaveLength(1);
});

test('tags that others gave count', () => {
  const theirs = record('outside', 'ec2', 'RunInstances', { ImageId: 'ami-1', MinCount: '1', MaxCount: '1', ...tagged('shop') }, { made: ['i-2'] });
  expect(failed(theirs, terminate('i-2'))).toEqual([]);
});

test('a call that was refused counts as well: its caller meant it', () => {
  expect(failed({ ...terminate('i-3'), status: 400, errorCode: 'InvalidInstanceID.NotFound' })).toHaveLength(1);
});

test('a run without calls, and one that uses what is listed as unused, fails', () => {
  expect(failed()).toMatchObject([{ name: 'functions made calls' }]);
  const own = record('forestall-start-workflow', 'sqs', 'SendMessage', {
    QueueUrl: `https://sqs.eu-central-1.amazonaws.com/${account}/forestall-start-workflow-dead-letters`,
    MessageBody: '{}',
  });
  expect(failed(own)).toMatchObject([{ name: 'nothing was used that is listed as unused', detail: expect.stringContaining('dead-letters') }]);
});
