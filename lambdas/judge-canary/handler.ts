// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { judgeCanary } from './judge-canary.ts';

export const handler = taskHandler('judge-canary', judgeCanary);
