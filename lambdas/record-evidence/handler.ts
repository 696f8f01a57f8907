// Called by the rule on what is forwarded from all Regions, at least once and in any order, and by EventBridge Scheduler every few minutes.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { logger } from '../logger.ts';
import { services } from '../services.ts';
import { askEc2 } from './ask-ec2.ts';
import { recordEvidence } from './record-evidence.ts';

const isTick = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'source' in event && (event.source === 'aws.scheduler' || event.source === 'aws.events');

export const handler = middy<unknown, unknown, Error, Context>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async (event, context) => {
    if (isTick(event)) {
      const asked = await askEc2(services());
      logger.info('asked EC2', { ...asked });
      return asked;
    }
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME
    const recorded = await recordEvidence(event, context.invokedFunctionArn.split(':')[4] ?? '', services());
    logger.info('evidence', { event, ...recorded });
    return recorded;
  });
