// The ASL files as the stacks see them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stateMachines } from '../../core/contracts/deployment.ts';
import { readWorkflows } from '../../lib/workflows.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forestall-workflows-'));
  for (const name of stateMachines) write(name);
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, ...placeholders: string[]) =>
  writeFileSync(join(folder, `${name}.asl.json`), JSON.stringify({ Comment: name, uses: placeholders.map((placeholder) => `\${${placeholder}}`) }));

describe('readWorkflows', () => {
  test('finds the functions and the nested machines', () => {
    write('fail-over', 'ShiftTrafficFunctionArn', 'RollBackStateMachineArn', 'ShiftTrafficFunctionArn');
    expect(readWorkflows(folder).find(({ name }) => name === 'fail-over')).toMatchObject({
      functions: ['shift-traffic'],
      nested: ['roll-back'],
      comment: 'fail-over',
    });
  });

  test('puts nested machines first, at any depth', () => {
    write('fail-over', 'ShiftTrafficStateMachineArn');
    write('shift-traffic', 'RollBackStateMachineArn');
    const order = readWorkflows(folder).map(({ name }) => name);
    expect(order).toHaveLength(stateMachines.length);
    expect(order.indexOf('roll-back')).toBeLessThan(order.indexOf('shift-traffic'));
    expect(order.indexOf('shift-traffic')).toBeLessThan(order.indexOf('fail-over'));
  });

  test('refuses a circle', () => {
    write('fail-over', 'RollBackStateMachineArn');
    write('roll-back', 'FailOverStateMachineArn');
    expect(() => readWorkflows(folder)).toThrow('state machines nest in a circle: fail-over -> roll-back -> fail-over');
  });

  test('refuses a placeholder that nothing fills', () => {
    write('evacuate', 'LatchSidesFunctionArn');
    expect(() => readWorkflows(folder)).toThrow(/evacuate\.asl\.json: unknown placeholder LatchSidesFunctionArn/);
  });

  test('refuses a missing file', () => {
    rmSync(join(folder, 'evacuate.asl.json'));
    expect(() => readWorkflows(folder)).toThrow(/there is no .*evacuate\.asl\.json/);
  });
});
