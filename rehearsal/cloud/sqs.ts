// SQS: takes messages and hands them to the event source mapping of the rehearsal.
import { createHash } from 'node:crypto';
import * as sdk from '@aws-sdk/client-sqs';
import type { Draws } from './draw.ts';
import { faultsOf } from './fault.ts';
import { reads, type Service } from './service.ts';

const fault = faultsOf(sdk, 'SQSServiceException');
const maxBytes = 1_048_576;

/** A message that was accepted. */
export interface AcceptedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly md5: string;
  readonly sentAt: number;
  readonly delaySeconds: number;
}

/** SQS with the given queue URLs. */
export function sqs(draws: Draws, queueUrls: readonly string[], accept: (queueUrl: string, message: AcceptedMessage) => void): Service {
  let count = 0;
  return {
    name: 'sqs',
    operations: {
      SendMessageBatch: reads((input: sdk.SendMessageBatchCommandInput, { at }) => {
        const { QueueUrl = '', Entries = [] } = input;
        if (!queueUrls.includes(QueueUrl)) throw fault('QueueDoesNotExist', 'The specified queue does not exist.');
        if (Entries.length === 0) throw fault('EmptyBatchRequest', 'There should be at least one SendMessageBatchRequestEntry in the request.');
        if (Entries.length > 10) throw fault('TooManyEntriesInBatchRequest', `Maximum number of entries per request are 10. You have sent ${Entries.length}.`);
        const ids = Entries.map(({ Id = '' }) => Id);
        if (new Set(ids).size !== ids.length) throw fault('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
        const bad = ids.find((id) => !/^[A-Za-z0-9_-]{1,80}$/.test(id));
        if (bad !== undefined)
          throw fault('InvalidBatchEntryId', `A batch entry id can only contain alphanumeric characters, hyphens and underscores, at most 80: '${bad}'.`);
        if (Entries.reduce((sum, { MessageBody = '' }) => sum + Buffer.byteLength(MessageBody), 0) > maxBytes)
          throw fault('BatchRequestTooLong', `Batch requests cannot be longer than ${maxBytes} bytes.`);
        const Failed: object[] = [];
        const Successful: object[] = [];
        for (const { Id, MessageBody = '', DelaySeconds = 0 } of Entries) {
          if (MessageBody === '') {
            Failed.push({ Id, SenderFault: true, Code: 'MissingParameter', Message: 'The request must contain the parameter MessageBody.' });
            continue;
          }
          count++;
          const digits = draws.hex(32, 'sqs/message', count);
          const messageId = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-');
          const md5 = createHash('md5').update(MessageBody).digest('hex');
          accept(QueueUrl, { messageId, body: MessageBody, md5, sentAt: at, delaySeconds: DelaySeconds });
          Successful.push({ Id, MessageId: messageId, MD5OfMessageBody: md5 });
        }
        return { Successful, Failed };
      }),
    },
  };
}
