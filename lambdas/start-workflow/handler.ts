// Called by the EventBridge rule on Forestall's own events; at least once, in any order.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { parser } from '@aws-lambda-powertools/parser/middleware';
import middy from '@middy/core';
import { WorkflowEvent } from '../../core/contracts/events.ts';
import { logger } from '../logger.ts';
import { services } from '../services.ts';
import { startWorkflow } from './start-workflow.ts';

export const handler = middy()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(parser({ schema: WorkflowEvent }))
  .handler(async (event) => {
    const started = await startWorkflow(event as WorkflowEvent, services());
    logger.info('workflow', { decisionId: (event as WorkflowEvent).detail.decisionId, started });
    return { started };
  });
