// SNS: what people are told.
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { clientFor } from './clients.ts';

export class Notifier {
  readonly #topicArn: string;
  readonly #region: string;

  constructor(region: string, topicArn: string) {
    this.#region = region;
    this.#topicArn = topicArn;
  }

  /** `page` is for what a person has to act on now. */
  async tell(severity: 'info' | 'page', subject: string, lines: readonly string[]): Promise<void> {
    await clientFor(SNSClient, this.#region).send(
      new PublishCommand({
        TopicArn: this.#topicArn,
        // SNS takes at most 100 characters, without line breaks.
        Subject: `Forestall${severity === 'page' ? ' PAGE' : ''}: ${subject}`.replace(/\s+/g, ' ').slice(0, 100),
        Message: [subject, ...lines].join('\n'),
        MessageAttributes: { severity: { DataType: 'String', StringValue: severity } },
      }),
    );
  }
}
