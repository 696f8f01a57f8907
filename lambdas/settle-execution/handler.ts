// Called by the EventBridge rule on executions that failed, timed out or were aborted.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { parser } from '@aws-lambda-powertools/parser/middleware';
import middy from '@middy/core';
import type { z } from 'zod';
import { FailedExecution } from '../../core/contracts/events.ts';
import { logger } from '../logger.ts';
import { services } from '../services.ts';
import { settleExecution } from './settle-execution.ts';

export const handler = middy()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(parser({ schema: FailedExecution }))
  .handler(async (event) => {
    const result = await settleExecution(event as z.infer<typeof FailedExecution>, services());
    logger.info('settled', { result });
    return { result };
  });
