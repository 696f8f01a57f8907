// One function: how it runs, what it may do, and where its failures go.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { environment, type FunctionName, functions } from '../../../core/contracts/deployment.ts';
import { ForestallFunction } from '../../../lib/constructs/function.ts';
import { control, fixtureApp, fixtureStack, policyStatements } from '../fixture-app.ts';

const template = (name: FunctionName) => {
  const stack = fixtureStack();
  new ForestallFunction(stack, { name, control: control() });
  return Template.fromStack(stack);
};

test.each(Object.keys(functions) as FunctionName[])('%s runs as its contract says', (name) => {
  template(name).hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: `forestall-${name}`,
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Timeout: functions[name].timeoutSeconds,
    MemorySize: functions[name].memoryMb,
    TracingConfig: { Mode: 'Active' },
    Environment: { Variables: Match.objectLike(Object.fromEntries(Object.values(environment).map((variable) => [variable, Match.anyValue()]))) },
  });
});

test('its logs go to its own group for a limited time, and it writes to no other', () => {
  const made = template('check-drain');
  made.hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: '/aws/lambda/forestall-check-drain', RetentionInDays: 90 });
  const logging = policyStatements(made).filter(({ statement }) => JSON.stringify(statement.Action).includes('logs:'));
  expect(logging.map(({ statement }) => statement.Resource)).toEqual([{ 'Fn::GetAtt': [expect.stringContaining('Logs'), 'Arn'] }]);
});

describe('when it is called asynchronously', () => {
  test('a tick is not repeated: the next one looks again', () => {
    const made = template('dispatch-scoring');
    made.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
    made.hasResourceProperties('AWS::SQS::Queue', { QueueName: 'forestall-dispatch-scoring-dead-letters', MessageRetentionPeriod: 14 * 86_400 });
  });

  test('an event is repeated, then put aside', () => {
    const made = template('start-workflow');
    made.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 2 });
    made.hasResourceProperties('AWS::Lambda::Function', { DeadLetterConfig: { TargetArn: Match.anyValue() } });
  });

  test('a step of a workflow needs no queue: the workflow sees its failure', () => {
    template('shift-traffic').resourceCountIs('AWS::SQS::Queue', 0);
  });
});

test('its bundle is a module that Node loads, with everything it imports in it', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'forestall-bundle-'));
  const app = fixtureApp({ 'aws:cdk:bundling-stacks': ['**'] }, outdir);
  const stack = new Stack(app, 'bundled', { env: { region: 'eu-central-1' } });
  new ForestallFunction(stack, { name: 'verify-shift', control: control() });
  app.synth();
  const [asset = ''] = readdirSync(outdir).filter((name) => name.startsWith('asset.'));
  expect(readdirSync(join(outdir, asset)).sort()).toEqual(['index.mjs', 'index.mjs.map']);
  const bundle: object = await import(/* @vite-ignore */ pathToFileURL(join(outdir, asset, 'index.mjs')).href);
  expect(bundle).toHaveProperty('handler', expect.any(Function));
  rmSync(outdir, { recursive: true });
});

test('a function without a handler is refused', () => {
  expect(() => new ForestallFunction(fixtureStack(), { name: 'check-drain', control: control(), handlers: '/nowhere' })).toThrow(
    'there is no /nowhere/check-drain/handler.ts',
  );
});
