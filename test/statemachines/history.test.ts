// Step Functions ends an execution after 25,000 events of history: the longest wait for a person has to stay below, whatever is retried.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Plan } from '../../core/contracts/plan.ts';
import { secondsBetweenLooks } from '../../core/failover/approval.ts';
import { planInput } from '../fixtures/plan.ts';

const mostEvents = 25_000;
/** For all that comes before and after: opening, warming, canary, shift, drain, hand-over. */
const reserve = 2_500;

const State = z.looseObject({
  Type: z.string(),
  Next: z.string().optional(),
  Default: z.string().optional(),
  SecondsPath: z.string().optional(),
  Choices: z.array(z.looseObject({ StringEquals: z.string().optional(), Next: z.string() })).default([]),
  Retry: z.array(z.looseObject({ MaxAttempts: z.int() })).default([]),
});
const machine = z
  .looseObject({ TimeoutSeconds: z.int(), States: z.record(z.string(), State) })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'statemachines', 'fail-over.asl.json'), 'utf8')));

/** Entered and exited; a task is scheduled, started and ends in between, anew with each retry. */
const events = ({ Type, Retry }: z.infer<typeof State>) => 2 + (Type === 'Task' ? 3 * (1 + Retry.reduce((sum, { MaxAttempts }) => sum + MaxAttempts, 0)) : 0);

/** States from the wait for an approval until it is waited again. */
function loop(): z.infer<typeof State>[] {
  const states: z.infer<typeof State>[] = [];
  let name: string | undefined = 'Wait for approval';
  do {
    const state: z.infer<typeof State> | undefined = machine.States[name];
    if (state === undefined || states.length > 20) throw new Error(`the wait for an approval does not come back from '${name}'`);
    states.push(state);
    name = state.Choices.find(({ StringEquals }) => StringEquals === 'judge')?.Next ?? state.Next ?? state.Default;
  } while (name !== undefined && name !== 'Wait for approval');
  return states;
}

test('the longest wait for an approval stays below the limit, also when every task uses up all of its retries each time', () => {
  const one = loop();
  expect(one.map(({ Type }) => Type)).toEqual(['Wait', 'Task', 'Task', 'Choice', 'Task', 'Choice']);
  const perLook = one.reduce((sum, state) => sum + events(state), 0);
  for (const timeoutMinutes of [2, 30, 60, 67, 240, 720]) {
    const seconds = secondsBetweenLooks(Plan.parse(planInput({ approval: { timeoutMinutes, escalateAfterMinutes: 1 } })));
    expect(Math.ceil((timeoutMinutes * 60) / seconds) * perLook).toBeLessThan(mostEvents - reserve);
  }
});

test('how long is waited between two looks is what the step has said', () => {
  expect(machine.States['Wait for approval']?.SecondsPath).toBe('$.approval.waitSeconds');
});

test('the machine has the time for the longest wait, and for the whole move besides', () => {
  expect(machine.TimeoutSeconds).toBeGreaterThanOrEqual(2 * 720 * 60);
});
