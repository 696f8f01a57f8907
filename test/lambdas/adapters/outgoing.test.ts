// Adapters that give something to AWS in batches: what AWS takes only in part must not look as if it had taken all.

import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DescribeExecutionCommand, ExecutionDoesNotExist, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { detailType, type WorkflowEvent } from '../../../core/contracts/events.ts';
import type { AssessmentRecord } from '../../../core/contracts/records.ts';
import { AssessmentStore, AssessmentsNotWrittenError } from '../../../lambdas/adapters/assessment-store.ts';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { EventBus, EventNotAcceptedError } from '../../../lambdas/adapters/event-bus.ts';
import { Notifier } from '../../../lambdas/adapters/notifier.ts';
import { MessagesNotSentError, ScoringQueue } from '../../../lambdas/adapters/scoring-queue.ts';
import { Workflows } from '../../../lambdas/adapters/workflows.ts';

const documents = mockClient(DynamoDBDocumentClient);
const eventbridge = mockClient(EventBridgeClient);
const sqs = mockClient(SQSClient);
const sfn = mockClient(SFNClient);
const sns = mockClient(SNSClient);
const mocks = [documents, eventbridge, sqs, sfn, sns];
const region = 'eu-central-1';
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

beforeEach(() => {
  attachToClients(undefined);
  for (const mock of mocks) mock.reset();
});
afterAll(() => {
  for (const mock of mocks) mock.restore();
});

describe('assessments', () => {
  const store = new AssessmentStore(region, 'assessments');
  const record = (index: number): AssessmentRecord => ({
    ...{ subjectKey: `shop/${index}`, timestamp: '2026-03-02T12:00:00.000Z', failureProbability: 3, anomalyScore: 0, reasons: [], expiresAt: 1 },
  });
  const put = (index: number) => ({ PutRequest: { Item: { ...record(index) } } });

  it('are written 25 at a time', async () => {
    documents.on(BatchWriteCommand).resolves({});
    await store.add(range(60).map(record));
    expect(documents.commandCalls(BatchWriteCommand).map(({ args }) => args[0].input.RequestItems?.['assessments']?.length)).toEqual([25, 25, 10]);
    await store.add([]);
    expect(documents.commandCalls(BatchWriteCommand)).toHaveLength(3);
  });

  it('that were not processed are written again, and only those', async () => {
    documents
      .on(BatchWriteCommand)
      .resolvesOnce({ UnprocessedItems: { assessments: [put(1), put(2)] } })
      .resolvesOnce({ UnprocessedItems: { assessments: [put(2)] } })
      .resolves({ UnprocessedItems: {} });
    await store.add(range(3).map(record));
    expect(documents.commandCalls(BatchWriteCommand).map(({ args }) => args[0].input.RequestItems?.['assessments']?.length)).toEqual([3, 2, 1]);
  });

  it('that are refused again and again are an error', async () => {
    documents.on(BatchWriteCommand).resolves({ UnprocessedItems: { assessments: [put(0)] } });
    await expect(store.add([record(0)])).rejects.toBeInstanceOf(AssessmentsNotWrittenError);
    expect(documents.commandCalls(BatchWriteCommand)).toHaveLength(5);
  });
});

describe('events', () => {
  const bus = new EventBus(region, 'forestall');
  const event = (index: number): WorkflowEvent => ({
    'detail-type': detailType.sideUnhealthy,
    detail: { serviceId: 'shop', decisionId: `d${index}`, decidedAt: '2026-03-02T12:00:00Z', side: 'primary' },
  });

  it('are put on the bus ten at a time, with the source that the rules look for', async () => {
    eventbridge.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });
    await bus.emit(range(12).map(event));
    const calls = eventbridge.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries ?? []);
    expect(calls.map(({ length }) => length)).toEqual([10, 2]);
    expect(calls[1]?.[1]).toEqual({
      ...{ EventBusName: 'forestall', Source: 'forestall', DetailType: 'Side unhealthy' },
      Detail: JSON.stringify(event(11).detail),
    });
  });

  it('of which one is refused are an error', async () => {
    eventbridge
      .on(PutEventsCommand)
      .resolves({ FailedEntryCount: 1, Entries: [{ EventId: '1' }, { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }] });
    await expect(bus.emit(range(2).map(event))).rejects.toMatchObject({ name: 'EventNotAcceptedError', message: expect.stringContaining('slow down') });
    await expect(bus.emit([event(0)])).rejects.toBeInstanceOf(EventNotAcceptedError);
  });

  it('that are none cost no call', async () => {
    await bus.emit([]);
    expect(eventbridge.calls()).toHaveLength(0);
  });
});

