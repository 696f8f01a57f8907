// EventBridge, SQS and SNS: what the product sends.
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import { type Case, home, moto, suite } from '../case.ts';

type Kit = Record<never, never>;

const event = (more: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
  Source: 'forestall',
  DetailType: 'conformance',
  Detail: '{"a":1}',
  EventBusName: 'forestall',
  ...more,
});
const put = (name: string, Entries: PutEventsRequestEntry[], rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'events:PutEvents',
  name,
  same: ['FailedEntryCount', 'Entries[].ErrorCode'],
  call: (stage) => stage.client(EventBridgeClient, home).send(new PutEventsCommand({ Entries })),
  ...rest,
});
const send = (name: string, Entries: SendMessageBatchRequestEntry[], rest: Partial<Case<Kit>> & { absent?: boolean } = {}): Case<Kit> => {
  const { absent = false, ...others } = rest;
  return {
    operation: 'sqs:SendMessageBatch',
    name,
    same: ['Successful[].MD5OfMessageBody', 'Successful[].Id', 'Failed[].Code'],
    call: (stage) =>
      stage.client(SQSClient, home).send(new SendMessageBatchCommand({ QueueUrl: `${stage.premises.queueUrl}${absent ? '-absent' : ''}`, Entries })),
    ...others,
  };
};
const message = (Id: string, MessageBody = Id): SendMessageBatchRequestEntry => ({ Id, MessageBody });
const publish = (name: string, input: Partial<PublishCommandInput>, rest: Partial<Case<Kit>> & { absent?: boolean } = {}): Case<Kit> => {
  const { absent = false, ...others } = rest;
  return {
    operation: 'sns:Publish',
    name,
    call: (stage) =>
      stage
        .client(SNSClient, home)
        .send(new PublishCommand({ TopicArn: `${stage.premises.topicArn}${absent ? '-absent' : ''}`, Subject: 'Held', Message: 'why', ...input })),
    ...others,
  };
};

export const messaging = suite<Kit>(
  async () => ({}),
  [
    put('one', [event()]),
    put('one that is no JSON', [event(), event({ Detail: '{' })], { on: moto }),
    put('one that is no JSON object', [event({ Detail: '[1]' })]),
    put('one without a source', [event({ Source: undefined }), event()], { on: moto }),
    put('one without a detail type', [event({ DetailType: undefined }), event()], { on: moto }),
    put('one without a detail', [event({ Detail: undefined }), event()], { on: moto }),
    put("one of AWS's source", [event({ Source: 'aws.ec2' })]),
    put(
      'eleven',
      Array.from({ length: 11 }, () => event()),
    ),
    put('none', []),
    put('too large', [event({ Detail: JSON.stringify({ a: 'x'.repeat(1_100_000) }) })]),
    send('two', [message('a'), message('b')]),
    send('one without a body', [message('a', ''), message('b')]),
    send('the same id twice', [message('a'), message('a')]),
    send(
      'eleven',
      Array.from({ length: 11 }, (_, index) => message(`m${index}`)),
    ),
    send('none', []),
    send('bad id', [message('not an id')]),
    send('too large', [message('a', 'x'.repeat(600_000)), message('b', 'x'.repeat(600_000))]),
    send('to an absent queue', [message('a')], { absent: true }),
    publish('with a subject', {}),
    publish('without a subject', { Subject: undefined }),
    publish('empty message', { Message: '' }),
    publish('subject of two lines', { Subject: 'one\ntwo' }),
    publish('subject of 101 characters', { Subject: 'x'.repeat(101) }, { on: moto }),
    publish('too large', { Message: 'x'.repeat(262_145) }),
    publish('to an absent topic', {}, { absent: true }),
  ],
);
