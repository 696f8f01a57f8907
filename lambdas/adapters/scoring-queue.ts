// SQS: what is due for scoring.
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { ScoringMessage } from '../../core/contracts/workflow.ts';
import { clientFor } from './clients.ts';

/** SQS refused messages. The subjects stay due, and the next minute sends them again. */
export class MessagesNotSentError extends Error {
  override readonly name = 'MessagesNotSentError';
}

export class ScoringQueue {
  readonly #url: string;
  readonly #region: string;

  constructor(region: string, url: string) {
    this.#region = region;
    this.#url = url;
  }

  async send(messages: readonly ScoringMessage[]): Promise<void> {
    let refused = 0;
    for (let start = 0; start < messages.length; start += 10) {
      const Entries = messages.slice(start, start + 10).map((message, index) => ({ Id: String(index), MessageBody: JSON.stringify(message) }));
      const { Failed } = await clientFor(SQSClient, this.#region).send(new SendMessageBatchCommand({ QueueUrl: this.#url, Entries }));
      refused += Failed?.length ?? 0;
    }
    if (refused > 0) throw new MessagesNotSentError(`SQS refused ${refused} of ${messages.length} messages`);
  }
}