describe('the scoring queue', () => {
  const queue = new ScoringQueue(region, 'https://sqs/scoring');
  const messages = range(23).map((index) => ({ serviceId: `service-${index}`, subjectIds: ['entry#primary'] }));

  it('takes ten messages a call, each with an id of its own', async () => {
    sqs.on(SendMessageBatchCommand).resolves({});
    await queue.send(messages);
    const calls = sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input);
    expect(calls.map(({ Entries }) => Entries?.length)).toEqual([10, 10, 3]);
    for (const { Entries } of calls) expect(new Set(Entries?.map(({ Id }) => Id)).size).toBe(Entries?.length);
    expect(calls.flatMap(({ Entries }) => Entries ?? []).map(({ MessageBody }) => JSON.parse(MessageBody ?? ''))).toEqual(messages);
  });

  it('says how many it refused, after all were sent', async () => {
    sqs
      .on(SendMessageBatchCommand)
      .resolvesOnce({ Failed: [{ Id: '3', Code: 'InternalError', SenderFault: false }] } as never)
      .resolves({});
    await expect(queue.send(messages)).rejects.toMatchObject({ name: 'MessagesNotSentError', message: 'SQS refused 1 of 23 messages' });
    expect(sqs.commandCalls(SendMessageBatchCommand)).toHaveLength(3);
    sqs.on(SendMessageBatchCommand).resolves({ Failed: [{ Id: '0', Code: 'x', SenderFault: true }] } as never);
    await expect(queue.send(messages.slice(0, 1))).rejects.toBeInstanceOf(MessagesNotSentError);
  });
});

describe('workflows', () => {
  const prefix = 'arn:aws:states:eu-central-1:111122223333:stateMachine:forestall-';
  const workflows = new Workflows(region, prefix);
  const named = (name: string) => Object.assign(new Error(name), { name });

  it('are started by name', async () => {
    sfn.on(StartExecutionCommand).resolves({});
    expect(await workflows.start('fail-over', 'd1', { serviceId: 'shop' })).toBe('started');
    expect(sfn.commandCalls(StartExecutionCommand)[0]?.args[0].input).toEqual({
      stateMachineArn: `${prefix}fail-over`,
      name: 'd1',
      input: '{"serviceId":"shop"}',
    });
  });

  it('that exist are the same decision; other refusals are errors', async () => {
    sfn.on(StartExecutionCommand).rejectsOnce(named('ExecutionAlreadyExists')).rejects(named('ExecutionLimitExceeded'));
    expect(await workflows.start('fail-over', 'd1', {})).toBe('exists');
    await expect(workflows.start('fail-over', 'd2', {})).rejects.toMatchObject({ name: 'ExecutionLimitExceeded' });
  });

  it('say how they are, and that there is none', async () => {
    sfn
      .on(DescribeExecutionCommand)
      .resolvesOnce({ status: 'RUNNING' } as never)
      .resolvesOnce({ status: 'PENDING_REDRIVE' } as never)
      .rejectsOnce(new ExecutionDoesNotExist({ message: 'none', $metadata: {} }))
      .rejects(named('ThrottlingException'));
    expect(await workflows.status('evacuate', 'd1')).toBe('RUNNING');
    expect(sfn.commandCalls(DescribeExecutionCommand)[0]?.args[0].input).toEqual({
      executionArn: 'arn:aws:states:eu-central-1:111122223333:execution:forestall-evacuate:d1',
    });
    expect(await workflows.status('evacuate', 'd1')).toBe('unknown');
    expect(await workflows.status('evacuate', 'd1')).toBe('unknown');
    await expect(workflows.status('evacuate', 'd1')).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});

describe('notifications', () => {
  it('have a subject that SNS takes, and the severity as an attribute', async () => {
    sns.on(PublishCommand).resolves({});
    await new Notifier(region, 'arn:topic').tell('page', `shop:\nheld ${'x'.repeat(200)}`, ['one', 'two']);
    const { Subject, Message, MessageAttributes } = sns.commandCalls(PublishCommand)[0]?.args[0].input ?? {};
    expect(Subject).toMatch(/^Forestall PAGE: shop: held x+$/);
    expect(Subject).toHaveLength(100);
    expect(Message?.endsWith('\none\ntwo')).toBe(true);
    expect(MessageAttributes).toEqual({ severity: { DataType: 'String', StringValue: 'page' } });
  });
});
