// Step Functions: executions started, described, listed and stopped.

import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  type ListExecutionsCommandInput,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { type Case, home, type MachineName, moto, type Stage, suite } from '../case.ts';

interface Kit {
  readonly running: string;
  readonly succeeded: string;
  readonly failed: string;
  readonly aborted: string;
  readonly absent: string;
}

const client = (stage: Stage) => stage.client(SFNClient, home);
const begin = (stage: Stage, machine: MachineName, name: string | undefined, input = '{"service":"shop"}') =>
  client(stage).send(new StartExecutionCommand({ stateMachineArn: stage.premises.machines[machine], name, input }));
const absentMachine = (stage: Stage) => `${stage.premises.machines.waits}-absent`;

async function ended(stage: Stage, executionArn: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { status } = await client(stage).send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return;
    await sleep(50);
  }
  throw new Error(`${executionArn} does not end on ${stage.where}`);
}

async function setUp(stage: Stage): Promise<Kit> {
  const arn = async (machine: MachineName, name: string) => (await begin(stage, machine, name)).executionArn ?? '';
  const running = await arn('waits', 'running');
  const kit = {
    running,
    succeeded: await arn('passes', 'succeeded'),
    failed: await arn('fails', 'failed'),
    aborted: await arn('waits', 'aborted'),
    absent: running.replace(/:running$/, ':absent'),
  };
  await client(stage).send(new StopExecutionCommand({ executionArn: kit.aborted, error: 'OnPurpose', cause: 'the test says so' }));
  await stage.pass(60);
  // MiniStack runs its machines in real time; moto only says that they run.
  if (stage.where === 'ministack') for (const ending of [kit.succeeded, kit.failed, kit.aborted]) await ended(stage, ending);
  return kit;
}

const start = (name: string, machine: MachineName, executionName: string | undefined, input?: string, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'states:StartExecution',
  name,
  ...rest,
  call: (stage) => begin(stage, machine, executionName, input),
});
const describe = (name: string, arn: (kit: Kit) => string, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'states:DescribeExecution',
  name,
  ...rest,
  same: ['status', 'name', 'input', 'error', 'cause'],
  call: (stage, kit) => client(stage).send(new DescribeExecutionCommand({ executionArn: arn(kit) })),
});
const list = (name: string, input: (stage: Stage) => Partial<ListExecutionsCommandInput>, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'states:ListExecutions',
  name,
  call: (stage) => client(stage).send(new ListExecutionsCommand({ stateMachineArn: stage.premises.machines.waits, ...input(stage) })),
  ...rest,
});
const stop = (name: string, arn: (kit: Kit) => string, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'states:StopExecution',
  name,
  ...rest,
  call: (stage, kit) => client(stage).send(new StopExecutionCommand({ executionArn: arn(kit) })),
});

export const executions = suite<Kit>(setUp, [
  list('running', () => ({ statusFilter: 'RUNNING' }), { same: ['executions[].name', 'executions[].status'] }),
  list('aborted', () => ({ statusFilter: 'ABORTED' }), { same: ['executions[].name', 'executions[].status'] }),
  list('none', () => ({ statusFilter: 'TIMED_OUT' })),
  list('a page of one', () => ({ maxResults: 1 })),
  start('new', 'waits', 'new'),
  start('unnamed', 'passes', undefined),
  {
    operation: 'states:StartExecution',
    name: 'running, the same input again',
    on: moto,
    same: ['again'],
    call: async (stage, { running }) => ({ again: (await begin(stage, 'waits', 'running')).executionArn === running }),
  },
  start('running, another input', 'waits', 'running', '{"service":"other"}'),
  start('ended, the same input again', 'passes', 'succeeded'),
  start('input that is no JSON', 'waits', 'bad-input', '{', { on: moto }),
  start('bad name', 'waits', 'not a name', undefined, { on: moto }),
  start('name of 81 characters', 'waits', 'x'.repeat(81), undefined, { on: moto }),
  start('too large', 'waits', 'too-large', JSON.stringify('x'.repeat(262_145))),
  {
    operation: 'states:StartExecution',
    name: 'absent machine',
    call: (stage) => client(stage).send(new StartExecutionCommand({ stateMachineArn: absentMachine(stage) })),
  },
  {
    operation: 'states:StartExecution',
    name: 'malformed ARN',
    on: moto,
    call: (stage) => client(stage).send(new StartExecutionCommand({ stateMachineArn: 'nonsense' })),
  },
  describe('running', (kit) => kit.running),
  describe('succeeded', (kit) => kit.succeeded),
  describe('failed', (kit) => kit.failed),
  describe('aborted', (kit) => kit.aborted),
  describe('absent', (kit) => kit.absent),
  describe('malformed ARN', () => 'nonsense', { on: moto }),
  list('of an absent machine', (stage) => ({ stateMachineArn: absentMachine(stage) }), { on: moto }),
  list('malformed ARN', () => ({ stateMachineArn: 'nonsense' }), { on: moto }),
  list('unknown token', () => ({ nextToken: 'nonsense' })),
  stop('running', (kit) => kit.running),
  stop('stopped', (kit) => kit.running),
  stop('absent', (kit) => kit.absent),
  stop('malformed ARN', () => 'nonsense', { on: moto }),
]);
