// SNS: records what is published.
import * as sdk from '@aws-sdk/client-sns';
import type { Draws } from './draw.ts';
import { faultsOf } from './fault.ts';
import { reads, type Service } from './service.ts';

const fault = faultsOf(sdk, 'SNSServiceException');

export interface Published {
  readonly at: number;
  readonly topicArn: string;
  readonly subject: string | undefined;
  readonly message: string;
}

/** SNS with the given topics. */
export function sns(draws: Draws, topicArns: readonly string[], accept: (published: Published) => void): Service {
  let count = 0;
  return {
    name: 'sns',
    operations: {
      Publish: reads((input: sdk.PublishCommandInput, { at }) => {
        const { TopicArn = '', Message = '', Subject } = input;
        if (!topicArns.includes(TopicArn)) throw fault('NotFoundException', 'Topic does not exist', { status: 404 });
        if (Message === '') throw fault('InvalidParameterException', 'Invalid parameter: Empty message');
        if (Subject !== undefined && !/^\P{Cc}{1,100}$/u.test(Subject)) throw fault('InvalidParameterException', 'Invalid parameter: Subject');
        if (Buffer.byteLength(Message) > 262_144) throw fault('InvalidParameterException', 'Invalid parameter: Message too long');
        accept({ at, topicArn: TopicArn, subject: Subject, message: Message });
        count++;
        return { MessageId: draws.hex(32, 'sns/message', count) };
      }),
    },
  };
}
