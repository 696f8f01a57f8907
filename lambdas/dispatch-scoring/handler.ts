// Called by EventBridge Scheduler each minute.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { logger } from '../logger.ts';
import { services } from '../services.ts';
import { dispatchScoring } from './dispatch-scoring.ts';

export const handler = middy()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async () => {
    const counts = await dispatchScoring(services());
    logger.info('dispatched', counts);
    return counts;
  });
