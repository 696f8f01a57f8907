// Called by EventBridge Scheduler every five minutes.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { logger } from '../logger.ts';
import { services } from '../services.ts';
import { sweepOrphans } from './sweep-orphans.ts';

export const handler = middy()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async () => {
    const counts = await sweepOrphans(services());
    logger.info('swept', counts);
    return counts;
  });
