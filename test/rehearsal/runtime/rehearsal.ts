// A runtime with functions and machines of the test's own.
import { afterEach } from 'vitest';
import type { FunctionName, StateMachineName } from '../../../core/contracts/deployment.ts';
import type { Handler } from '../../../rehearsal/runtime/functions.ts';
import { createRuntime, type RehearsalRuntime, type RuntimeOptions } from '../../../rehearsal/runtime/runtime.ts';

export const start = Date.UTC(2026, 0, 15, 12);

let open: RehearsalRuntime | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

/** Starts a rehearsal that ends with the test. */
export async function rehearse(
  handlers: Partial<Record<FunctionName, Handler>>,
  machines: Partial<Record<StateMachineName, object>> = {},
  options: Partial<RuntimeOptions> = {},
): Promise<RehearsalRuntime> {
  open = await createRuntime(
    { seed: 1, startAt: start, regions: ['eu-west-1'], controlRegion: 'eu-central-1', fetch, schedules: false, duplicateShare: 0, ...options },
    {
      handlers: async (name) => handlers[name] ?? (name === 'settle-execution' ? async () => {} : undefined),
      machines: (name) => (machines[name] ? JSON.stringify(machines[name]) : undefined),
    },
  );
  return open;
}

/** A placeholder of an ASL file. */
export const placeholder = (name: string) => `\${${name}}`;

/** A task that invokes a function. */
export const task = (name: string, more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: placeholder(`${name}FunctionArn`), 'Payload.$': '$' },
  OutputPath: '$.Payload',
  ...more,
});

export function named(name: string, message = 'on purpose'): Error {
  return Object.assign(new Error(message), { name });
}
