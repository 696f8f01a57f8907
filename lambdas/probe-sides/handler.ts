// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { probeSides } from './probe-sides.ts';

export const handler = taskHandler('probe-sides', probeSides);
