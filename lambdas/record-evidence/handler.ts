// Called by SQS with what is forwarded from all Regions, at least once and in any order, and by EventBridge Scheduler every few minutes.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { parser } from '@aws-lambda-powertools/parser/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { z } from 'zod';
import { logger } from '../logger.ts';
import { services } from '../services.ts';
import { type AskedEc2, askEc2 } from './ask-ec2.ts';
import { recordEvidence } from './record-evidence.ts';

const Tick = z.object({ source: z.enum(['aws.scheduler', 'aws.events']) });
const Batch = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });
const Input = z.union([Tick, Batch]);
type Input = z.infer<typeof Input>;

export const handler = middy<unknown, AskedEc2 | SQSBatchResponse, Error, Context>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(parser({ schema: Input }))
  .handler(async (event, context) => {
    const input = event as Input;
    if (!('Records' in input)) {
      const asked = await askEc2(services());
      logger.info('asked EC2', { ...asked });
      return asked;
    }
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME
    const account = context.invokedFunctionArn.split(':')[4] ?? '';
    const failed = await Promise.all(input.Records.map(async ({ messageId, body }) => ((await isRecorded(body, account)) ? [] : [messageId])));
    return { batchItemFailures: failed.flat().map((itemIdentifier) => ({ itemIdentifier })) };
  });

/** False: it is tried again by itself. What cannot be read never will be: it goes through its retries to the dead-letter queue, where a person sees it. */
async function isRecorded(body: string, account: string): Promise<boolean> {
  try {
    const event: unknown = JSON.parse(body);
    const recorded = await recordEvidence(event, account, services());
    logger.info('evidence', { event, ...recorded });
    return true;
  } catch (error) {
    logger.error('event not recorded', { body, error: error as Error });
    return false;
  }
}
