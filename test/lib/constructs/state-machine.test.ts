// One state machine: what is filled in, what its role may call, and that everything is logged.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StateMachineName } from '../../../core/contracts/deployment.ts';
import { ForestallFunction } from '../../../lib/constructs/function.ts';
import { WorkflowMachine } from '../../../lib/constructs/state-machine.ts';
import type { Workflow } from '../../../lib/workflows.ts';
import { control, fixtureStack, policyStatements } from '../fixture-app.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'forestall-machine-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const workflow = (name: StateMachineName, uses: Partial<Pick<Workflow, 'functions' | 'nested'>>): Workflow => {
  const file = join(folder, `${name}.asl.json`);
  writeFileSync(file, '{}');
  return { name, file, comment: name, functions: [], nested: [], ...uses };
};

function made() {
  const stack = fixtureStack();
  const functions = new Map([['roll-back', new ForestallFunction(stack, { name: 'roll-back', control: control() })]] as const);
  const machines = new Map<StateMachineName, WorkflowMachine>();
  machines.set('roll-back', new WorkflowMachine(stack, { workflow: workflow('roll-back', { functions: ['roll-back'] }), functions, machines }));
  machines.set('fail-over', new WorkflowMachine(stack, { workflow: workflow('fail-over', { nested: ['roll-back'] }), functions, machines }));
  return Template.fromStack(stack);
}

test('placeholders get the ARNs of functions and nested machines', () => {
  const template = made();
  template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
    StateMachineName: 'forestall-roll-back',
    DefinitionSubstitutions: { RollBackFunctionArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('rollbackFunction'), 'Arn'] } },
  });
  template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
    StateMachineName: 'forestall-fail-over',
    DefinitionSubstitutions: { RollBackStateMachineArn: { Ref: Match.stringLikeRegexp('rollbackmachine') } },
  });
});

test('everything is logged and traced', () => {
  made().allResourcesProperties('AWS::StepFunctions::StateMachine', {
    LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: true },
    TracingConfiguration: { Enabled: true },
  });
});

test('a parent may start its child and nothing else', () => {
  const starting = policyStatements(made()).filter(({ statement }) => statement.Action === 'states:StartExecution');
  expect(starting).toHaveLength(1);
  expect(starting[0]?.where).toContain('failover');
  expect(starting[0]?.statement.Resource).toEqual({ Ref: expect.stringContaining('rollbackmachine') });
});

test('a child that is not there yet is refused', () => {
  const nesting = workflow('fail-over', { nested: ['roll-back'] });
  expect(() => new WorkflowMachine(fixtureStack(), { workflow: nesting, functions: new Map(), machines: new Map() })).toThrow(
    'roll-back is named in an ASL file but not deployed before it',
  );
});
