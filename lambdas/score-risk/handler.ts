// Called by SQS with up to ten messages. Messages that fail go back to the queue by themselves.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { ScoringMessage } from '../../core/contracts/workflow.ts';
import { logger } from '../logger.ts';
import { services } from '../services.ts';
import { scoreRisk } from './score-risk.ts';

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async ({ Records }) => {
    const parsed = Records.map(({ messageId, body }) => ({ messageId, message: parse(body) }));
    const readable = parsed.flatMap(({ messageId, message }) => (message ? [{ messageId, message }] : []));
    const results = await scoreRisk(
      readable.map(({ message }) => message),
      services(),
    );
    const failed = results.flatMap((result, index) => {
      if (result.status === 'fulfilled') return [];
      logger.error('scoring failed', { serviceId: readable[index]?.message.serviceId, error: result.reason });
      return [readable[index]?.messageId ?? ''];
    });
    // What cannot be read will never be readable: it goes through its retries to the dead-letter queue, where a person sees it.
    const unreadable = parsed.filter(({ message }) => message === undefined).map(({ messageId }) => messageId);
    return { batchItemFailures: [...failed, ...unreadable].map((itemIdentifier) => ({ itemIdentifier })) };
  });

function parse(body: string): ScoringMessage | undefined {
  try {
    return ScoringMessage.parse(JSON.parse(body));
  } catch (error) {
    logger.error('unreadable message', { body, error: error as Error });
    return undefined;
  }
}
