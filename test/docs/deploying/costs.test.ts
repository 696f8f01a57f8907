// What docs/deploying.md counts is what the templates have.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defaultEntryMetrics, defaultResourceMetrics } from '../../../core/contracts/metrics.ts';
import { calmMinutes, otherSideMinutes } from '../../../lambdas/score-risk/cadence.ts';
import { projectRoot, synthesise } from '../../lib/fixture-app.ts';

const page = readFileSync(join(projectRoot, 'docs', 'deploying.md'), 'utf8');
const Template = z.object({ Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() })) });
const Metrics = z.array(z.object({ MetricStat: z.unknown().optional() }));
const resources = [...synthesise().templates.values()].flatMap((template) => Object.values(Template.parse(template.toJSON()).Resources));
const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
/** A row of a table: its cells. */
const row = (begins: string): string[] => {
  const found = page.split('\n').filter((line) => line.startsWith(`| ${begins}`));
  expect(found, begins).toHaveLength(1);
  return (found[0] ?? '').split('|').map((cell) => cell.trim());
};

test('alarms, and the metrics by which they are billed', () => {
  const alarms = ofType('AWS::CloudWatch::Alarm');
  const own = alarms.filter(({ Properties }) => Properties?.['MetricName'] !== 'SideEvacuated');
  const metrics = own.reduce((sum, { Properties }) => {
    const listed = Metrics.optional().parse(Properties?.['Metrics']);
    return sum + (listed?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1);
  }, 0);
  expect(row('alarms, billed by metric')[2]).toBe(`${own.length} alarms, ${metrics} metrics`);
  expect(row('alarms behind the evacuation checks')[2]).toBe(String(alarms.length - own.length));
});

test('dashboard, key, functions and health checks', () => {
  expect(row('dashboard')[2]).toBe(String(ofType('AWS::CloudWatch::Dashboard').length));
  expect(row('KMS key')[2]).toBe(String(ofType('AWS::KMS::Key').length));
  expect(row('Lambda, arm64')[2]).toMatch(new RegExp(`^${ofType('AWS::Lambda::Function').length} functions;`));
  expect(row('health checks, basic')[2]).toMatch(new RegExp(`^${ofType('AWS::Route53::HealthCheck').length}: `));
});

test('metrics that are read in a month', () => {
  const minutes = 43_800;
  const entry = defaultEntryMetrics.length;
  const instance = defaultResourceMetrics['ec2-instance'].length;
  expect(row('GetMetricData')[2]).toBe(`${((entry + 1) * minutes + (entry * minutes) / otherSideMinutes).toLocaleString('en')} metrics`);
  expect(row('the same, per instance')[2]).toBe(
    `${((instance * minutes) / calmMinutes).toLocaleString('en')}; ${(instance * minutes).toLocaleString('en')} if always uneasy`,
  );
});

test('every kind of resource that is deployed is billed in a row, or free', () => {
  const free = [
    'AWS::IAM::Role',
    'AWS::IAM::Policy',
    'AWS::KMS::Alias',
    'AWS::Events::Rule',
    'AWS::Lambda::Permission',
    'AWS::Lambda::EventInvokeConfig',
    'AWS::Lambda::EventSourceMapping',
    'AWS::Logs::ResourcePolicy',
    'AWS::SQS::QueuePolicy',
    'AWS::SNS::TopicPolicy',
    'AWS::SNS::Subscription',
    // E-mails: the first thousand of a month are free.
    'AWS::SNS::Topic',
    'AWS::Scheduler::ScheduleGroup',
  ];
  const billed: Readonly<Record<string, string>> = {
    'AWS::CloudWatch::Alarm': 'alarms, billed by metric',
    'AWS::CloudWatch::Dashboard': 'dashboard',
    'AWS::DynamoDB::GlobalTable': 'DynamoDB on demand',
    'AWS::Events::EventBus': 'Scheduler ($1 a million), logs',
    'AWS::KMS::Key': 'KMS key',
    'AWS::Lambda::Function': 'Lambda, arm64',
    'AWS::Logs::LogGroup': 'Scheduler ($1 a million), logs',
    'AWS::Route53::HealthCheck': 'health checks, basic',
    'AWS::SQS::Queue': 'SQS',
    'AWS::Scheduler::Schedule': 'Scheduler ($1 a million), logs',
    'AWS::StepFunctions::StateMachine': 'one failover',
  };
  for (const type of new Set(resources.map(({ Type }) => Type).filter((type) => !free.includes(type)))) {
    expect(billed[type], `${type}: is it billed?`).toBeDefined();
    row(billed[type] ?? '');
  }
});
