// Every function that is deployed exists, can be loaded anywhere, and refuses what is not its input.
import { readdirSync } from 'node:fs';
import type { Context } from 'aws-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import { environment, type FunctionName, functions } from '../../core/contracts/deployment.ts';
import { steps } from '../../core/contracts/workflow.ts';
import { resetServices } from '../../lambdas/services.ts';

type Handler = (event: unknown, context: Context) => Promise<unknown>;

const all = Object.keys(functions) as FunctionName[];
const ofTrigger = (trigger: string) => all.filter((name) => functions[name].trigger === trigger);
const context = { functionName: 'test', awsRequestId: 'test' } as unknown as Context;
const load = async (name: string) => ((await import(`../../lambdas/${name}/handler.ts`)) as { handler: Handler }).handler;

beforeAll(() => {
  for (const variable of Object.values(environment)) delete process.env[variable];
  resetServices();
});

describe('every function', () => {
  it.each(all)('%s has a handler that loads without an environment', async (name) => {
    expect(await load(name)).toBeTypeOf('function');
  });

  it('is declared when it has a handler', () => {
    const folders = readdirSync(new URL('../../lambdas', import.meta.url), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const withHandler = folders.filter(({ name }) => readdirSync(new URL(`../../lambdas/${name}`, import.meta.url)).includes('handler.ts'));
    expect(withHandler.map(({ name }) => name).sort()).toEqual([...all].sort());
  });

  it.each(ofTrigger('task'))('%s is a step with a contract', (name) => {
    expect(Object.keys(steps)).toContain(name);
  });
});

describe('input that is malformed', () => {
  const inputs: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['text', 'serviceId=shop'],
    ['an empty object', {}],
    ['another type of id', { serviceId: 7, failoverId: 7, workflowId: 7 }],
  ];
  it.each([...ofTrigger('task'), ...ofTrigger('rule')].flatMap((name) => inputs.map(([what, input]) => [name, what, input] as const)))(
    '%s refuses %s',
    async (name, _what, input) => {
      const handler = await load(name);
      await expect(handler(input, context)).rejects.toMatchObject({ name: 'ParseError' });
    },
  );

  it.each(ofTrigger('task'))('%s refuses a level, a side or an outcome that there is none of', async (name) => {
    const wrong = { serviceId: 'shop', failoverId: 'f1', workflowId: 'w1', startedAt: '2026-03-02T12:00:00Z', decidedAt: '2026-03-02T12:00:00Z' };
    const nonsense = { ...wrong, level: 'most', from: 'left', to: 'right', kind: 'guess', outcome: 'well', stage: 'all', expectedInMinutes: null, reasons: [] };
    const accepted = steps[name as keyof typeof steps].input.safeParse(nonsense).success;
    const handler = await load(name);
    // What has no such field goes on to the environment, which is missing here.
    await expect(handler(nonsense, context)).rejects.toMatchObject({ name: accepted ? 'ZodError' : 'ParseError' });
  });
});

describe('an environment that is missing', () => {
  it.each([...ofTrigger('schedule'), 'verify-shift'])('%s says which variable', async (name) => {
    const handler = await load(name);
    await expect(handler({ serviceId: 'shop', failoverId: 'f1' }, context)).rejects.toThrow(environment.servicesTable);
  });
});
