// Called by the rule on what is forwarded from all Regions, at least once and in any order, and by EventBridge Scheduler every few minutes.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { parser } from '@aws-lambda-powertools/parser/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { z } from 'zod';
import { HostEvent } from '../../core/contracts/evidence.ts';
import { logger } from '../logger.ts';
import { services } from '../services.ts';
import { askEc2 } from './ask-ec2.ts';
import { recordEvidence } from './record-evidence.ts';

const Tick = z.object({ source: z.enum(['aws.scheduler', 'aws.events']) });
const Input = z.union([Tick, HostEvent]);
type Input = z.infer<typeof Input>;

const isEvent = (input: Input): input is HostEvent => 'detail' in input;

export const handler = middy<unknown, unknown, Error, Context>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(parser({ schema: Input }))
  .handler(async (event, context) => {
    const input = event as Input;
    if (!isEvent(input)) {
      const asked = await askEc2(services());
      logger.info('asked EC2', { ...asked });
      return asked;
    }
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME
    const recorded = await recordEvidence(input, context.invokedFunctionArn.split(':')[4] ?? '', services());
    logger.info('evidence', { event: input, ...recorded });
    return recorded;
  });
