// What every state machine's task has in common: a logged, parsed input, and an output that keeps its contract.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { parser } from '@aws-lambda-powertools/parser/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { type StepInput, type StepName, type StepOutput, steps } from '../core/contracts/workflow.ts';
import { logger } from './logger.ts';
import { type Services, services } from './services.ts';

/** One step of a workflow. Returns a decision; throws what Step Functions is to retry or catch. */
export type Step<Name extends StepName> = (input: StepInput<Name>, services: Services) => Promise<StepOutput<Name>>;

/** The Lambda handler of a step. */
export function taskHandler<Name extends StepName>(name: Name, step: Step<Name>) {
  const { input, output } = steps[name];
  return middy<unknown, StepOutput<Name>, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(parser({ schema: input }))
    .handler(async (event) => {
      const result = output.parse(await step(event as StepInput<Name>, services())) as StepOutput<Name>;
      logger.info(name, { input: event as StepInput<Name>, result });
      return result;
    });
}
