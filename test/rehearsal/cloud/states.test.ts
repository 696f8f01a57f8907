// Step Functions' API: what it says of ARNs, of executions that ended, and of running them again.
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { createAccount } from '../../../rehearsal/cloud/account.ts';
import { drawsOf } from '../../../rehearsal/cloud/draw.ts';
import { isRetryable } from '../../../rehearsal/cloud/fault.ts';
import type { ExecutionFacts } from '../../../rehearsal/cloud/states.ts';
import { noon, testAccount } from './account.ts';

const machine = 'arn:aws:states:eu-central-1:123456789012:stateMachine:forestall-fail-over';
const arnOf = (name: string) => `${machine.replace(':stateMachine:', ':execution:')}:${name}`;

function client(status: ExecutionFacts['status']): SFNClient {
  const facts: ExecutionFacts = {
    arn: arnOf('one'),
    stateMachineArn: machine,
    name: 'one',
    status,
    startedAt: noon,
    endedAt: status === 'RUNNING' ? undefined : noon,
    input: '{}',
    output: status === 'SUCCEEDED' ? '{}' : undefined,
    error: undefined,
    cause: undefined,
  };
  const account = createAccount({
    draws: drawsOf(1),
    now: () => noon,
    jitter: () => 0,
    regions: ['eu-central-1'],
    busy: { enter: () => {}, leave: () => {} },
    buses: [],
    queueUrls: [],
    topicArns: [],
    onEvent: () => '',
    onMessage: () => {},
    executions: {
      hasMachine: (arn) => arn === machine,
      find: (arn) => (arn === facts.arn ? facts : undefined),
      list: () => [facts],
      stop: () => {},
      start: () => facts,
    },
    dynamodb: { name: 'dynamodb', operations: {} },
  });
  return account.cloud.client(SFNClient, 'eu-central-1');
}

describe('ARNs', () => {
  it('that are none are told from what does not exist', async () => {
    const states = testAccount().own(SFNClient, 'eu-central-1');
    const start = (stateMachineArn: string) => states.send(new StartExecutionCommand({ stateMachineArn }));
    await expect(start('nonsense')).rejects.toMatchObject({ name: 'InvalidArn' });
    await expect(start(machine)).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
    await expect(states.send(new ListExecutionsCommand({ stateMachineArn: 'nonsense' }))).rejects.toMatchObject({ name: 'InvalidArn' });
    await expect(states.send(new DescribeExecutionCommand({ executionArn: 'nonsense' }))).rejects.toMatchObject({ name: 'InvalidArn' });
    await expect(states.send(new DescribeExecutionCommand({ executionArn: arnOf('absent') }))).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
  });
});

describe('executions', () => {
  it.each<[string, string, object]>([
    ['a long name', 'ValidationException', { name: 'x'.repeat(81) }],
    ['a name with spaces', 'InvalidName', { name: 'not a name' }],
    ['a large input', 'ValidationException', { input: JSON.stringify('x'.repeat(262_145)) }],
    ['an input that is no JSON', 'InvalidExecutionInput', { input: '{' }],
  ])('are not started with %s', async (_what, name, more) => {
    await expect(client('RUNNING').send(new StartExecutionCommand({ stateMachineArn: machine, ...more }))).rejects.toMatchObject({ name });
  });

  it.each<[ExecutionFacts['status'], string]>([
    ['RUNNING', 'NOT_REDRIVABLE'],
    ['SUCCEEDED', 'NOT_REDRIVABLE'],
    ['FAILED', 'REDRIVABLE'],
    ['ABORTED', 'REDRIVABLE'],
  ])('that are %s are %s', async (status, redriveStatus) => {
    const described = await client(status).send(new DescribeExecutionCommand({ executionArn: arnOf('one') }));
    expect(described).toMatchObject({ status, redriveStatus });
    expect(described.redriveStatusReason === undefined).toBe(redriveStatus === 'REDRIVABLE');
  });
});

describe('retries', () => {
  it.each<[string, number | undefined, boolean]>([
    ['Throttling', 400, true],
    ['PriorRequestNotComplete', 400, true],
    ['InternalError', 500, true],
    ['InsufficientInstanceCapacity', 500, true],
    ['TimeoutError', undefined, true],
    ['InvalidChangeBatch', 400, false],
    ['InternalError', undefined, false],
  ])('follow the SDK: %s with status %s: %s', (name, httpStatusCode, expected) => {
    expect(isRetryable(Object.assign(new Error('x'), { name, $metadata: { httpStatusCode } }))).toBe(expected);
  });
});
