// Called by EventBridge Scheduler every five minutes.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { logger } from '../logger.ts';
import { services } from '../services.ts';
import { scheduleMoves } from './schedule-moves.ts';

export const handler = middy()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async () => {
    const asked = await scheduleMoves(services());
    logger.info('scheduled', { asked });
    return { asked };
  });
